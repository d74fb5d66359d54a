//! Asks a server for what the rules need to know.

use bytes::{Buf, BytesMut};
use mongo_wire::Bounds;
use mongo_wire::bson::{Document, Value};
use policies::mongo::ServerFacts;

use super::Settings;
use super::entrance::{Entrance, command, read};
use super::frames::of_upstream;
use super::world::Account;
use crate::{Fatal, Outbox};

/// A conversation with the upstream of our own, without a client.
#[derive(Debug)]
pub struct Probe {
    account: Option<Account>,
    entrance: Option<Entrance>,
    wire_version_max: i32,
}

/// What a server says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    /// What the rules depend on.
    pub facts: ServerFacts,
    /// The newest version of the wire that it speaks.
    pub wire_version_max: i32,
}

impl Probe {
    /// Writes the first that is asked.
    ///
    /// # Errors
    /// `Fatal` when the operating system gives no randomness.
    pub fn begin(settings: &Settings, out: &mut Outbox) -> Result<Self, Fatal> {
        let account = settings.account.clone();
        let entrance = Entrance::begin(account.as_ref(), &mut out.to_upstream)?;
        Ok(Self { account, entrance: Some(entrance), wire_version_max: 0 })
    }

    /// Bytes came from the upstream. What is known in the end, or `None` while more must come.
    ///
    /// # Errors
    /// `Fatal` when the server refuses us, or says what cannot be understood.
    pub fn on_upstream(
        &mut self,
        input: &mut BytesMut,
        out: &mut Outbox,
    ) -> Result<Option<Probed>, Fatal> {
        while let Some(frame) = of_upstream(input)? {
            let bytes = frame.bytes.len();
            let Some(entrance) = &mut self.entrance else {
                let bounds = Bounds::default();
                let body = Document::read(read(frame)?.body.bytes(), &bounds)
                    .map_err(|fault| Fatal::UpstreamMisbehaved(fault.to_string()))?;
                let (facts, wire_version_max) = (facts(body), self.wire_version_max);
                return Ok(Some(Probed { facts, wire_version_max }));
            };
            let entered = entrance.on_frame(frame, self.account.as_ref(), &mut out.to_upstream)?;
            input.advance(bytes);
            if let Some(version) = entered {
                self.wire_version_max = version;
                self.entrance = None;
                command(&mut out.to_upstream, |body| {
                    body.value("buildInfo", Value::Int32(1));
                    body.value("$db", Value::String("admin"));
                });
            }
        }
        Ok(None)
    }
}

/// Reads the reply to `buildInfo`.
fn facts(body: Document<'_>) -> ServerFacts {
    let text = |name| body.value(name).and_then(|value| value.as_str());
    let array = body.value("versionArray").and_then(|value| value.as_array());
    let mut numbers = [0; 3];
    for (to, value) in numbers.iter_mut().zip(array.iter().flat_map(|array| array.values())) {
        *to = value.as_i64().and_then(|number| i32::try_from(number).ok()).unwrap_or_default();
    }
    let stand_in = text("secantusVersion");
    ServerFacts {
        version: text("version").unwrap_or("unknown").to_owned(),
        numbers,
        graph_lookup_is_open: stand_in.is_some_and(|version| !version.ends_with(MENDED)),
    }
}

/// How SecantusDB, which leaves out `restrictSearchWithMatch`, calls itself where that is mended.
const MENDED: &str = "+restrictSearchWithMatch";
