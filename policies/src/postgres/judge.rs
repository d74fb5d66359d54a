//! From a text to a plan, or to a refusal.

use std::hash::{DefaultHasher, Hash, Hasher};

use postgres_wire::sql::lexer::{TokenKind, Tokens};
use postgres_wire::sql::syntax::{At, Statement, StatementKind};
use postgres_wire::sql::{self, ParseError, error_offset};
use uuid::Uuid;
use wire::{Limits, Span};

use super::anchor::Anchors;
use super::edit::{Edits, OffsetMap, Template};
use super::parameter::ParameterCheck;
use super::plan::Plan;
use super::resolved::{Resolved, Rules};
use super::scope::{Level, Scope};
use super::verify::{Carrier, Proof, verify};
use super::witness;
use crate::Mode;
use crate::{Reason, Rejection, TenantKind};

/// Judges `text`, which may hold several statements, for every tenant at once.
///
/// # Errors
/// The first refusal, in the order of the text. The whole text is then refused.
pub fn judge(text: &str, rules: &Rules, mode: Mode, limits: &Limits) -> Result<Plan, Rejection> {
    let unusable = || Rejection::new(Reason::PolicyUnusable, "no usable policy is in force");
    let rules = rules.resolved().ok_or_else(unusable)?;
    if text.len() > limits.statement_bytes_max {
        let what = format!("the statement is longer than {} bytes", limits.statement_bytes_max);
        return Err(Rejection::new(Reason::StatementTooLarge, what));
    }
    match mode {
        Mode::Inject => inject(text, rules, limits),
        Mode::Validate => validate(text, rules, limits),
        Mode::Observe => Ok(observe(text, rules, limits)),
    }
}

fn read<'t>(text: &'t str, limits: &Limits) -> Result<(Vec<Statement>, Tokens<'t>), Rejection> {
    sql::read(text, limits.depth_max).map_err(|error| not_read(text, error))
}

fn inject(text: &str, rules: &Resolved, limits: &Limits) -> Result<Plan, Rejection> {
    let (mut statements, mut tokens) = read(text, limits)?;
    let exemplar = exemplar(rules.kind, text);
    let template = rewrite(text, &mut statements, &tokens, rules, &exemplar)?;
    let (output, map) = template.render(&exemplar);
    if !template.is_unchanged() {
        // Faithfulness: what the store will read is what was edited, and nothing else. The rewrite
        // may add a few levels to what the limit allowed.
        let depth_max = limits.depth_max.saturating_add(8);
        let reread = sql::read(&output, depth_max).map_err(|_| broken("it does not parse"))?;
        if !same(&reread.0, &statements) {
            return Err(broken("it reads differently"));
        }
        (statements, tokens) = reread;
    }
    let proof = verify(&statements, rules, Carrier::Exemplar(&exemplar))
        .map_err(|rejection| mapped(rejection, &map))?;
    if witness::objects(&tokens, &proof.scoped, rules) {
        return Err(broken("a second parser sees more relations"));
    }
    Ok(plan(template, &statements, &proof, &map))
}

/// The client's own bytes must carry the proof. The rules look at them too, for their refusals.
fn validate(text: &str, rules: &Resolved, limits: &Limits) -> Result<Plan, Rejection> {
    let (statements, tokens) = read(text, limits)?;
    let exemplar = exemplar(rules.kind, text);
    rewrite(text, &mut statements.clone(), &tokens, rules, &exemplar)?;
    let proof = verify(&statements, rules, Carrier::Client)?;
    let template = Template::unchanged(text);
    Ok(plan(template, &statements, &proof, &OffsetMap::default()))
}

fn observe(text: &str, rules: &Resolved, limits: &Limits) -> Plan {
    let (deallocates, observed) = match inject(text, rules, limits) {
        Ok(plan) => (plan.deallocates, None),
        Err(rejection) => (None, Some(rejection)),
    };
    let template = Template::unchanged(text);
    let (literals, parameters) = (Vec::new(), Vec::new());
    Plan { template, literals, parameters, deallocates, observed }
}

fn rewrite(
    text: &str,
    statements: &mut [Statement],
    tokens: &Tokens<'_>,
    rules: &Resolved,
    exemplar: &str,
) -> Result<Template, Rejection> {
    let mut scope = Scope {
        rules,
        anchors: Anchors::new(tokens),
        edits: Edits::default(),
        exemplar,
        outer: Vec::new(),
        here: Level::default(),
    };
    for statement in statements {
        scope.statement(statement)?;
    }
    scope.edits.into_template(text).ok_or_else(|| broken("its edits overlap"))
}

