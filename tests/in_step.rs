//! Whatever a client sends, in whatever pieces it travels: both sides stay in step.
//!
//! Random conversations run through a connection to a model of PostgreSQL, and what the client sees
//! is compared with what a model shows that refuses by itself what the wall refuses.

#![cfg(test)]

#[path = "in_step/model.rs"]
mod model;
#[path = "in_step/wall.rs"]
mod wall;

use model::{FAILS, FOREIGN, OWN, REFUSED, Server, WRITES, seen};
use proptest::prelude::*;
use wall::{Wall, message};

/// Client messages as bytes.
type Message = Vec<u8>;

fn name() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(""), Just("a"), Just("b")]
}

fn text() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => Just("SELECT 1"), 3 => Just(WRITES), 1 => Just(FAILS), 1 => Just(REFUSED)]
}

fn extended(value: impl Strategy<Value = &'static str>) -> impl Strategy<Value = Message> {
    let target = (prop_oneof![Just(b'D'), Just(b'C')], prop_oneof![Just("S"), Just("P")], name());
    prop_oneof![
        4 => (name(), text()).prop_map(|(name, text)| {
            message(b'P', format!("{name}\0{text}\0\0\x01\0\0\x0b\u{0}").as_bytes())
        }).prop_map(with_uuid_type),
        4 => (name(), name(), value).prop_map(|(portal, statement, value)| {
            let length = u32::try_from(value.len()).unwrap().to_be_bytes();
            let head = format!("{portal}\0{statement}\0\0\0\0\x01");
            message(b'B', &[head.as_bytes(), &length, value.as_bytes(), b"\0\0"].concat())
        }),
        2 => name().prop_map(|name| message(b'E', format!("{name}\0\0\0\0\0").as_bytes())),
        2 => target.prop_map(|(tag, kind, name)| message(tag, format!("{kind}{name}\0").as_bytes())),
        1 => Just(message(b'H', b"")),
    ]
}

/// The last byte of uuid's OID, 2950, is no character of its own.
fn with_uuid_type(mut parse: Message) -> Message {
    if let Some(last) = parse.last_mut() {
        *last = 0x86;
    }
    parse
}

fn query() -> impl Strategy<Value = Message> {
    let text = prop_oneof![4 => text(), 1 => Just("BEGIN"), 1 => Just("ROLLBACK")];
    text.prop_map(|text| message(b'Q', format!("{text}\0").as_bytes()))
}

fn sync() -> Message {
    message(b'S', b"")
}

/// Sends `messages`, carries bytes in the pieces that `pieces` says, and gives what the client saw.
fn converse(messages: &[Message], pieces: &[u8]) -> (String, Server) {
    let mut wall = Wall::start();
    let mut server = Server::default();
    let mut to_wall = messages.concat();
    let mut pieces = pieces.iter().cycle();
    let mut piece = |bytes: &mut Vec<u8>| {
        let size = pieces.next().map_or(1, |size| usize::from(*size) + 1);
        bytes.drain(..size.min(bytes.len())).collect::<Vec<u8>>()
    };
    loop {
        let from_client = piece(&mut to_wall);
        wall.on_client(&from_client).unwrap();
        let to_server = wall.out.to_upstream.split();
        server.read(&to_server);
        let from_server = piece(&mut server.output);
        wall.on_upstream(&from_server).unwrap();
        let idle = to_wall.is_empty() && server.output.is_empty();
        if idle && wall.out.to_upstream.is_empty() {
            break;
        }
    }
    let seen = seen(&wall.out.to_client);
    let at_rest = seen.is_empty() || seen.ends_with("ZI");
    assert_eq!(wall.is_quiet(), at_rest, "{seen}");
    (seen, server)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// What the client sees is what a store would show that refused by itself.
    #[test]
    fn the_client_sees_a_private_store(
        groups in prop::collection::vec(
            prop_oneof![
                query().prop_map(|query| vec![query]),
                // Some drivers send a Query before they have sent the Sync that is due.
                prop::collection::vec(prop_oneof![7 => extended(Just(OWN)), 1 => query()], 0..6)
                    .prop_map(|mut group| {
                        group.push(sync());
                        group
                    }),
            ],
            1..8,
        ),
        pieces in prop::collection::vec(any::<u8>(), 1..8),
    ) {
        let messages = groups.concat();
        let (through_wall, server) = converse(&messages, &pieces);
        prop_assert!(server.harm.is_empty(), "{:?}", server.harm);
        let mut private = Server::private();
        private.read(&messages.concat());
        prop_assert_eq!(through_wall, seen(&private.output));
    }

    /// Whatever is sent in whatever order, nothing unjudged happens upstream.
    #[test]
    fn nothing_unjudged_happens(
        mut messages in prop::collection::vec(
            prop_oneof![
                4 => extended(prop_oneof![Just(OWN), Just(FOREIGN)]),
                1 => query(),
                2 => Just(sync()),
            ],
            1..40,
        ),
        pieces in prop::collection::vec(any::<u8>(), 1..8),
    ) {
        messages.push(sync());
        let (_, server) = converse(&messages, &pieces);
        prop_assert!(server.harm.is_empty(), "{:?}", server.harm);
    }
}
