//! Looks at what a server holds: what goes not well with tenants in one collection, and what the
//! server itself can do to keep them apart.
//!
//! A conversation of our own, without a client. It reads names, indexes and options, and asks of each
//! collection whether there is a document that is nobody's; it reads no document.

mod commands;
mod warnings;

use std::collections::VecDeque;

use bytes::{Buf, BytesMut};
use mongo_wire::Bounds;
use mongo_wire::bson::{Document, DocumentWriter, Value};
use mongo_wire::frame::Frame;
use mongo_wire::reply::Reply;
use policies::TenantKind;
use policies::policy::{MongoLayout, MongoPolicy};

use super::Settings;
use super::entrance::{Entrance, command};
use super::frames::of_upstream;
use super::world::Account;
use crate::{Fatal, Outbox};

/// The server's own databases.
const CLOSED: [&str; 3] = ["admin", "config", "local"];
/// How long the server may look for one document, in milliseconds.
const LOOK_MS: i32 = 30_000;
/// The error of a collection that is no more.
const NO_NAMESPACE: i64 = 26;

/// Whose documents are whose, as the policy has it.
#[derive(Clone, Debug)]
pub(super) struct Field {
    name: String,
    /// The type of its values, as `$type` has it.
    kind: &'static str,
}

/// A collection, as the server describes it.
#[derive(Clone, Debug, Default)]
struct Collection {
    database: String,
    name: String,
    indexes: Vec<Index>,
    has_validator: bool,
    /// Whether a document of it has no tenant.
    has_unowned: bool,
    /// Whether an `_id` of it is the application's own.
    has_own_ids: bool,
    /// Why it could not be looked at.
    problem: Option<String>,
}

/// An index.
#[derive(Clone, Debug)]
struct Index {
    name: String,
    /// The first field of its key.
    first: String,
    is_unique: bool,
    is_text: bool,
    /// Seconds after which it deletes documents.
    expires: Option<i64>,
    /// As the server describes it.
    description: Vec<u8>,
}

/// What is asked, one after the other.
#[derive(Clone, Debug)]
enum Ask {
    Databases,
    Collections(String),
    Indexes(Collection),
    Unowned(Collection),
    OwnIds(Collection),
}

/// A conversation that looks at what a server holds.
#[derive(Debug)]
pub struct Inspection {
    account: Option<Account>,
    entrance: Option<Entrance>,
    policy: MongoPolicy,
    field: Option<Field>,
    asked: Ask,
    todo: VecDeque<Ask>,
    found: Vec<Collection>,
}

/// What was found.
#[derive(Debug)]
pub struct Inspected {
    field: Option<Field>,
    collections: Vec<Collection>,
}

impl Inspection {
    /// Writes the first that is asked. `kind` is that of the tenants' ids.
    ///
    /// # Errors
    /// `Fatal` when the operating system gives no randomness.
    pub fn begin(
        settings: &Settings,
        policy: &MongoPolicy,
        kind: TenantKind,
        out: &mut Outbox,
    ) -> Result<Self, Fatal> {
        let field = match &policy.layout {
            MongoLayout::Field(name) => Some(Field {
                name: name.clone(),
                kind: match kind {
                    TenantKind::Uuid => "binData",
                    TenantKind::Bigint => "long",
                    TenantKind::Text => "string",
                },
            }),
            MongoLayout::Database | MongoLayout::Collection => None,
        };
        Ok(Self {
            account: settings.account.clone(),
            entrance: Some(Entrance::begin(settings.account.as_ref(), &mut out.to_upstream)?),
            policy: policy.clone(),
            field,
            asked: Ask::Databases,
            todo: VecDeque::new(),
            found: Vec::new(),
        })
    }

    /// Bytes came from the upstream. What was found in the end, or `None` while more must come.
    ///
    /// # Errors
    /// `Fatal` when the server refuses us, or says what cannot be understood.
    pub fn on_upstream(
        &mut self,
        input: &mut BytesMut,
        out: &mut Outbox,
    ) -> Result<Option<Inspected>, Fatal> {
        while let Some(frame) = of_upstream(input)? {
            let bytes = frame.bytes.len();
            let out = &mut out.to_upstream;
            let is_over = if let Some(entrance) = &mut self.entrance {
                if entrance.on_frame(frame, self.account.as_ref(), out)?.is_some() {
                    self.entrance = None;
                    self.asked.put(self.field.as_ref(), out);
                }
                false
            } else {
                self.on_reply(frame, out)?
            };
            input.advance(bytes);
            if is_over {
                let collections = std::mem::take(&mut self.found);
                return Ok(Some(Inspected { field: self.field.take(), collections }));
            }
        }
        Ok(None)
    }

