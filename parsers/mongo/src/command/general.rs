//! The arguments that every command may have.

use crate::Defect;
use crate::bson::{Binary, Document, Value};

/// The subtype of a UUID.
const UUID: u8 = 4;

/// The arguments that every command may have, by their types. What they may say is not judged.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct General<'b> {
    /// `lsid`: the session.
    pub lsid: Option<Lsid>,
    /// `txnNumber`: the transaction, or the write that can be retried, of that session.
    pub txn_number: Option<i64>,
    /// `autocommit`: false in a transaction, and in nothing else.
    pub autocommit: Option<bool>,
    /// `startTransaction`: whether the transaction begins here.
    pub start_transaction: Option<bool>,
    /// `readConcern`
    pub read_concern: Option<Document<'b>>,
    /// `writeConcern`
    pub write_concern: Option<Document<'b>>,
    /// `$readPreference`
    pub read_preference: Option<Document<'b>>,
    /// `$clusterTime`: signed by the cluster.
    pub cluster_time: Option<Document<'b>>,
    /// `maxTimeMS`, in milliseconds.
    pub max_time_ms: Option<i64>,
    /// `comment`: any value.
    pub comment: Option<Value<'b>>,
    /// `apiVersion`
    pub api_version: Option<&'b str>,
    /// `apiStrict`
    pub api_strict: Option<bool>,
    /// `apiDeprecationErrors`
    pub api_deprecation_errors: Option<bool>,
}

/// A session's number (sessions specification, "Logical Session ID").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lsid {
    /// The UUID.
    pub id: [u8; 16],
    /// Whether a digest of the user stands beside it. Servers add it; a client's is not believed.
    pub has_uid: bool,
}

impl<'b> General<'b> {
    pub(super) fn read(body: Document<'b>) -> Result<Self, Defect> {
        let mut general = Self::default();
        // The first element is the command's name.
        for element in body.elements().skip(1) {
            let value = element.value();
            match element.name() {
                "lsid" => general.lsid = Some(Lsid::read(value)?),
                "txnNumber" => general.txn_number = Some(typed(value.as_i64())?),
                "autocommit" => general.autocommit = Some(typed(value.as_bool())?),
                "startTransaction" => general.start_transaction = Some(typed(value.as_bool())?),
                "readConcern" => general.read_concern = Some(typed(value.as_document())?),
                "writeConcern" => general.write_concern = Some(typed(value.as_document())?),
                "$readPreference" => general.read_preference = Some(typed(value.as_document())?),
                "$clusterTime" => general.cluster_time = Some(typed(value.as_document())?),
                "maxTimeMS" => general.max_time_ms = Some(typed(value.as_i64())?),
                "comment" => general.comment = Some(value),
                "apiVersion" => general.api_version = Some(typed(value.as_str())?),
                "apiStrict" => general.api_strict = Some(typed(value.as_bool())?),
                "apiDeprecationErrors" => {
                    general.api_deprecation_errors = Some(typed(value.as_bool())?);
                }
                _ => {}
            }
        }
        Ok(general)
    }
}

fn typed<T>(value: Option<T>) -> Result<T, Defect> {
    value.ok_or(Defect::Argument)
}

impl Lsid {
    /// Reads a session's number, as the argument and as an entry of `endSessions`.
    ///
    /// # Errors
    /// `Defect::Argument` when it is none, or is one of a server's own sessions within a session.
    pub fn read(value: Value<'_>) -> Result<Self, Defect> {
        let (mut id, mut has_uid) = (None, false);
        for element in typed(value.as_document())?.elements() {
            match (element.name(), element.value()) {
                ("id", Value::Binary(Binary { subtype: UUID, bytes })) => {
                    id = bytes.as_array().copied();
                }
                ("uid", Value::Binary(_)) => has_uid = true,
                _ => return Err(Defect::Argument),
            }
        }
        Ok(Self { id: typed(id)?, has_uid })
    }
}
