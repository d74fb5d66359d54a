//! A client's script, in a wrapper that shows it the tenant's key space only.
//!
//! A script names keys that it makes while it runs, so its commands must be judged while it runs:
//! in the server, by more Lua. The script becomes the body of a function whose parameters are
//! shadows of the globals that reach data or shared state (`redis`, `KEYS`, `ARGV`, `loadstring`
//! and the like), and behind it stands the wrapper, which makes those shadows and calls it. As the
//! wrapper stands behind, the client's lines keep their numbers and none of the wrapper's locals is
//! in their scope.
//!
//! Why the body cannot step out of the function: `lexer.rs`. Why it cannot find a global otherwise:
//! a global is reached by its name, and a name that is made while the script runs is looked up
//! through `_G` or in a text that is compiled, which are shadowed. What a server's Lua shows
//! besides is asked of it by [`PROBE`] and hidden.
//!
//! The text is the same for all tenants. The prefix travels as the last argument, and the relay
//! sends every key with it.

mod globals;
mod index;
mod lexer;
mod named;
mod returns;
mod wrapper;

#[cfg(test)]
mod tests;

pub use globals::{Globals, NotConfinable, PROBE};
pub use lexer::NotAChunk;
pub use named::Script;
pub use wrapper::Wrapper;

use resp_wire::request::Request;
use sha1::{Digest, Sha1};

/// How EVALSHA and SCRIPT LOAD name the script `text`: forty hexadecimal digits in lower case.
#[must_use]
pub fn sha(text: &[u8]) -> [u8; 40] {
    let mut name = [0; 40];
    for (pair, byte) in name.chunks_exact_mut(2).zip(Sha1::digest(text)) {
        for (digit, value) in pair.iter_mut().zip([byte >> 4, byte & 15]) {
            *digit = if value < 10 { b'0' + value } else { b'a' + value - 10 };
        }
    }
    name
}

/// Whether `text` is a client's script inside of the wrapper.
pub(super) fn is_wrapped(text: &[u8]) -> bool {
    wrapper::is_wrapped(text)
}

/// The argument by which the wrapper is told the prefix: the last one.
pub(super) fn prefix_argument<'b>(request: &Request<'b>) -> Option<&'b [u8]> {
    request.argument(request.len().checked_sub(1)?)
}
