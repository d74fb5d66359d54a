//! Reading the upstream's catalog, as the proxy's own login sees it.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use policies::postgres::{Catalog, SNAPSHOT_QUERY};
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

use super::watched::Watched;
use crate::drive::Stream;
use crate::tls::server_end_point;
use crate::upstream::{Upstream, within};

/// How long the query may take. A catalog of a hundred thousand columns takes a few seconds.
const QUERY_TIMEOUT: Duration = Duration::from_secs(60);

/// Takes a snapshot of the upstream's catalog. `is_private` says that nobody can listen on the way to
/// it, so that a password may be told without TLS.
///
/// # Errors
/// Why it cannot be had, as a sentence that names the upstream.
pub(super) async fn read(
    upstream: &Upstream,
    login: &Config,
    is_private: bool,
) -> Result<Catalog, String> {
    let name = &upstream.name;
    let text = within(QUERY_TIMEOUT, query(upstream, login, is_private))
        .await
        .map_err(|error| format!("the catalog of {name} cannot be read: {error}"))?;
    serde_json::from_str(&text).map_err(|error| {
        format!("the catalog of {name} is not what the snapshot query promises: {error}")
    })
}

async fn query(upstream: &Upstream, login: &Config, is_private: bool) -> io::Result<String> {
    let asks_for_tls = login.get_ssl_mode() != SslMode::Disable;
    let stream = Watched::new(upstream.connect_tcp().await?, asks_for_tls, is_private);
    let (client, connection) = login.connect_raw(stream, upstream).await.map_err(explained)?;
    let link = tokio::spawn(connection);
    let row = client.query_one(SNAPSHOT_QUERY, &[]).await;
    drop(client);
    // The link ends with its client; what ails it, the query has reported.
    link.abort();
    row.and_then(|row| row.try_get(0)).map_err(explained)
}

/// The error with its causes: by itself it says no more than "db error".
fn explained(error: tokio_postgres::Error) -> io::Error {
    let mut text = match error.as_db_error() {
        Some(database) => return io::Error::other(database.message().to_owned()),
        None => error.to_string(),
    };
    let mut cause = error.source();
    while let Some(source) = cause {
        text = format!("{text}: {source}");
        cause = source.source();
    }
    io::Error::other(text)
}

impl<'u> TlsConnect<Watched> for &'u Upstream {
    type Stream = Stream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Stream>> + Send + 'u>>;

    fn connect(self, stream: Watched) -> Self::Future {
        Box::pin(async { Ok(self.start_tls(stream.into_inner()).await?.0) })
    }
}

impl TlsStream for Stream {
    fn channel_binding(&self) -> ChannelBinding {
        let certificate = match self {
            Self::Plain(_) | Self::Pipe(_) => None,
            Self::Tls(stream) => stream.get_ref().1.peer_certificates().and_then(<[_]>::first),
        };
        certificate
            .and_then(server_end_point)
            .map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}
