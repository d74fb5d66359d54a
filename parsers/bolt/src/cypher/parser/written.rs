//! What patterns may not have where they are made and not found.

use wire::Span;

use super::{CypherError, Fault, Parse};
use crate::cypher::syntax::{
    Conjunction, Factor, LabelExpr, LabelExprKind, Labels, NodePattern, Path, PathPattern,
    Properties, RelationshipPattern,
};

/// The clause that makes a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Create,
    Insert,
    Merge,
}

/// Finds what the server refuses in patterns that are made: choices, repetitions and conditions.
pub(super) fn check(pattern: &PathPattern, written: Written) -> Parse<()> {
    if let Some(selector) = &pattern.selector {
        return no(selector.span, "a selector finds paths and makes none");
    }
    if let (Some(name), Written::Insert) = (&pattern.variable, written) {
        return no(name.span, "INSERT names no paths");
    }
    let factors = match &pattern.path {
        Path::Factors(factors) => factors,
        Path::Shortest(path) => return no(path.span, "shortestPath finds paths and makes none"),
    };
    let mut was_node = false;
    for factor in factors {
        match factor {
            Factor::Node(node) if was_node => return no(node.span, "a node follows a node"),
            Factor::Node(node) => check_node(node, written)?,
            Factor::Relationship(relationship) => check_relationship(relationship, written)?,
            Factor::Parenthesized(path) => {
                return no(path.span, "a path in parentheses is found and not made");
            }
        }
        was_node = matches!(factor, Factor::Node(_));
    }
    Ok(())
}

fn check_node(node: &NodePattern, written: Written) -> Parse<()> {
    if let Some(condition) = &node.condition {
        return no(condition.span, "what is made has no condition");
    }
    check_properties(node.properties.as_ref(), written)?;
    node.labels.as_ref().map_or(Ok(()), |labels| check_labels(labels, written))
}

fn check_relationship(relationship: &RelationshipPattern, written: Written) -> Parse<()> {
    if let Some(quantifier) = &relationship.quantifier {
        return no(quantifier.span, "what is made is not repeated");
    }
    let types = relationship.body.as_ref().and_then(|body| body.types.as_ref());
    if written == Written::Insert && types.is_none() {
        return no(relationship.span, "INSERT makes relationships of a type");
    }
    let Some(body) = &relationship.body else { return Ok(()) };
    if let Some(length) = &body.length {
        return no(length.span, "what is made is not repeated");
    }
    if let Some(condition) = &body.condition {
        return no(condition.span, "what is made has no condition");
    }
    check_properties(body.properties.as_ref(), written)?;
    types.map_or(Ok(()), |types| check_labels(types, written))
}

fn check_properties(properties: Option<&Properties>, written: Written) -> Parse<()> {
    match (properties, written) {
        (Some(Properties::Parameter(parameter)), Written::Insert | Written::Merge) => {
            no(parameter.span, "only CREATE takes a parameter as properties")
        }
        _ => Ok(()),
    }
}

fn check_labels(labels: &Labels, written: Written) -> Parse<()> {
    let is_colon = matches!(labels.expr.kind, LabelExprKind::And(Conjunction::Colon, _));
    if written == Written::Insert && is_colon {
        return no(labels.span, "INSERT joins labels with `&`");
    }
    check_label(&labels.expr, written)
}

fn check_label(label: &LabelExpr, written: Written) -> Parse<()> {
    let is_allowed = match &label.kind {
        LabelExprKind::And(_, all) => {
            return all.iter().try_for_each(|label| check_label(label, written));
        }
        LabelExprKind::Parenthesized(inner) if written != Written::Insert => {
            return check_label(inner, written);
        }
        LabelExprKind::Name(_) => true,
        LabelExprKind::Dynamic(dynamic) => written != Written::Insert && !dynamic.any,
        LabelExprKind::Any
        | LabelExprKind::Not(_)
        | LabelExprKind::Or(_)
        | LabelExprKind::Parenthesized(_) => false,
    };
    if is_allowed { Ok(()) } else { no(label.span, "what is made has each of its labels") }
}

fn no(span: Span, why: &'static str) -> Parse<()> {
    Err(CypherError::new(span, Fault::NotAllowed(why)))
}
