//! Lists of names with classes, and how their text is read.

use std::collections::HashMap;

/// A closed set of classes, each with the word that stands for it in a list.
pub(super) trait Class: Copy + 'static {
    /// The class of this word.
    fn from_word(word: &str) -> Option<Self>;
}

/// Defines a [`Class`].
macro_rules! classes {
    (
        $(#[$about:meta])*
        $name:ident { $($(#[$says:meta])* $class:ident = $word:literal,)+ }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$says])* $class,)+ }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$class,)+];
        }

        impl $crate::survey::class::Class for $name {
            fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$class),)+
                    _ => None,
                }
            }
        }
    };
}
pub(super) use classes;

/// Names with their classes.
#[derive(Debug)]
pub(super) struct Names<C>(HashMap<&'static str, C>);

impl<C: Class> Names<C> {
    /// The names of a list.
    pub(super) fn read(list: &'static str) -> Self {
        Self(lines(list).flat_map(|line| entries(line)).collect())
    }

    /// The class of a name, compared exactly.
    pub(super) fn class(&self, name: &str) -> Option<C> {
        self.0.get(name).copied()
    }

    pub(super) fn extend(&mut self, line: &'static str) {
        self.0.extend(entries(line));
    }
}

impl<C> Default for Names<C> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

/// The lines of a list that say something.
pub(super) fn lines(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().filter(|line| !line.is_empty() && !line.starts_with("# "))
}

/// The names that a line `class: name name` gives a class. A class that is not known gives none, and
/// so its names are unknown, too.
fn entries<C: Class>(line: &'static str) -> impl Iterator<Item = (&'static str, C)> {
    let (word, names) = line.split_once(": ").unwrap_or_default();
    let class = C::from_word(word.trim_start());
    names.split(' ').filter_map(move |name| class.map(|class| (name, class)))
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::HashSet;

    use super::*;

    /// What every list promises: each line is understood, each group says why, no name stands twice
    /// in one scope, and every class is used.
    pub(in crate::survey) fn is_sound<C: Class>(file: &str, list: &'static str, all: usize) {
        let mut seen = HashSet::new();
        let mut words = HashSet::new();
        let mut after_gap = true;
        for line in list.lines() {
            let says = !line.is_empty() && !line.starts_with("# ");
            assert!(!(says && after_gap), "{file}: {line} begins a group without a comment");
            after_gap = line.is_empty();
            assert!(line.len() <= 100, "{file}: {line} is too long");
            let Some((word, names)) = line.split_once(": ").filter(|_| says) else {
                if says && !line.starts_with(' ') {
                    seen.clear();
                }
                continue;
            };
            let word = word.trim_start();
            assert!(C::from_word(word).is_some(), "{file}: {word} is no class");
            words.insert(word);
            for name in names.split(' ') {
                assert!(!name.is_empty() && seen.insert(name), "{file}: `{name}` in {line}");
            }
        }
        assert_eq!(words.len(), all, "{file}: classes that no name has, besides {words:?}");
    }
}
