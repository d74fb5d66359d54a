//! What all connections of one listener share.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use identity::Registry;
use policies::resp::Rules;
use policies::{Mode, TenantId};
use wire::Limits;

use super::tenant_users::TenantUsers;
use super::tenants::Tenants;
use crate::postgres::Password;

/// What the settings say about a listener. Fixed while it listens.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How requests are treated.
    pub mode: Mode,
    /// What one client may make us hold.
    pub limits: Limits,
    /// Our own account at the upstream.
    pub upstream: Upstream,
    /// How long a client may take to prove who it is.
    pub authentication_timeout: Duration,
    /// How long the upstream may take to be ready, after that.
    pub dial_timeout: Duration,
}

/// Our own account at the upstream.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// The ACL user that we log in as; `None` for the default one.
    pub user: Option<String>,
    /// Its password, where it has one.
    pub password: Option<Password>,
    /// Whether its address is of this machine.
    pub is_loopback: bool,
    /// The users that connections of tenants log in as; `None`: as `user`. They go with a password.
    pub tenant_users: Option<TenantUsers>,
}

/// Whom we log in as.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) user: Option<String>,
    pub(super) password: Password,
    /// Whether the server itself keeps it to one tenant.
    pub(super) is_confined: bool,
}

impl Upstream {
    /// Our own account; `None` where the server wants no password.
    pub(super) fn service(&self) -> Option<Account> {
        let password = self.password.clone()?;
        Some(Account { user: self.user.clone(), password, is_confined: false })
    }

    /// The account of the connections of `tenant`.
    pub(super) fn account(&self, tenant: &TenantId) -> Option<Account> {
        let Some((users, secret)) = self.tenant_users.as_ref().zip(self.password.as_ref()) else {
            return self.service();
        };
        Some(Account {
            user: Some(users.name(tenant)),
            password: Password::new(users.password(tenant, secret.text()).to_string()),
            is_confined: true,
        })
    }
}

/// What is known of one client's link when it comes in.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Where the client is.
    pub address: SocketAddr,
    /// Whether the link is inside TLS.
    pub in_tls: bool,
}

/// What all connections of one listener share: rules, registry, settings.
pub struct World {
    settings: Settings,
    rules: ArcSwap<Rules>,
    registry: ArcSwap<Registry>,
    tenants: Tenants,
}

impl World {
    /// The world of one listener.
    #[must_use]
    pub fn new(settings: Settings, rules: Arc<Rules>, registry: Arc<Registry>) -> Self {
        Self {
            settings,
            rules: ArcSwap::new(rules),
            registry: ArcSwap::new(registry),
            tenants: Tenants::default(),
        }
    }

    /// Puts other rules in force, for requests that are judged from now on.
    pub fn set_rules(&self, rules: Arc<Rules>) {
        self.rules.store(rules);
    }

    /// Puts another registry in force. Connections ask it again at [`crate::Connection::on_reload`].
    pub fn set_registry(&self, registry: Arc<Registry>) {
        self.registry.store(registry);
    }

    /// What the settings say.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn rules(&self) -> Guard<Arc<Rules>> {
        self.rules.load()
    }

    pub(super) fn registry(&self) -> Guard<Arc<Registry>> {
        self.registry.load()
    }

    pub(super) fn tenants(&self) -> &Tenants {
        &self.tenants
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("settings", &self.settings).finish_non_exhaustive()
    }
}
