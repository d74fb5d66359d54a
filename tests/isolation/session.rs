//! A client that keeps every byte it is sent: simple and extended protocol over one blocking socket.
//!
//! A driver hides what must be compared here (command tags, notices, type modifiers, the state after
//! each reply), so this speaks the protocol itself.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use fallible_iterator::FallibleIterator;
use postgres_protocol::IsNull;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::message::backend::{ErrorFields, Message};
use postgres_protocol::message::frontend;

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// Longer than any statement of the test may take; then it has hung.
const REPLY_SECONDS_MAX: u64 = 30;

/// Where to log in, and as whom.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) database: String,
}

/// A statement, and how it is sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statement {
    pub(crate) text: String,
    /// Parse, Describe, Bind, Execute instead of Query.
    pub(crate) extended: bool,
    /// Under a name, bound and executed twice.
    pub(crate) named: bool,
    pub(crate) parameters: Vec<Parameter>,
    /// Whether the extended protocol asks for rows in binary.
    pub(crate) binary_rows: bool,
    /// Whether ORDER BY leaves no room: rows are then compared in order.
    pub(crate) ordered: bool,
}

impl Statement {
    pub(crate) fn simple(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// What Bind brings for one `$n`.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    /// The declared type; 0 leaves it to the server.
    pub(crate) oid: u32,
    pub(crate) binary: bool,
    pub(crate) value: Option<Vec<u8>>,
}

/// One message of a reply, as far as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Columns(Vec<Column>),
    Row(Vec<Option<Vec<u8>>>),
    Tag(String),
    Parameters(Vec<u32>),
    Error(Fields),
    Notice(Fields),
    /// Any other, by its tag and body.
    Other(&'static str, Vec<u8>),
}

/// A column of a row description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) table_oid: u32,
    pub(crate) attribute: i16,
    pub(crate) type_oid: u32,
    pub(crate) type_size: i16,
    pub(crate) type_modifier: i32,
    pub(crate) format: i16,
}

/// The fields of an error or a notice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(pub(crate) Vec<(char, String)>);

impl Fields {
    pub(crate) fn get(&self, code: char) -> Option<&str> {
        self.0.iter().find(|(found, _)| *found == code).map(|(_, value)| value.as_str())
    }
}

/// Everything that came until the server was ready again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    pub(crate) pieces: Vec<Piece>,
    /// `I` idle, `T` in a transaction, `E` in a failed one.
    pub(crate) status: char,
    /// The bytes themselves.
    pub(crate) raw: Vec<u8>,
}

impl Reply {
    pub(crate) fn error(&self) -> Option<&Fields> {
        self.pieces.iter().find_map(|piece| match piece {
            Piece::Error(fields) => Some(fields),
            _ => None,
        })
    }

    /// The rows, with values that are read as text.
    pub(crate) fn text_rows(&self) -> Vec<Vec<String>> {
        let text = |value: &Option<Vec<u8>>| {
            String::from_utf8_lossy(value.as_deref().unwrap_or_default()).into_owned()
        };
        self.pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Row(values) => Some(values.iter().map(text).collect()),
                _ => None,
            })
            .collect()
    }
}

pub(crate) struct Session {
    stream: TcpStream,
    input: BytesMut,
    pub(crate) status: char,
}

impl Session {
    pub(crate) fn open(address: &Address) -> Outcome<Self> {
        let stream = TcpStream::connect((address.host.as_str(), address.port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(REPLY_SECONDS_MAX)))?;
        let mut session = Self { stream, input: BytesMut::new(), status: 'I' };
        let parameters = [
            ("user", address.user.as_str()),
            ("database", address.database.as_str()),
            ("client_encoding", "UTF8"),
            ("TimeZone", "UTC"),
        ];
        session.send(|out| frontend::startup_message(parameters, out))?;
        session.log_in(address)?;
        Ok(session)
    }