    /// Takes a reply, and asks what is next. Whether there is nothing more to ask.
    fn on_reply(&mut self, frame: Frame<'_>, out: &mut BytesMut) -> Result<bool, Fatal> {
        let malformed = |what: String| Fatal::UpstreamMisbehaved(what);
        let reply = Reply::read(frame).map_err(|defect| malformed(defect.to_string()))?;
        let bounds = Bounds::default();
        let body = Document::read(reply.body.bytes(), &bounds)
            .map_err(|fault| malformed(fault.to_string()))?;
        let mut asked = std::mem::replace(&mut self.asked, Ask::Databases);
        if !reply.ok {
            self.on_failure(asked, &reply)?;
        } else if let Some(cursor) = self.note(&mut asked, body) {
            // A list that is longer than one batch.
            put_more(cursor, body, &asked, out);
            self.asked = asked;
            return Ok(false);
        }
        let Some(next) = self.todo.pop_front() else { return Ok(true) };
        next.put(self.field.as_ref(), out);
        self.asked = next;
        Ok(false)
    }

    fn on_failure(&mut self, asked: Ask, reply: &Reply<'_>) -> Result<(), Fatal> {
        let what = reply.errmsg.unwrap_or("no reason").to_owned();
        match asked {
            Ask::Databases | Ask::Collections(_) => Err(Fatal::UpstreamMisbehaved(what)),
            Ask::Indexes(_) if reply.code == Some(NO_NAMESPACE) => Ok(()),
            Ask::Indexes(collection) | Ask::Unowned(collection) | Ask::OwnIds(collection) => {
                self.found.push(Collection { problem: Some(what), ..collection });
                Ok(())
            }
        }
    }

    /// Takes what was asked for, and notes what is to be asked next. The number of the cursor that
    /// has more.
    fn note(&mut self, asked: &mut Ask, body: Document<'_>) -> Option<i64> {
        match asked {
            Ask::Databases => {
                let listed = body.value("databases").and_then(|value| value.as_array());
                let listed = listed.iter().flat_map(|array| array.values()).collect::<Vec<_>>();
                let names = listed.iter().filter_map(|value| text(value.as_document()?, "name"));
                let open = names.filter(|name| self.is_open(name)).collect::<Vec<_>>();
                self.todo.extend(open.into_iter().map(Ask::Collections));
                None
            }
            Ask::Collections(database) => {
                for entry in batch(body) {
                    self.todo.extend(self.collection(database, entry).map(Ask::Indexes));
                }
                cursor(body)
            }
            Ask::Indexes(collection) => {
                collection.indexes.extend(batch(body).into_iter().filter_map(Index::read));
                let more = cursor(body);
                if more.is_none() {
                    let collection = std::mem::take(collection);
                    if self.field.is_some() {
                        self.todo.push_front(Ask::Unowned(collection));
                    } else {
                        self.found.push(collection);
                    }
                }
                more
            }
            Ask::Unowned(collection) => {
                collection.has_unowned = !batch(body).is_empty();
                self.todo.push_front(Ask::OwnIds(std::mem::take(collection)));
                None
            }
            Ask::OwnIds(collection) => {
                collection.has_own_ids = !batch(body).is_empty();
                self.found.push(std::mem::take(collection));
                None
            }
        }
    }

    fn is_open(&self, database: &str) -> bool {
        let listed = self.policy.databases.as_ref();
        !CLOSED.contains(&database)
            && listed.is_none_or(|databases| databases.iter().any(|open| open == database))
    }

    /// An entry of listCollections, where tenants have documents in it.
    fn collection(&self, database: &str, entry: Document<'_>) -> Option<Collection> {
        let name = text(entry, "name")?;
        let is_shared = self
            .policy
            .shared
            .iter()
            .any(|shared| shared.database == database && shared.collection == name);
        if is_shared || name.starts_with("system.") || text(entry, "type")? != "collection" {
            return None;
        }
        let options = entry.value("options").and_then(|value| value.as_document());
        let has_validator = options.is_some_and(|options| options.get("validator").is_some());
        Some(Collection {
            database: database.to_owned(),
            name,
            has_validator,
            ..Collection::default()
        })
    }
}

