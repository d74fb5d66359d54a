//! Patterns that are looked for: each node that they can come upon is asked.

use bolt_wire::cypher::syntax::{
    Expr, Factor, NodePattern, ParenthesizedPath, Path, PathPattern, PatternComprehension,
    Properties, RelationshipPattern, Repetition, SelectorKind,
};
use bolt_wire::cypher::visit::Visit;

use super::{Verifier, Whose};
use crate::Reason;

/// Whether a relationship has a length in its brackets, so that nodes lie on the path which no
/// pattern of a node stands for.
fn has_length(relationship: &RelationshipPattern) -> bool {
    relationship.body.as_ref().is_some_and(|body| body.length.is_some())
}

fn is_bare(node: &NodePattern) -> bool {
    node.variable.is_none()
        && node.labels.is_none()
        && node.properties.is_none()
        && node.condition.is_none()
}

impl<'t> Verifier<'_, 't> {
    /// The patterns of MATCH, EXISTS and COUNT, and their condition.
    pub(super) fn read(&mut self, patterns: &'t [PathPattern], condition: Option<&'t Expr>) {
        for pattern in patterns {
            self.bind(pattern);
        }
        for pattern in patterns {
            let tested = pattern
                .variable
                .as_ref()
                .is_some_and(|name| self.tests_path(condition, &name.text));
            // Which of the paths are taken is decided after the search and before the condition.
            let is_late = pattern.selector.as_ref().is_some_and(|selector| match selector.kind {
                SelectorKind::All => false,
                SelectorKind::AllShortest
                | SelectorKind::Any(_)
                | SelectorKind::AnyShortest
                | SelectorKind::Shortest(_)
                | SelectorKind::ShortestGroups(_) => true,
            });
            self.selector(pattern);
            match &pattern.path {
                Path::Factors(factors) => self.factors(factors, tested && !is_late),
                Path::Shortest(path) => self.factors(&path.factors, tested && !is_late),
            }
        }
        condition.iter().for_each(|condition| self.expr(condition));
    }

    fn selector(&mut self, pattern: &'t PathPattern) {
        match pattern.selector.as_ref().map(|selector| &selector.kind) {
            Some(
                SelectorKind::Any(Some(count))
                | SelectorKind::Shortest(count)
                | SelectorKind::ShortestGroups(Some(count)),
            ) => self.expr(count),
            Some(
                SelectorKind::All
                | SelectorKind::AllShortest
                | SelectorKind::Any(None)
                | SelectorKind::AnyShortest
                | SelectorKind::ShortestGroups(None),
            )
            | None => {}
        }
    }

    /// The parts of a path. `tested` when a condition asks all nodes of the path.
    pub(super) fn factors(&mut self, factors: &'t [Factor], tested: bool) {
        for (index, factor) in factors.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|before| factors.get(before));
            let behind = factors.get(index + 1);
            match factor {
                Factor::Node(node) => self.asked(node),
                Factor::Relationship(relationship) => {
                    if has_length(relationship) && !tested {
                        self.missing("the nodes on a path are not asked for their tenant");
                    }
                    if relationship.quantifier.is_some() {
                        self.missing("the nodes of a repeated relationship are not asked");
                    }
                    self.relationship_parts(relationship);
                    self.note_relationship(relationship, before, behind);
                }
                Factor::Parenthesized(path) => self.parenthesized(path, before, behind),
            }
        }
    }

    /// A node that is looked for.
    fn asked(&mut self, node: &'t NodePattern) {
        let whose = self.whose(node);
        if whose == Whose::Anybodys {
            self.missing("a node is not asked for its tenant");
        }
        self.note_node(node, whose);
        self.node_parts(node);
    }

    fn node_parts(&mut self, node: &'t NodePattern) {
        node.labels.iter().for_each(|labels| self.labels(&labels.expr));
        self.values(node.properties.as_ref());
        node.condition.iter().for_each(|condition| self.expr(condition));
    }

    pub(super) fn values(&mut self, properties: Option<&'t Properties>) {
        match properties {
            Some(Properties::Map(map)) => {
                map.entries.iter().for_each(|(_, value)| self.expr(value));
            }
            Some(Properties::Parameter(_)) | None => {}
        }
    }

    /// The types of a relationship are no labels.
    pub(super) fn relationship_parts(&mut self, relationship: &'t RelationshipPattern) {
        use bolt_wire::cypher::syntax::LabelExprKind;
        let Some(body) = &relationship.body else { return };
        let mut open: Vec<_> = body.types.iter().map(|types| &types.expr).collect();
        while let Some(types) = open.pop() {
            match &types.kind {
                LabelExprKind::And(_, all) | LabelExprKind::Or(all) => open.extend(all),
                LabelExprKind::Not(inner) | LabelExprKind::Parenthesized(inner) => open.push(inner),
                LabelExprKind::Dynamic(dynamic) => self.expr(&dynamic.value),
                LabelExprKind::Any | LabelExprKind::Name(_) => {}
            }
        }
        if let Some(Properties::Map(map)) = &body.properties {
            self.map(map);
        }
        self.values(body.properties.as_ref());
        body.condition.iter().for_each(|condition| self.expr(condition));
    }

    /// A path in parentheses. If it may be absent, nodes that are asked stand around it. If it is
    /// repeated behind a node, its own first node may go unasked: it is that node, or the last one of
    /// the repetition before, and both are asked.
    fn parenthesized(
        &mut self,
        path: &'t ParenthesizedPath,
        before: Option<&'t Factor>,
        behind: Option<&'t Factor>,
    ) {
        let Path::Factors(factors) = &path.pattern.path else {
            return self.fail(Reason::SyntaxNotSupported, "a shortest path in parentheses");
        };
        if path.pattern.selector.is_some() {
            return self.fail(Reason::SyntaxNotSupported, "a selector in parentheses");
        }
        let is_node = |factor: Option<&Factor>| matches!(factor, Some(Factor::Node(_)));
        let is_repeated = path.quantifier.is_some();
        let times_min = path.quantifier.as_ref().map_or(1, |quantifier| match &quantifier.bounds {
            Repetition::Exactly(times) | Repetition::Between(Some(times), _) => times.value,
            Repetition::Plus => 1,
            Repetition::Star | Repetition::Between(None, _) => 0,
        });
        if times_min == 0 && !(is_node(before) && is_node(behind)) {
            self.missing("a path that may be absent does not stand between nodes that are asked");
        }
        match factors.split_first() {
            Some((Factor::Node(first), rest))
                if is_repeated && is_node(before) && is_bare(first) && is_node(rest.last()) =>
            {
                self.factors(rest, false);
            }
            Some(_) | None => self.factors(factors, false),
        }
        path.condition.iter().for_each(|condition| self.expr(condition));
    }

    pub(super) fn pattern_comprehension(&mut self, pattern: &'t PatternComprehension) {
        let seen = self.bound.clone();
        let tested = pattern
            .variable
            .as_ref()
            .is_some_and(|name| self.tests_path(pattern.condition.as_ref(), &name.text));
        self.factors(&pattern.factors, tested);
        pattern.condition.iter().for_each(|condition| self.expr(condition));
        self.expr(&pattern.value);
        self.bound = seen;
    }
}