    fn log_in(&mut self, address: &Address) -> Outcome<()> {
        let binding = ChannelBinding::unsupported();
        let mut scram = ScramSha256::new(address.password.as_bytes(), binding);
        loop {
            match self.receive(&mut Vec::new())? {
                Message::AuthenticationSasl(_) => {
                    let first = scram.message().to_vec();
                    self.send(|out| frontend::sasl_initial_response(SCRAM_SHA_256, &first, out))?;
                }
                Message::AuthenticationSaslContinue(body) => {
                    scram.update(body.data())?;
                    let answer = scram.message().to_vec();
                    self.send(|out| frontend::sasl_response(&answer, out))?;
                }
                Message::AuthenticationSaslFinal(body) => scram.finish(body.data())?,
                Message::AuthenticationCleartextPassword => {
                    let password = address.password.clone();
                    self.send(|out| frontend::password_message(password.as_bytes(), out))?;
                }
                Message::ErrorResponse(body) => {
                    return Err(format!("no login: {:?}", fields(body.fields())?).into());
                }
                Message::ReadyForQuery(_) => return Ok(()),
                _ => {}
            }
        }
    }

    pub(crate) fn run(&mut self, statement: &Statement) -> Outcome<Reply> {
        if statement.extended {
            self.send(|out| extended(statement, out))?;
        } else {
            self.send(|out| frontend::query(&statement.text, out))?;
        }
        let mut reply = Reply::default();
        let mut syncs = if statement.extended && statement.named { 2 } else { 1 };
        loop {
            let message = self.receive(&mut reply.raw)?;
            if let Message::ReadyForQuery(body) = &message {
                self.status = char::from(body.status());
                reply.status = self.status;
                syncs -= 1;
                if syncs == 0 {
                    return Ok(reply);
                }
                continue;
            }
            if let Message::CopyInResponse(_) = message {
                self.send(|out| frontend::copy_fail("nothing to copy", out))?;
            }
            reply.pieces.extend(piece(message)?);
        }
    }

    /// Ends the session and waits until the server has ended it, too.
    pub(crate) fn close(mut self) -> Outcome<()> {
        self.send(|out| {
            frontend::terminate(out);
            Ok(())
        })?;
        self.stream.read_to_end(&mut Vec::new())?;
        Ok(())
    }

    /// Runs a text that must succeed.
    pub(crate) fn must(&mut self, text: &str) -> Outcome<Reply> {
        let reply = self.run(&Statement::simple(text))?;
        match reply.error() {
            Some(error) => Err(format!("{error:?}\n{text}").into()),
            None => Ok(reply),
        }
    }

    fn send(&mut self, build: impl FnOnce(&mut BytesMut) -> std::io::Result<()>) -> Outcome<()> {
        let mut out = BytesMut::new();
        build(&mut out)?;
        Ok(self.stream.write_all(&out)?)
    }

    fn receive(&mut self, raw: &mut Vec<u8>) -> Outcome<Message> {
        loop {
            // A message is its tag, and a length that counts itself but not the tag.
            let length = self.input.get(1..5).and_then(|length| length.try_into().ok());
            let whole = length.map(|length| u32::from_be_bytes(length) as usize + 1);
            if let Some(bytes) = whole.and_then(|whole| self.input.get(..whole)) {
                raw.extend_from_slice(bytes);
            }
            if let Some(message) = Message::parse(&mut self.input)? {
                return Ok(message);
            }
            let mut chunk = [0; 16 * 1024];
            let count = self.stream.read(&mut chunk)?;
            if count == 0 {
                return Err("the connection was closed".into());
            }
            self.input.put_slice(chunk.get(..count).unwrap_or_default());
        }
    }
}

