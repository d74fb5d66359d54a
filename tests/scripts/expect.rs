//! Comparing what the connection says with what a script wants.
//!
//! Messages are compared byte for byte. Two things are not fixed: what is random, for which a script
//! writes `*`, and the sentence of a refusal, for which it writes the reason's code.

use super::encode::encode;
use super::notation::{Line, Side, Word};

/// Splits the first message off `bytes`. What a connection says to an upstream may begin with
/// packets that have no tag.
pub(crate) fn split(bytes: &[u8], side: Side) -> Result<&[u8], String> {
    let untagged = side == Side::Upstream && bytes.first() == Some(&0);
    // One byte answers SSLRequest and GSSENCRequest, before any message.
    if side == Side::Client && bytes.len() == 1 {
        return Ok(bytes);
    }
    let at = usize::from(!untagged);
    let length = bytes.get(at..at + 4).and_then(|length| length.first_chunk());
    let length = length.map(|length| u32::from_be_bytes(*length)).ok_or("half a message")?;
    let end = at + usize::try_from(length).map_err(|_| "too long")?;
    bytes.get(..end).ok_or_else(|| format!("half a message: {}", bytes.escape_ascii()))
}

/// Checks `message` against a line.
pub(crate) fn check(line: &Line, message: &[u8]) -> Result<(), String> {
    let (name, rest) = line.words.split_first().ok_or("a message has a name")?;
    let matches = match (name.text().as_str(), rest) {
        ("Execute", [portal]) if portal.is("nowhere") => is_nowhere(message),
        ("Query", [text]) if text.is("refused") => {
            message == encode(line.side, false, &no_sql(name))?
        }
        ("ErrorResponse", [severity, code, reason, fields @ ..]) if !reason.quoted => {
            return check_refusal(message, severity, code, &reason.text(), fields);
        }
        ("BackendKeyData", [any, bytes]) if any.is("*") => {
            message.first() == Some(&b'K') && bytes.text() == (message.len() - 5).to_string()
        }
        ("AuthenticationSASLContinue", [any]) if any.is("*") => message.starts_with(b"R\0\0\0"),
        ("AuthenticationSASLFinal", [any]) if any.is("*") => message.get(8) == Some(&12),
        ("SaslInitialResponse", [mechanism, any]) if any.is("*") => {
            message.first() == Some(&b'p') && message[5..].starts_with(&mechanism.bytes)
        }
        ("SaslResponse", [any]) if any.is("*") => message.first() == Some(&b'p'),
        _ => {
            let wanted = encode(line.side, false, &line.words)?;
            message == wanted
        }
    };
    if matches { Ok(()) } else { Err(format!("found {}", message.escape_ascii())) }
}

/// What goes to the upstream in the place of a refused Query.
fn no_sql(query: &Word) -> [Word; 2] {
    let bytes = b"partywall refused a statement here".to_vec();
    [query.clone(), Word { bytes, quoted: true }]
}

fn is_nowhere(message: &[u8]) -> bool {
    let portal = message.get(5..message.len() - 5).unwrap_or_default();
    message.first() == Some(&b'E')
        && message.ends_with(&[0; 5])
        && portal.starts_with(b"partywall-refused-")
        && portal.len() == 50
}

/// A refusal: its severity and SQLSTATE, the code in its sentence, and exactly the listed fields
/// besides. A bare `H` stands for any hint.
fn check_refusal(
    message: &[u8],
    severity: &Word,
    code: &Word,
    reason: &str,
    listed: &[Word],
) -> Result<(), String> {
    let found = || format!("found {}", message.escape_ascii());
    let fields = read_fields(message).ok_or_else(found)?;
    let mut wanted = vec![('S', severity.text()), ('V', severity.text()), ('C', code.text())];
    let mut any_hint = false;
    for word in listed {
        match word.pair() {
            Some((field, value)) => {
                let value = String::from_utf8_lossy(value).into_owned();
                wanted.push((field.chars().next().unwrap_or(' '), value));
            }
            None if word.is("H") => any_hint = true,
            None => return Err(format!("`{word}` is no field")),
        }
    }
    let mut rest = fields;
    let Some(at) = rest.iter().position(|(field, text)| {
        *field == 'M' && text.starts_with("partywall: ") && text.ends_with(&format!("[{reason}]"))
    }) else {
        return Err(found());
    };
    rest.remove(at);
    for pair in wanted {
        let at = rest.iter().position(|each| *each == pair).ok_or_else(found)?;
        rest.remove(at);
    }
    if any_hint {
        let at = rest.iter().position(|(field, _)| *field == 'H').ok_or_else(found)?;
        rest.remove(at);
    }
    if rest.is_empty() { Ok(()) } else { Err(found()) }
}

fn read_fields(message: &[u8]) -> Option<Vec<(char, String)>> {
    let body = message.strip_prefix(b"E")?.get(4..)?.strip_suffix(b"\0")?;
    let mut fields = Vec::new();
    for field in body.split_inclusive(|byte| *byte == 0) {
        let (code, text) = field.strip_suffix(b"\0")?.split_first()?;
        fields.push((char::from(*code), String::from_utf8_lossy(text).into_owned()));
    }
    Some(fields)
}
