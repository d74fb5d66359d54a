//! From a text to a plan, or to a refusal.

use std::hash::{DefaultHasher, Hash, Hasher};

use bolt_wire::cypher::{self, CypherError, Dialect, Edits, Fault, Parsed, TokenKind};
use wire::Limits;

use super::guard::{OWNED_PREFIX, QUOTED_SLOT, SLOT, TENANT_PARAMETER};
use super::plan::{Carried, Plan, Template};
use super::resolved::Resolved;
use super::tenancy::LABEL_PREFIX;
use super::verify::{Carrier, Unproved, verify};
use super::{ReplyRule, Rules, rules};
use crate::{Mode, Reason, Rejection};

/// Bytes that a rewrite may add to a statement for each of its own. The longest addition, of two
/// tests to one short condition, is well below it.
const GROWTH_MAX: usize = 64;

/// Judges the text of a RUN, for every tenant at once.
///
/// # Errors
/// The refusal.
pub fn judge(text: &str, rules: &Rules, mode: Mode, limits: &Limits) -> Result<Plan, Rejection> {
    let unusable = || Rejection::new(Reason::PolicyUnusable, "no usable policy is in force");
    let resolved = rules.resolved().ok_or_else(unusable)?;
    match mode {
        Mode::Inject => inject(text, resolved, limits),
        Mode::Validate => validate(text, resolved, limits),
        Mode::Observe => Ok(Plan::observed(text, inject(text, resolved, limits).err())),
    }
}

fn read<'t>(text: &'t str, rules: &Resolved, limits: &Limits) -> Result<Parsed<'t>, Rejection> {
    cypher::parse(text, rules.facts.dialect, limits.statement_bytes_max).map_err(not_read)
}

fn not_read(error: CypherError) -> Rejection {
    let reason = match &error.fault {
        Fault::TooLong => Reason::StatementTooLarge,
        Fault::TooDeep | Fault::TooManySubqueries => Reason::TooDeep,
        Fault::UnicodeEscape => Reason::SyntaxNotSupported,
        Fault::Character(_)
        | Fault::Unclosed(_)
        | Fault::Number
        | Fault::Unbalanced
        | Fault::Expected { .. }
        | Fault::NotAllowed(_)
        | Fault::NeedsCypher25(_) => Reason::SyntaxError,
    };
    Rejection::new(reason, error.to_string()).at(error.span)
}

fn inject(text: &str, rules: &Resolved, limits: &Limits) -> Result<Plan, Rejection> {
    let parsed = read(text, rules, limits)?;
    let outcome = rules::scope(&parsed, rules)?;
    let written = print(&parsed, &outcome.edits, rules);
    let bytes_max = limits.statement_bytes_max.saturating_mul(GROWTH_MAX);
    let again = cypher::parse(&written, rules.facts.dialect, bytes_max).map_err(not_reread)?;
    let carrier = match rules.guard.property() {
        None => Carrier::Label(SLOT),
        Some(name) => {
            let owned = Some(OWNED_PREFIX);
            Carrier::Property { name, parameter: TENANT_PARAMETER, owned }
        }
    };
    verify(&again, carrier, &rules.policy).map_err(not_proved)?;
    let carried = match rules.guard.property() {
        None => Carried::Label,
        Some(property) => Carried::property(property, &outcome.owned),
    };
    let slots = slots(&again);
    let rule = ReplyRule::of(&rules.policy, outcome.kind);
    Ok(Plan::new(Template { text: written, slots }, carried, rule))
}

/// The statement as it is sent. It names its version wherever the server knows versions, since the
/// server's own default may change.
fn print(parsed: &Parsed<'_>, edits: &Edits<'_>, rules: &Resolved) -> String {
    let printed = parsed.print(edits);
    let prefix = &parsed.statement.prefix;
    if prefix.version.is_some() || !rules.facts.names_dialects {
        return printed;
    }
    let version = match prefix.dialect {
        Dialect::Cypher5 => "5",
        Dialect::Cypher25 => "25",
    };
    format!("CYPHER {version} {printed}")
}

/// Where the tenant's label goes: the offsets of [`SLOT`] in the text.
fn slots(written: &Parsed<'_>) -> Vec<usize> {
    let is_slot = |span: wire::Span| span.of(written.text()) == Some(QUOTED_SLOT);
    let quoted = written.tokens().iter().filter(|token| token.kind == TokenKind::QuotedName);
    quoted.filter(|token| is_slot(token.span)).map(|token| token.span.start as usize + 1).collect()
}

