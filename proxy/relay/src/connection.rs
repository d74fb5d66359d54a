//! All that the shell knows of a protocol.

use std::time::Instant;

use bytes::BytesMut;

use crate::Outbox;

/// One client's link and the upstream's link behind it, as a state machine.
///
/// Every method appends to the outbox; the shell writes it out before it calls again. Input that
/// is not consumed stays in `input` for the next call.
pub trait Connection: Send {
    /// Bytes came from the client.
    ///
    /// # Errors
    /// `Fatal` when the connection must end; what the outbox holds is still to be written.
    fn on_client(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<(), Fatal>;

    /// Bytes came from the upstream.
    ///
    /// # Errors
    /// As [`Connection::on_client`].
    fn on_upstream(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<(), Fatal>;

    /// The client's TLS handshake that [`crate::Effect::StartTls`] asked for is done.
    fn on_client_tls(&mut self, out: &mut Outbox);

    /// The upstream that [`crate::Effect::Dial`] asked for is connected.
    fn on_dialed(&mut self, out: &mut Outbox);

    /// The upstream that [`crate::Effect::DialNear`] asked for is connected. `home` tells the server
    /// that the link is at home on from the others; it is empty where there is one.
    fn on_dialed_near(&mut self, _home: &str, out: &mut Outbox) {
        self.on_dialed(out);
    }

    /// The upstream's TLS handshake that [`crate::Effect::StartUpstreamTls`] asked for is done.
    /// `server_end_point` is the channel-binding data of RFC 5929, where the certificate has one.
    fn on_upstream_tls(&mut self, server_end_point: Option<Vec<u8>>, out: &mut Outbox);

    /// The upstream cannot be reached, refused TLS, or went away. `what` is for the log; the client
    /// gets its protocol's own words.
    fn on_upstream_lost(&mut self, what: &str, out: &mut Outbox) -> Fatal;

    /// The proxy is shutting down or the login was withdrawn: end at the next moment at which the
    /// client can take it.
    fn on_drain(&mut self, out: &mut Outbox) -> Result<(), Fatal>;

    /// Policy or registry may have changed: look again.
    ///
    /// # Errors
    /// `Fatal` when the login may no longer act for its tenant.
    fn on_reload(&mut self, out: &mut Outbox) -> Result<(), Fatal>;

    /// `now` has reached [`Connection::next_deadline`].
    ///
    /// # Errors
    /// As [`Connection::on_client`].
    fn on_deadline(&mut self, now: Instant, out: &mut Outbox) -> Result<(), Fatal>;

    /// When to call [`Connection::on_deadline`].
    fn next_deadline(&self) -> Option<Instant>;

    /// Whether the shell should go on reading from the client: false while too many replies are
    /// owed or before the upstream is ready.
    fn wants_client(&self) -> bool;
}

/// Why a connection must end. Says who is to blame; the client has been told in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fatal {
    /// The client closed in good order.
    #[error("client left")]
    Closed,
    /// The client broke the protocol.
    #[error("client misbehaved: {0}")]
    ClientMisbehaved(String),
    /// The client could not prove who it is.
    #[error("authentication failed: {0}")]
    AuthenticationFailed(String),
    /// The upstream broke the protocol or refused our credentials.
    #[error("upstream misbehaved: {0}")]
    UpstreamMisbehaved(String),
    /// The upstream cannot be reached.
    #[error("upstream unavailable: {0}")]
    Unavailable(String),
    /// The login, the tenant or the proxy went out of service.
    #[error("withdrawn: {0}")]
    Withdrawn(String),
    /// A deadline passed.
    #[error("timed out: {0}")]
    TimedOut(String),
}
