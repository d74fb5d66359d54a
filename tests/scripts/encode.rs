//! From a line's words to the bytes of its message. Written against the protocol's documentation
//! and without the codec that the scripts test.

use super::notation::{Side, Word};

/// The bytes of a message from `side`, or to it.
pub(crate) fn encode(side: Side, from: bool, words: &[Word]) -> Result<Vec<u8>, String> {
    let (name, words) = words.split_first().ok_or("a message has a name")?;
    let name = name.text();
    match name.as_str() {
        "Raw" => return Ok(one(words)?.to_vec()),
        "Message" => {
            let [tag, body] = words else { return Err("Message TAG BODY".to_owned()) };
            return Ok(framed(tag.bytes[0], &body.bytes));
        }
        _ => {}
    }
    let from_frontend = match side {
        Side::Client => from,
        Side::Upstream => !from,
        Side::Shell => return Err("the shell does not speak in bytes".to_owned()),
    };
    let encoded = if from_frontend { frontend(&name, words) } else { backend(&name, words) };
    encoded.unwrap_or_else(|| Err(format!("message `{name}` is not known")))
}

type Encoded = Option<Result<Vec<u8>, String>>;

fn frontend(name: &str, words: &[Word]) -> Encoded {
    Some(match name {
        "Query" => strings(words, 1).map(|body| framed(b'Q', &body)),
        "Parse" => parse(words),
        "Bind" => bind(words),
        "Describe" => target(words).map(|body| framed(b'D', &body)),
        "Close" => target(words).map(|body| framed(b'C', &body)),
        "Execute" => execute(words),
        "Flush" => Ok(framed(b'H', b"")),
        "Sync" => Ok(framed(b'S', b"")),
        "Terminate" => Ok(framed(b'X', b"")),
        "CopyData" => one(words).map(|data| framed(b'd', data)),
        "CopyDone" => Ok(framed(b'c', b"")),
        "CopyFail" => strings(words, 1).map(|body| framed(b'f', &body)),
        "Password" => strings(words, 1).map(|body| framed(b'p', &body)),
        "SaslInitialResponse" => sasl_initial(words),
        "SaslResponse" => one(words).map(|data| framed(b'p', data)),
        "SSLRequest" => Ok(packet(80_877_103, b"")),
        "GSSENCRequest" => Ok(packet(80_877_104, b"")),
        "CancelRequest" => one(words).map(|key| packet(80_877_102, key)),
        "StartupMessage" => startup(words),
        _ => return None,
    })
}

fn backend(name: &str, words: &[Word]) -> Encoded {
    Some(match name {
        "Byte" => one(words).map(<[u8]>::to_vec),
        "AuthenticationOk" => Ok(framed(b'R', &0_u32.to_be_bytes())),
        "AuthenticationCleartextPassword" => Ok(framed(b'R', &3_u32.to_be_bytes())),
        "AuthenticationMD5Password" => authentication(5, one(words)),
        "AuthenticationSASL" => {
            let list = words.iter().flat_map(|word| cstr(&word.bytes)).chain([0]).collect();
            authentication::<Vec<u8>>(10, Ok(list))
        }
        "AuthenticationSASLContinue" => authentication(11, one(words)),
        "AuthenticationSASLFinal" => authentication(12, one(words)),
        "AuthenticationUnknown" => number(words.first()).map(|n| framed(b'R', &be32(n))),
        "ParameterStatus" => strings(words, 2).map(|body| framed(b'S', &body)),
        "BackendKeyData" => one(words).map(|key| framed(b'K', key)),
        "ReadyForQuery" => one(words).map(|status| framed(b'Z', status)),
        "NegotiateProtocolVersion" => negotiate(words),
        "ParseComplete" => Ok(framed(b'1', b"")),
        "BindComplete" => Ok(framed(b'2', b"")),
        "CloseComplete" => Ok(framed(b'3', b"")),
        "NoData" => Ok(framed(b'n', b"")),
        "EmptyQueryResponse" => Ok(framed(b'I', b"")),
        "PortalSuspended" => Ok(framed(b's', b"")),
        "CommandComplete" => strings(words, 1).map(|body| framed(b'C', &body)),
        "DataRow" => data_row(words),
        "RowDescription" => Ok(framed(b'T', &row_description(words))),
        "ParameterDescription" => parameter_description(words),
        "NotificationResponse" => {
            strings(words, 2).map(|body| framed(b'A', &[&[0, 0, 0, 7], &body[..]].concat()))
        }
        "CopyInResponse" => Ok(framed(b'G', &[0, 0, 1, 0, 0])),
        "CopyOutResponse" => Ok(framed(b'H', &[0, 0, 1, 0, 0])),
        "CopyBothResponse" => Ok(framed(b'W', &[0, 0, 1, 0, 0])),
        "CopyData" => one(words).map(|data| framed(b'd', data)),
        "CopyDone" => Ok(framed(b'c', b"")),
        "ErrorResponse" => fields(words).map(|body| framed(b'E', &body)),
        "NoticeResponse" => fields(words).map(|body| framed(b'N', &body)),
        _ => return None,
    })
}

