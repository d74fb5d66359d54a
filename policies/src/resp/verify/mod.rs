//! The proof: what was written names keys and channels of one tenant only.
//!
//! It reads the bytes that will travel, knows nothing of what a rule meant, and lists for each kind
//! of command what it takes for confined. Whatever it does not list is refused.

mod search;

use resp_wire::command::{self, Class, Command, Lookup};
use resp_wire::number;
use resp_wire::request::{Request, RequestLimits, RequestScanner};
use wire::Limits;

use super::judge::Clients;
use super::outgoing::{ANSWERED, REFUSED, may_be_key};
use super::push::{INVALIDATE, KEYEVENT, KEYSPACE};
use super::rules::HARMLESS;
use super::{Tenancy, script, sweep};

/// What is said of a request that cannot be proved.
type Unproved = &'static str;

const NOT_A_CLIENT: Unproved = "a connection is not the tenant's";

/// Proves requests. Keeps what it needs for that from one to the next.
#[derive(Debug)]
pub(super) struct Verifier {
    scanner: RequestScanner,
}

impl Default for Verifier {
    fn default() -> Self {
        // What a client may send was bounded when it came; a prefix makes it longer.
        let limits = Limits { frame_bytes_max: u32::MAX as usize, ..Limits::default() };
        Self { scanner: RequestScanner::new(RequestLimits::after_login(&limits)) }
    }
}

impl Verifier {
    /// Reads `written`, which must be one request, and proves it confined to `tenancy`.
    pub(super) fn verify(
        &mut self,
        written: &[u8],
        tenancy: &Tenancy,
        clients: &dyn Clients,
    ) -> Result<(), Unproved> {
        let (request, bytes) = self
            .scanner
            .next(written)
            .map_err(|_| "what was written is no request")?
            .ok_or("what was written is half a request")?;
        if bytes != written.len() || request.is_inline() || request.is_empty() {
            return Err("what was written is not one request");
        }
        if request.arguments().eq([REFUSED]) || request.arguments().eq([b"EXEC", ANSWERED]) {
            return Ok(());
        }
        match command::lookup(&request) {
            Lookup::Known(command) if !command.arity_allows(request.len()) => {
                Err("the number of arguments is wrong")
            }
            Lookup::Known(command) => Proof { command, request, tenancy, clients }.prove(),
            Lookup::UnknownCommand | Lookup::UnknownSubcommand(_) => Err("the command is unknown"),
        }
    }
}

struct Proof<'p> {
    command: &'static Command,
    request: Request<'p>,
    tenancy: &'p Tenancy,
    clients: &'p dyn Clients,
}

