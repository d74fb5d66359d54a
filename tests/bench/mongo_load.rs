//! Both ends of the benchmark in front of MongoDB, faster than what stands between them.
//!
//! `mongo_load stub PORT`: a server whose answers are there already. `mongo_load load PORT COLLECTION
//! CONNECTIONS SECONDS [LOGIN PASSWORD]`: connections that ask for them, one after the other; prints
//! how many answers came in a second.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use mongo_wire::extjson;

/// Bytes of the one document of `small`, and of each of those of `large`.
const DOCUMENT_BYTES: usize = 1_000;
/// Documents of `large`: 16 MB of them.
const LARGE_DOCUMENTS: usize = 16_000;

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

/// A whole message of this body.
fn message(json: &str) -> Vec<u8> {
    let body = extjson::read(json).unwrap();
    let length = i32::try_from(16 + 5 + body.len()).unwrap();
    let mut message = Vec::new();
    for field in [length, 1, 0, 2013, 0] {
        message.extend(field.to_le_bytes());
    }
    message.push(0);
    message.extend(body);
    message
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

fn cursor(collection: &str, documents: usize) -> Vec<u8> {
    let text = "x".repeat(DOCUMENT_BYTES - 60);
    let document = |n: usize| format!(r#"{{"_id": {n}, "tenant_id": "acme", "text": "{text}"}}"#);
    let documents: Vec<String> = (0..documents).map(document).collect();
    message(&format!(
        r#"{{"cursor": {{"firstBatch": [{}], "id": {{"$numberLong": "0"}}, "ns": "app.{collection}"}}, "ok": 1.0}}"#,
        documents.join(",")
    ))
}

fn stub(port: u16) -> io::Result<()> {
    let canned = Arc::new(Canned {
        small: cursor("small", 1),
        large: cursor("large", LARGE_DOCUMENTS),
        hello: message(r#"{"isWritablePrimary": true, "maxWireVersion": 25, "ok": 1.0}"#),
        build_info: message(r#"{"version": "8.0.0", "versionArray": [8, 0, 0, 0], "ok": 1.0}"#),
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
        reply.clone_from(answer);
        reply[8..12].copy_from_slice(&buffer[4..8]);
        stream.write_all(&reply)?;
    }
}

fn load(
    port: u16,
    collection: &str,
    connections: usize,
    seconds: Duration,
    login: &[&str],
) -> io::Result<f64> {
    let find = message(&format!(
        r#"{{"find": "{collection}", "filter": {{"_id": 7}}, "limit": 1, "$db": "app"}}"#
    ));
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
    use base64::Engine;
    let [user, password] = login else { return Ok(()) };
    let payload = base64::engine::general_purpose::STANDARD.encode(format!("\0{user}\0{password}"));
    stream.write_all(&message(&format!(
        r#"{{"saslStart": 1, "mechanism": "PLAIN", "payload": {{"$binary": {{"base64": "{payload}", "subType": "00"}}}}, "$db": "$external"}}"#
    )))?;
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
