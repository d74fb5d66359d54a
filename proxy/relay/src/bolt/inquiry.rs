//! A conversation with the upstream of our own, without a client: some statements, one after another.

use bolt_wire::Version;
use bolt_wire::chunk::Scanner;
use bolt_wire::handshake::{
    Answer, HandshakeError, Offer, Slot, VersionRange, read_answer, read_manifest, write_choice,
};
use bolt_wire::message::{Batch, Pull, Reset, Response, Run};
use bolt_wire::packstream::{Dictionary, Item, Reader, Structures, Value};
use bytes::{Buf, BytesMut};

use super::entrance::{Entered, Entrance, next};
use super::login::Introduction;
use super::put;
use super::world::{Settings, Upstream};
use crate::{Fatal, Outbox};

/// Most bytes of all that is answered: a store may have thousands of indexes.
const ANSWER_BYTES_MAX: usize = 32 << 20;

/// The records that a statement led to, a message each, or the code with which it failed.
pub(super) type Answered = Result<Vec<Vec<u8>>, String>;

/// All that was heard.
#[derive(Debug)]
pub struct Heard {
    /// What both the server and we speak, newest first.
    pub(super) versions: Vec<Version>,
    /// What it said when it let us in.
    pub(super) entered: Entered,
    /// In the order of the statements.
    pub(super) answers: Vec<Answered>,
}

/// Statements and their answers.
#[derive(Debug)]
pub struct Inquiry {
    upstream: Upstream,
    statements: Vec<String>,
    step: Step,
    scanner: Scanner,
    heard: Heard,
    records: Vec<Vec<u8>>,
    bytes: usize,
}

/// What comes next.
#[derive(Debug)]
enum Step {
    Version,
    Manifest,
    Entrance(Box<Entrance>),
    /// The reply to RUN.
    Run,
    /// The reply to PULL.
    Pull,
    /// IGNORED for PULL, since RUN has failed.
    Ignored,
    Reset,
}

impl Inquiry {
    /// A conversation that has yet to begin.
    #[must_use]
    pub fn new(settings: &Settings, statements: Vec<String>) -> Self {
        let heard =
            Heard { versions: Vec::new(), entered: Entered::default(), answers: Vec::new() };
        Self {
            upstream: settings.upstream.clone(),
            statements,
            step: Step::Version,
            scanner: Scanner::default(),
            heard,
            records: Vec::new(),
            bytes: 0,
        }
    }

    /// Says what we speak: the manifest where it is known, else 5.8 to 5.0 or 4.4.
    pub fn begin(&self, out: &mut Outbox) {
        let fives = Slot::Range(VersionRange { newest: Version::V5_8, below: Version::V5_8.minor });
        let four = Slot::Range(VersionRange::only(Version::V4_4));
        Offer { slots: [Slot::Manifest, fives, four, Slot::Empty] }.write(&mut out.to_upstream);
    }

    /// Bytes came from the upstream. All that was heard, or `None` while more must come.
    ///
    /// # Errors
    /// `Fatal` when the server refuses us, or says what cannot be understood.
    pub fn on_upstream(
        &mut self,
        input: &mut BytesMut,
        out: &mut Outbox,
    ) -> Result<Option<Heard>, Fatal> {
        loop {
            let moved = match &mut self.step {
                Step::Version | Step::Manifest => self.agree(input, out)?,
                Step::Entrance(entrance) => {
                    let ours = Introduction::ours();
                    match entrance.on_upstream(input, &ours, &self.upstream, out)? {
                        None => false,
                        Some(entered) => {
                            self.heard.entered = entered;
                            self.ask(out);
                            true
                        }
                    }
                }
                Step::Run | Step::Pull | Step::Ignored | Step::Reset => self.hear(input, out)?,
            };
            let is_in = !matches!(self.step, Step::Version | Step::Manifest | Step::Entrance(_));
            if is_in && self.heard.answers.len() == self.statements.len() {
                return Ok(Some(self.take()));
            }
            if !moved {
                return Ok(None);
            }
        }
    }

    fn take(&mut self) -> Heard {
        let empty =
            Heard { versions: Vec::new(), entered: Entered::default(), answers: Vec::new() };
        std::mem::replace(&mut self.heard, empty)
    }