fn framed(tag: u8, body: &[u8]) -> Vec<u8> {
    [&[tag], &be32(body.len() + 4)[..], body].concat()
}

fn packet(code: u32, rest: &[u8]) -> Vec<u8> {
    [&be32(rest.len() + 8)[..], &code.to_be_bytes(), rest].concat()
}

fn be32(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap().to_be_bytes()
}

fn be16(number: usize) -> [u8; 2] {
    u16::try_from(number).unwrap().to_be_bytes()
}

fn cstr(bytes: &[u8]) -> Vec<u8> {
    [bytes, &[0]].concat()
}

fn one(words: &[Word]) -> Result<&[u8], String> {
    match words {
        [word] => Ok(&word.bytes),
        _ => Err("one word is wanted".to_owned()),
    }
}

fn strings(words: &[Word], count: usize) -> Result<Vec<u8>, String> {
    if words.len() != count {
        return Err(format!("{count} words are wanted"));
    }
    Ok(words.iter().flat_map(|word| cstr(&word.bytes)).collect())
}

fn number(word: Option<&Word>) -> Result<usize, String> {
    word.map_or(Ok(0), |word| word.text().parse().map_err(|_| format!("`{word}` is no number")))
}

fn parse(words: &[Word]) -> Result<Vec<u8>, String> {
    let [name, text, types @ ..] = words else { return Err("Parse NAME TEXT [OID]".to_owned()) };
    let mut body = [cstr(&name.bytes), cstr(&text.bytes)].concat();
    body.extend(be16(types.len()));
    for oid in types {
        body.extend(be32(number(Some(oid))?));
    }
    Ok(framed(b'P', &body))
}

