//! A client that keeps every byte it is sent, over one blocking socket.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::reply::{Value, read};

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// Longer than any command of the test may take; then it has hung.
const REPLY_SECONDS_MAX: u64 = 10;

/// Where to log in, and as whom.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: String,
}

/// A command, and how it is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) words: Vec<Vec<u8>>,
    /// As a line, the old form, instead of an array.
    pub(crate) inline: bool,
}

impl Command {
    pub(crate) fn new<W: AsRef<[u8]>>(words: &[W]) -> Self {
        Self { words: words.iter().map(|word| word.as_ref().to_vec()).collect(), inline: false }
    }

    /// From words that are separated by spaces.
    pub(crate) fn line(text: &str) -> Self {
        Self::new(&text.split(' ').collect::<Vec<_>>())
    }

    /// The word at `place` in capital letters; empty behind the end.
    pub(crate) fn word(&self, place: usize) -> String {
        let word = self.words.get(place).map(Vec::as_slice).unwrap_or_default();
        String::from_utf8_lossy(word).to_uppercase()
    }

    /// As redis-cli takes it.
    pub(crate) fn show(&self) -> String {
        let words: Vec<String> = self
            .words
            .iter()
            .map(|word| {
                let shown = word.escape_ascii().to_string();
                let is_plain = word.iter().all(u8::is_ascii_graphic) && !word.is_empty();
                if is_plain && shown.as_bytes() == *word { shown } else { format!("\"{shown}\"") }
            })
            .collect();
        words.join(" ")
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        if self.inline {
            for word in &self.words {
                out.push(b'"');
                for byte in word {
                    out.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
                }
                out.extend_from_slice(b"\" ");
            }
            out.extend_from_slice(b"\r\n");
            return;
        }
        out.extend_from_slice(format!("*{}\r\n", self.words.len()).as_bytes());
        for word in &self.words {
            out.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            out.extend_from_slice(word);
            out.extend_from_slice(b"\r\n");
        }
    }
}

/// What came between two sentinels.
#[derive(Clone, Debug, Default)]
pub(crate) struct Replies {
    pub(crate) raw: Vec<u8>,
    /// Each reply, and where it begins in `raw`.
    pub(crate) values: Vec<Value>,
    pub(crate) ends: Vec<usize>,
}

impl Replies {
    /// The bytes of one reply.
    pub(crate) fn bytes(&self, place: usize) -> &[u8] {
        let start = place.checked_sub(1).and_then(|before| self.ends.get(before)).unwrap_or(&0);
        let end = self.ends.get(place).unwrap_or(start);
        &self.raw[*start..*end]
    }
}

pub(crate) struct Session {
    stream: TcpStream,
    input: Vec<u8>,
    sentinels: u64,
}

impl Session {
    pub(crate) fn open(address: &Address) -> Outcome<Self> {
        let stream = TcpStream::connect(("127.0.0.1", address.port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(REPLY_SECONDS_MAX)))?;
        let mut session = Self { stream, input: Vec::new(), sentinels: 0 };
        session.must(&Command::new(&["AUTH", &address.user, &address.password]))?;
        Ok(session)
    }

    /// Sends without waiting.
    pub(crate) fn send(&mut self, commands: &[Command]) -> Outcome<()> {
        let mut out = Vec::new();
        commands.iter().for_each(|command| command.encode(&mut out));
        Ok(self.stream.write_all(&out)?)
    }

    /// Sends commands with a PING behind them, whose reply tells that theirs are complete.
    pub(crate) fn send_ended(&mut self, commands: &[Command]) -> Outcome<()> {
        self.sentinels += 1;
        let mut out = Vec::new();
        commands.iter().for_each(|command| command.encode(&mut out));
        Command::new(&["PING", &self.sentinel()]).encode(&mut out);
        Ok(self.stream.write_all(&out)?)
    }

    fn sentinel(&self) -> String {
        format!("sentinel {}", self.sentinels)
    }

    /// All replies before the sentinel's.
    pub(crate) fn replies(&mut self) -> Outcome<Replies> {
        let sentinel = self.sentinel().into_bytes();
        let mut replies = Replies::default();
        loop {
            let (value, bytes) = self.next().map_err(|error| {
                let had: Vec<String> = replies.values.iter().map(Value::show).collect();
                format!("{error}; before that came: {}", had.join(" "))
            })?;
            let is_pong = value.elements().first().and_then(Value::text) == Some(b"pong");
            let word = if is_pong { value.elements().get(1).cloned() } else { Some(value.clone()) };
            if word.as_ref().and_then(Value::text) == Some(&sentinel) {
                return Ok(replies);
            }
            replies.raw.extend_from_slice(&bytes);
            replies.values.push(value);
            replies.ends.push(replies.raw.len());
        }
    }

    fn next(&mut self) -> Outcome<(Value, Vec<u8>)> {
        loop {
            if let Some((value, length)) = read(&self.input)? {
                let rest = self.input.split_off(length);
                return Ok((value, std::mem::replace(&mut self.input, rest)));
            }
            let mut chunk = [0; 64 * 1024];
            let count = self.stream.read(&mut chunk)?;
            if count == 0 {
                return Err("the connection was closed".into());
            }
            self.input.extend_from_slice(&chunk[..count]);
        }
    }

    /// Runs one command, and wants one reply.
    pub(crate) fn run(&mut self, command: &Command) -> Outcome<Value> {
        self.send(std::slice::from_ref(command))?;
        Ok(self.next()?.0)
    }

    /// Runs a command that must succeed.
    pub(crate) fn must(&mut self, command: &Command) -> Outcome<Value> {
        let value = self.run(command)?;
        match value.error() {
            Some(error) => Err(format!("{}: {}", command.show(), error.escape_ascii()).into()),
            None => Ok(value),
        }
    }

    /// Runs many that must all succeed.
    pub(crate) fn must_all(&mut self, commands: &[Command]) -> Outcome<Vec<Value>> {
        self.send_ended(commands)?;
        let replies = self.replies()?;
        match replies.values.iter().find_map(Value::error) {
            Some(error) => Err(error.escape_ascii().to_string().into()),
            None => Ok(replies.values),
        }
    }
}