impl Proof<'_> {
    fn prove(&self) -> Result<(), Unproved> {
        match self.command.class {
            Class::KeysInReply if self.command.name.starts_with("xread") => self.streams(),
            Class::Keys | Class::KeysInReply => self.keys(),
            Class::Parsed => self.parsed(),
            Class::PubSub => self.channels(),
            Class::Script => self.script(),
            Class::Transaction => self.keys(),
            Class::Connection => self.connection(),
            Class::Server => self.server(),
            Class::Database if self.command.name == "info" => Ok(()),
            Class::Database => Err("the command looks at the whole key space"),
            Class::Search => self.search(),
            Class::Container | Class::Refused => Err("the command is closed"),
        }
    }

    fn is_name(&self, argument: &[u8]) -> bool {
        argument.starts_with(self.tenancy.prefix())
    }

    fn each(
        &self,
        first: usize,
        is_confined: impl Fn(&[u8]) -> bool,
        what: Unproved,
    ) -> Result<(), Unproved> {
        if self.request.arguments().skip(first).all(is_confined) { Ok(()) } else { Err(what) }
    }

    /// Every key that the table finds. Where it finds that their number lies, all that could be one.
    fn keys(&self) -> Result<(), Unproved> {
        let what = "a key is not the tenant's";
        let Ok(mut keys) = self.command.keys(&self.request) else {
            let mut all = self.request.arguments().enumerate();
            let confined =
                |(index, argument)| !may_be_key(self.command, index) || self.is_name(argument);
            return if all.all(confined) { Ok(()) } else { Err(what) };
        };
        let confined = |index| self.request.argument(index).is_some_and(|key| self.is_name(key));
        if keys.all(confined) { Ok(()) } else { Err(what) }
    }

    /// The first half of what follows STREAMS, where that is an option and no option's value.
    fn streams(&self) -> Result<(), Unproved> {
        let mut at = 1;
        loop {
            let word = self.request.argument(at).ok_or("no STREAMS")?;
            at += match word.to_ascii_uppercase().as_slice() {
                b"STREAMS" => break,
                b"NOACK" => 1,
                b"COUNT" | b"BLOCK" | b"CLAIM" => 2,
                b"GROUP" => 3,
                _ => return Err("an option in front of STREAMS is unknown"),
            };
        }
        let rest = self.request.len() - at - 1;
        let mut keys = self.request.arguments().skip(at + 1).take(rest.div_ceil(2));
        if keys.all(|key| self.is_name(key)) { Ok(()) } else { Err("a stream is not the tenant's") }
    }

    fn parsed(&self) -> Result<(), Unproved> {
        let first = self.request.argument(1).is_some_and(|key| self.is_name(key));
        if !first {
            return Err("the first key is not the tenant's");
        }
        match self.command.name {
            "sort" | "sort_ro" => self.sort(),
            "georadius" => self.stores(6),
            "georadiusbymember" => self.stores(5),
            "copy" => {
                let second = self.request.argument(2).is_some_and(|key| self.is_name(key));
                let rest = self.request.argument(3).unwrap_or(b"REPLACE");
                if second && rest.eq_ignore_ascii_case(b"REPLACE") && self.request.len() <= 4 {
                    Ok(())
                } else {
                    Err("the copy may leave the tenant's keys")
                }
            }
            _ => Err("the command is not listed"),
        }
    }

    /// Words behind which a pattern or key stands. A value is never taken for a word, as each word
    /// takes its values with it.
    fn sort(&self) -> Result<(), Unproved> {
        let mut rest = self.request.arguments().skip(2);
        while let Some(word) = rest.next() {
            let values = match word.to_ascii_uppercase().as_slice() {
                b"ASC" | b"DESC" | b"ALPHA" => 0,
                b"BY" | b"GET" | b"STORE" => 1,
                b"LIMIT" => 2,
                _ => return Err("an option of SORT is unknown"),
            };
            let value = if values > 0 { rest.next() } else { None };
            if values == 2 && rest.next().is_none() {
                return Err("an option of SORT lacks its value");
            }
            if values != 1 {
                continue;
            }
            let value = value.ok_or("an option of SORT lacks its value")?;
            let names_nothing = match word.to_ascii_uppercase().as_slice() {
                b"BY" => !value.contains(&b'*'),
                b"GET" => value == b"#",
                _ => false,
            };
            if !names_nothing && !self.is_name(value) {
                return Err("a pattern or key of SORT is not the tenant's");
            }
        }
        Ok(())
    }

    /// STORE and STOREDIST from argument `first` on. A value of another option is a number and
    /// never reads as one of these words.
    fn stores(&self, first: usize) -> Result<(), Unproved> {
        let mut rest = self.request.arguments().skip(first);
        while let Some(word) = rest.next() {
            let stores =
                word.eq_ignore_ascii_case(b"STORE") || word.eq_ignore_ascii_case(b"STOREDIST");
            if stores && !rest.next().is_some_and(|key| self.is_name(key)) {
                return Err("the key to store at is not the tenant's");
            }
        }
        Ok(())
    }

    fn channels(&self) -> Result<(), Unproved> {
        let what = "a channel is not the tenant's";
        let behind = |argument: &[u8], head: &[u8], prefix: &[u8]| {
            argument.strip_prefix(head).is_some_and(|name| name.starts_with(prefix))
        };
        let prefix = self.tenancy.prefix();
        let pattern = self.tenancy.pattern();
        match self.command.name {
            "publish" | "spublish" => {
                let channel = self.request.argument(1).unwrap_or_default();
                if self.is_name(channel) { Ok(()) } else { Err(what) }
            }
            "subscribe" | "unsubscribe" => self.each(
                1,
                |name| {
                    self.is_name(name)
                        || behind(name, KEYSPACE, prefix)
                        || name.starts_with(KEYEVENT)
                        || name == INVALIDATE
                },
                what,
            ),
            "psubscribe" | "punsubscribe" => self.each(
                1,
                |name| {
                    name.starts_with(pattern)
                        || behind(name, KEYSPACE, pattern)
                        || (name.starts_with(b"__key") && !name.starts_with(KEYSPACE))
                },
                what,
            ),
            "ssubscribe" | "sunsubscribe" => self.each(1, |name| self.is_name(name), what),
            "pubsub|numsub" | "pubsub|shardnumsub" => self.each(2, |name| self.is_name(name), what),
            "pubsub|channels" | "pubsub|shardchannels" => {
                let argument = self.request.argument(2).unwrap_or_default();
                if argument.starts_with(pattern) { Ok(()) } else { Err(what) }
            }
            "pubsub|help" => Ok(()),
            _ => Err("the command is not listed"),
        }
    }

    /// Only scripts of ours run: the sweep, and a client's inside of the wrapper. Both get the
    /// prefix as an argument.
    fn script(&self) -> Result<(), Unproved> {
        match self.command.name {
            "eval" | "eval_ro" | "evalsha" | "evalsha_ro" => {}
            "script|load" => {
                let text = self.request.argument(2).unwrap_or_default();
                return if script::is_wrapped(text) { Ok(()) } else { Err("a script is bare") };
            }
            _ => return Err("the command is not listed"),
        }
        let text = self.request.argument(1).unwrap_or_default();
        if text == sweep::SCRIPT {
            let prefix = self.request.argument(4).unwrap_or_default();
            let is_own = prefix == self.tenancy.prefix();
            return if is_own { Ok(()) } else { Err("the sweep is not of the tenant's keys") };
        }
        self.keys()?;
        if !self.command.name.starts_with("evalsha") && !script::is_wrapped(text) {
            return Err("a script is bare");
        }
        script::prefix_argument(&self.request)
            .filter(|prefix| *prefix == self.tenancy.prefix())
            .map(|_| ())
            .ok_or("the script is not told the tenant's prefix")
    }

    fn connection(&self) -> Result<(), Unproved> {
        let has = |word: &str| {
            self.request.arguments().any(|argument| argument.eq_ignore_ascii_case(word.as_bytes()))
        };
        match self.command.name {
            "hello" if has("AUTH") => Err("credentials of a client never travel"),
            "client|kill" => {
                let is = |index, word: &[u8]| {
                    self.request.argument(index).is_some_and(|it| it.eq_ignore_ascii_case(word))
                };
                let len = self.request.len();
                if is(2, b"ID") && (len == 4 || (len == 6 && is(4, b"SKIPME"))) {
                    self.client(3)
                } else {
                    Err("a client is not named by its id alone")
                }
            }
            "client|unblock" => self.client(2),
            "client|tracking" => self.tracking(),
            "hello"
            | "ping"
            | "asking"
            | "readonly"
            | "readwrite"
            | "reset"
            | "quit"
            | "client|id"
            | "client|getname"
            | "client|setname"
            | "client|setinfo"
            | "client|caching"
            | "client|getredir"
            | "client|no-touch"
            | "client|info"
            | "client|list"
            | "client|trackinginfo"
            | "echo" => Ok(()),
            "auth" => Err("credentials of a client never travel"),
            _ => Err("the command is not listed"),
        }
    }

    fn server(&self) -> Result<(), Unproved> {
        let name = self.command.name;
        if HARMLESS.contains(&name) || name.ends_with("|help") || name == "config|get" {
            Ok(())
        } else {
            Err("the command shows more than the tenant's")
        }
    }

    /// The argument at `index` is the id of a connection of the tenant's.
    fn client(&self, index: usize) -> Result<(), Unproved> {
        let id = self.request.argument(index).unwrap_or_default();
        if self.is_client(id) { Ok(()) } else { Err(NOT_A_CLIENT) }
    }

    fn is_client(&self, id: &[u8]) -> bool {
        let id = number::integer(id).and_then(|id| u64::try_from(id).ok());
        id.is_some_and(|id| self.clients.address(id).is_some())
    }

    fn tracking(&self) -> Result<(), Unproved> {
        let (mut broadcasts, mut prefixes) = (false, 0_usize);
        let mut rest = self.request.arguments().skip(3);
        while let Some(word) = rest.next() {
            if word.eq_ignore_ascii_case(b"BCAST") {
                broadcasts = true;
            } else if word.eq_ignore_ascii_case(b"REDIRECT") {
                // 0 is no redirection.
                let id = rest.next().unwrap_or_default();
                if id != b"0" && !self.is_client(id) {
                    return Err(NOT_A_CLIENT);
                }
            } else if word.eq_ignore_ascii_case(b"PREFIX") {
                prefixes += 1;
                if !rest.next().is_some_and(|prefix| self.is_name(prefix)) {
                    return Err("a prefix to track is not the tenant's");
                }
            }
        }
        let on = self.request.argument(2).is_some_and(|word| word.eq_ignore_ascii_case(b"ON"));
        if on && broadcasts && prefixes == 0 {
            return Err("every tenant's keys would be tracked");
        }
        Ok(())
    }
}
