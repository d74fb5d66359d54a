//! Replies of searches: where they name documents, indexes and prefixes.

use std::borrow::Cow;

use bytes::BytesMut;
use resp_wire::reply::{
    Cursor, Edit, Event, Kind, Place, Violation, edit, put_aggregate, put_bulk, put_simple,
};

use super::Surroundings;
use crate::resp::rules::prefixed_key;

/// What is known of a reply of FT.SEARCH.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// In RESP2: elements between a document's key and its fields.
    pub beside: usize,
    /// Whether fields are shown.
    pub has_fields: bool,
    /// Fields that hold the document's key.
    pub key_fields: Vec<Vec<u8>>,
    /// Whether it is the first part of a profile.
    pub is_profile: bool,
}

/// FT.SEARCH: a number and documents in RESP2, a map with `results` in RESP3.
pub(super) fn found(
    found: &Found,
    reply: &[u8],
    prefix: &[u8],
    out: &mut BytesMut,
) -> Result<(), Violation> {
    if reply.first() == Some(&Kind::Map.byte()) {
        let mut names = Names::default();
        return edit(reply, out, |place, _, text| {
            names.note(place, text);
            let is_of_result = names.is(0, b"results") && index(place, 0).is_some();
            let shows_key = match place.depth() {
                3 => names.is(2, b"id"),
                4 => {
                    names.is(2, b"extra_attributes")
                        && found.key_fields.iter().any(|field| names.is(3, field))
                }
                _ => false,
            };
            strip_if(is_of_result && is_value(place) && shows_key, text, prefix)
        });
    }
    let (base, per_document) =
        (usize::from(found.is_profile), 1 + found.beside + usize::from(found.has_fields));
    let per_document = u64::try_from(per_document).unwrap_or(u64::MAX);
    let (mut names, mut is_whole) = (Names::default(), true);
    edit(reply, out, |place, _, text| {
        names.note(place, text);
        let is_in_results = base == 0 || index(place, 0) == Some(0);
        let Some(step) = place.step(base).filter(|_| is_in_results) else { return Edit::Keep };
        let documents = step.elements.and_then(|elements| elements.checked_sub(1));
        is_whole &= documents.is_some_and(|elements| elements.is_multiple_of(per_document));
        let Some(at) = step.index.checked_sub(1).map(|index| index % per_document) else {
            return Edit::Keep;
        };
        let shows_key = if place.depth() == base + 1 {
            at == 0
        } else {
            place.depth() == base + 2
                && found.has_fields
                && at + 1 == per_document
                && is_value(place)
                && found.key_fields.iter().any(|field| names.is(base + 1, field))
        };
        strip_if(shows_key, text, prefix)
    })?;
    if is_whole { Ok(()) } else { Err(Violation::Malformed) }
}

/// FT.INFO: the index, its prefixes, its filter, the last document that could not be indexed. How
/// many cursors all tenants have is nobody's affair.
pub(super) fn index_info(reply: &[u8], prefix: &[u8], out: &mut BytesMut) -> Result<(), Violation> {
    let mut names = Names::default();
    edit(reply, out, |place, _, text| {
        names.note(place, text);
        let depth = place.depth();
        let is_named = |name: &[u8]| is_value(place) && names.is(depth.saturating_sub(1), name);
        let is_in = |name: &[u8]| names.is(0, name);
        match depth {
            1 => strip_if(is_named(b"index_name"), text, prefix),
            2 if is_in(b"index_definition") && is_named(b"filter") => {
                Edit::Replace(Cow::Owned(prefixed_key(text, prefix.len())))
            }
            2 if is_in(b"cursor_stats")
                && (is_named(b"global_idle") || is_named(b"global_total")) =>
            {
                Edit::Replace(Cow::Borrowed(b"0"))
            }
            2 if is_in(b"Index Errors") => {
                strip_if(is_named(b"last indexing error key"), text, prefix)
            }
            3 => {
                let is_prefix = is_in(b"index_definition") && names.is(1, b"prefixes");
                strip_if(is_prefix, text, prefix)
            }
            4 if is_in(b"field statistics") && names.is(2, b"Index Errors") => {
                strip_if(is_named(b"last indexing error key"), text, prefix)
            }
            _ => Edit::Keep,
        }
    })
}

