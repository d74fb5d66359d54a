//! `[redis]`: what the keys and channels of a tenant begin with.

use resp_wire::slot::hash_tag;

use crate::document::{Reported, Table};
use crate::tenant::TenantId;

/// `[redis]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisPolicy {
    /// `prefix` as far as `{tenant}`.
    before: String,
    /// The rest of it. INVARIANT: begins with a character that no tenant id holds, so that no
    /// tenant's prefix is the beginning of another's.
    after: String,
}

/// Where the tenant's id goes.
const SLOT: &str = "{tenant}";

/// Prefixes are sent with every key, so a long one is a slip.
const PREFIX_BYTES_MAX: usize = 128;

impl RedisPolicy {
    /// What the keys of `tenant` begin with.
    #[must_use]
    pub fn prefix(&self, tenant: &TenantId) -> String {
        format!("{}{tenant}{}", self.before, self.after)
    }

    /// Whether all keys of a tenant lie in one slot of a cluster: what stands in braces in the
    /// prefix alone decides on it.
    #[must_use]
    pub fn has_hash_tag(&self) -> bool {
        hash_tag(format!("{}0{}", self.before, self.after).as_bytes()).is_some()
    }

    pub(super) fn resolve(table: &mut Table<'_>) -> Result<Self, Reported> {
        let value = table.require("prefix")?;
        let text = value.text()?;
        let (before, after) = text
            .split_once(SLOT)
            .ok_or_else(|| value.refuse(format!("must hold `{SLOT}`, as in `tenant:{SLOT}:`")))?;
        if after.contains(SLOT) {
            return Err(value.refuse(format!("must hold `{SLOT}` once")));
        }
        let of_an_id = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
        if after.is_empty() || after.starts_with(of_an_id) {
            return Err(value.refuse(format!(
                "what follows `{SLOT}` must begin with a sign that no tenant id holds, such as \
                 `:`; else the keys of tenant `a` would hold those of tenant `ab`"
            )));
        }
        let special = |letter: char| letter.is_control() || " *?[]\\".contains(letter);
        if text.contains(special) || text.len() > PREFIX_BYTES_MAX {
            return Err(value.refuse(format!(
                "must have at most {PREFIX_BYTES_MAX} bytes, without blanks and `*?[]\\`"
            )));
        }
        Ok(Self { before: before.to_owned(), after: after.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::Policy;
    use crate::tenant::{TenantId, TenantKind};

    fn prefix(of: &str, tenant: &str) -> Option<String> {
        let text = format!("version = 1\ntenant.id = 'text'\nredis.prefix = '{of}'");
        let tenant = TenantId::parse(TenantKind::Text, tenant).ok()?;
        Some(Policy::parse(&text).ok()?.redis?.prefix(&tenant))
    }

    #[test]
    fn the_id_takes_its_place() {
        assert_eq!(prefix("tenant:{tenant}:", "acme").as_deref(), Some("tenant:acme:"));
        assert_eq!(prefix("{{tenant}}:", "acme").as_deref(), Some("{acme}:"));
    }

    #[test]
    fn no_prefix_begins_another() {
        assert_eq!(prefix("{tenant}", "a"), None);
        assert_eq!(prefix("{tenant}_", "a"), None);
        assert_eq!(prefix("{tenant}{tenant}:", "a"), None);
    }
}
