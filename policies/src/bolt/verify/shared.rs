//! Nodes that all tenants read are written by none.
//!
//! Where a statement reads such nodes, what it writes must be a variable that stands for the
//! tenant's own wherever in the statement it stands. Variables are told apart by name alone, and
//! what is not known to be own is not.

use std::collections::{BTreeMap, BTreeSet};

use bolt_wire::cypher::syntax::{Access, Expr, ExprKind, Factor, NodePattern, RelationshipPattern};

use super::{Verifier, Whose};
use crate::Reason;

#[derive(Default)]
pub(super) struct Shared<'t> {
    /// Whether the statement may come upon a shared node.
    pub is_read: bool,
    /// Variables that stand for something else than the tenant's own somewhere.
    others: BTreeSet<&'t str>,
    /// Variables that stand for what another one stands for.
    same: BTreeMap<&'t str, BTreeSet<&'t str>>,
    /// Variables that stand for the tenant's own somewhere.
    own: BTreeSet<&'t str>,
    /// The ends of each relationship that is made between nodes that were there before.
    made: Vec<Vec<&'t str>>,
    /// What is written; `None` for what is no variable.
    targets: Vec<Option<&'t str>>,
}

impl<'t> Shared<'t> {
    /// Whether the variable stands for the tenant's own wherever it stands.
    fn is_own(&self, name: &'t str) -> bool {
        let mut seen = BTreeSet::from([name]);
        let mut open = vec![name];
        let mut is_bound = false;
        while let Some(name) = open.pop() {
            if self.others.contains(name) {
                return false;
            }
            is_bound |= self.own.contains(name);
            let same = self.same.get(name).into_iter().flatten();
            open.extend(same.copied().filter(|same| seen.insert(same)));
        }
        is_bound
    }
}

impl<'t> Verifier<'_, 't> {
    pub(super) fn note_own(&mut self, name: &'t str) {
        self.shared.own.insert(name);
    }

    pub(super) fn note_made(&mut self, node: &'t NodePattern) {
        self.shared.own.extend(node.variable.iter().map(|name| name.text.as_str()));
    }

    pub(super) fn note_node(&mut self, node: &'t NodePattern, whose: Whose) {
        self.shared.is_read |= whose == Whose::Shared;
        let Some(name) = &node.variable else { return };
        match whose {
            Whose::Own => self.shared.own.insert(&name.text),
            Whose::Shared | Whose::Anybodys => self.shared.others.insert(&name.text),
        };
    }

    /// A relationship is the tenant's when one of its ends is: no other tenant sees it then.
    pub(super) fn note_relationship(
        &mut self,
        relationship: &'t RelationshipPattern,
        before: Option<&'t Factor>,
        behind: Option<&'t Factor>,
    ) {
        let Some(name) = relationship.body.as_ref().and_then(|body| body.variable.as_ref()) else {
            return;
        };
        let is_own = |factor: &Factor| match factor {
            Factor::Node(node) => self.whose(node) == Whose::Own,
            Factor::Relationship(_) | Factor::Parenthesized(_) => false,
        };
        if before.is_some_and(is_own) || behind.is_some_and(is_own) {
            self.shared.own.insert(&name.text);
        } else {
            self.shared.others.insert(&name.text);
        }
    }

    /// A relationship that is made, or found, by CREATE or MERGE. One of its ends must be the tenant's:
    /// between two shared nodes all tenants would see it.
    pub(super) fn note_made_relationship(
        &mut self,
        before: Option<&'t Factor>,
        behind: Option<&'t Factor>,
        bound: &[&'t str],
    ) {
        let mut ends = Vec::new();
        for factor in before.into_iter().chain(behind) {
            let Factor::Node(node) = factor else { return };
            match &node.variable {
                Some(name) if bound.contains(&name.text.as_str()) => ends.push(name.text.as_str()),
                // It is made with its tenant.
                Some(_) | None => return,
            }
        }
        self.shared.made.push(ends);
    }

    /// A variable that stands for a value: that of another variable, or one that is not known.
    pub(super) fn note_value(&mut self, name: &'t str, value: Option<&'t Expr>) {
        match value.map(|value| &value.kind) {
            Some(ExprKind::Variable(same)) => {
                self.shared.same.entry(name).or_default().insert(&same.text);
            }
            Some(_) | None => {
                self.shared.others.insert(name);
            }
        }
    }

    pub(super) fn target_variable(&mut self, name: &'t str) {
        self.shared.targets.push(Some(name));
    }

    /// What is written or deleted: a variable, or a step into one.
    pub(super) fn target(&mut self, target: &'t Expr) {
        let value = if let ExprKind::Access(value, steps) = &target.kind {
            match steps.as_slice() {
                [Access::Property(_) | Access::Index(_)] => value,
                _ => target,
            }
        } else {
            target
        };
        let name =
            if let ExprKind::Variable(name) = &value.kind { Some(&*name.text) } else { None };
        self.shared.targets.push(name);
    }

    pub(super) fn prove_writes(&mut self) {
        if !self.shared.is_read {
            return;
        }
        let is_own = |target: &Option<&'t str>| target.is_some_and(|name| self.shared.is_own(name));
        let has_own = |ends: &Vec<&'t str>| ends.iter().any(|name| self.shared.is_own(name));
        let is_proved =
            self.shared.targets.iter().all(is_own) && self.shared.made.iter().all(has_own);
        if !is_proved {
            let what = "what is written may be a node that all tenants share";
            self.fail(Reason::SharedRelationReadOnly, what);
        }
    }
}