    /// Agrees on the best version that both sides speak.
    fn agree(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<bool, Fatal> {
        let spoken = |speaks: &dyn Fn(Version) -> bool| {
            let spoken = Version::SPOKEN.into_iter().filter(|version| speaks(*version));
            spoken.collect::<Vec<_>>()
        };
        let versions = if matches!(self.step, Step::Version) {
            let Some(answer) = read_answer(input) else { return Ok(false) };
            input.advance(4);
            match answer {
                Answer::Manifest => {
                    self.step = Step::Manifest;
                    return Ok(true);
                }
                // It speaks this one best, and older ones of ours, too: no server dropped them.
                Answer::Version(best) => spoken(&|version| version <= best),
                Answer::Nothing => Vec::new(),
            }
        } else {
            let misbehaved = |error: HandshakeError| Fatal::UpstreamMisbehaved(error.to_string());
            let manifest = read_manifest(input).map_err(misbehaved)?;
            let Some((ranges, bytes)) = manifest else { return Ok(false) };
            input.advance(bytes);
            let versions = spoken(&|version| ranges.iter().any(|range| range.contains(version)));
            if let Some(best) = versions.first() {
                write_choice(*best, &mut out.to_upstream);
            }
            versions
        };
        let Some(best) = versions.first().copied() else {
            let what =
                "it speaks no version of Bolt that is served here: 4.4, 5.0 to 5.8, 6.0, 6.1";
            return Err(Fatal::UpstreamMisbehaved(what.to_owned()));
        };
        self.heard.versions = versions;
        let entrance = Entrance::agreed(best, &Introduction::ours(), &self.upstream, out);
        self.step = Step::Entrance(Box::new(entrance));
        Ok(true)
    }

    /// Sends the next statement, if there is one.
    fn ask(&mut self, out: &mut Outbox) {
        self.step = Step::Run;
        let Some(statement) = self.statements.get(self.heard.answers.len()) else { return };
        let mut extra = Dictionary::new();
        extra.set("db", &Value::String(&self.upstream.database));
        extra.set("mode", &Value::String("r"));
        let run = Run { statement, parameters: Dictionary::new(), extra };
        put(&mut out.to_upstream, |body| run.write(body));
        put(&mut out.to_upstream, |body| Pull(Batch::ALL).write(body));
    }

    fn hear(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<bool, Fatal> {
        let Some(extent) = next(&mut self.scanner, input, ANSWER_BYTES_MAX)? else {
            return Ok(false);
        };
        let message = input.split_to(extent.wire_bytes);
        let body = extent.body(&message);
        let reply = Response::read(&body)
            .map_err(|defect| Fatal::UpstreamMisbehaved(defect.to_string()))?;
        match (&self.step, reply) {
            (Step::Run, Response::Success(_)) => self.step = Step::Pull,
            (Step::Run, Response::Failure(failure)) => {
                self.answer(Err(failure.code().ok().flatten().unwrap_or_default().to_owned()));
                self.step = Step::Ignored;
            }
            (Step::Pull, Response::Record) => {
                self.bytes += body.len();
                if self.bytes > ANSWER_BYTES_MAX {
                    let what = "what it says of itself has too many bytes";
                    return Err(Fatal::UpstreamMisbehaved(what.to_owned()));
                }
                self.records.push(body.into_owned());
            }
            (Step::Pull, Response::Success(_)) => {
                let records = std::mem::take(&mut self.records);
                self.answer(Ok(records));
                self.ask(out);
            }
            (Step::Pull, Response::Failure(failure)) => {
                self.answer(Err(failure.code().ok().flatten().unwrap_or_default().to_owned()));
                self.reset(out);
            }
            (Step::Ignored, Response::Ignored(_)) => self.reset(out),
            (Step::Reset, Response::Success(_)) => self.ask(out),
            _ => return Err(Fatal::UpstreamMisbehaved("a reply that was not due".to_owned())),
        }
        Ok(true)
    }

    fn answer(&mut self, answer: Answered) {
        self.records.clear();
        self.heard.answers.push(answer);
    }

    fn reset(&mut self, out: &mut Outbox) {
        put(&mut out.to_upstream, |body| Reset.write(body));
        self.step = Step::Reset;
    }
}

impl Heard {
    /// The number that each statement led to, in the first column of its first record; `Err` with the
    /// code of one that failed.
    #[must_use]
    pub fn numbers(&self) -> Vec<Result<i64, String>> {
        let number = |answered: &Answered| match answered {
            Err(code) => Err(code.clone()),
            Ok(records) => {
                let values = records.first().and_then(|record| values(record));
                match values.as_deref() {
                    Some([Value::Integer(number), ..]) => Ok(*number),
                    _ => Err("an answer that is no number".to_owned()),
                }
            }
        };
        self.answers.iter().map(number).collect()
    }
}

/// The values of a RECORD.
pub(super) fn values(body: &[u8]) -> Option<Vec<Value<'_>>> {
    let mut reader = Reader::new(body, Structures::All);
    let Ok(Item::Structure { fields: 1, .. }) = reader.item() else { return None };
    match Value::read(&mut reader) {
        Ok(Value::List(values)) => Some(values),
        _ => None,
    }
}
