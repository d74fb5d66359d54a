//! A PostgreSQL that knows the protocol and nothing else: names, portals, transactions, errors, and
//! that after an error everything up to Sync is ignored.

use std::collections::HashMap;

/// A statement that PostgreSQL would fail.
pub(crate) const FAILS: &str = "SELECT missing";
/// A statement that brings a tenant value, as the client sends it.
pub(crate) const WRITES: &str = "INSERT INTO notes (id, tenant_id) VALUES (1, $1)";
/// A statement that is refused.
pub(crate) const REFUSED: &str = "DROP TABLE notes";
/// What the wall sends in the place of a refused Query.
const NO_SQL: &str = "partywall refused a statement here";
/// The tenant's own id, and another's.
pub(crate) const OWN: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const FOREIGN: &str = "22222222-2222-4222-8222-222222222222";

/// One session.
#[derive(Default)]
pub(crate) struct Server {
    /// Whether it refuses by itself what the wall refuses.
    refuses: bool,
    statements: HashMap<String, String>,
    portals: HashMap<String, String>,
    skipping: bool,
    in_block: bool,
    failed: bool,
    input: Vec<u8>,
    /// What it has answered.
    pub(crate) output: Vec<u8>,
    /// What must never happen behind the wall.
    pub(crate) harm: Vec<String>,
}

impl Server {
    /// What a client behind the wall should see: a store of its own that refuses by itself.
    pub(crate) fn private() -> Self {
        Self { refuses: true, ..Self::default() }
    }

    /// Reads bytes, in whatever pieces they come.
    pub(crate) fn read(&mut self, bytes: &[u8]) {
        self.input.extend(bytes);
        while let Some(length) = self.input.get(1..5).and_then(|length| length.first_chunk()) {
            let end = 1 + u32::from_be_bytes(*length) as usize;
            if self.input.len() < end {
                return;
            }
            let message: Vec<u8> = self.input.drain(..end).collect();
            if !self.skipping || message[0] == b'S' {
                self.answer(message[0], &message[5..]);
            }
        }
    }

    fn answer(&mut self, tag: u8, body: &[u8]) {
        let mut texts = body.split(|byte| *byte == 0).map(|text| String::from_utf8_lossy(text));
        let mut text = || texts.next().unwrap_or_default().into_owned();
        let result = match tag {
            b'Q' => {
                if let Err(code) = self.run(&text()) {
                    self.fail(code);
                }
                self.ready();
                return;
            }
            b'S' => {
                self.skipping = false;
                self.ready();
                return;
            }
            b'H' => return,
            b'P' => self.parse(text(), text()),
            b'B' => self.bind(text(), &text(), body),
            b'E' => match self.portals.get(&text()).cloned() {
                Some(statement) => self.run(&statement),
                None => Err("34000"),
            },
            b'D' | b'C' => {
                let target = text();
                let (kind, name) = target.split_at(1);
                self.describe_or_close(tag, kind, name)
            }
            other => panic!("the upstream got message type {other}"),
        };
        if let Err(code) = result {
            self.fail(code);
            self.skipping = true;
        }
    }

    fn run(&mut self, text: &str) -> Result<(), &'static str> {
        self.judge(text)?;
        match text {
            _ if text == FAILS => return Err("42703"),
            _ if text == NO_SQL => return Err("42601"),
            "ROLLBACK" => (self.in_block, self.failed) = (false, false),
            _ if self.failed => return Err("25P02"),
            "BEGIN" => self.in_block = true,
            _ => {}
        }
        self.say(b'C', b"OK\0");
        Ok(())
    }

    fn judge(&mut self, text: &str) -> Result<(), &'static str> {
        if text != REFUSED {
            return Ok(());
        }
        if self.refuses {
            return Err("42501");
        }
        self.harm.push(format!("the upstream got {text}"));
        Ok(())
    }

    fn parse(&mut self, name: String, text: String) -> Result<(), &'static str> {
        self.judge(&text)?;
        if text == FAILS {
            return Err("42703");
        }
        if !name.is_empty() && self.statements.contains_key(&name) {
            return Err("42P05");
        }
        self.statements.insert(name, text);
        self.say(b'1', b"");
        Ok(())
    }

    fn bind(&mut self, portal: String, name: &str, body: &[u8]) -> Result<(), &'static str> {
        let text = self.statements.get(name).ok_or("26000")?;
        let foreign = body.windows(FOREIGN.len()).any(|part| part == FOREIGN.as_bytes());
        if foreign && text.contains("INSERT") {
            if self.refuses {
                return Err("42501");
            }
            self.harm.push(format!("another tenant's id was bound to {text}"));
        }
        self.portals.insert(portal, text.clone());
        self.say(b'2', b"");
        Ok(())
    }

    fn describe_or_close(&mut self, tag: u8, kind: &str, name: &str) -> Result<(), &'static str> {
        let of = if kind == "S" { &mut self.statements } else { &mut self.portals };
        if tag == b'C' {
            of.remove(name);
            self.say(b'3', b"");
            return Ok(());
        }
        if !of.contains_key(name) {
            return Err(if kind == "S" { "26000" } else { "34000" });
        }
        if kind == "S" {
            self.say(b't', b"\0\0");
        }
        self.say(b'n', b"");
        Ok(())
    }

    fn fail(&mut self, code: &str) {
        self.failed = self.in_block;
        self.say(b'E', format!("SERROR\0VERROR\0C{code}\0Mno\0\0").as_bytes());
    }

    fn ready(&mut self) {
        let status = match (self.in_block, self.failed) {
            (false, _) => b"I",
            (true, false) => b"T",
            (true, true) => b"E",
        };
        if !self.in_block {
            self.portals.clear();
        }
        self.say(b'Z', status);
    }

    fn say(&mut self, tag: u8, body: &[u8]) {
        self.output.push(tag);
        self.output.extend(u32::try_from(body.len() + 4).unwrap().to_be_bytes());
        self.output.extend(body);
    }
}

/// What a client sees of answers: their types, and how the transaction stands.
pub(crate) fn seen(mut answers: &[u8]) -> String {
    let mut seen = String::new();
    while let Some((head, _)) = answers.split_first_chunk::<5>() {
        let [tag, length @ ..] = *head;
        let end = 1 + u32::from_be_bytes(length) as usize;
        seen.push(char::from(tag));
        if tag == b'Z' {
            seen.push(char::from(answers[5]));
        }
        answers = &answers[end..];
    }
    assert!(answers.is_empty(), "half an answer: {answers:?}");
    seen
}
