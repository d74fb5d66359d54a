//! `tenants.toml`: who may log in, and for which tenants.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use policies::document::{self, DocumentError, Once, Reported, Table, Value};
use policies::{Tenant, TenantId, TenantKind};

use crate::{MockSecret, Verifier};

/// All tenants and logins that there are, as read at one moment.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    tenants: BTreeMap<String, RegisteredTenant>,
    logins: HashMap<String, Login>,
    mock: MockSecret,
}

/// A tenant and whether it is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredTenant {
    /// The tenant.
    pub tenant: Arc<Tenant>,
    /// `active`: false for a suspended one, whose connections are closed.
    pub active: bool,
}

/// Why a password lets nobody in. Which of the two it is, is for the log: the client is told the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// There is no login of this name.
    #[error("unknown login")]
    UnknownLogin,
    /// There is, and its password is another.
    #[error("wrong password")]
    WrongPassword,
}

/// What a login may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// Act for its tenants, confined to them.
    #[default]
    Tenant,
    /// Change the schema, confined to nothing. Read and checked, but not served yet: listeners
    /// refuse such a login.
    Migrate,
}

/// A name that a driver may send as its user.
#[derive(Clone, Debug)]
pub struct Login {
    name: String,
    verifier: Verifier,
    role: Role,
    tenants: Vec<RegisteredTenant>,
}

impl Registry {
    /// Reads and resolves a registry whose tenants have ids of `kind`.
    ///
    /// # Errors
    /// Everything that must be mended, in the order of the text. No error repeats a verifier.
    pub fn parse(text: &str, kind: TenantKind) -> Result<Self, Vec<DocumentError>> {
        document::read(text, |table| {
            let mut names = Names::default();
            let tenants = table
                .get("tenant")
                .map(|list| list.list(|item| item.table(|table| tenant(table, kind, &mut names))));
            let tenants = tenants.transpose().map(|tenants| {
                let by_slug = |each: RegisteredTenant| (each.tenant.slug.clone(), each);
                tenants.unwrap_or_default().into_iter().map(by_slug).collect()
            });
            let logins = table.get("login").map(|list| {
                let known = tenants.as_ref().ok();
                list.list(|item| item.table(|table| login(table, known, &mut names.logins)))
            });
            let by_name = |each: Login| (each.name.clone(), each);
            let mock_secret = table.get("mock_secret").map(|value| mock_secret(&value));
            let logins: HashMap<String, Login> =
                logins.transpose()?.unwrap_or_default().into_iter().map(by_name).collect();
            let verifiers = logins.values().map(|login| (login.name(), login.verifier()));
            let mock = MockSecret::derive(mock_secret.transpose()?, verifiers);
            Ok(Self { tenants: tenants?, logins, mock })
        })
    }

    /// The login of this very name.
    #[must_use]
    pub fn login(&self, name: &str) -> Option<&Login> {
        self.logins.get(name)
    }

    /// What the verifiers of logins that do not exist are made of.
    #[must_use]
    pub fn mock_secret(&self) -> &MockSecret {
        &self.mock
    }

    /// What an exchange with the login `name` checks its password with: [`MockSecret::verifier`] when
    /// there is none. Takes equally long in both cases.
    #[must_use]
    pub fn verifier(&self, name: &str) -> Verifier {
        let mock = self.mock.verifier(name);
        self.login(name).map_or(mock, |login| login.verifier().clone())
    }

    /// The login `name`, where `password` is its own: for protocols whose clients send the password
    /// itself. Whom it may act for is asked next. Hashes as often as the verifier says, on this
    /// thread, whether there is such a login or not.
    ///
    /// # Errors
    /// `PasswordError`, for the log only.
    pub fn authenticate_password(
        &self,
        name: &str,
        password: &[u8],
    ) -> Result<&Login, PasswordError> {
        let fits = self.verifier(name).verify_password(password);
        match self.login(name) {
            Some(login) if fits => Ok(login),
            Some(_) => Err(PasswordError::WrongPassword),
            None => Err(PasswordError::UnknownLogin),
        }
    }

    /// The tenant of this very slug.
    #[must_use]
    pub fn tenant(&self, slug: &str) -> Option<&RegisteredTenant> {
        self.tenants.get(slug)
    }

    /// All tenants, by slug.
    pub fn tenants(&self) -> impl Iterator<Item = &RegisteredTenant> {
        self.tenants.values()
    }

    /// All logins, in no order.
    pub fn logins(&self) -> impl Iterator<Item = &Login> {
        self.logins.values()
    }

    /// Whether the login `name` may act for `tenant`, now: what a connection asks again after the
    /// registry was read anew.
    #[must_use]
    pub fn allows(&self, name: &str, tenant: &Tenant) -> bool {
        let login = self.login(name).filter(|login| login.role == Role::Tenant);
        login.is_some_and(|login| {
            login.tenants.iter().any(|each| each.active && *each.tenant == *tenant)
        })
    }
}

impl Login {
    /// What the driver sends as its user.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its password is checked with.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// What it may do.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// The tenants that it may act for, suspended ones included. Empty only for [`Role::Migrate`].
    #[must_use]
    pub fn tenants(&self) -> &[RegisteredTenant] {
        &self.tenants
    }