fn same(left: &[Statement], right: &[Statement]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(a, b)| a.kind == b.kind)
}

fn plan(template: Template, statements: &[Statement], proof: &Proof, map: &OffsetMap) -> Plan {
    let client = |at: At| -> Option<Span> {
        let offset = map.client_offset(at.offset()?);
        u32::try_from(offset).map_or(None, |offset| Some(Span::at(offset)))
    };
    Plan {
        template,
        literals: proof.literals.iter().map(|(text, at)| (text.clone(), client(*at))).collect(),
        parameters: proof
            .parameters
            .iter()
            .map(|(number, at, sole_use)| ParameterCheck {
                number: *number,
                span: client(*at).unwrap_or_default(),
                sole_use: *sole_use,
            })
            .collect(),
        deallocates: deallocated(statements),
        observed: None,
    }
}

/// The name that an only statement deallocates.
fn deallocated(statements: &[Statement]) -> Option<String> {
    match statements {
        [Statement { kind: StatementKind::Deallocate(name), .. }] => name.clone(),
        _ => None,
    }
}

/// A refusal of the rewritten text, pointing into the client's.
fn mapped(mut rejection: Rejection, map: &OffsetMap) -> Rejection {
    let client = |offset: u32| u32::try_from(map.client_offset(offset as usize)).unwrap_or(offset);
    rejection.span = rejection
        .span
        .map(|span| Span::new(client(span.start), client(span.end).max(client(span.start))));
    rejection
}

/// The rewrite is not what it should be: a mistake of ours, and nothing travels.
fn broken(what: &str) -> Rejection {
    Rejection::new(Reason::Internal, format!("the rewritten statement was not proved: {what}"))
}

/// A tenant id that no client writes: a digest of the text, so that a text would have to hold its
/// own digest. Rewriting refuses a text that does.
fn exemplar(kind: TenantKind, text: &str) -> String {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, text).hash(&mut hasher);
        hasher.finish()
    };
    match kind {
        TenantKind::Uuid => Uuid::from_u64_pair(half(0), half(1)).hyphenated().to_string(),
        // Short enough for an int4 column, too.
        TenantKind::Bigint => (half(0) >> 33).to_string(),
        TenantKind::Text => format!("{:016x}{:016x}", half(0), half(1)),
    }
}

/// A hash of a text's shape, without its literals, for logs: the same for statements that differ in
/// literals, parameters, comments and white space only. 0 where the text has no tokens.
#[must_use]
pub fn fingerprint(text: &str) -> u64 {
    Tokens::lex(text).map_or(0, |tokens| shape(&tokens))
}

/// A hash of the tokens, literals and parameters by kind only, words folded.
fn shape(tokens: &Tokens<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for index in 0..tokens.len() {
        let Some(token) = tokens.get(index) else { break };
        match token.kind {
            TokenKind::String | TokenKind::Number | TokenKind::Parameter => 0u8.hash(&mut hasher),
            TokenKind::Word => {
                let word = tokens.text(index).unwrap_or_default();
                word.bytes().for_each(|byte| byte.to_ascii_lowercase().hash(&mut hasher));
                0xffu8.hash(&mut hasher);
            }
            TokenKind::QuotedIdentifier
            | TokenKind::UnicodeIdentifier
            | TokenKind::Operator
            | TokenKind::Typecast
            | TokenKind::ColonEquals
            | TokenKind::Arrow
            | TokenKind::DotDot
            | TokenKind::Punct(_) => tokens.text(index).unwrap_or_default().hash(&mut hasher),
        }
    }
    hasher.finish()
}

fn not_read(text: &str, error: ParseError) -> Rejection {
    let located = |rejection: Rejection, at: At| match at.span() {
        Some(span) => rejection.at(span),
        None => rejection,
    };
    match error {
        ParseError::Syntax { message } => {
            let offset = error_offset(text, &message).map(u32::try_from);
            let rejection = Rejection::new(Reason::SyntaxError, message);
            match offset {
                Some(Ok(offset)) => rejection.at(Span::at(offset)),
                Some(Err(_)) | None => rejection,
            }
        }
        ParseError::Statement { name, at } => {
            let what = format!("{name} statements are not open to tenants");
            located(Rejection::new(Reason::StatementNotAllowed, what), at)
        }
        ParseError::Node { name, at } => {
            let what = format!("{name} is not supported");
            located(Rejection::new(Reason::SyntaxNotSupported, what), at)
        }
        ParseError::TooDeep { max, at } => {
            let what = format!("the statement is nested more than {max} levels deep");
            located(Rejection::new(Reason::TooDeep, what), at)
        }
    }
}