/// `Bind PORTAL STATEMENT [formats=0,1] [results=1] VALUE...`; `null` is null.
fn bind(words: &[Word]) -> Result<Vec<u8>, String> {
    let [portal, statement, rest @ ..] = words else {
        return Err("Bind PORTAL STATEMENT [formats=…] [results=…] VALUE…".to_owned());
    };
    let (mut formats, mut results, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for word in rest {
        match word.pair() {
            Some((key, list)) if !word.quoted && key == "formats" => formats = codes(list)?,
            Some((key, list)) if !word.quoted && key == "results" => results = codes(list)?,
            _ if word.is("null") => values.extend((-1_i32).to_be_bytes()),
            _ => {
                values.extend(be32(word.bytes.len()));
                values.extend(&word.bytes);
            }
        }
    }
    let count = rest.iter().filter(|word| word.quoted || !word.text().contains('=')).count();
    let body = [cstr(&portal.bytes), cstr(&statement.bytes), formats, be16(count).to_vec(), values];
    let results = if results.is_empty() { vec![0, 0] } else { results };
    let mut body = body;
    if body[2].is_empty() {
        body[2] = vec![0, 0];
    }
    Ok(framed(b'B', &[body.concat(), results].concat()))
}

/// A counted list of 16-bit numbers.
fn codes(list: &[u8]) -> Result<Vec<u8>, String> {
    let codes: Result<Vec<u16>, _> =
        String::from_utf8_lossy(list).split(',').map(str::parse).collect();
    let codes = codes.map_err(|_| "formats are numbers".to_owned())?;
    let bytes = codes.iter().flat_map(|code| code.to_be_bytes());
    Ok(be16(codes.len()).into_iter().chain(bytes).collect())
}

fn target(words: &[Word]) -> Result<Vec<u8>, String> {
    let [kind, name] = words else { return Err("S NAME, or P NAME".to_owned()) };
    Ok([&kind.bytes[..1], &cstr(&name.bytes)].concat())
}

fn execute(words: &[Word]) -> Result<Vec<u8>, String> {
    let (portal, rows) = words.split_first().ok_or("Execute PORTAL [ROWS]")?;
    Ok(framed(b'E', &[&cstr(&portal.bytes)[..], &be32(number(rows.first())?)].concat()))
}

fn sasl_initial(words: &[Word]) -> Result<Vec<u8>, String> {
    let [mechanism, data] = words else { return Err("SaslInitialResponse NAME DATA".to_owned()) };
    let length = be32(data.bytes.len());
    Ok(framed(b'p', &[&cstr(&mechanism.bytes)[..], &length, &data.bytes].concat()))
}

/// `StartupMessage 3.0 key=value...`
fn startup(words: &[Word]) -> Result<Vec<u8>, String> {
    let (version, parameters) = words.split_first().ok_or("StartupMessage VERSION key=value…")?;
    let version = version.text();
    let (major, minor) = version.split_once('.').ok_or("a version is 3.0")?;
    let half = |text: &str| text.parse::<u32>().map_err(|_| "a version is 3.0".to_owned());
    let mut rest = Vec::new();
    for parameter in parameters {
        let (key, value) = parameter.pair().ok_or("a parameter is key=value")?;
        rest.extend(cstr(key.as_bytes()));
        rest.extend(cstr(value));
    }
    rest.push(0);
    Ok(packet(half(major)? << 16 | half(minor)?, &rest))
}

fn authentication<B: AsRef<[u8]>>(number: u32, rest: Result<B, String>) -> Result<Vec<u8>, String> {
    Ok(framed(b'R', &[&number.to_be_bytes(), rest?.as_ref()].concat()))
}

fn negotiate(words: &[Word]) -> Result<Vec<u8>, String> {
    let (minor, unknown) = words.split_first().ok_or("NegotiateProtocolVersion MINOR NAME…")?;
    let version = (3 << 16) + number(Some(minor))?;
    let mut body = [be32(version), be32(unknown.len())].concat();
    body.extend(unknown.iter().flat_map(|word| cstr(&word.bytes)));
    Ok(framed(b'v', &body))
}

fn data_row(words: &[Word]) -> Result<Vec<u8>, String> {
    let mut body = be16(words.len()).to_vec();
    for word in words {
        if word.is("null") {
            body.extend((-1_i32).to_be_bytes());
        } else {
            body.extend(be32(word.bytes.len()));
            body.extend(&word.bytes);
        }
    }
    Ok(framed(b'D', &body))
}

/// Columns of type text that belong to no table.
fn row_description(words: &[Word]) -> Vec<u8> {
    let mut body = be16(words.len()).to_vec();
    for word in words {
        body.extend(cstr(&word.bytes));
        body.extend([0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0]);
    }
    body
}

fn parameter_description(words: &[Word]) -> Result<Vec<u8>, String> {
    let mut body = be16(words.len()).to_vec();
    for oid in words {
        body.extend(be32(number(Some(oid))?));
    }
    Ok(framed(b't', &body))
}

/// `SEVERITY CODE MESSAGE X=value…`
fn fields(words: &[Word]) -> Result<Vec<u8>, String> {
    let [severity, code, message, rest @ ..] = words else {
        return Err("SEVERITY CODE MESSAGE X=value…".to_owned());
    };
    let mut body = Vec::new();
    let head = [(b'S', severity), (b'V', severity), (b'C', code), (b'M', message)];
    for (field, word) in head {
        body.push(field);
        body.extend(cstr(&word.bytes));
    }
    for word in rest {
        let (field, value) = word.pair().ok_or("a field is X=value")?;
        body.extend(field.as_bytes());
        body.extend(cstr(value));
    }
    body.push(0);
    Ok(body)
}
