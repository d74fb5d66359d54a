//! Whose nodes a pattern finds, by its labels and properties.

use bolt_wire::cypher::syntax::{ExprKind, LabelExpr, LabelExprKind, NodePattern, Properties};

use super::super::tenancy::LABEL_PREFIX;
use super::{Carrier, Verifier, Whose};
use crate::Reason;

impl Verifier<'_, '_> {
    /// A label that is named anywhere. Tenants' labels are only the tenant's own.
    pub(super) fn named_label(&mut self, name: &str) {
        if let Carrier::Label(own) = self.carrier
            && name.starts_with(LABEL_PREFIX)
            && name != own
        {
            self.fail(Reason::ReservedName, "another label of a tenant's is named");
        }
    }

    pub(super) fn is_shared_label(&self, name: &str) -> bool {
        self.policy.shared_labels.iter().any(|label| label == name)
    }

    pub(super) fn whose(&self, node: &NodePattern) -> Whose {
        let by_labels =
            node.labels.as_ref().map_or(Whose::Anybodys, |labels| self.whose_label(&labels.expr));
        match by_labels {
            Whose::Own | Whose::Shared => by_labels,
            Whose::Anybodys if self.has_property(node.properties.as_ref()) => Whose::Own,
            Whose::Anybodys => Whose::Anybodys,
        }
    }

    /// Whose the nodes are that have these labels.
    pub(super) fn whose_label(&self, labels: &LabelExpr) -> Whose {
        match &labels.kind {
            LabelExprKind::Name(name) => match self.carrier {
                Carrier::Label(own) if name.text == own => Whose::Own,
                Carrier::Label(_) | Carrier::Property { .. }
                    if self.is_shared_label(&name.text) =>
                {
                    Whose::Shared
                }
                Carrier::Label(_) | Carrier::Property { .. } => Whose::Anybodys,
            },
            // All of the labels: one that tells is enough.
            LabelExprKind::And(_, all) => {
                let each = || all.iter().map(|labels| self.whose_label(labels));
                if each().any(|whose| whose == Whose::Own) {
                    Whose::Own
                } else if each().any(|whose| whose == Whose::Shared) {
                    Whose::Shared
                } else {
                    Whose::Anybodys
                }
            }
            // Any of the labels: each must tell.
            LabelExprKind::Or(all) => {
                let each = || all.iter().map(|labels| self.whose_label(labels));
                if each().all(|whose| whose == Whose::Own) {
                    Whose::Own
                } else if each().all(|whose| whose != Whose::Anybodys) {
                    Whose::Shared
                } else {
                    Whose::Anybodys
                }
            }
            LabelExprKind::Parenthesized(inner) => self.whose_label(inner),
            LabelExprKind::Any | LabelExprKind::Dynamic(_) | LabelExprKind::Not(_) => {
                Whose::Anybodys
            }
        }
    }

    /// Whether the properties are those of a node of the tenant's. A key that stands twice is taken
    /// for none.
    fn has_property(&self, properties: Option<&Properties>) -> bool {
        let Carrier::Property { name, parameter, owned } = self.carrier else { return false };
        match properties {
            None => false,
            Some(Properties::Parameter(map)) => {
                owned.is_some_and(|owned| map.name.starts_with(owned))
            }
            Some(Properties::Map(map)) => {
                let mut entries = map.entries.iter().filter(|(key, _)| key.text == name);
                match (entries.next(), entries.next()) {
                    (Some((_, value)), None) => {
                        matches!(&value.kind, ExprKind::Parameter(own) if own.name == parameter)
                    }
                    (_, _) => false,
                }
            }
        }
    }
}