/// FT._LIST: the tenant's indexes, which begin with `own`.
pub(super) fn indexes(
    own: &[u8],
    reply: &[u8],
    prefix: &[u8],
    out: &mut BytesMut,
) -> Result<(), Violation> {
    let mut events = Cursor::new(reply);
    let Some(Event::Open { kind: list, .. }) = events.next_event()? else {
        return Err(Violation::Malformed);
    };
    let mut shown = Vec::new();
    loop {
        match events.next_event()? {
            Some(Event::Text { kind, text }) if text.starts_with(own) => {
                shown.push((kind, text.strip_prefix(prefix).unwrap_or(text)));
            }
            Some(Event::Text { .. }) => {}
            Some(Event::Close(_)) => break,
            _ => return Err(Violation::Malformed),
        }
    }
    put_aggregate(list, shown.len(), out);
    for (kind, name) in shown {
        if kind == Kind::Simple { put_simple(name, out) } else { put_bulk(name, out) }
    }
    Ok(())
}

/// A reply with rows and a cursor: which cursors the tenant has.
pub(super) fn cursor(read: Option<u64>, reply: &[u8], surroundings: &Surroundings<'_>) {
    let next = cursor_of(reply);
    if let Some(cursor) = next {
        surroundings.clients.keep_cursor(cursor);
    }
    if let Some(read) = read.filter(|read| next != Some(*read)) {
        surroundings.clients.forget_cursor(read);
    }
}

/// The cursor behind the rows; `None` when there is none, or no more.
fn cursor_of(reply: &[u8]) -> Option<u64> {
    let mut events = Cursor::new(reply);
    let Ok(Some(Event::Open { kind: Kind::Array, elements: Some(2) })) = events.next_event() else {
        return None;
    };
    let Ok(Some(_)) = events.skip() else { return None };
    let Ok(Some(Event::Text { kind: Kind::Integer, text })) = events.next_event() else {
        return None;
    };
    let cursor = u64::try_from(resp_wire::number::integer(text)?).unwrap_or_default();
    Some(cursor).filter(|cursor| *cursor != 0)
}

/// For each aggregate around a value the name that it has there, in pairs of a name and a value.
#[derive(Default)]
struct Names(Vec<Vec<u8>>);

impl Names {
    fn note(&mut self, place: Place<'_>, text: &[u8]) {
        let Some(depth) = place.depth().checked_sub(1) else { return };
        if !is_value(place) {
            self.0.resize(depth + 1, Vec::new());
            if let Some(name) = self.0.get_mut(depth) {
                text.clone_into(name);
            }
        }
    }

    fn is(&self, depth: usize, name: &[u8]) -> bool {
        self.0.get(depth).is_some_and(|known| known == name)
    }
}

/// Whether a value is the second of a pair.
fn is_value(place: Place<'_>) -> bool {
    place.steps().next_back().is_some_and(|step| !step.index.is_multiple_of(2))
}

fn index(place: Place<'_>, level: usize) -> Option<u64> {
    place.step(level).map(|step| step.index)
}

