//! Errors and notices of the upstream: without what they could tell of another tenant's rows, and
//! with positions in the client's own text.

use postgres_wire::message::backend::{ErrorFields, field};

use super::statements::Source;

/// The texts that a position is about.
pub(super) enum Texts<'a> {
    /// The client's text travelled as it was.
    Same,
    /// The client's text travelled in another form.
    Both(&'a Source),
    /// It is not known which text it is about.
    Unknown,
}

/// Class 23, integrity constraint violation: its details quote the row that is in the way, which may
/// be another tenant's.
const CONSTRAINT_CLASS: &str = "23";

/// Takes out what a client must not see. Gives the fields to send instead, or `None` when they may
/// travel as they are.
pub(super) fn scrub<'f>(mut fields: ErrorFields<'f>, texts: Texts<'_>) -> Option<ErrorFields<'f>> {
    let mut changed = false;
    if fields.code().starts_with(CONSTRAINT_CLASS) {
        changed |= fields.remove(field::DETAIL);
        changed |= fields.remove(field::CONTEXT);
    }
    // Statements that a function or a trigger of the store runs are not the client's.
    changed |= fields.remove(field::INTERNAL_QUERY);
    changed |= fields.remove(field::INTERNAL_POSITION);
    if let Some(position) = fields.get(field::POSITION) {
        match texts {
            Texts::Same => {}
            Texts::Both(source) => {
                match client_position(position, source) {
                    Some(position) => fields.set(field::POSITION, position.to_string()),
                    None => _ = fields.remove(field::POSITION),
                }
                changed = true;
            }
            Texts::Unknown => changed |= fields.remove(field::POSITION),
        }
    }
    changed.then_some(fields)
}

/// Maps a position, which counts characters from 1, from the text that travelled to the client's.
fn client_position(position: &str, source: &Source) -> Option<usize> {
    let before = position.parse::<usize>().ok()?.checked_sub(1)?;
    let query = source.query.get();
    let sent = query.text();
    let offset = match sent.char_indices().nth(before) {
        Some((offset, _)) => offset,
        // The end of the text is a position, too.
        None if sent.chars().count() == before => sent.len(),
        None => return None,
    };
    let own = source.text.get(..query.client_offset(offset))?;
    Some(own.chars().count() + 1)
}
