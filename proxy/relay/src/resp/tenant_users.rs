//! The ACL users that stand for tenants at the upstream: the second wall.

use identity::derived_password;
use policies::TenantId;
use zeroize::Zeroizing;

/// Where the tenant's id goes.
const SLOT: &str = "{tenant}";

/// How the upstream's ACL users for tenants are called, one for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantUsers {
    before: String,
    after: String,
}

impl TenantUsers {
    /// Reads a name with `{tenant}` in it.
    ///
    /// # Errors
    /// What must be mended.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (before, after) = text
            .split_once(SLOT)
            .filter(|(_, after)| !after.contains(SLOT))
            .ok_or_else(|| format!("must hold `{SLOT}` once, as in `tenant-{SLOT}`"))?;
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.:".contains(letter);
        if before.is_empty() || !before.chars().chain(after.chars()).all(plain) {
            return Err(format!(
                "must begin with a word of its own, as in `tenant-{SLOT}`, and be of letters, digits \
                 and `-_.:`"
            ));
        }
        Ok(Self { before: before.to_owned(), after: after.to_owned() })
    }

    /// The user of `tenant`.
    #[must_use]
    pub fn name(&self, tenant: &TenantId) -> String {
        format!("{}{tenant}{}", self.before, self.after)
    }

    /// The password of that user, which follows from the service's own.
    #[must_use]
    pub fn password(&self, tenant: &TenantId, secret: &str) -> Zeroizing<String> {
        derived_password(secret, &self.name(tenant))
    }
}

#[cfg(test)]
mod tests {
    use policies::TenantKind;

    use super::*;

    #[test]
    fn the_id_takes_its_place() {
        let id = TenantId::parse(TenantKind::Text, "acme").unwrap();
        assert_eq!(TenantUsers::parse("t-{tenant}.app").unwrap().name(&id), "t-acme.app");
    }

    #[test]
    fn no_name_is_that_of_another_account() {
        for text in ["", "wall", "{tenant}", "a{tenant}{tenant}", "a b{tenant}", "a{tenant}\n"] {
            assert!(TenantUsers::parse(text).is_err(), "{text}");
        }
    }
}
