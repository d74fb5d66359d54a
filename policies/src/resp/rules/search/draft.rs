//! A request that is read and written again word by word.

use std::vec;

use bytes::BytesMut;
use resp_wire::request::Request;

use crate::resp::Tenancy;
use crate::resp::outgoing::Outgoing;
use crate::resp::rules::errors;
use crate::resp::rules::options::is;
use crate::{Reason, Rejection};

/// What is still to be read of a request, and what will be written of it.
pub(super) struct Draft<'b> {
    rest: vec::IntoIter<&'b [u8]>,
    words: Vec<Word<'b>>,
}

enum Word<'b> {
    Plain(&'b [u8]),
    Name(&'b [u8]),
    Own(Vec<u8>),
}

impl<'b> Draft<'b> {
    /// In front of the arguments of `request`.
    pub(super) fn of(request: &Request<'b>) -> Self {
        let rest = request.arguments().skip(1).collect::<Vec<_>>().into_iter();
        Self { rest, words: vec![Word::Plain(request.name())] }
    }

    /// How many arguments are still to be read.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// The next argument.
    pub(super) fn peek(&self) -> Option<&'b [u8]> {
        self.rest.as_slice().first().copied()
    }

    /// Reads the next argument, of which the caller decides what is written.
    pub(super) fn read(&mut self) -> Result<&'b [u8], Rejection> {
        self.rest.next().ok_or_else(errors::syntax)
    }

    /// The next argument is no name.
    pub(super) fn plain(&mut self) -> Result<&'b [u8], Rejection> {
        let word = self.read()?;
        self.words.push(Word::Plain(word));
        Ok(word)
    }

    /// Nor are the next `count`.
    pub(super) fn plains(&mut self, count: usize) -> Result<(), Rejection> {
        for _ in 0..count {
            self.plain()?;
        }
        Ok(())
    }

    /// The next argument is a name of the tenant's: of a key, an index, an alias, a dictionary.
    ///
    /// The server lists the names of all tenants' indexes as simple strings. RediSearch 2.10 writes
    /// `\r\n` in letters; where a version does not, it would shift the replies of another tenant.
    pub(super) fn name(&mut self) -> Result<&'b [u8], Rejection> {
        let name = self.read()?;
        if name.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            let what = "a name in a search command has a line break or a NUL in it";
            return Err(Rejection::new(Reason::CommandNotAllowed, what));
        }
        self.words.push(Word::Name(name));
        Ok(name)
    }

    /// The next `count` are keys, which may be of any bytes.
    pub(super) fn keys(&mut self, count: usize) -> Result<(), Rejection> {
        for _ in 0..count {
            let key = self.read()?;
            self.words.push(Word::Name(key));
        }
        Ok(())
    }

    /// The next argument is how many follow of `option`. Only plain digits are taken: the server
    /// takes `0x1` and `1.0`, too, and who proves the request reads it the same way.
    pub(super) fn count(&mut self, option: &str) -> Result<usize, Rejection> {
        let bad = |what: &str| errors::own(format!("Bad arguments for {option}: {what}"));
        let Some(count) = self.peek() else {
            return Err(bad("Expected an argument, but none provided"));
        };
        let Some(count) = resp_wire::number::integer(count) else {
            return Err(bad("Could not convert argument to expected type"));
        };
        let Ok(count) = usize::try_from(count) else {
            return Err(bad("Value is outside acceptable bounds"));
        };
        self.plain()?;
        if count > self.left() {
            return Err(bad("Expected an argument, but none provided"));
        }
        Ok(count)
    }

    /// Whether the next argument is the option `word`, which is then read.
    pub(super) fn has(&mut self, word: &str) -> bool {
        let Some(next) = self.peek().filter(|next| is(next, word)) else { return false };
        self.words.push(Word::Plain(next));
        self.rest.next();
        true
    }

    /// Writes an argument that was read, or one of ours.
    pub(super) fn put(&mut self, word: Vec<u8>) {
        self.words.push(Word::Own(word));
    }

    /// Writes a name that the client did not send.
    pub(super) fn put_name(&mut self, name: &'b [u8]) {
        self.words.push(Word::Name(name));
    }

    /// What follows names nothing.
    pub(super) fn rest_is_plain(&mut self) {
        self.words.extend(self.rest.by_ref().map(Word::Plain));
    }

    pub(super) fn write(mut self, tenancy: &Tenancy, out: &mut BytesMut) {
        self.rest_is_plain();
        let mut outgoing = Outgoing::begin(self.words.len(), tenancy, out);
        for word in &self.words {
            match word {
                Word::Plain(word) => outgoing.plain(word),
                Word::Own(word) => outgoing.plain(word),
                Word::Name(name) => outgoing.name(name),
            };
        }
    }
}
