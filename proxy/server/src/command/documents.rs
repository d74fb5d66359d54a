//! The documents and certificates that a settings file leads to.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use identity::Registry;
use policies::TenantKind;
use policies::document::DocumentError;
use policies::policy::Policy;
use rustls::pki_types::ServerName;

use super::Failure;
use crate::protocol;
use crate::settings::{self, Settings, UpstreamUrl};
use crate::tls::{ServerTls, UpstreamTls};
use crate::upstream::Upstream;

/// Settings, policy and registry, all of them usable.
#[derive(Debug)]
pub(crate) struct Documents {
    pub(crate) settings: Settings,
    pub(crate) policy: Policy,
    pub(crate) registry: Registry,
}

/// What one listener leads to.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) tls: Option<ServerTls>,
}

impl Documents {
    /// Reads the settings at `path`, and the documents that they name.
    ///
    /// # Errors
    /// `Failure::Documents` with everything that must be mended.
    pub(crate) fn load(path: &Path) -> Result<Self, Failure> {
        let settings = read_settings(path).map_err(Failure::Documents)?;
        let policy = read_policy(&settings.policy).map_err(Failure::Documents)?;
        // Ids cannot be read without their kind, so an unusable policy leaves them for later.
        let registry = read_registry(&settings.tenants, policy.tenant_kind);
        let registry = registry.map_err(Failure::Documents)?;
        require_sections(&settings, &policy).map_err(Failure::Documents)?;
        Ok(Self { settings, policy, registry })
    }

    /// Reads the certificates and keys of every listener.
    ///
    /// # Errors
    /// `Failure::Documents` with everything that must be mended.
    pub(crate) fn ways(&self) -> Result<Vec<Way>, Failure> {
        let mut problems = Vec::new();
        let mut ways = Vec::new();
        for listener in &self.settings.listeners {
            let upstream = upstream(listener, &self.settings);
            match (upstream, server_tls(listener)) {
                (Ok(upstream), Ok(tls)) => ways.push(Way { upstream: Arc::new(upstream), tls }),
                (upstream, tls) => problems.extend(upstream.err().into_iter().chain(tls.err())),
            }
        }
        if problems.is_empty() { Ok(ways) } else { Err(Failure::Documents(problems)) }
    }
}

/// Reads the policy document.
///
/// # Errors
/// Everything that must be mended, with the file's name.
pub(crate) fn read_policy(path: &Path) -> Result<Policy, Vec<String>> {
    read(path, "the policy document", Policy::parse)
}

/// Reads the registry, whose tenants have ids of `kind`.
///
/// # Errors
/// Everything that must be mended, with the file's name.
pub(crate) fn read_registry(path: &Path, kind: TenantKind) -> Result<Registry, Vec<String>> {
    read(path, "the tenants document", |text| Registry::parse(text, kind))
}

/// The policy must say something of every store that is served.
fn require_sections(settings: &Settings, policy: &Policy) -> Result<(), Vec<String>> {
    let protocols: BTreeSet<_> =
        settings.listeners.iter().map(|listener| listener.upstream.protocol()).collect();
    let missing = protocols
        .into_iter()
        .filter_map(|protocol| protocol::require_section(protocol, policy).err());
    let problems: Vec<_> =
        missing.map(|error| format!("{}: {error}", settings.policy.display())).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// What a listener shows to clients that speak TLS.
///
/// # Errors
/// What must be mended.
pub(crate) fn server_tls(listener: &settings::Listener) -> Result<Option<ServerTls>, String> {
    let Some(files) = &listener.tls else { return Ok(None) };
    let start = protocol::tls_start(listener.upstream.protocol());
    ServerTls::load(&files.certificate, &files.key, start)
        .map(Some)
        .map_err(|error| error.to_string())
}

/// How TLS is spoken with a listener's upstream.
///
/// # Errors
/// What must be mended.
pub(crate) fn upstream_tls(url: &UpstreamUrl) -> Result<Option<UpstreamTls>, String> {
    UpstreamTls::load(&url.ssl).map_err(|error| error.to_string())
}

fn read_settings(path: &Path) -> Result<Settings, Vec<String>> {
    let folder = path.parent().map(PathBuf::from).unwrap_or_default();
    let variable = |name: &str| std::env::var(name).ok();
    read(path, "the settings document", |text| Settings::parse(text, &folder, &variable))
}

fn read<T>(
    path: &Path,
    what: &str,
    parse: impl FnOnce(&str) -> Result<T, Vec<DocumentError>>,
) -> Result<T, Vec<String>> {
    let file = path.display();
    let text = fs::read_to_string(path)
        .map_err(|error| vec![format!("{file}: {what} cannot be read: {error}")])?;
    parse(&text).map_err(|errors| errors.iter().map(|error| error.in_file(&file)).collect())
}

fn upstream(listener: &settings::Listener, settings: &Settings) -> Result<Upstream, String> {
    let url = &listener.upstream;
    let tls = match upstream_tls(url)? {
        None => None,
        Some(tls) => {
            let name = ServerName::try_from(url.host.clone())
                .map_err(|_| format!("the host `{}` cannot have a certificate", url.host))?;
            Some((ArcSwap::from_pointee(tls), name))
        }
    };
    Ok(Upstream {
        name: url.name(),
        host: url.host.clone(),
        port: url.port,
        ssl_mode: url.ssl.mode(),
        tls_start: protocol::tls_start(url.protocol()),
        tls,
        dial_timeout: settings.limits.dial,
        closed: ArcSwapOption::from_pointee("the store has not been read yet".to_owned()),
        cluster: ArcSwapOption::empty(),
    })
}
