//! Both ends of the benchmark in front of MongoDB, faster than what stands between them.
//!
//! `mongo_load stub PORT`: a server whose answers are there already. `mongo_load load PORT COLLECTION
//! CONNECTIONS SECONDS [LOGIN PASSWORD]`: connections that ask for them, one after the other; prints
//! how many answers came in a second. It needs nothing but the compiler.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

/// Bytes of the one document of `small`, and of each of those of `large`.
const DOCUMENT_BYTES: usize = 1_000;
/// Documents of `large`: 16 MB of them.
const LARGE_DOCUMENTS: i32 = 16_000;
/// Bytes of an answer that leave at once.
const FIRST_BYTES: usize = 16 << 10;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["stub", port] => stub(number(port)),
        ["load", port, collection, connections, seconds, login @ ..] => {
            let seconds = Duration::from_secs_f64(seconds.parse().unwrap());
            let connections = usize::from(number(connections));
            println!("{}", load(number(port), collection, connections, seconds, login)?);
            Ok(())
        }
        _ => panic!("stub PORT, or load PORT COLLECTION CONNECTIONS SECONDS [LOGIN PASSWORD]"),
    }
}

fn number(text: &str) -> u16 {
    text.parse().unwrap()
}

/// An element of a document.
fn element(kind: u8, name: &str, value: impl AsRef<[u8]>) -> Vec<u8> {
    [&[kind], name.as_bytes(), &[0], value.as_ref()].concat()
}

fn length(bytes: usize) -> [u8; 4] {
    i32::try_from(bytes).unwrap().to_le_bytes()
}

fn document(elements: &[Vec<u8>]) -> Vec<u8> {
    let elements = elements.concat();
    [&length(elements.len() + 5)[..], &elements, &[0]].concat()
}

fn nested(name: &str, elements: &[Vec<u8>]) -> Vec<u8> {
    element(3, name, document(elements))
}

fn text(name: &str, text: &str) -> Vec<u8> {
    element(2, name, [&length(text.len() + 1)[..], text.as_bytes(), &[0]].concat())
}

fn int(name: &str, number: i32) -> Vec<u8> {
    element(16, name, number.to_le_bytes())
}

fn ok() -> Vec<u8> {
    element(1, "ok", 1_f64.to_le_bytes())
}

/// A whole message of this body.
fn message(elements: &[Vec<u8>]) -> Vec<u8> {
    let body = document(elements);
    let fields = [length(16 + 5 + body.len()), [1, 0, 0, 0], [0; 4], 2013_i32.to_le_bytes()];
    [&fields.concat()[..], &[0; 5], &body].concat()
}

/// Reads a message into `buffer`.
fn receive(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<()> {
    buffer.resize(16, 0);
    stream.read_exact(buffer)?;
    let length = u32::from_le_bytes(buffer[..4].try_into().unwrap());
    buffer.resize(usize::try_from(length).unwrap(), 0);
    stream.read_exact(&mut buffer[16..])
}

struct Canned {
    small: Vec<u8>,
    large: Vec<u8>,
    hello: Vec<u8>,
    build_info: Vec<u8>,
}

fn cursor(collection: &str, documents: i32) -> Vec<u8> {
    let filling = "x".repeat(DOCUMENT_BYTES - 60);
    let one = |n| document(&[int("_id", n), text("tenant_id", "acme"), text("text", &filling)]);
    let batch: Vec<_> = (0..documents).map(|n| element(3, &n.to_string(), one(n))).collect();
    let cursor = [
        element(4, "firstBatch", document(&batch)),
        element(18, "id", [0; 8]),
        text("ns", &format!("app.{collection}")),
    ];
    message(&[nested("cursor", &cursor), ok()])
}

fn stub(port: u16) -> io::Result<()> {
    let canned = Arc::new(Canned {
        small: cursor("small", 1),
        large: cursor("large", LARGE_DOCUMENTS),
        hello: message(&[element(8, "isWritablePrimary", [1]), int("maxWireVersion", 25), ok()]),
        build_info: message(&[text("version", "8.0.0"), ok()]),
    });
    for stream in TcpListener::bind(("127.0.0.1", port))?.incoming() {
        let (stream, canned) = (stream?, Arc::clone(&canned));
        // Whoever leaves ends its thread.
        thread::spawn(move || serve(stream, &canned));
    }
    Ok(())
}

fn serve(mut stream: TcpStream, canned: &Canned) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    let mut reply = Vec::new();
    loop {
        receive(&mut stream, &mut buffer)?;
        // Behind header, flags, kind, length and type: the command's name.
        let name = buffer[26..].split(|byte| *byte == 0).next().unwrap_or_default();
        let answer = match name {
            b"find" if buffer[26..].starts_with(b"find\0\x06\0\0\0large") => &canned.large,
            b"find" => &canned.small,
            b"buildInfo" => &canned.build_info,
            _ => &canned.hello,
        };
        // What is large is not copied for each.
        let (first, rest) = answer.split_at(answer.len().min(FIRST_BYTES));
        reply.clear();
        reply.extend_from_slice(first);
        reply[8..12].copy_from_slice(&buffer[4..8]);
        stream.write_all(&reply)?;
        stream.write_all(rest)?;
    }
}

fn load(
    port: u16,
    collection: &str,
    connections: usize,
    seconds: Duration,
    login: &[&str],
) -> io::Result<f64> {
    let find = message(&[
        text("find", collection),
        nested("filter", &[int("_id", 7)]),
        int("limit", 1),
        text("$db", "app"),
    ]);
    let answers = AtomicU64::new(0);
    let begin = Barrier::new(connections + 1);
    thread::scope(|scope| {
        for _ in 0..connections {
            let mut stream = TcpStream::connect(("127.0.0.1", port))?;
            stream.set_nodelay(true)?;
            log_in(&mut stream, login)?;
            let (find, answers, begin) = (&find, &answers, &begin);
            scope.spawn(move || ask(stream, find, seconds, answers, begin));
        }
        begin.wait();
        Ok::<(), io::Error>(())
    })?;
    Ok(answers.into_inner() as f64 / seconds.as_secs_f64())
}

fn log_in(stream: &mut TcpStream, login: &[&str]) -> io::Result<()> {
    let [user, password] = login else { return Ok(()) };
    let payload = format!("\0{user}\0{password}");
    let binary = [&length(payload.len())[..], &[0], payload.as_bytes()].concat();
    stream.write_all(&message(&[
        int("saslStart", 1),
        text("mechanism", "PLAIN"),
        element(5, "payload", binary),
        text("$db", "$external"),
    ]))?;
    receive(stream, &mut Vec::new())
}

fn ask(
    mut stream: TcpStream,
    find: &[u8],
    seconds: Duration,
    answers: &AtomicU64,
    begin: &Barrier,
) {
    let mut buffer = Vec::new();
    begin.wait();
    let end = Instant::now() + seconds;
    while Instant::now() < end {
        stream.write_all(find).unwrap();
        receive(&mut stream, &mut buffer).unwrap();
        assert!(buffer.len() > DOCUMENT_BYTES, "refused: {}", buffer.escape_ascii());
        answers.fetch_add(1, Ordering::Relaxed);
    }
}
