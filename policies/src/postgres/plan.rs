//! The verdict on a text as a template: pieces of SQL with slots for the tenant.

use wire::Span;

use super::edit::{OffsetMap, Template};
use super::parameter::{ParameterCheck, Parameters, is_tenant, reads_as_tenant};
use crate::{Reason, Rejection, Scoped, Tenant};

/// A judged and proved text, as a template that serves every tenant.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) template: Template,
    /// Literals in the client's text that must read as the tenant's id.
    pub(super) literals: Vec<(String, Option<Span>)>,
    pub(super) parameters: Vec<ParameterCheck>,
    pub(super) deallocates: Option<String>,
    pub(super) observed: Option<Rejection>,
}

/// A confined text, and how offsets in it map back to the client's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    text: String,
    map: OffsetMap,
}

impl Query {
    /// The text to send.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The byte offset in the client's own text for byte `offset` of [`Query::text`]; an offset in
    /// an insertion maps to the insertion's place.
    #[must_use]
    pub fn client_offset(&self, offset: usize) -> usize {
        self.map.client_offset(offset)
    }
}

impl Plan {
    /// Confines the text to `tenant`.
    ///
    /// # Errors
    /// `foreign-tenant-value` where the text itself names another tenant as its own.
    pub fn scope(&self, tenant: &Tenant) -> Result<Scoped<Query>, Rejection> {
        for (literal, span) in &self.literals {
            if !reads_as_tenant(&tenant.id, literal) {
                let rejection = foreign_value();
                return Err(match span {
                    Some(span) => rejection.at(*span),
                    None => rejection,
                });
            }
        }
        let (text, map) = self.template.render(&tenant.id.to_string());
        Ok(Scoped::new(Query { text, map }))
    }

    /// The parameters that carry tenant values.
    #[must_use]
    pub fn parameters(&self) -> &[ParameterCheck] {
        &self.parameters
    }

    /// Checks what a Bind message brings for those parameters.
    ///
    /// # Errors
    /// `foreign-tenant-value` where it is not the tenant's id, `unprovable-tenant-value` where the
    /// bytes could be read in more than one way.
    pub fn check_parameters(
        &self,
        tenant: &Tenant,
        bound: &dyn Parameters,
    ) -> Result<(), Rejection> {
        self.parameters.iter().try_for_each(|check| match is_tenant(&tenant.id, *check, bound) {
            Some(true) => Ok(()),
            Some(false) => Err(foreign_value().at(check.span)),
            None => {
                let what = format!(
                    "parameter ${} carries the tenant but has no declared type of its kind",
                    check.number
                );
                Err(Rejection::new(Reason::UnprovableTenantValue, what).at(check.span))
            }
        })
    }

    /// Whether the scoped text is the client's own, byte for byte.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.template.is_unchanged()
    }

    /// The name that the text deallocates, where that is all it does.
    #[must_use]
    pub fn deallocates(&self) -> Option<&str> {
        self.deallocates.as_deref()
    }

    /// What observe mode has to report: the refusal that inject mode would have given.
    #[must_use]
    pub fn observed(&self) -> Option<&Rejection> {
        self.observed.as_ref()
    }
}

fn foreign_value() -> Rejection {
    Rejection::new(Reason::ForeignTenantValue, "the statement names another tenant as its own")
        .hint("Leave the tenant column out: it is filled in.")
}
