//! Inline requests: a line of words, by the server's quoting rules (`sdssplitargs`).

use wire::Span;

use super::Violation;

/// Splits `line`, which has no line end, into words. Their unquoted bytes go into `text`, their
/// places into `words`; both are emptied first.
///
/// # Errors
/// `InlineQuotes` when a quote does not close or something other than a blank follows it, and
/// `InlineLine` for a NUL: the server would look for the line's end behind it for ever.
pub(super) fn split(
    line: &[u8],
    text: &mut Vec<u8>,
    words: &mut Vec<Span>,
) -> Result<(), Violation> {
    text.clear();
    words.clear();
    if line.contains(&0) {
        return Err(Violation::InlineLine);
    }
    let mut rest = line;
    loop {
        while let [first, behind @ ..] = rest {
            if !is_space(*first) {
                break;
            }
            rest = behind;
        }
        if rest.is_empty() {
            return Ok(());
        }
        let start = text.len();
        rest = word(rest, text)?;
        let offset = |at: usize| u32::try_from(at).map_err(|_| Violation::InlineLine);
        words.push(Span::new(offset(start)?, offset(text.len())?));
    }
}

/// Takes one word off `rest`. Quotes may open in its middle; a closing one ends it.
fn word<'l>(mut rest: &'l [u8], text: &mut Vec<u8>) -> Result<&'l [u8], Violation> {
    loop {
        match rest {
            // Of the blanks only these end a bare word; `\v` and `\f` are part of it.
            [] | [b' ' | b'\n' | b'\r' | b'\t', ..] => return Ok(rest),
            [b'"', behind @ ..] => return double_quoted(behind, text),
            [b'\'', behind @ ..] => return single_quoted(behind, text),
            [byte, behind @ ..] => {
                text.push(*byte);
                rest = behind;
            }
        }
    }
}

fn double_quoted<'l>(mut rest: &'l [u8], text: &mut Vec<u8>) -> Result<&'l [u8], Violation> {
    loop {
        rest = match rest {
            [b'\\', b'x', high, low, behind @ ..]
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                text.push(hex(*high) << 4 | hex(*low));
                behind
            }
            [b'\\', escaped, behind @ ..] => {
                text.push(match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 0x08,
                    b'a' => 0x07,
                    other => *other,
                });
                behind
            }
            [b'"', behind @ ..] => return closed(behind),
            [byte, behind @ ..] => {
                text.push(*byte);
                behind
            }
            [] => return Err(Violation::InlineQuotes),
        }
    }
}

fn single_quoted<'l>(mut rest: &'l [u8], text: &mut Vec<u8>) -> Result<&'l [u8], Violation> {
    loop {
        rest = match rest {
            [b'\\', b'\'', behind @ ..] => {
                text.push(b'\'');
                behind
            }
            [b'\'', behind @ ..] => return closed(behind),
            [byte, behind @ ..] => {
                text.push(*byte);
                behind
            }
            [] => return Err(Violation::InlineQuotes),
        }
    }
}

/// Behind a closing quote stands a blank or nothing.
fn closed(rest: &[u8]) -> Result<&[u8], Violation> {
    match rest {
        [next, ..] if !is_space(*next) => Err(Violation::InlineQuotes),
        _ => Ok(rest),
    }
}

/// C's `isspace`.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit.wrapping_sub(b'A').wrapping_add(10),
    }
}
