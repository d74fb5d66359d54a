//! Asks a server for what the rules need to know.

use std::collections::BTreeSet;

use bytes::{Buf, BytesMut};
use mongo_wire::Bounds;
use mongo_wire::bson::{Document, DocumentWriter, Value};
use mongo_wire::frame::Frame;
use policies::mongo::ServerFacts;
use policies::policy::Namespace;

use super::Settings;
use super::entrance::{Entrance, command, read};
use super::frames::of_upstream;
use super::world::Account;
use crate::{Fatal, Outbox};

/// Most views of one database that are read. Whoever has more keeps tenants apart by name.
const VIEWS_MAX: i32 = 100_000;

/// A conversation with the upstream of our own, without a client.
#[derive(Debug)]
pub struct Probe {
    account: Option<Account>,
    step: Step,
    probed: Probed,
}

/// What a server says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probed {
    /// What the rules depend on.
    pub facts: ServerFacts,
    /// The newest version of the wire that it speaks.
    pub wire_version_max: i32,
}

/// Which reply is due.
#[derive(Debug)]
enum Step {
    Entrance(Entrance),
    BuildInfo,
    Databases,
    /// To the `listCollections` of the last of these.
    Views(Vec<String>),
}

impl Probe {
    /// Writes the first that is asked.
    ///
    /// # Errors
    /// `Fatal` when the operating system gives no randomness.
    pub fn begin(settings: &Settings, out: &mut Outbox) -> Result<Self, Fatal> {
        let account = settings.account.clone();
        let entrance = Entrance::begin(account.as_ref(), &mut out.to_upstream)?;
        Ok(Self { account, step: Step::Entrance(entrance), probed: Probed::default() })
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
            let is_done = self.on_frame(frame, out)?;
            input.advance(bytes);
            if is_done {
                return Ok(Some(self.probed.clone()));
            }
        }
        Ok(None)
    }

    /// One reply. Whether it was the last.
    fn on_frame(&mut self, frame: Frame<'_>, out: &mut Outbox) -> Result<bool, Fatal> {
        let out = &mut out.to_upstream;
        match &mut self.step {
            Step::Entrance(entrance) => {
                if let Some(version) = entrance.on_frame(frame, self.account.as_ref(), out)? {
                    self.probed.wire_version_max = version;
                    self.step = Step::BuildInfo;
                    ask(out, "buildInfo", "admin", |_| {});
                }
            }
            Step::BuildInfo => {
                self.probed.facts = facts(body(frame, "buildInfo")?);
                self.step = Step::Databases;
                ask(out, "listDatabases", "admin", |body| {
                    body.value("nameOnly", Value::Boolean(true));
                });
            }
            Step::Databases => {
                let body = body(frame, "listDatabases")?;
                let databases = body.value("databases").and_then(|value| value.as_array());
                let names = databases.iter().flat_map(|databases| databases.values());
                let names = names.filter_map(|each| name(each)).map(str::to_owned).collect();
                self.step = Step::Views(names);
                return Ok(self.ask_for_views(out));
            }
            Step::Views(databases) => {
                let database = databases.pop().unwrap_or_default();
                let views = views(body(frame, "listCollections")?, &database)?;
                self.probed.facts.views.extend(views);
                return Ok(self.ask_for_views(out));
            }
        }
        Ok(false)
    }

    /// Asks for the views of the next database. Whether there is none.
    fn ask_for_views(&mut self, out: &mut BytesMut) -> bool {
        let Step::Views(databases) = &self.step else { return false };
        let Some(database) = databases.last() else { return true };
        ask(out, "listCollections", database, |body| {
            body.nested("filter", |filter| filter.value("type", Value::String("view")));
            body.value("nameOnly", Value::Boolean(true));
            body.nested("cursor", |cursor| cursor.value("batchSize", Value::Int32(VIEWS_MAX)));
        });
        false
    }
}

/// Writes a command of our own.
fn ask(
    out: &mut BytesMut,
    name: &str,
    database: &str,
    arguments: impl FnOnce(&mut DocumentWriter<'_>),
) {
    command(out, |body| {
        body.value(name, Value::Int32(1));
        arguments(body);
        body.value("$db", Value::String(database));
    });
}

/// The document of a reply that says that all went well.
fn body<'b>(frame: Frame<'b>, command: &str) -> Result<Document<'b>, Fatal> {
    let reply = read(frame)?;
    if !reply.ok {
        let errmsg = reply.errmsg.unwrap_or("for no reason");
        return Err(Fatal::UpstreamMisbehaved(format!("{command} was refused: {errmsg}")));
    }
    Document::read(reply.body.bytes(), &Bounds::default())
        .map_err(|fault| Fatal::UpstreamMisbehaved(fault.to_string()))
}

fn name(value: Value<'_>) -> Option<&str> {
    value.as_document().and_then(|each| each.value("name")).and_then(|name| name.as_str())
}

/// Reads the reply to `listCollections`.
fn views(body: Document<'_>, database: &str) -> Result<Vec<Namespace>, Fatal> {
    let cursor = body.value("cursor").and_then(|cursor| cursor.as_document());
    let batch = cursor.and_then(|cursor| cursor.value("firstBatch")?.as_array());
    let is_whole = cursor.and_then(|cursor| cursor.value("id")?.as_i64()) == Some(0);
    let Some(batch) = batch.filter(|_| is_whole) else {
        let what = format!("database {database} has more views than can be read");
        return Err(Fatal::UpstreamMisbehaved(what));
    };
    let view = |collection: &str| Namespace {
        database: database.to_owned(),
        collection: collection.to_owned(),
    };
    Ok(batch.values().filter_map(name).map(view).collect())
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
        views: BTreeSet::new(),
    }
}

/// How SecantusDB, which leaves out `restrictSearchWithMatch`, calls itself where that is mended.
const MENDED: &str = "+restrictSearchWithMatch";