fn extended(statement: &Statement, out: &mut BytesMut) -> std::io::Result<()> {
    let name = if statement.named { "Some name" } else { "" };
    let types = statement.parameters.iter().map(|parameter| parameter.oid);
    frontend::parse(name, &statement.text, types, out)?;
    frontend::describe(b'S', name, out)?;
    bind(name, statement, out)?;
    if statement.named {
        if statement.ordered {
            // Some of the rows, then the rest.
            frontend::execute("", 2, out)?;
        }
        frontend::execute("", 0, out)?;
        bind(name, statement, out)?;
        frontend::describe(b'P', "", out)?;
    }
    frontend::execute("", 0, out)?;
    if statement.named {
        // A statement that an error kept from being closed would be in the way of the next one.
        frontend::sync(out);
        frontend::close(b'S', name, out)?;
    }
    frontend::sync(out);
    Ok(())
}

fn bind(name: &str, statement: &Statement, out: &mut BytesMut) -> std::io::Result<()> {
    let formats = statement.parameters.iter().map(|parameter| i16::from(parameter.binary));
    frontend::bind(
        "",
        name,
        formats,
        &statement.parameters,
        |parameter, out| match &parameter.value {
            Some(value) => {
                out.put_slice(value);
                Ok(IsNull::No)
            }
            None => Ok(IsNull::Yes),
        },
        Some(i16::from(statement.binary_rows)),
        out,
    )
    .map_err(|_| std::io::Error::other("a parameter is too long"))
}

fn piece(message: Message) -> Outcome<Option<Piece>> {
    let other = |name| Ok(Some(Piece::Other(name, Vec::new())));
    match message {
        Message::RowDescription(body) => {
            let columns = body.fields().map(|field| {
                Ok(Column {
                    name: field.name().to_owned(),
                    table_oid: field.table_oid(),
                    attribute: field.column_id(),
                    type_oid: field.type_oid(),
                    type_size: field.type_size(),
                    type_modifier: field.type_modifier(),
                    format: field.format(),
                })
            });
            Ok(Some(Piece::Columns(columns.collect()?)))
        }
        Message::DataRow(body) => {
            let value = |range: Option<std::ops::Range<usize>>| {
                Ok(range.map(|range| body.buffer().get(range).unwrap_or_default().to_vec()))
            };
            Ok(Some(Piece::Row(body.ranges().map(value).collect()?)))
        }
        Message::CommandComplete(body) => Ok(Some(Piece::Tag(body.tag()?.to_owned()))),
        Message::ParameterDescription(body) => {
            Ok(Some(Piece::Parameters(body.parameters().collect()?)))
        }
        Message::ErrorResponse(body) => Ok(Some(Piece::Error(fields(body.fields())?))),
        Message::NoticeResponse(body) => Ok(Some(Piece::Notice(fields(body.fields())?))),
        Message::ParameterStatus(body) => {
            let words = format!("{}={}", body.name()?, body.value()?);
            Ok(Some(Piece::Other("ParameterStatus", words.into_bytes())))
        }
        Message::NotificationResponse(body) => {
            let words = format!("{}={}", body.channel()?, body.message()?);
            Ok(Some(Piece::Other("Notification", words.into_bytes())))
        }
        Message::CopyData(body) => Ok(Some(Piece::Other("CopyData", body.data().to_vec()))),
        Message::ParseComplete => other("ParseComplete"),
        Message::BindComplete => other("BindComplete"),
        Message::NoData => other("NoData"),
        Message::EmptyQueryResponse => other("EmptyQuery"),
        Message::PortalSuspended => other("PortalSuspended"),
        Message::CloseComplete => other("CloseComplete"),
        Message::CopyInResponse(_) => other("CopyIn"),
        Message::CopyOutResponse(_) => other("CopyOut"),
        Message::CopyDone => other("CopyDone"),
        _ => other("unexpected"),
    }
}

fn fields(mut fields: ErrorFields<'_>) -> Outcome<Fields> {
    let mut all = Vec::new();
    while let Some(field) = fields.next()? {
        let value = String::from_utf8_lossy(field.value_bytes()).into_owned();
        all.push((char::from(field.type_()), value));
    }
    Ok(Fields(all))
}
