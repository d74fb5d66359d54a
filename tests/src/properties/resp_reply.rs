//! Replies of Redis' protocol.

use resp_wire::command::disagreements;
use resp_wire::reply::{Cursor, Edit, Kind, Place, ReplyScanner, Value, Violation, edit};

/// However the bytes are cut, the same replies come out; the scanner, the cursor and the tree see
/// the same ends; a copy is the same, and so is one whose texts were made longer and shorter again.
///
/// The first byte says how the rest is cut.
pub fn resp_reply(input: &[u8]) {
    let Some((cut, stream)) = input.split_first() else { return };
    let (ends, violation) = replies(stream, stream.len().max(1));
    let pieces = usize::from(*cut) % 16 + 1;
    assert_eq!(replies(stream, pieces), (ends.clone(), violation), "in pieces of {pieces}");
    let mut start = 0;
    for end in ends {
        whole(stream.get(start..end).expect("replies stand end to end"));
        start = end;
    }
    let rest = stream.get(start..).expect("replies stand end to end");
    assert!(Value::read(rest).is_err(), "{} is no whole reply", rest.escape_ascii());
}

/// Where the replies end, fed in pieces of so many bytes, and what ends them all.
fn replies(stream: &[u8], pieces: usize) -> (Vec<usize>, Option<Violation>) {
    let mut scanner = ReplyScanner::new();
    let mut found = Vec::new();
    let (mut start, mut arrived) = (0, 0);
    while arrived < stream.len() {
        arrived = (arrived + pieces).min(stream.len());
        loop {
            let rest = stream.get(start..arrived).expect("replies stand end to end");
            let progress = match scanner.scan(rest) {
                Ok(progress) => progress,
                Err(violation) => return (found, Some(violation)),
            };
            assert!(progress.bytes <= rest.len());
            start += progress.bytes;
            if !progress.complete {
                break;
            }
            assert!(scanner.kind().is_some() && scanner.is_between());
            found.push(start);
        }
    }
    (found, None)
}

/// What holds of one whole reply.
fn whole(reply: &[u8]) {
    let _ = disagreements(reply);
    let mut cursor = Cursor::new(reply);
    loop {
        match cursor.next_event() {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(violation) => {
                assert_eq!(violation, Violation::StreamedString, "the scanner took it");
                return;
            }
        }
    }
    assert_eq!(cursor.position(), reply.len());
    assert!(Value::read(reply).is_ok());
    let (mut longer, mut back) = (Vec::new(), Vec::new());
    // A sign, a letter or a format would not be what they were.
    let plain = |kind| matches!(kind, Kind::Bulk | Kind::Simple);
    let lengthen = |_: Place<'_>, kind, text: &[u8]| {
        if plain(kind) { Edit::Replace([b"t:", text].concat().into()) } else { Edit::Keep }
    };
    edit(reply, &mut longer, lengthen).expect("it was read");
    edit(
        &longer,
        &mut back,
        |_, kind, text| {
            if plain(kind) { Edit::strip(text, b"t:") } else { Edit::Keep }
        },
    )
    .expect("what was written can be read");
    // Lengths are written anew: in the server's own form, which is the only one that is read.
    assert_eq!(back, reply);
}
