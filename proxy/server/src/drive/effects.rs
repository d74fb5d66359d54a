//! Doing what a connection asks for, and ending it.

use std::io;
use std::time::Duration;

use relay::{Effect, Fatal};
use tokio_rustls::TlsStream;

use super::cancels::Target;
use super::cluster::script_at;
use super::door::accept_tls;
use super::side::Side;
use super::{Admission, Drive, Stream, UPSTREAM_READ_BYTES};

impl Drive {
    /// Performs all effects, in order, and those that they lead to. Nothing is read meanwhile, so
    /// each is bounded in time.
    pub(super) async fn perform(&mut self) -> Result<(), Fatal> {
        while !self.out.effects.is_empty() {
            for effect in std::mem::take(&mut self.out.effects) {
                // Boxed: handshakes are large, and most of its life a connection makes none.
                Box::pin(self.perform_one(effect)).await?;
            }
            self.observer.observe(&mut self.out.events);
        }
        Ok(())
    }

    async fn perform_one(&mut self, effect: Effect) -> Result<(), Fatal> {
        match effect {
            Effect::StartTls => self.start_tls().await,
            Effect::Dial => self.dial(None).await,
            Effect::DialNear { prefix } => self.dial(Some(&prefix)).await,
            Effect::Release => {
                self.release().await;
                Ok(())
            }
            Effect::StartUpstreamTls => self.start_upstream_tls().await,
            Effect::Aside { request } => {
                let upstream = &self.surroundings.upstream;
                let sent = match self.upstream.stream.as_ref().and_then(script_at) {
                    None => upstream.cancel(&request).await,
                    Some(Some(node)) => upstream.cancel_at(&node, &request).await,
                    // What it is about has ended.
                    Some(None) => Ok(()),
                };
                if let Err(error) = sent {
                    tracing::warn!(%error, "a request of our own did not reach the upstream");
                }
                Ok(())
            }
            Effect::RegisterCancel { key, request } => {
                let target = Target { upstream: self.surroundings.upstream.clone(), request };
                self.registrations.extend(self.surroundings.cancels.register(key, target));
                Ok(())
            }
            Effect::Cancel { key } => {
                if let Some(target) = self.surroundings.cancels.find(&key) {
                    if let Err(error) = target.upstream.cancel(&target.request).await {
                        tracing::warn!(%error, "a cancel request did not reach the upstream");
                    }
                } else {
                    tracing::debug!("a cancel request names no living connection");
                }
                Ok(())
            }
        }
    }

    async fn start_tls(&mut self) -> Result<(), Fatal> {
        let limit = self.surroundings.handshake_timeout;
        self.client.flush(&mut self.out.to_client, limit).await.map_err(|_| Fatal::Closed)?;
        // CVE-2021-23214: what was sent in the clear must not be taken for what TLS protects.
        if !self.client.input.is_empty() {
            let what = "bytes in the clear behind the request for TLS";
            return Err(Fatal::ClientMisbehaved(what.to_owned()));
        }
        let (Some(tls), Some(Stream::Plain(stream))) =
            (&self.surroundings.tls, self.client.stream.take())
        else {
            return Err(Fatal::ClientMisbehaved("TLS is not to be had here".to_owned()));
        };
        let stream = accept_tls(tls, stream, limit)
            .await
            .map_err(|error| Fatal::ClientMisbehaved(format!("TLS handshake: {error}")))?;
        self.client.stream = Some(Stream::Tls(Box::new(TlsStream::Server(stream))));
        self.connection.on_client_tls(&mut self.out);
        Ok(())
    }

    /// Connects to the upstream; for names that begin with `prefix` where it is several servers.
    async fn dial(&mut self, prefix: Option<&[u8]>) -> Result<(), Fatal> {
        if self.admission == Admission::TurnedAway {
            let what = "the listener has as many connections as it may";
            return Err(self.connection.on_upstream_lost(what, &mut self.out));
        }
        let dialed = match prefix {
            None => self.surroundings.upstream.dial().await.map(|stream| (stream, None)),
            Some(prefix) => {
                let dialed = self.surroundings.upstream.dial_near(prefix).await;
                dialed.map(|(stream, home)| (stream, Some(home)))
            }
        };
        match dialed {
            Ok((stream, home)) => {
                self.upstream.stream = Some(stream);
                match home {
                    None => self.connection.on_dialed(&mut self.out),
                    Some(home) => self.connection.on_dialed_near(&home, &mut self.out),
                }
                Ok(())
            }
            Err(error) => {
                self.observer.dial_failed(&error);
                Err(self.connection.on_upstream_lost(&error.to_string(), &mut self.out))
            }
        }
    }

    /// Ends the upstream's link and forgets all of it. What it still had to say reaches nobody, and
    /// that it does not take the last bytes is no loss.
    async fn release(&mut self) {
        let limit = self.surroundings.linger_timeout;
        let mut released =
            std::mem::replace(&mut self.upstream, Side::new(None, UPSTREAM_READ_BYTES));
        self.upstream_held = false;
        let mut last = std::mem::take(&mut self.out.to_upstream);
        if released.flush(&mut last, limit).await.is_ok() {
            released.close(Duration::ZERO).await;
        }
    }

    async fn start_upstream_tls(&mut self) -> Result<(), Fatal> {
        match self.upgrade_upstream().await {
            Ok((stream, end_point)) => {
                self.upstream.stream = Some(stream);
                self.connection.on_upstream_tls(end_point, &mut self.out);
                Ok(())
            }
            Err(error) => {
                self.observer.dial_failed(&error);
                Err(self.connection.on_upstream_lost(&error.to_string(), &mut self.out))
            }
        }
    }

    async fn upgrade_upstream(&mut self) -> io::Result<(Stream, Option<Vec<u8>>)> {
        let limit = self.surroundings.handshake_timeout;
        self.upstream.flush(&mut self.out.to_upstream, limit).await?;
        // CVE-2021-23222: the same trap, set by whoever sits before the upstream.
        if !self.upstream.input.is_empty() {
            return Err(io::Error::other("bytes in the clear behind its consent to TLS"));
        }
        let Some(Stream::Plain(stream)) = self.upstream.stream.take() else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        self.surroundings.upstream.start_tls(stream).await
    }

    /// Writes what is queued for both sides and closes them. The upstream is not waited for longer
    /// than the client.
    pub(super) async fn end(&mut self) {
        self.observer.observe(&mut self.out.events);
        self.registrations.clear();
        for effect in std::mem::take(&mut self.out.effects) {
            if matches!(effect, Effect::Cancel { .. }) {
                // It cannot fail the connection, which has ended already.
                _ = Box::pin(self.perform_one(effect)).await;
            }
        }
        let limit = self.surroundings.linger_timeout;
        let upstream = async {
            if self.upstream.flush(&mut self.out.to_upstream, limit).await.is_ok() {
                self.upstream.close(Duration::ZERO).await;
            }
        };
        let client = async {
            if self.client.flush(&mut self.out.to_client, limit).await.is_ok() {
                self.client.close(limit).await;
            }
        };
        tokio::join!(upstream, client);
    }
}
