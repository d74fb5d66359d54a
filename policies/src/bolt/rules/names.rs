//! Which variables a clause sees.

use std::collections::BTreeSet;

use bolt_wire::cypher::syntax::{Factor, Name, Path, PathPattern, RelationshipPattern};

/// The variables in scope.
#[derive(Clone, Debug, Default)]
pub(super) struct Names<'t> {
    /// The client's.
    pub known: BTreeSet<&'t str>,
    /// Whether there are some of ours, too, which no star may show.
    pub has_ours: bool,
}

impl<'t> Names<'t> {
    pub(super) fn has(&self, name: &str) -> bool {
        self.known.contains(name)
    }

    pub(super) fn add(&mut self, name: &'t Name) {
        self.known.insert(name.text.as_str());
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.known.extend(other.known);
        self.has_ours |= other.has_ours;
    }

    /// Adds what a pattern names.
    pub(super) fn add_pattern(&mut self, pattern: &'t PathPattern) {
        pattern.variable.iter().for_each(|name| self.add(name));
        match &pattern.path {
            Path::Factors(factors) => self.add_factors(factors),
            Path::Shortest(path) => self.add_factors(&path.factors),
        }
    }

    /// Adds what the parts of a path name.
    pub(super) fn add_factors(&mut self, factors: &'t [Factor]) {
        for factor in factors {
            match factor {
                Factor::Node(node) => node.variable.iter().for_each(|name| self.add(name)),
                Factor::Relationship(relationship) => self.add_relationship(relationship),
                Factor::Parenthesized(path) => self.add_pattern(&path.pattern),
            }
        }
    }

    pub(super) fn add_relationship(&mut self, relationship: &'t RelationshipPattern) {
        let body = relationship.body.iter();
        body.flat_map(|body| &body.variable).for_each(|name| self.add(name));
    }
}
