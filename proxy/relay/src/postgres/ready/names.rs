//! What names mean to the upstream, while changes of their meaning are under way.
//!
//! A name means what the upstream takes it to mean. A message that gives a name a meaning may fail,
//! and the name then still means what it meant before. So a change is pending until it is answered,
//! and whoever uses a name is checked against everything that it may mean by the time the upstream
//! reads of it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use postgres_wire::message::Name;

/// Most meanings of one name that are looked at. A driver that defines a name anew uses it in the
/// same group, where it has just one.
const MEANINGS_MAX: usize = 16;

/// What names mean, and what they are about to mean.
#[derive(Debug)]
pub(super) struct Names<M> {
    made: HashMap<Arc<str>, M>,
    /// Changes that are under way, by name, oldest first.
    pending: HashMap<Arc<str>, VecDeque<Change<M>>>,
    /// How many of `pending` give a meaning. The empty name is not counted: it is one whatever
    /// happens to it.
    pending_made: usize,
    /// Counts the groups that a Sync ends.
    group: u64,
}

/// A change of a name's meaning that is under way.
#[derive(Debug)]
struct Change<M> {
    group: u64,
    /// None when the name is closed.
    to: Option<M>,
}

impl<M> Default for Names<M> {
    fn default() -> Self {
        Self { made: HashMap::new(), pending: HashMap::new(), pending_made: 0, group: 0 }
    }
}

impl<M: Clone> Names<M> {
    /// What is sent from here on succeeds or fails apart from what was sent before.
    pub(super) fn begin_group(&mut self) {
        self.group += 1;
    }

    /// How many names have a meaning, or are about to.
    pub(super) fn count(&self) -> usize {
        self.made.len() + self.pending_made
    }

    /// A change of what `name` means is on its way; `None` when it is closed.
    pub(super) fn change(&mut self, name: Name<'_>, to: Option<M>) -> Arc<str> {
        let name: Arc<str> = name.as_str().into();
        self.pending_made += counted(&name, to.as_ref());
        let change = Change { group: self.group, to };
        self.pending.entry(Arc::clone(&name)).or_default().push_back(change);
        name
    }

    /// The oldest change of `name` was answered: it is made, or it failed or was ignored and nothing
    /// changes.
    pub(super) fn resolve(&mut self, name: &Arc<str>, made: bool) {
        let Some(changes) = self.pending.get_mut(name) else { return };
        let change = changes.pop_front();
        if changes.is_empty() {
            self.pending.remove(name);
        }
        let Some(Change { to, group: _ }) = change else { return };
        self.pending_made -= counted(name, to.as_ref());
        match (made, to) {
            (true, Some(meaning)) => _ = self.made.insert(Arc::clone(name), meaning),
            (true, None) => _ = self.made.remove(name),
            (false, _) => {}
        }
    }

    /// Everything that `name` may mean when the upstream reads what is sent now, newest first.
    /// `None` when that is nothing, or too much.
    ///
    /// What is sent in the same group is read only when all before it in the group succeeded, so the
    /// group's last change of the name decides. A change of an earlier group may or may not succeed.
    pub(super) fn meanings(&self, name: Name<'_>) -> Option<Vec<M>> {
        let mut meanings = Vec::new();
        let mut decided = false;
        for change in self.pending.get(name.as_str()).into_iter().flatten().rev() {
            meanings.extend(change.to.clone());
            decided = change.group == self.group;
            if decided || meanings.len() > MEANINGS_MAX {
                break;
            }
        }
        if !decided {
            meanings.extend(self.made.get(name.as_str()).cloned());
        }
        (1..=MEANINGS_MAX).contains(&meanings.len()).then_some(meanings)
    }

    /// What `name` means, where that is made already.
    pub(super) fn made_mut(&mut self, name: Name<'_>) -> Option<&mut M> {
        self.made.get_mut(name.as_str())
    }

    /// The upstream has forgotten what a name meant.
    pub(super) fn forget(&mut self, name: &str) {
        self.made.remove(name);
    }

    /// The upstream has forgotten what all names meant.
    pub(super) fn forget_all(&mut self) {
        self.made.clear();
    }
}

fn counted<M>(name: &str, to: Option<&M>) -> usize {
    usize::from(to.is_some() && !name.is_empty())
}
