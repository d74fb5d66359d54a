//! Requests of Redis' protocol, and the commands that they name.

use resp_wire::command::{Class, Lookup, lookup};
use resp_wire::request::{Request, RequestLimits, RequestScanner, Violation, put_bulk, put_header};
use wire::Limits;

/// The limit on a request; small, so that a fuzzer reaches it.
const FRAME_BYTES_MAX: usize = 12_000;

/// However the bytes are cut, the same requests come out, end to end, and the same violation ends
/// them; a request that is written again is read as the same; keys stand inside it.
///
/// The first byte says how the rest is cut.
pub fn resp_request(input: &[u8]) {
    let Some((cut, stream)) = input.split_first() else { return };
    let whole = requests(stream, stream.len().max(1));
    let pieces = usize::from(*cut) % 16 + 1;
    assert_eq!(requests(stream, pieces), whole, "in pieces of {pieces}");
    for words in whole.0.iter().filter(|words| !words.is_empty()) {
        let mut again = Vec::new();
        put_header(words.len(), &mut again);
        for word in words {
            let (front, back) = word.split_at(word.len() / 2);
            put_bulk(&[front, back], &mut again);
        }
        // Headers of what came inline can be what takes it over the limit.
        if again.len() <= FRAME_BYTES_MAX {
            assert_eq!(requests(&again, 64), (vec![words.clone()], None));
        }
    }
}

/// The words of all requests, fed in pieces of so many bytes, and what ends them.
fn requests(stream: &[u8], pieces: usize) -> (Vec<Vec<Vec<u8>>>, Option<Violation>) {
    let limits = Limits { frame_bytes_max: FRAME_BYTES_MAX, ..Limits::default() };
    let mut scanner = RequestScanner::new(RequestLimits::after_login(&limits));
    let mut found = Vec::new();
    let (mut start, mut arrived) = (0, 0);
    while arrived < stream.len() {
        arrived = (arrived + pieces).min(stream.len());
        loop {
            let rest = stream.get(start..arrived).expect("requests stand end to end");
            match scanner.next(rest) {
                Ok(None) => break,
                Ok(Some((request, bytes))) => {
                    assert!(bytes > 0 && bytes <= rest.len());
                    keys(&request);
                    found.push(request.arguments().map(<[u8]>::to_vec).collect());
                    start += bytes;
                }
                Err(violation) => return (found, Some(violation)),
            }
        }
    }
    (found, None)
}

/// The keys of a request are arguments of it, each found once, in order, and none is its name.
fn keys(request: &Request<'_>) {
    let Lookup::Known(command) = lookup(request) else { return };
    let (Ok(keys), true) = (command.keys(request), command.arity_allows(request.len())) else {
        return;
    };
    let keys: Vec<usize> = keys.collect();
    for position in &keys {
        assert!(*position > 0 && *position < request.len(), "{}: {keys:?}", command.name);
    }
    // Those classes that rely on it.
    if matches!(command.class, Class::Keys | Class::KeysInReply | Class::Script) {
        assert!(keys.is_sorted_by(|one, next| one < next), "{}: {keys:?}", command.name);
    }
}
