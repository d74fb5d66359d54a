//! What becomes of what the server sends.

use bolt_wire::message::{Defect, Failure};
use bolt_wire::packstream::{Dictionary, PackError, Reader, Structures, Value};
use bytes::{BufMut, BytesMut};

use super::guard::{OUR_PREFIX, OWNED_PREFIX};
use super::tenancy::LABEL_PREFIX;
use crate::policy::{Neo4jPolicy, Neo4jStrategy};

/// How the reply to one RUN is read, until its result is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyRule {
    hides: Hides,
    counts: Counts,
    /// The type of the statement, where it stands for another.
    kind: Option<&'static str>,
    /// Whether metadata travels as it is.
    is_raw: bool,
}

/// What is taken from nodes in results.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Hides {
    Nothing,
    /// Labels of tenants.
    Labels,
    /// The property of this name.
    Property(String),
}

/// What each node that is made counts for beside itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counts {
    Nothing,
    /// One label.
    Label,
    /// One property.
    Property,
}

/// Entries of metadata that say nothing of the statement as it was sent, nor of other tenants.
const SHOWN: &[&str] = &[
    "bookmark", "db", "fields", "has_more", "qid", "stats", "statuses", "t_first", "t_last", "type",
];

/// A failure says no more than this of what must not be shown.
const FAILED: &str = "partywall: the statement failed at the store";

/// How many causes of a failure are kept.
const CAUSES_MAX: usize = 8;

impl Default for ReplyRule {
    /// For what is no RUN's: nothing is hidden and nothing counted, and metadata says no more than it
    /// may.
    fn default() -> Self {
        Self::shown()
    }
}

impl ReplyRule {
    pub(super) fn of(policy: &Neo4jPolicy, kind: Option<&'static str>) -> Self {
        let (hides, counts) = match policy.strategy {
            Neo4jStrategy::Label => (Hides::Labels, Counts::Label),
            Neo4jStrategy::Property => (Hides::Property(policy.property.clone()), Counts::Property),
        };
        let hides = if policy.hide { hides } else { Hides::Nothing };
        Self { hides, counts, kind, is_raw: false }
    }

    /// For a client that writes its own predicates: it sees what it wrote.
    pub(super) fn shown() -> Self {
        Self { hides: Hides::Nothing, counts: Counts::Nothing, kind: None, is_raw: false }
    }

    /// Everything travels as it is.
    pub(super) fn raw() -> Self {
        Self { is_raw: true, ..Self::shown() }
    }

    /// Whether RECORDs must go through [`ReplyRule::record`]. Else they travel as they are.
    #[must_use]
    pub fn reads_records(&self) -> bool {
        self.hides != Hides::Nothing
    }

    /// Appends a RECORD as the client may see it. `body` is the whole message.
    ///
    /// # Errors
    /// `Defect` when it is no RECORD: the server cannot be followed any further.
    pub fn record(&self, body: &[u8], out: &mut BytesMut) -> Result<(), Defect> {
        let (head, list) = body.split_at_checked(2).ok_or(PackError::Truncated)?;
        let mut reader = Reader::new(list, Structures::All);
        let mut values = Value::read(&mut reader)?;
        reader.finish()?;
        self.hide(&mut values);
        out.put_slice(head);
        values.write(out);
        Ok(())
    }

