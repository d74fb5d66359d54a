//! Asks a server for what the rules need to know.

use bolt_wire::cypher::Dialect;
use bolt_wire::cypher::syntax::IndexKind;
use bolt_wire::packstream::Value;
use bytes::BytesMut;
use policies::bolt::{Index, ServerFacts};

use super::inquiry::{Answered, Heard, Inquiry, values};
use super::world::{Server, Settings};
use crate::{Fatal, Outbox};

/// What is asked, in this order. Which language the server reads it shows by what it takes: of the
/// last two, the first names a version, and the second is of the newer one only.
const QUESTIONS: [&str; 4] = [
    "CALL dbms.components() YIELD edition RETURN edition",
    "SHOW INDEXES YIELD name, type, entityType, labelsOrTypes, properties, owningConstraint",
    "EXPLAIN CYPHER 5 RETURN 1",
    "EXPLAIN LET x = 1 RETURN x",
];

/// A conversation with the upstream of our own, without a client.
#[derive(Debug)]
pub struct Probe(Inquiry);

impl Probe {
    /// A probe that has yet to begin.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self(Inquiry::new(settings, QUESTIONS.map(str::to_owned).to_vec()))
    }

    /// Writes what comes first.
    pub fn begin(&mut self, out: &mut Outbox) {
        self.0.begin(out);
    }

    /// Bytes came from the upstream. What is known in the end, or `None` while more must come.
    ///
    /// # Errors
    /// `Fatal` when the server refuses us, or says what cannot be understood.
    pub fn on_upstream(
        &mut self,
        input: &mut BytesMut,
        out: &mut Outbox,
    ) -> Result<Option<Server>, Fatal> {
        self.0.on_upstream(input, out)?.map(server).transpose()
    }
}

fn server(heard: Heard) -> Result<Server, Fatal> {
    let Heard { versions, entered, answers } = heard;
    let [edition, indexes, names_dialect, newer] = answers.as_slice() else {
        return Err(Fatal::UpstreamMisbehaved("it left questions unanswered".to_owned()));
    };
    let facts = ServerFacts {
        version: entered.agent,
        dialect: if newer.is_ok() { Dialect::Cypher25 } else { Dialect::Cypher5 },
        names_dialects: names_dialect.is_ok(),
        indexes: records(indexes, "SHOW INDEXES")?.filter_map(|row| index(&row)).collect(),
    };
    let mut editions = records(edition, "dbms.components")?;
    let edition = editions.find_map(|row| match row.as_slice() {
        [Value::String(edition)] if !edition.is_empty() => Some((*edition).to_owned()),
        _ => None,
    });
    let edition = edition.unwrap_or_else(|| "unknown".to_owned());
    Ok(Server { facts, edition, versions, silence: entered.silence })
}

fn records<'a>(
    answered: &'a Answered,
    question: &str,
) -> Result<impl Iterator<Item = Vec<Value<'a>>>, Fatal> {
    match answered {
        Ok(records) => Ok(records.iter().filter_map(|record| values(record))),
        Err(code) => {
            Err(Fatal::UpstreamMisbehaved(format!("our account may not ask {question}: {code}")))
        }
    }
}

/// An index; `None` for lookup indexes, which are of all labels or types, and for unknown kinds.
fn index(row: &[Value<'_>]) -> Option<Index> {
    let [
        Value::String(name),
        Value::String(kind),
        Value::String(entity),
        Value::List(labels_or_types),
        Value::List(properties),
        constraint,
    ] = row
    else {
        return None;
    };
    let kind = match *kind {
        "RANGE" => IndexKind::Range,
        "TEXT" => IndexKind::Text,
        "POINT" => IndexKind::Point,
        "FULLTEXT" => IndexKind::Fulltext,
        "VECTOR" => IndexKind::Vector,
        _ => return None,
    };
    let names = |values: &[Value<'_>]| values.iter().filter_map(text).collect();
    Some(Index {
        name: (*name).to_owned(),
        kind,
        is_of_relationships: *entity == "RELATIONSHIP",
        labels_or_types: names(labels_or_types),
        properties: names(properties),
        constraint: text(constraint),
    })
}

fn text(value: &Value<'_>) -> Option<String> {
    match value {
        Value::String(text) => Some((*text).to_owned()),
        _ => None,
    }
}
