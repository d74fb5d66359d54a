//! Literals and parameters that must be the tenant's id.

use uuid::Uuid;
use wire::Span;

use crate::TenantId;

/// A parameter that carries a tenant value: whatever is bound to it must be the tenant's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParameterCheck {
    /// The `n` of `$n`, from 1.
    pub number: u16,
    /// Where it stands in the client's text.
    pub span: Span,
    /// Whether the text uses the parameter for nothing else. If it does, another use could decide
    /// its type, and the same bytes could be another value: then the client must have declared one.
    pub sole_use: bool,
}

/// What one Bind message brings, as far as a check needs it.
pub trait Parameters {
    /// The value of parameter `number` (from 1): `None` when absent, `Some(None)` when NULL.
    fn value(&self, number: u16) -> Option<Option<&[u8]>>;
    /// Whether parameter `number` is in binary format.
    fn is_binary(&self, number: u16) -> bool;
    /// The type OID that Parse declared for it; 0 when it was left to the server.
    fn type_oid(&self, number: u16) -> u32;
}

/// Whether a literal reads as the id, in any spelling that the column's input function takes for it.
pub(super) fn reads_as_tenant(id: &TenantId, text: &str) -> bool {
    match id {
        TenantId::Uuid(id) => Uuid::try_parse(text).is_ok_and(|read| read == *id),
        TenantId::Bigint(id) => {
            let white = |character: char| character.is_ascii_whitespace() || character == '\u{b}';
            text.trim_matches(white).parse::<i64>().is_ok_and(|read| read == *id)
        }
        TenantId::Text(id) => text == id.as_str(),
    }
}

/// Whether the bound value is the tenant's id; `None` when that cannot be told.
pub(super) fn is_tenant(
    id: &TenantId,
    check: ParameterCheck,
    bound: &dyn Parameters,
) -> Option<bool> {
    // pg_type.dat: uuid; int8, int2, int4; text, varchar; and `unknown`, which is read as text.
    let exact: &[u32] = match id {
        TenantId::Uuid(_) => &[2950],
        TenantId::Bigint(_) => &[20, 21, 23],
        TenantId::Text(_) => &[25, 1043],
    };
    let declared = bound.type_oid(check.number);
    if !(exact.contains(&declared) || matches!(declared, 0 | 705) && check.sole_use) {
        return None;
    }
    let value = match bound.value(check.number) {
        Some(Some(value)) => value,
        Some(None) | None => return Some(false),
    };
    let text = || std::str::from_utf8(value).is_ok_and(|text| reads_as_tenant(id, text));
    if !bound.is_binary(check.number) {
        return Some(text());
    }
    Some(match id {
        TenantId::Uuid(id) => value == id.as_bytes(),
        TenantId::Bigint(id) => integer(value) == Some(*id),
        TenantId::Text(_) => text(),
    })
}

/// A two's complement integer of 2, 4 or 8 bytes in network order.
fn integer(bytes: &[u8]) -> Option<i64> {
    match *bytes {
        [a, b] => Some(i64::from(i16::from_be_bytes([a, b]))),
        [a, b, c, d] => Some(i64::from(i32::from_be_bytes([a, b, c, d]))),
        [a, b, c, d, e, f, g, h] => Some(i64::from_be_bytes([a, b, c, d, e, f, g, h])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TenantKind;

    struct Bound<'a> {
        value: Option<&'a [u8]>,
        binary: bool,
        oid: u32,
    }

    impl Parameters for Bound<'_> {
        fn value(&self, _: u16) -> Option<Option<&[u8]>> {
            Some(self.value)
        }
        fn is_binary(&self, _: u16) -> bool {
            self.binary
        }
        fn type_oid(&self, _: u16) -> u32 {
            self.oid
        }
    }

    fn judge(id: &str, kind: TenantKind, bound: &Bound<'_>, sole_use: bool) -> Option<bool> {
        let id = TenantId::parse(kind, id).unwrap();
        is_tenant(&id, ParameterCheck { number: 1, span: Span::at(0), sole_use }, bound)
    }

    #[test]
    fn a_float_with_the_bytes_of_the_id_is_not_the_id() {
        let bytes = 7i64.to_be_bytes();
        let float8 = Bound { value: Some(&bytes), binary: true, oid: 701 };
        assert_eq!(judge("7", TenantKind::Bigint, &float8, true), None);
        let inferred = Bound { value: Some(&bytes), binary: true, oid: 0 };
        assert_eq!(judge("7", TenantKind::Bigint, &inferred, false), None);
        assert_eq!(judge("7", TenantKind::Bigint, &inferred, true), Some(true));
        let int8 = Bound { value: Some(&bytes), binary: true, oid: 20 };
        assert_eq!(judge("7", TenantKind::Bigint, &int8, false), Some(true));
    }

    #[test]
    fn null_is_never_the_tenant() {
        let null = Bound { value: None, binary: false, oid: 0 };
        assert_eq!(judge("acme", TenantKind::Text, &null, true), Some(false));
    }

    #[test]
    fn uuids_are_read_as_postgres_reads_them() {
        let id = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
        for text in ["6F9619FF8B864011B42D00C04FC964FF", "{6f9619ff-8b86-4011-b42d-00c04fc964ff}"] {
            let bound = Bound { value: Some(text.as_bytes()), binary: false, oid: 0 };
            assert_eq!(judge(id, TenantKind::Uuid, &bound, true), Some(true), "{text}");
        }
        let raw = Uuid::try_parse(id).unwrap();
        let bound = Bound { value: Some(raw.as_bytes()), binary: true, oid: 2950 };
        assert_eq!(judge(id, TenantKind::Uuid, &bound, true), Some(true));
        let bound = Bound { value: Some(&raw.as_bytes()[..15]), binary: true, oid: 2950 };
        assert_eq!(judge(id, TenantKind::Uuid, &bound, true), Some(false));
    }

    #[test]
    fn text_is_compared_byte_for_byte() {
        for text in ["Acme", "acme ", "acm", ""] {
            let bound = Bound { value: Some(text.as_bytes()), binary: true, oid: 25 };
            assert_eq!(judge("acme", TenantKind::Text, &bound, true), Some(false), "{text}");
        }
    }
}
