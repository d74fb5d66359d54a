//! A reader of replies, RESP2 and RESP3, of the test's own: it shares no code with the wall.

/// One reply, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Simple(Vec<u8>),
    Error(Vec<u8>),
    Integer(i64),
    /// A bulk string; `$-1` is `Null`.
    Bulk(Vec<u8>),
    /// Null of a kind: `$-1`, `*-1` or `_`.
    Null(u8),
    /// An array, set or push, by its first byte.
    Array(u8, Vec<Value>),
    Map(Vec<(Value, Value)>),
    /// What stands as text in its line: doubles, booleans, big numbers.
    Line(u8, Vec<u8>),
    Verbatim(Vec<u8>),
}

impl Value {
    pub(crate) fn error(&self) -> Option<&[u8]> {
        match self {
            Self::Error(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Simple(text) | Self::Bulk(text) | Self::Verbatim(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of an array or set; a map's keys and values in turn.
    pub(crate) fn elements(&self) -> Vec<Value> {
        match self {
            Self::Array(_, elements) => elements.clone(),
            Self::Map(pairs) => pairs.iter().flat_map(|(k, v)| [k.clone(), v.clone()]).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether it comes unasked: a push of RESP3, or a message in RESP2's form.
    pub(crate) fn is_unasked(&self) -> bool {
        match self {
            Self::Array(b'>', elements) | Self::Array(b'*', elements) => {
                let is_push = matches!(self, Self::Array(b'>', _));
                let kind = elements.first().and_then(Value::text).unwrap_or_default();
                let messages: [&[u8]; 4] = [b"message", b"pmessage", b"smessage", b"invalidate"];
                messages.contains(&kind) && (is_push || elements.len() > 2)
            }
            _ => false,
        }
    }

    /// As a person reads it.
    pub(crate) fn show(&self) -> String {
        match self {
            Self::Simple(text) => format!("+{}", text.escape_ascii()),
            Self::Error(text) => format!("-{}", text.escape_ascii()),
            Self::Integer(number) => format!(":{number}"),
            Self::Bulk(text) => format!("\"{}\"", text.escape_ascii()),
            Self::Null(kind) => format!("null{}", char::from(*kind)),
            Self::Array(kind, elements) => {
                let inner: Vec<String> = elements.iter().map(Value::show).collect();
                format!("{}[{}]", char::from(*kind), inner.join(", "))
            }
            Self::Map(pairs) => {
                let inner: Vec<String> =
                    pairs.iter().map(|(k, v)| format!("{} => {}", k.show(), v.show())).collect();
                format!("%[{}]", inner.join(", "))
            }
            Self::Line(kind, text) => format!("{}{}", char::from(*kind), text.escape_ascii()),
            Self::Verbatim(text) => format!("=\"{}\"", text.escape_ascii()),
        }
    }
}

/// A reply cannot be nested deeper; what is, is no reply.
const DEPTH_MAX: u32 = 64;

/// Reads one reply from the start of `input`: the reply and its length. None: not all is there yet.
pub(crate) fn read(input: &[u8]) -> Result<Option<(Value, usize)>, String> {
    let mut reader = Reader { input, place: 0 };
    Ok(reader.value(DEPTH_MAX)?.map(|value| (value, reader.place)))
}

struct Reader<'i> {
    input: &'i [u8],
    place: usize,
}

impl Reader<'_> {
    fn line(&mut self) -> Option<Vec<u8>> {
        let rest = self.input.get(self.place..)?;
        let length = rest.windows(2).position(|pair| pair == b"\r\n")?;
        self.place += length + 2;
        Some(rest[..length].to_vec())
    }

    fn body(&mut self, length: usize) -> Result<Option<Vec<u8>>, String> {
        let Some(body) = self.input.get(self.place..self.place + length + 2) else {
            return Ok(None);
        };
        self.place += length + 2;
        match body.split_at(length) {
            (body, b"\r\n") => Ok(Some(body.to_vec())),
            _ => Err(format!("a bulk reply of {length} bytes does not end there")),
        }
    }

    fn value(&mut self, depth: u32) -> Result<Option<Value>, String> {
        if depth == 0 {
            return Err("a reply is nested too deep".to_owned());
        }
        let Some(line) = self.line() else { return Ok(None) };
        let Some((&kind, text)) = line.split_first() else {
            return Err("an empty line instead of a reply".to_owned());
        };
        let number = || {
            let text = std::str::from_utf8(text).ok();
            text.and_then(|text| text.parse::<i64>().ok())
                .ok_or_else(|| format!("no number: {}", line.escape_ascii()))
        };
        Ok(match kind {
            b'+' => Some(Value::Simple(text.to_vec())),
            b'-' => Some(Value::Error(text.to_vec())),
            b':' => Some(Value::Integer(number()?)),
            b'_' => Some(Value::Null(kind)),
            b',' | b'#' | b'(' => Some(Value::Line(kind, text.to_vec())),
            b'$' | b'*' if number()? == -1 => Some(Value::Null(kind)),
            b'$' => self.body(count(number()?)?)?.map(Value::Bulk),
            b'!' => self.body(count(number()?)?)?.map(Value::Error),
            b'=' => self.body(count(number()?)?)?.map(Value::Verbatim),
            b'*' | b'~' | b'>' => {
                let elements = self.values(count(number()?)?, depth)?;
                elements.map(|elements| Value::Array(kind, elements))
            }
            b'%' => self.values(count(number()?)? * 2, depth)?.map(|values| {
                let pairs = values.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone()));
                Value::Map(pairs.collect())
            }),
            _ => return Err(format!("no reply begins with {}", line.escape_ascii())),
        })
    }

    fn values(&mut self, count: usize, depth: u32) -> Result<Option<Vec<Value>>, String> {
        let mut values = Vec::new();
        for _ in 0..count {
            let Some(value) = self.value(depth - 1)? else { return Ok(None) };
            values.push(value);
        }
        Ok(Some(values))
    }
}

fn count(number: i64) -> Result<usize, String> {
    usize::try_from(number).map_err(|_| format!("a negative length: {number}"))
}
