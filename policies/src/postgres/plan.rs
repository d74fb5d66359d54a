//! The verdict on a text as a template: pieces of SQL with slots for the tenant.

use wire::{Limits, Span};

use super::Rules;
use crate::{Reason, Rejection, Scoped, Tenant};

/// How a listener treats what it judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Rewrite, prove, forward.
    Inject,
    /// Forward only what already carries its tenant predicate, byte for byte.
    Validate,
    /// Report the verdict of `Inject` and forward the client's own bytes.
    Observe,
}

/// Judges `text`, which may hold several statements, for every tenant at once.
///
/// # Errors
/// The first refusal, in the order of the text. The whole text is then refused.
pub fn judge(text: &str, _rules: &Rules, _mode: Mode, _limits: &Limits) -> Result<Plan, Rejection> {
    let _ = text;
    Err(Rejection::new(Reason::PolicyUnusable, "no usable policy is in force"))
}

/// A judged and proved text, as a template that serves every tenant.
#[derive(Clone, Debug)]
pub struct Plan {
    parameters: Vec<ParameterCheck>,
    fingerprint: u64,
}

/// A parameter that carries a tenant value: whatever is bound to it must be the tenant's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParameterCheck {
    /// The `n` of `$n`, from 1.
    pub number: u16,
    /// Where it stands in the client's text.
    pub span: Span,
    /// Whether the text uses the parameter for anything else, so that its type could be another
    /// than the column's: then the client must have declared a type.
    pub sole_use: bool,
}

/// What one Bind message brings, as far as a check needs it.
pub trait Parameters {
    /// The value of parameter `number` (from 1): `None` when absent, `Some(None)` when NULL.
    fn value(&self, number: u16) -> Option<Option<&[u8]>>;
    /// Whether parameter `number` is in binary format.
    fn is_binary(&self, number: u16) -> bool;
    /// The type OID that Parse declared for it; 0 when it was left to the server.
    fn type_oid(&self, number: u16) -> u32;
}

/// A confined text, and how offsets in it map back to the client's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    text: String,
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
        offset
    }
}

impl Plan {
    /// Confines the text to `tenant`.
    ///
    /// # Errors
    /// `foreign-tenant-value` where the text itself names another tenant as its own.
    pub fn scope(&self, _tenant: &Tenant) -> Result<Scoped<Query>, Rejection> {
        Err(Rejection::new(Reason::PolicyUnusable, "no usable policy is in force"))
    }

    /// The parameters that carry tenant values.
    #[must_use]
    pub fn parameters(&self) -> &[ParameterCheck] {
        &self.parameters
    }

    /// Checks what a Bind message brings for those parameters.
    ///
    /// # Errors
    /// `foreign-tenant-value` or `unprovable-tenant-value`.
    pub fn check_parameters(
        &self,
        _tenant: &Tenant,
        _bound: &dyn Parameters,
    ) -> Result<(), Rejection> {
        Ok(())
    }

    /// Whether the scoped text is the client's own, byte for byte.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        false
    }

    /// A hash of the text's shape, without its literals, for logs.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// What observe mode has to report: the refusal that inject mode would have given.
    #[must_use]
    pub fn observed(&self) -> Option<&Rejection> {
        None
    }
}