    /// The tenant that this login alone chooses: there is exactly one, it is active, and the login
    /// acts for tenants at all. `None` must end in a refusal, never in a default.
    #[must_use]
    pub fn single_tenant(&self) -> Option<Arc<Tenant>> {
        match (self.role, self.tenants.as_slice()) {
            (Role::Tenant, [only]) if only.active => Some(Arc::clone(&only.tenant)),
            (Role::Tenant | Role::Migrate, _) => None,
        }
    }

    /// Whether any of its tenants is active.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.tenants.iter().any(|each| each.active)
    }
}

/// `mock_secret`: without it, the salts of logins that do not exist change with the logins that do.
fn mock_secret<'d>(value: &Value<'d>) -> Result<&'d str, Reported> {
    let text = value.text()?;
    if text.len() < MockSecret::TEXT_BYTES_MIN {
        let bytes = MockSecret::TEXT_BYTES_MIN;
        return Err(
            value.refuse(format!("must have at least {bytes} bytes, of random letters and digits"))
        );
    }
    Ok(text)
}

/// What may be given only once in the whole document.
#[derive(Default)]
struct Names {
    /// Ids with their case folded: stores that fold would mix two such tenants up.
    ids: Once<String>,
    slugs: Once<String>,
    logins: Once<String>,
}

fn tenant(
    table: &mut Table<'_>,
    kind: TenantKind,
    names: &mut Names,
) -> Result<RegisteredTenant, Reported> {
    let id = table.require("id").and_then(|value| {
        let id = tenant_id(&value, kind)?;
        let folded = id.to_string().to_ascii_lowercase();
        if let Some(line) = names.ids.line(&folded, &value) {
            return Err(value.refuse(format!(
                "is the id of the tenant on line {line} too; ids must differ in more than case"
            )));
        }
        names.ids.claim(folded, &value)?;
        Ok(id)
    });
    let slug = table.require("slug").and_then(|value| {
        let slug = value.text()?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=63).contains(&slug.len()) || !slug.bytes().all(plain) {
            return Err(value.refuse("must be 1 to 63 of a-z 0-9 -"));
        }
        names.slugs.claim(slug.to_owned(), &value)?;
        Ok(slug.to_owned())
    });
    let active = table.get("active").map(|value| value.boolean()).transpose();
    let tenant = Arc::new(Tenant { id: id?, slug: slug? });
    Ok(RegisteredTenant { tenant, active: active?.unwrap_or(true) })
}

/// An id is written as a string; a `bigint` may be written as a number too.
fn tenant_id(value: &Value<'_>, kind: TenantKind) -> Result<TenantId, Reported> {
    if kind == TenantKind::Bigint && value.is_integer() {
        return value.integer(i64::MIN..=i64::MAX).map(TenantId::Bigint);
    }
    TenantId::parse(kind, value.text()?).map_err(|invalid| value.refuse(invalid.to_string()))
}

/// `tenants` is `None` when they could not be read, so that no slug can be looked up.
fn login(
    table: &mut Table<'_>,
    tenants: Option<&BTreeMap<String, RegisteredTenant>>,
    names: &mut Once<String>,
) -> Result<Login, Reported> {
    let name = table.require("name").and_then(|value| login_name(&value, names));
    let verifier = table.require("verifier").and_then(|value| {
        value.text()?.parse::<Verifier>().map_err(|invalid| value.refuse(invalid.to_string()))
    });
    let roles = [("tenant", Role::Tenant), ("migrate", Role::Migrate)];
    let role = table.get("role").map(|value| value.choose(value.text()?, &roles)).transpose();
    let role = role.map(Option::unwrap_or_default);
    let migrates = matches!(role, Ok(Role::Migrate));
    let value =
        if migrates { Ok(table.get("tenants")) } else { table.require("tenants").map(Some) };
    let tenants = value.and_then(|value| match value {
        Some(value) => login_tenants(&value, tenants),
        None => Ok(Vec::new()),
    });
    Ok(Login { name: name?, verifier: verifier?, role: role?, tenants: tenants? })
}

/// PostgreSQL cuts a longer user name, so that two of them could be one.
const LOGIN_BYTES_MAX: usize = 63;

fn login_name(value: &Value<'_>, names: &mut Once<String>) -> Result<String, Reported> {
    let name = value.text()?;
    if !(1..=LOGIN_BYTES_MAX).contains(&name.len()) || name.contains(char::is_control) {
        return Err(value
            .refuse(format!("must have 1 to {LOGIN_BYTES_MAX} bytes and no control characters")));
    }
    names.claim(name.to_owned(), value)?;
    Ok(name.to_owned())
}

fn login_tenants(
    value: &Value<'_>,
    tenants: Option<&BTreeMap<String, RegisteredTenant>>,
) -> Result<Vec<RegisteredTenant>, Reported> {
    let mut once = Once::new();
    let listed = value.list(|item| {
        let slug = item.text()?;
        once.claim(slug, &item)?;
        let Some(tenants) = tenants else { return Ok(None) };
        tenants.get(slug).cloned().map(Some).ok_or_else(|| {
            item.refuse(match document::closest(slug, tenants.keys().map(String::as_str)) {
                Some(meant) => format!("no tenant has this slug; did you mean `{meant}`?"),
                None => "no tenant has this slug; add a `[[tenant]]` with it".to_owned(),
            })
        })
    })?;
    if listed.is_empty() {
        return Err(value.refuse("is empty; list the slugs of the tenants to act for"));
    }
    Ok(listed.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests;