fn strip_if(is_name: bool, text: &[u8], prefix: &[u8]) -> Edit<'static> {
    if is_name { Edit::strip(text, prefix) } else { Edit::Keep }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use resp_wire::reply::Violation;

    use super::{Found, cursor_of, found, index_info, indexes};

    const PREFIX: &[u8] = b"t:a:";

    fn shown(
        reply: &str,
        rewrite: impl FnOnce(&[u8], &mut BytesMut) -> Result<(), Violation>,
    ) -> Result<String, Violation> {
        let mut out = BytesMut::new();
        rewrite(reply.replace(' ', "\r\n").as_bytes(), &mut out)?;
        Ok(String::from_utf8(out.to_vec()).unwrap().replace("\r\n", " "))
    }

    fn search(what: &Found, reply: &str) -> Result<String, Violation> {
        shown(reply, |reply, out| found(what, reply, PREFIX, out))
    }

    fn with_keys(names: &[&str]) -> Found {
        let key_fields = names.iter().map(|name| name.as_bytes().to_vec()).collect();
        Found { has_fields: true, key_fields, ..Found::default() }
    }

    #[test]
    fn documents_lose_the_prefix_and_values_keep_it() {
        let reply = "*3 :1 $6 t:a:d1 *4 $1 k $6 t:a:d1 $1 v $6 t:a:d1 ";
        let plain = "*3 :1 $2 d1 *4 $1 k $6 t:a:d1 $1 v $6 t:a:d1 ";
        let keyed = "*3 :1 $2 d1 *4 $1 k $2 d1 $1 v $6 t:a:d1 ";
        assert_eq!(search(&with_keys(&[]), reply).unwrap(), plain);
        assert_eq!(search(&with_keys(&["k"]), reply).unwrap(), keyed);
    }

    #[test]
    fn what_stands_beside_a_document_is_no_name() {
        let what = Found { beside: 2, ..Found::default() };
        let reply = "*7 :2 $6 t:a:d1 *2 $4 t:a: $4 t:a: $4 t:a: $6 t:a:d2 $1 1 $-1 ";
        let own = "*7 :2 $2 d1 *2 $4 t:a: $4 t:a: $4 t:a: $2 d2 $1 1 $-1 ";
        assert_eq!(search(&what, reply).unwrap(), own);
    }

    #[test]
    fn a_reply_of_another_form_is_none() {
        for (what, reply) in [
            (with_keys(&[]), "*2 :1 $6 t:a:d1 "),
            (Found { beside: 1, ..Found::default() }, "*4 :1 $6 t:a:d1 $1 1 $1 1 "),
        ] {
            assert!(search(&what, reply).is_err(), "{reply}");
        }
        assert!(search(&with_keys(&[]), "*3 :1 $6 t:a:d1 ").is_err(), "half a reply");
    }

    #[test]
    fn a_map_is_read_by_its_names() {
        let reply = "%2 +total_results :1 +results *1 %3 +id $6 t:a:d1 +extra_attributes %3 $1 k $6 \
                     t:a:d1 $2 id $6 t:a:d1 $7 results $6 t:a:d1 +values *2 +id $6 t:a:d1 ";
        let own = reply.replacen("+id $6 t:a:d1", "+id $2 d1", 1);
        assert_eq!(search(&with_keys(&[]), reply).unwrap(), own);
        let keyed = own.replacen("$1 k $6 t:a:d1", "$1 k $2 d1", 1);
        assert_eq!(search(&with_keys(&["k"]), reply).unwrap(), keyed);
    }

    #[test]
    fn an_index_is_shown_as_it_was_made() {
        let expression = "substr(@__key,4,536870912)==1";
        let length = expression.len();
        let reply = format!(
            "*8 +index_name +t:a:i +index_definition *4 +prefixes *1 +t:a:d: +filter ${length} \
             {expression} +stopwords_list *2 +prefixes +t:a:x +cursor_stats *2 +global_total :9 "
        );
        let own = "*8 +index_name +i +index_definition *4 +prefixes *1 +d: +filter $9 @__key==1 \
                   +stopwords_list *2 +prefixes +t:a:x +cursor_stats *2 +global_total :0 ";
        assert_eq!(shown(&reply, |reply, out| index_info(reply, PREFIX, out)).unwrap(), own);
    }

    #[test]
    fn indexes_of_others_are_left_out() {
        let reply = "~3 +t:a:i +t:ab:i $5 t:a:j ";
        let listed = |prefix| shown(reply, |reply, out| indexes(PREFIX, reply, prefix, out));
        assert_eq!(listed(PREFIX).unwrap(), "~2 +i $1 j ");
        assert_eq!(listed(b"").unwrap(), "~2 +t:a:i $5 t:a:j ");
        assert!(shown("*1 *0 ", |reply, out| indexes(PREFIX, reply, PREFIX, out)).is_err());
    }

    #[test]
    fn a_cursor_stands_behind_its_rows() {
        assert_eq!(cursor_of(b"*2\r\n*1\r\n:1\r\n:77\r\n"), Some(77));
        assert_eq!(cursor_of(b"*2\r\n*1\r\n:1\r\n:0\r\n"), None);
        assert_eq!(cursor_of(b"*3\r\n:1\r\n:2\r\n:3\r\n"), None);
        assert_eq!(cursor_of(b"+OK\r\n"), None);
    }
}
