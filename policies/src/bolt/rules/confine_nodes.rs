//! Nodes: found ones are asked for their tenant, made ones become the tenant's.

use bolt_wire::cypher::syntax::{
    Conjunction, Factor, LabelExpr, LabelExprKind, NodePattern, Path, PathPattern, Properties,
    RelationshipPattern,
};
use bolt_wire::cypher::visit::{self, Visit};
use wire::Span;

use super::super::guard::{OWNED_PREFIX, QUOTED_SLOT};
use super::scope::Scope;

impl<'t> Scope<'_, 't> {
    /// A node that is looked for. A node that is bound already is asked again, which is harmless.
    pub(super) fn read_node(&mut self, node: &'t NodePattern) {
        self.node_parts(node);
        let names_shared =
            node.labels.as_ref().is_some_and(|labels| self.implies_shared(&labels.expr));
        if !names_shared {
            self.own(node);
        }
    }

    fn node_parts(&mut self, node: &'t NodePattern) {
        visit::visit_node(self, node);
        self.keys_of(node.properties.as_ref());
    }

    /// Whether only shared nodes have these labels.
    fn implies_shared(&self, labels: &LabelExpr) -> bool {
        match &labels.kind {
            LabelExprKind::Name(name) => self.guard.is_shared(&name.text),
            LabelExprKind::And(_, all) => all.iter().any(|labels| self.implies_shared(labels)),
            LabelExprKind::Parenthesized(inner) => self.implies_shared(inner),
            LabelExprKind::Or(all) => all.iter().all(|labels| self.implies_shared(labels)),
            LabelExprKind::Any | LabelExprKind::Dynamic(_) | LabelExprKind::Not(_) => false,
        }
    }

    /// In one clause the server takes labels that are joined by `:` or ones that are joined by
    /// `&`. Ours needs the latter, so all are written so.
    pub(super) fn join_labels(&mut self, joined: Conjunction, all: &[LabelExpr]) {
        if joined == Conjunction::Ampersand {
            return;
        }
        for (left, right) in all.iter().zip(all.iter().skip(1)) {
            self.edits.replace(Span::new(left.span.end, right.span.start), "&");
        }
    }

    /// Asks the node for its tenant, or makes it the tenant's.
    fn own(&mut self, node: &'t NodePattern) {
        let open = Span::new(node.span.start, node.span.start + 1);
        let named = node.variable.as_ref().map_or(open, |name| name.span);
        if self.guard.property().is_none() {
            match &node.labels {
                None => self.edits.after(named, format!(":{QUOTED_SLOT}")),
                Some(labels) if matches!(labels.expr.kind, LabelExprKind::Or(_)) => {
                    self.edits.before(labels.expr.span, "(");
                    self.edits.after(labels.expr.span, format!(")&{QUOTED_SLOT}"));
                }
                Some(labels) => self.edits.after(labels.span, format!("&{QUOTED_SLOT}")),
            }
            return;
        }
        let entry = self.guard.entry();
        match &node.properties {
            None => {
                let behind = node.labels.as_ref().map_or(named, |labels| labels.span);
                self.edits.after(behind, format!("{{{entry}}}"));
            }
            Some(Properties::Map(map)) => {
                let close = Span::new(map.span.end.saturating_sub(1), map.span.end);
                let comma = if map.entries.is_empty() { "" } else { ", " };
                self.edits.before(close, format!("{comma}{entry}"));
            }
            Some(Properties::Parameter(parameter)) => {
                // Only CREATE takes one. The connection sends the same map with the tenant in it.
                let name = format!("{OWNED_PREFIX}{}", parameter.name);
                match bolt_wire::cypher::quote_name(&name) {
                    Ok(quoted) => self.edits.replace(parameter.span, format!("${quoted}")),
                    Err(_) => self.refuse_syntax(parameter.span, "an escape in a parameter's name"),
                }
                if !self.owned.contains(&parameter.name) {
                    self.owned.push(parameter.name.clone());
                }
            }
        }
    }

    /// No key of a map in a pattern says whose a node is.
    pub(super) fn keys_of(&mut self, properties: Option<&'t Properties>) {
        match properties {
            Some(Properties::Map(map)) => {
                map.entries.iter().for_each(|(key, _)| self.property(&key.text, key.span));
            }
            Some(Properties::Parameter(_)) | None => {}
        }
    }

    /// A pattern that is made, or found or else made. Of a node that is bound already nothing may
    /// be said, and nothing need be: it is the tenant's.
    pub(super) fn written_pattern(&mut self, pattern: &'t PathPattern) {
        let factors = match &pattern.path {
            Path::Factors(factors) => factors.as_slice(),
            Path::Shortest(path) => &path.factors,
        };
        for factor in factors {
            match factor {
                Factor::Node(node) => self.written_node(node),
                Factor::Relationship(relationship) => {
                    self.read_relationship(relationship);
                    self.names.add_relationship(relationship);
                }
                Factor::Parenthesized(path) => {
                    self.refuse_syntax(path.span, "a path in parentheses is found and not made");
                }
            }
        }
        pattern.variable.iter().for_each(|name| self.names.add(name));
    }

    fn written_node(&mut self, node: &'t NodePattern) {
        self.made_labels(node);
        self.keys_of(node.properties.as_ref());
        match &node.properties {
            Some(Properties::Map(map)) => {
                map.entries.iter().for_each(|(_, value)| self.expr(value));
            }
            Some(Properties::Parameter(_)) | None => {}
        }
        match &node.variable {
            Some(name) if self.names.has(&name.text) => {}
            Some(name) => {
                self.own(node);
                self.names.add(name);
            }
            None => self.own(node),
        }
    }

    /// The labels that a node is made with: named ones are not the tenants', and computed ones are
    /// looked at when they are there.
    fn made_labels(&mut self, node: &'t NodePattern) {
        let mut open: Vec<&'t LabelExpr> = node.labels.iter().map(|labels| &labels.expr).collect();
        while let Some(labels) = open.pop() {
            match &labels.kind {
                LabelExprKind::Name(name) => {
                    self.label(&name.text, name.span);
                    self.shared_label(&name.text, name.span);
                }
                LabelExprKind::And(joined, all) => {
                    self.join_labels(*joined, all);
                    open.extend(all);
                }
                LabelExprKind::Or(all) => open.extend(all),
                LabelExprKind::Not(inner) | LabelExprKind::Parenthesized(inner) => open.push(inner),
                LabelExprKind::Dynamic(dynamic) => self.written_labels(&dynamic.value),
                LabelExprKind::Any => self.refuse_syntax(labels.span, "a wildcard makes no label"),
            }
        }
    }

    /// A relationship: it is the tenant's by its ends. Its types are no labels.
    pub(super) fn read_relationship(&mut self, relationship: &'t RelationshipPattern) {
        let Some(body) = &relationship.body else { return };
        if let Some(types) = &body.types {
            self.types(&types.expr);
        }
        match &body.properties {
            Some(Properties::Map(map)) => {
                map.entries.iter().for_each(|(_, value)| self.expr(value));
            }
            Some(Properties::Parameter(_)) | None => {}
        }
        self.keys_of(body.properties.as_ref());
        body.condition.iter().for_each(|condition| self.expr(condition));
    }

    fn types(&mut self, types: &'t LabelExpr) {
        match &types.kind {
            LabelExprKind::Dynamic(dynamic) => self.expr(&dynamic.value),
            LabelExprKind::And(_, all) | LabelExprKind::Or(all) => {
                all.iter().for_each(|types| self.types(types));
            }
            LabelExprKind::Not(inner) | LabelExprKind::Parenthesized(inner) => self.types(inner),
            LabelExprKind::Any | LabelExprKind::Name(_) => {}
        }
    }
}
