//! FAILURE, in both of its forms.

use bytes::BytesMut;

use super::put_with_map;
use crate::Version;
use crate::packstream::{Dictionary, PackError, Value};

pub(super) const TAG: u8 = 0x7F;

/// `7F`: a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure<'a> {
    /// `code` and `message`; from 5.7 `neo4j_code`, `message`, `gql_status`, `description`,
    /// `diagnostic_record` and perhaps `cause`, which has the same entries but the first.
    pub metadata: Dictionary<'a>,
}

/// A failure of our own, before it has a version's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault<'a> {
    /// Neo4j's code, such as `Neo.ClientError.Security.Forbidden`.
    pub code: &'a str,
    /// GQL's five characters, such as `42NFF`.
    pub gql_status: &'a str,
    /// What that status means in general.
    pub description: &'a str,
    /// What happened.
    pub message: &'a str,
}

impl<'a> Failure<'a> {
    /// The fault as `version` tells it.
    #[must_use]
    pub fn new(fault: Fault<'_>, version: Version) -> Self {
        let mut metadata = Dictionary::new();
        if version.has_gql_failures() {
            metadata.set("neo4j_code", &Value::String(fault.code));
            metadata.set("message", &Value::String(fault.message));
            metadata.set("gql_status", &Value::String(fault.gql_status));
            metadata.set("description", &Value::String(fault.description));
            // Bolt, "GQL errors": these three are the same for every statement.
            let record = [("OPERATION", ""), ("OPERATION_CODE", "0"), ("CURRENT_SCHEMA", "/")];
            let record = record.map(|(key, value)| (key, Value::String(value)));
            metadata.set("diagnostic_record", &Value::Map(record.to_vec()));
        } else {
            metadata.set("code", &Value::String(fault.code));
            metadata.set("message", &Value::String(fault.message));
        }
        Self { metadata }
    }

    /// Neo4j's code, in whichever form the failure has.
    ///
    /// # Errors
    /// `Type` when it is not a text.
    pub fn code(&self) -> Result<Option<&str>, PackError> {
        match self.metadata.string("neo4j_code")? {
            None => self.metadata.string("code"),
            code => Ok(code),
        }
    }

    /// Appends the message.
    pub fn write(&self, out: &mut BytesMut) {
        put_with_map(TAG, &self.metadata, out);
    }
}
