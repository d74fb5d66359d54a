//! Where a request goes, by what is read from its bytes.

use bytes::{Bytes, BytesMut};
use policies::resp::sweep_cursor;
use resp_wire::command::{self, Class, Command, Flags, Lookup};
use resp_wire::request::Request;
use resp_wire::slot::slot;

use super::cursor::VirtualCursor;
use super::split::{Joined, Part, split};

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// The node that is the server for all that has no key.
    Home,
    /// The owner of the slot that the tenant's prefix has.
    Near,
    /// The owner of this slot.
    Slot(u16),
    /// The node at this place of the topology.
    Place(usize),
}

/// What a request does to those behind it, and how its reply is treated.
#[derive(Debug)]
pub(super) enum Kind {
    /// Its reply passes as it comes.
    Plain,
    /// A part of a request that was split, with the elements of the whole reply that it has.
    Part(Vec<usize>),
    /// One run of a sweep, on the node at this place.
    Sweep(usize),
    /// It makes the connection what it is, so every link has to hear it.
    Said,
    /// Confirmations and not a reply answer it.
    Subscription,
    /// Begins to watch keys.
    Watch,
    /// Ends watching.
    Unwatch,
    /// Begins a transaction.
    Multi,
    /// Runs a transaction.
    Exec,
    /// Drops a transaction.
    Discard,
    /// Inside of a transaction.
    Queued,
}

/// All that routing says of a request.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) aim: Aim,
    pub(super) kind: Kind,
    /// The name of a script that is called by it.
    pub(super) script: Option<[u8; 40]>,
    /// The text of a script that may later be called by its name.
    pub(super) loads: Option<Bytes>,
    /// Whether it runs what a client wrote, so that its errors are the client's words.
    pub(super) runs_script: bool,
    /// Whether it may wait, and those behind it with it.
    pub(super) blocks: bool,
    /// Whether what it asks for comes from the node of the tenant's keys only.
    pub(super) binds: bool,
    /// The node's own name of the command, for errors.
    pub(super) name: &'static str,
}

/// What a request is sent as.
pub(super) enum Sent {
    /// As it is.
    Whole,
    /// In other words.
    Rewritten(Bytes),
    /// In parts, whose replies are joined.
    Parts(Vec<Part>, Joined),
}

impl Route {
    fn new(aim: Aim, kind: Kind) -> Self {
        Self {
            aim,
            kind,
            script: None,
            loads: None,
            runs_script: false,
            blocks: false,
            binds: false,
            name: "",
        }
    }

    /// Whether it names keys, or looks at them.
    pub(super) fn is_keyed(&self) -> bool {
        self.aim != Aim::Home
    }

    /// Whether all replies must have come before it is sent.
    pub(super) fn needs_quiet(&self) -> bool {
        matches!(self.kind, Kind::Said | Kind::Subscription)
    }

    /// Whether its reply must have come before anything else is sent.
    pub(super) fn bars(&self) -> bool {
        self.blocks || matches!(self.kind, Kind::Exec | Kind::Discard) || self.needs_quiet()
    }
}

/// Where `request` goes, and what is sent. `nodes` is how many nodes there are.
pub(super) fn route(request: &Request<'_>, nodes: usize, in_transaction: bool) -> (Route, Sent) {
    let Lookup::Known(command) = command::lookup(request) else {
        return (Route::new(Aim::Home, Kind::Plain), Sent::Whole);
    };
    let mut route = match command.class {
        Class::Script => script(command, request),
        Class::Search => Route::new(first_slot(command, request).unwrap_or(Aim::Near), Kind::Plain),
        Class::PubSub => channels(command, request),
        Class::Transaction => Route::new(Aim::Home, transaction(command)),
        Class::Connection | Class::Refused | Class::Server => connection(command, request),
        Class::Container | Class::Database | Class::Keys | Class::KeysInReply | Class::Parsed => {
            let kind = if command.name == "watch" { Kind::Watch } else { Kind::Plain };
            Route::new(first_slot(command, request).unwrap_or(Aim::Home), kind)
        }
    };
    route.blocks = command.flags.has(Flags::BLOCKING);
    route.name = command.name;
    let mut sent = Sent::Whole;
    if !in_transaction {
        if let Some((at, cursor)) = sweep_cursor(request) {
            let cursor = VirtualCursor::read(cursor, nodes);
            route = Route::new(Aim::Place(cursor.place), Kind::Sweep(cursor.place));
            sent = Sent::Rewritten(with_argument(request, at, &cursor.local));
        } else if let Some((parts, joined)) = split(command, request) {
            sent = Sent::Parts(parts, joined);
        }
    }
    (route, sent)
}

/// The slot of the first key. Where its keys have several, that node says so.
fn first_slot(command: &Command, request: &Request<'_>) -> Option<Aim> {
    let mut keys = command.keys(request).ok()?;
    let key = request.argument(keys.next()?)?;
    Some(Aim::Slot(slot(key)))
}

fn script(command: &Command, request: &Request<'_>) -> Route {
    if command.name == "script|load" {
        let mut route = Route::new(Aim::Home, Kind::Plain);
        route.loads = request.argument(2).map(Bytes::copy_from_slice);
        return route;
    }
    let mut route = Route::new(first_slot(command, request).unwrap_or(Aim::Near), Kind::Plain);
    route.runs_script = true;
    if command.name.starts_with("evalsha") {
        route.script = request.argument(1).and_then(|name| <[u8; 40]>::try_from(name).ok());
    }
    route
}

fn channels(command: &Command, request: &Request<'_>) -> Route {
    match command.name {
        "spublish" => {
            let channel = request.argument(1).unwrap_or_default();
            Route::new(Aim::Slot(slot(channel)), Kind::Plain)
        }
        "subscribe" | "unsubscribe" | "psubscribe" | "punsubscribe" | "ssubscribe"
        | "sunsubscribe" => {
            let mut route = Route::new(Aim::Home, Kind::Subscription);
            // A node tells of its own keys and of the shard channels of its own slots.
            route.binds = command.name == "ssubscribe"
                || request.arguments().skip(1).any(|name| name.starts_with(b"__key"));
            route
        }
        _ => Route::new(Aim::Home, Kind::Plain),
    }
}

fn transaction(command: &Command) -> Kind {
    match command.name {
        "unwatch" => Kind::Unwatch,
        "multi" => Kind::Multi,
        "exec" => Kind::Exec,
        _ => Kind::Discard,
    }
}

fn connection(command: &Command, request: &Request<'_>) -> Route {
    let kind = match command.name {
        "auth" | "acl|dryrun" | "hello" => Kind::Said,
        _ => Kind::Plain,
    };
    // WAIT is about the writes of its own link.
    let aim = if command.name.starts_with("wait") { Aim::Near } else { Aim::Home };
    let mut route = Route::new(aim, kind);
    route.binds = command.name == "client|tracking"
        && request.argument(2).is_some_and(|mode| mode.eq_ignore_ascii_case(b"ON"));
    route
}

/// `request` with another argument at `at`.
fn with_argument(request: &Request<'_>, at: usize, argument: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(request.bytes().len() + argument.len());
    resp_wire::request::put_header(request.len(), &mut out);
    for (index, old) in request.arguments().enumerate() {
        resp_wire::request::put_bulk(&[if index == at { argument } else { old }], &mut out);
    }
    out.freeze()
}
