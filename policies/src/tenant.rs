//! Who a statement acts for.

use std::fmt;

use uuid::Uuid;

/// The form in which a policy's tenant ids are written and stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TenantKind {
    /// A UUID, in any spelling that RFC 9562 readers take. Recommended.
    Uuid,
    /// A signed 64-bit integer.
    Bigint,
    /// `[A-Za-z0-9_-]{1,64}`, compared byte for byte.
    Text,
}

impl fmt::Display for TenantKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Uuid => "uuid",
            Self::Bigint => "bigint",
            Self::Text => "text",
        })
    }
}

/// A tenant's id. Null and the empty string are never tenants.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TenantId {
    /// See [`TenantKind::Uuid`].
    Uuid(Uuid),
    /// See [`TenantKind::Bigint`].
    Bigint(i64),
    /// See [`TenantKind::Text`]. INVARIANT: matches `[A-Za-z0-9_-]{1,64}`.
    Text(TextId),
}

/// A text id, known to match `[A-Za-z0-9_-]{1,64}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TextId(String);

impl TextId {
    /// The id's characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not a tenant id of the policy's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{kind}` ids are {form}")]
pub struct InvalidTenantId {
    kind: TenantKind,
    form: &'static str,
}

impl TenantId {
    /// Reads an id of `kind` in its canonical spelling.
    ///
    /// # Errors
    /// `InvalidTenantId` with the form that ids of this kind have.
    pub fn parse(kind: TenantKind, text: &str) -> Result<Self, InvalidTenantId> {
        let invalid = |form| InvalidTenantId { kind, form };
        match kind {
            TenantKind::Uuid => Uuid::try_parse(text)
                .map(Self::Uuid)
                .map_err(|_| invalid("of the form 6f9619ff-8b86-4011-b42d-00c04fc964ff")),
            TenantKind::Bigint => {
                text.parse().map(Self::Bigint).map_err(|_| invalid("64-bit integers"))
            }
            TenantKind::Text => {
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
                if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
                    Ok(Self::Text(TextId(text.to_owned())))
                } else {
                    Err(invalid("1 to 64 of A-Z a-z 0-9 _ -"))
                }
            }
        }
    }

    /// The id's kind.
    #[must_use]
    pub fn kind(&self) -> TenantKind {
        match self {
            Self::Uuid(_) => TenantKind::Uuid,
            Self::Bigint(_) => TenantKind::Bigint,
            Self::Text(_) => TenantKind::Text,
        }
    }
}

impl fmt::Display for TenantId {
    /// The canonical spelling: of characters that need no quoting in any of the four stores.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uuid(id) => write!(f, "{}", id.hyphenated()),
            Self::Bigint(id) => write!(f, "{id}"),
            Self::Text(id) => f.write_str(&id.0),
        }
    }
}

/// A tenant, as the registry knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tenant {
    /// What the stores hold.
    pub id: TenantId,
    /// What people write.
    pub slug: String,
}