    /// How deep this goes was bounded when the value was read.
    fn hide(&self, value: &mut Value<'_>) {
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.hide(item)),
            Value::Map(entries) => self.hide_from_map(entries),
            Value::Structure { tag, fields } => {
                if let (b'N', Hides::Labels, [_, Value::List(labels), ..]) =
                    (*tag, &self.hides, fields.as_mut_slice())
                {
                    let is_tenants = |label: &Value<'_>| matches!(label, Value::String(name) if name.starts_with(LABEL_PREFIX));
                    labels.retain(|label| !is_tenants(label));
                }
                fields.iter_mut().for_each(|field| self.hide(field));
            }
            Value::Null
            | Value::Boolean(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Bytes(_)
            | Value::String(_)
            | Value::Raw(_) => {}
        }
    }

    /// A map with the property is one of a node's properties: no client can write such a key.
    fn hide_from_map(&self, entries: &mut Vec<(&str, Value<'_>)>) {
        if let Hides::Property(name) = &self.hides {
            entries.retain(|(key, _)| key != name);
        }
        entries.iter_mut().for_each(|(_, value)| self.hide(value));
    }

    /// The metadata of the SUCCESS of a RUN, PULL or DISCARD as the client may see it: without plans
    /// and notifications, which tell of all tenants, and with counts of what the client asked for.
    ///
    /// # Errors
    /// `Defect` when it is not what a server says: it cannot be followed any further.
    pub fn success<'m>(&self, mut metadata: Dictionary<'m>) -> Result<Dictionary<'m>, Defect> {
        if self.is_raw {
            return Ok(metadata);
        }
        metadata.retain(|key| SHOWN.contains(&key));
        if let Some(stats) = metadata.dictionary("stats")? {
            let stats = self.counted(stats.into_owned())?;
            metadata.set_dictionary("stats", &stats);
        }
        let read = metadata.clone();
        if let Some(statuses) = read.get("statuses") {
            metadata.set("statuses", &shown_statuses(statuses.value()?));
        }
        if let (Some(kind), true) = (self.kind, metadata.get("type").is_some()) {
            metadata.set("type", &Value::String(kind));
        }
        Ok(metadata)
    }

    /// Without the label or property that each node was made with.
    fn counted(&self, mut stats: Dictionary<'static>) -> Result<Dictionary<'static>, PackError> {
        let key = match self.counts {
            Counts::Nothing => return Ok(stats),
            Counts::Label => "labels-added",
            Counts::Property => "properties-set",
        };
        let made = stats.integer("nodes-created")?.unwrap_or(0);
        let Some(counted) = stats.integer(key)? else { return Ok(stats) };
        match counted.saturating_sub(made) {
            left if left > 0 => stats.set(key, &Value::Integer(left)),
            _ => {
                stats.remove(key);
            }
        }
        Ok(stats)
    }
}

/// Statuses that say how a statement ended, and not what the store knows.
fn shown_statuses(statuses: Value<'_>) -> Value<'_> {
    let Value::List(mut statuses) = statuses else { return Value::List(Vec::new()) };
    let is_outcome = |status: &Value<'_>| {
        let Value::Map(entries) = status else { return false };
        entries.iter().any(|(key, value)| {
            *key == "gql_status"
                && matches!(value, Value::String(code) if code.starts_with("00") || code.starts_with("02"))
        })
    };
    statuses.retain(is_outcome);
    Value::List(statuses)
}

/// A failure as a client may see it: without what could name another tenant's data, and without the
/// statement as it was sent.
#[must_use]
pub fn scrub_failure(failure: Failure<'_>) -> Failure<'static> {
    Failure { metadata: scrub(&failure.metadata, CAUSES_MAX) }
}

fn scrub(failure: &Dictionary<'_>, causes: usize) -> Dictionary<'static> {
    let mut scrubbed = Dictionary::new();
    for key in ["neo4j_code", "code", "gql_status"] {
        if let Ok(Some(code)) = failure.string(key) {
            scrubbed.set(key, &Value::String(code));
        }
    }
    for key in ["message", "description"] {
        if let Ok(Some(text)) = failure.string(key) {
            scrubbed.set(key, &Value::String(&scrub_text(text)));
        }
    }
    if failure.get("diagnostic_record").is_some() {
        let record = [("OPERATION", ""), ("OPERATION_CODE", "0"), ("CURRENT_SCHEMA", "/")];
        let record = record.map(|(key, value)| (key, Value::String(value)));
        scrubbed.set("diagnostic_record", &Value::Map(record.to_vec()));
    }
    if let (Ok(Some(cause)), Some(left)) = (failure.dictionary("cause"), causes.checked_sub(1)) {
        scrubbed.set_dictionary("cause", &scrub(&cause, left));
    }
    scrubbed
}

fn scrub_text(text: &str) -> String {
    // Behind the place stands the statement.
    let text = text.split_once(" (line ").map_or(text, |(text, _)| text);
    let text = text.replace(OWNED_PREFIX, "");
    if text.contains(OUR_PREFIX) || text.contains(LABEL_PREFIX) {
        return FAILED.to_owned();
    }
    match text.split_once(") already exists with ") {
        // The other one may be another tenant's, and so may its values.
        Some((entity, rest)) => {
            let entity = entity.split_once('(').map_or(entity, |(entity, _)| entity);
            let what = rest.split_once(" and propert").map_or(rest, |(what, _)| what);
            format!("{entity} already exists with {what} and the same properties")
        }
        None => text,
    }
}