fn not_reread(error: CypherError) -> Rejection {
    match error.fault {
        Fault::TooDeep | Fault::TooManySubqueries => {
            let what = "the statement is nested too deeply for what is added to it";
            Rejection::new(Reason::TooDeep, what)
        }
        Fault::TooLong
        | Fault::UnicodeEscape
        | Fault::Character(_)
        | Fault::Unclosed(_)
        | Fault::Number
        | Fault::Unbalanced
        | Fault::Expected { .. }
        | Fault::NotAllowed(_)
        | Fault::NeedsCypher25(_) => {
            Rejection::new(Reason::Internal, format!("the rewrite does not parse: {error}"))
        }
    }
}

fn not_proved(unproved: Unproved) -> Rejection {
    // Only the proof knows of these two; all else the rules should have seen to.
    let of_proof = [Reason::SharedRelationReadOnly, Reason::SyntaxNotSupported];
    let is_refusal = of_proof.contains(&unproved.reason);
    let reason = if is_refusal { unproved.reason } else { Reason::Internal };
    Rejection::new(reason, unproved.what)
}

/// The client's own bytes must carry the proof, of one tenant that they name. Which one it is, and
/// that it is the client's, is seen when they are sent.
fn validate(text: &str, rules: &Resolved, limits: &Limits) -> Result<Plan, Rejection> {
    let parsed = read(text, rules, limits)?;
    let missing = |unproved: Unproved| {
        Rejection::new(unproved.reason, unproved.what)
            .hint("In validate mode a client asks each node for its tenant itself.")
    };
    let carried = match rules.guard.property() {
        None => {
            let label = named_label(&parsed).unwrap_or(SLOT);
            verify(&parsed, Carrier::Label(label), &rules.policy).map_err(missing)?;
            Carried::ClientsLabel((label != SLOT).then(|| label.to_owned()))
        }
        Some(name) => {
            let parameter = named_parameter(&parsed, name).unwrap_or_default();
            let carrier = Carrier::Property { name, parameter, owned: None };
            verify(&parsed, carrier, &rules.policy).map_err(missing)?;
            Carried::ClientsParameter { property: name.to_owned(), name: parameter.to_owned() }
        }
    };
    let template = Template { text: text.to_owned(), slots: Vec::new() };
    Ok(Plan::new(template, carried, ReplyRule::shown()))
}

/// The first name in the text that a tenant's label could be.
fn named_label<'t>(parsed: &Parsed<'t>) -> Option<&'t str> {
    let text = parsed.text();
    parsed.tokens().iter().find_map(|token| {
        let name = token.span.of(text)?;
        let name = match token.kind {
            TokenKind::Name => name,
            TokenKind::QuotedName => name.strip_prefix('`')?.strip_suffix('`')?,
            TokenKind::Word
            | TokenKind::String
            | TokenKind::Integer
            | TokenKind::RadixInteger
            | TokenKind::Float
            | TokenKind::Symbol(_) => return None,
        };
        name.starts_with(LABEL_PREFIX).then_some(name)
    })
}

/// The first parameter that stands behind the tenant's property: `tenant_id: $t`, `= $t`.
fn named_parameter<'t>(parsed: &Parsed<'t>, property: &str) -> Option<&'t str> {
    let text = parsed.text();
    let word = |at: usize| parsed.tokens().get(at).and_then(|token| token.span.of(text));
    let is_property = |at: usize| word(at).is_some_and(|name| name.trim_matches('`') == property);
    (0..parsed.tokens().len())
        .find(|at| is_property(*at) && word(at + 2) == Some("$"))
        .and_then(|at| word(at + 3))
        .map(|name| name.trim_matches('`'))
}

/// The hash of what a statement is, without what it is about: of its words, names and signs. A text
/// that is no statement has the hash of an empty one.
#[must_use]
pub fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    for token in cypher::tokens(text).unwrap_or_default() {
        match token.kind {
            TokenKind::Word | TokenKind::Name | TokenKind::QuotedName => {
                token.span.of(text).unwrap_or_default().hash(&mut hasher);
            }
            TokenKind::Symbol(symbol) => symbol.text().hash(&mut hasher),
            TokenKind::String | TokenKind::Integer | TokenKind::RadixInteger | TokenKind::Float => {
                '?'.hash(&mut hasher)
            }
        }
    }
    hasher.finish()
}
