//! A refusal as a value.
//!
//! A refusal is not an error of ours: it is the answer that a client earned. It has a stable code,
//! a place in the client's text, a sentence for the client, and nothing in it that the client did
//! not already know.

use std::borrow::Cow;
use std::fmt;

use wire::Span;

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal,)+) => {
        /// Why a statement was refused. The code is stable; docs/rejections.md has a page for each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Reason {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Reason {
            /// Every reason there is, in the order of the pages.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The stable kebab-case code, as logs, metrics and clients see it.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }
        }
    };
}

reasons! {
    /// The text is not a statement of the store's grammar.
    SyntaxError = "syntax-error",
    /// A form of syntax that the wall cannot judge.
    SyntaxNotSupported = "syntax-not-supported",
    /// A kind of statement that tenants may not send.
    StatementNotAllowed = "statement-not-allowed",
    /// The text is longer than the limit.
    StatementTooLarge = "statement-too-large",
    /// The syntax is nested more deeply than the limit.
    TooDeep = "too-deep",
    /// The connection holds as many prepared statements as it may.
    TooManyStatements = "too-many-statements",
    /// The text is not UTF-8.
    InvalidEncoding = "invalid-encoding",
    /// A relation that the policy does not know.
    RelationNotAllowed = "relation-not-allowed",
    /// A write to a relation that all tenants share.
    SharedRelationReadOnly = "shared-relation-read-only",
    /// A function that is not open to tenants.
    FunctionNotAllowed = "function-not-allowed",
    /// An operator that is not open to tenants.
    OperatorNotAllowed = "operator-not-allowed",
    /// A type that is not open to tenants.
    TypeNotAllowed = "type-not-allowed",
    /// A field selection that would call a function.
    AttributeNotAllowed = "attribute-not-allowed",
    /// A setting that is not open to tenants, or not with this value.
    SettingNotAllowed = "setting-not-allowed",
    /// A value for the tenant column that is another tenant's.
    ForeignTenantValue = "foreign-tenant-value",
    /// A value for the tenant column that cannot be proved to be the tenant's.
    UnprovableTenantValue = "unprovable-tenant-value",
    /// Validate mode: the statement does not carry its tenant predicate.
    TenantPredicateMissing = "tenant-predicate-missing",
    /// A statement or portal name that this connection did not make.
    UnknownName = "unknown-name",
    /// The statement was prepared under a policy that has since changed.
    PolicyChanged = "policy-changed",
    /// No usable policy is in force.
    PolicyUnusable = "policy-unusable",
    /// A message that tenants may not send.
    MessageNotAllowed = "message-not-allowed",
    /// A command that is not open to tenants.
    CommandNotAllowed = "command-not-allowed",
    /// A command that nobody knows.
    CommandUnknown = "command-unknown",
    /// An argument of a command, or a field of a statement or a stage, that is not open to tenants.
    ArgumentNotAllowed = "argument-not-allowed",
    /// A database that is not open to tenants.
    DatabaseNotAllowed = "database-not-allowed",
    /// A collection that is not open to tenants, or not to this use.
    CollectionNotAllowed = "collection-not-allowed",
    /// A stage of a pipeline that is not open to tenants, or not in this place.
    StageNotAllowed = "stage-not-allowed",
    /// A write to the tenant field that could change whose the document is.
    TenantFieldReadOnly = "tenant-field-read-only",
    /// A procedure that is not open to tenants.
    ProcedureNotAllowed = "procedure-not-allowed",
    /// A name that only the wall may use: a tenant's label or property, or one of the wall's own.
    ReservedName = "reserved-name",
    /// The key space is too large to be looked at in one go.
    KeySpaceTooLarge = "key-space-too-large",
    /// The wall could not prove its own rewrite. A bug of ours; nothing was sent.
    Internal = "internal",
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A refused statement: the reason, where it lies in the client's text, and what to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The stable code.
    pub reason: Reason,
    /// The offending part of the client's own text, where there is one.
    pub span: Option<Span>,
    /// What is wrong, in words of the client's own statement: lower case, no full stop, no value
    /// that the client did not send.
    pub what: Cow<'static, str>,
    /// How to mend it, as a sentence.
    pub hint: Option<Cow<'static, str>>,
}

impl Rejection {
    /// A refusal for `reason`, with `what` as its sentence.
    #[must_use]
    pub fn new(reason: Reason, what: impl Into<Cow<'static, str>>) -> Self {
        Self { reason, span: None, what: what.into(), hint: None }
    }

    /// The same, pointing at `span` of the client's text.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// The same, with a way to mend it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The text that a client reads, the same in all four protocols:
    /// `partywall: function "dblink" is not open to tenants [function-not-allowed]`. A text that is
    /// no statement gets the grammar's own words, as from the store.
    #[must_use]
    pub fn client_text(&self) -> String {
        if self.reason == Reason::SyntaxError {
            self.what.clone().into_owned()
        } else {
            format!("partywall: {} [{}]", self.what, self.reason)
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.what, self.reason)
    }
}