impl Ask {
    /// Appends the command that asks for it.
    fn put(&self, field: Option<&Field>, out: &mut BytesMut) {
        command(out, |body| match self {
            Self::Databases => {
                body.value("listDatabases", Value::Int32(1));
                body.value("nameOnly", Value::Boolean(true));
                body.value("$db", Value::String("admin"));
            }
            Self::Collections(database) => {
                body.value("listCollections", Value::Int32(1));
                body.value("$db", Value::String(database));
            }
            Self::Indexes(collection) => {
                body.value("listIndexes", Value::String(&collection.name));
                body.value("$db", Value::String(&collection.database));
            }
            Self::Unowned(collection) => put_find(collection, body, |filter| {
                let Some(field) = field else { return };
                filter.array("$or", |any| {
                    any.nested(|term| {
                        term.nested(&field.name, |it| {
                            it.nested("$not", |not| {
                                not.value("$type", Value::String(field.kind));
                            });
                        });
                    });
                    any.nested(|term| {
                        term.nested(&field.name, |it| it.value("$type", Value::String("array")));
                    });
                });
            }),
            Self::OwnIds(collection) => put_find(collection, body, |filter| {
                filter.nested("_id", |id| {
                    id.nested("$not", |not| not.value("$type", Value::String("objectId")));
                });
            }),
        });
    }
}

/// A command that looks for one document.
fn put_find(
    collection: &Collection,
    body: &mut DocumentWriter<'_>,
    filter: impl FnOnce(&mut DocumentWriter<'_>),
) {
    body.value("find", Value::String(&collection.name));
    body.nested("filter", filter);
    body.nested("projection", |projection| projection.value("_id", Value::Int32(1)));
    body.value("limit", Value::Int32(1));
    body.value("maxTimeMS", Value::Int32(LOOK_MS));
    body.value("$db", Value::String(&collection.database));
}

fn put_more(cursor: i64, body: Document<'_>, asked: &Ask, out: &mut BytesMut) {
    let (Ask::Collections(database)
    | Ask::Indexes(Collection { database, .. })
    | Ask::Unowned(Collection { database, .. })
    | Ask::OwnIds(Collection { database, .. })) = asked
    else {
        return;
    };
    let ns = body.value("cursor").and_then(|value| text(value.as_document()?, "ns"));
    let ns = ns.unwrap_or_default();
    let collection = ns.split_once('.').map_or(ns.as_str(), |(_, collection)| collection);
    command(out, |body| {
        body.value("getMore", Value::Int64(cursor));
        body.value("collection", Value::String(collection));
        body.value("$db", Value::String(database));
    });
}

impl Index {
    /// An entry of listIndexes; `None` for that of `_id`.
    fn read(entry: Document<'_>) -> Option<Self> {
        let name = text(entry, "name")?;
        let key = entry.value("key")?.as_document()?;
        let first = key.first()?;
        if name == "_id_" {
            return None;
        }
        let is = |name| entry.value(name).and_then(|value| value.as_bool()).unwrap_or_default();
        Some(Self {
            name,
            first: first.name().to_owned(),
            is_unique: is("unique"),
            is_text: key.elements().any(|field| field.value().as_str() == Some("text")),
            expires: entry.value("expireAfterSeconds").and_then(|value| value.as_i64()),
            description: entry.bytes().to_vec(),
        })
    }
}

fn text(document: Document<'_>, name: &str) -> Option<String> {
    document.value(name)?.as_str().map(str::to_owned)
}

/// The documents of a reply's batch.
fn batch(body: Document<'_>) -> Vec<Document<'_>> {
    let cursor = body.value("cursor").and_then(|value| value.as_document());
    let batch = cursor.and_then(|cursor| {
        cursor.value("firstBatch").or_else(|| cursor.value("nextBatch"))?.as_array()
    });
    batch.iter().flat_map(|array| array.values()).filter_map(|it| it.as_document()).collect()
}

/// The number of a reply's cursor, where it has more.
fn cursor(body: Document<'_>) -> Option<i64> {
    let cursor = body.value("cursor")?.as_document()?;
    cursor.value("id")?.as_i64().filter(|id| *id != 0)
}
