//! Documents that we make ourselves.

use bytes::BytesMut;
use mongo_wire::bson::{DocumentWriter, Value};

/// The document whose elements `fill` writes.
pub(super) fn document(fill: impl FnOnce(&mut DocumentWriter<'_>)) -> Vec<u8> {
    let mut out = BytesMut::new();
    DocumentWriter::document(&mut out, fill);
    out.to_vec()
}

/// The reply to a `killCursors` that killed none: `not_found` were not there.
pub(super) fn put_killed(not_found: &[i64], out: &mut DocumentWriter<'_>) {
    out.array("cursorsKilled", |_| {});
    out.array("cursorsNotFound", |out| {
        not_found.iter().for_each(|id| out.value(Value::Int64(*id)));
    });
    out.array("cursorsAlive", |_| {});
    out.array("cursorsUnknown", |_| {});
    out.value("ok", Value::Double(1.0));
}
