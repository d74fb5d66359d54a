//! The verdict on a text as a template: Cypher with slots for the tenant.

use bolt_wire::packstream::Dictionary;

use super::{ReplyRule, Tenancy};
use crate::{Rejection, Scoped};

/// A judged and proved text, as a template that serves every tenant.
#[derive(Clone, Debug)]
pub struct Plan {
    text: String,
    rule: ReplyRule,
    observed: Option<Rejection>,
}

/// What a RUN earned.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub enum Verdict<'p> {
    /// This may travel.
    Forward(Scoped<Run<'p>>),
    /// It would be refused; as the mode is observe, the client's own words travel all the same.
    Observed(Run<'p>, Rejection),
}

/// What travels in place of a client's RUN.
#[derive(Clone, Debug, PartialEq)]
pub struct Run<'p> {
    /// The statement.
    pub statement: String,
    /// Its parameters.
    pub parameters: Dictionary<'p>,
    /// How what comes back is read.
    pub rule: ReplyRule,
}

impl Plan {
    /// Confines the statement to a tenant.
    ///
    /// # Errors
    /// The refusal, of a parameter that names what is not the client's to name.
    pub fn scope<'p>(
        &'p self,
        parameters: Dictionary<'p>,
        tenancy: &Tenancy,
    ) -> Result<Verdict<'p>, Rejection> {
        let _ = tenancy;
        let run = Run { statement: self.text.clone(), parameters, rule: self.rule.clone() };
        Ok(match &self.observed {
            Some(rejection) => Verdict::Observed(run, rejection.clone()),
            None => Verdict::Forward(Scoped::new(run)),
        })
    }
}
