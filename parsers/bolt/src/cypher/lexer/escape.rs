//! Escapes in strings and names.

use std::borrow::Cow;

/// An escape at some place of a string.
pub(super) struct StringEscape {
    /// The text that it stands for; `None` where the backslash and the character behind it stand
    /// for themselves.
    pub(super) character: Option<char>,
    /// How many bytes it takes.
    pub(super) bytes: usize,
}

/// Reads the escape at the start of `text`, which is a backslash. `None` for a unicode escape that
/// is not whole, that is half a character, or that the server would read as a quote or a backslash
/// of the text itself; and for a backslash at the end.
pub(super) fn string_escape(text: &str) -> Option<StringEscape> {
    let behind = text.get(1..)?.chars().next()?;
    let character = match behind {
        'b' => '\u{8}',
        'f' => '\u{C}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '\'' | '"' | '\\' => behind,
        'u' => {
            let (character, bytes) = unicode_escape(text)?;
            let is_live = matches!(character, '\'' | '"' | '\\' | '`');
            return (!is_live).then_some(StringEscape { character: Some(character), bytes });
        }
        // Any other stays two characters.
        _ => return Some(StringEscape { character: None, bytes: 1 + behind.len_utf8() }),
    };
    Some(StringEscape { character: Some(character), bytes: 2 })
}

/// `\uXXXX`, or two of them that make one character.
fn unicode_escape(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        let all = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if all { u16::from_str_radix(digits, 16).ok() } else { None }
    };
    let first = unit(0)?;
    if let Some(character) = char::from_u32(u32::from(first)) {
        return Some((character, 6));
    }
    let pair = [first, unit(6)?];
    let character = char::decode_utf16(pair).next()?.ok()?;
    Some((character, 12))
}

/// What a string stands for. `text` has its quotes and was scanned.
pub(in crate::cypher) fn decode_string(text: &str) -> Cow<'_, str> {
    let inside = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    if !inside.contains('\\') {
        return Cow::Borrowed(inside);
    }
    let mut decoded = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(at) = rest.find('\\') {
        decoded.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let Some(escape) = string_escape(rest) else { break };
        let (source, behind) = rest.split_at_checked(escape.bytes).unwrap_or((rest, ""));
        match escape.character {
            Some(character) => decoded.push(character),
            None => decoded.push_str(source),
        }
        rest = behind;
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// What a name in backticks stands for. `text` has its backticks and was scanned.
pub(in crate::cypher) fn decode_name(text: &str) -> Cow<'_, str> {
    let inside = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    if inside.contains('`') { Cow::Owned(inside.replace("``", "`")) } else { Cow::Borrowed(inside) }
}

/// Where in a text the server would replace a unicode escape: a backslash and a `u`, unless the
/// backslash itself stands behind another one, which shields it.
pub(in crate::cypher) fn has_open_escape(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = bytes.get(at..)?.iter().position(|byte| *byte == b'\\') {
        at += found;
        match bytes.get(at + 1) {
            Some(b'u') => return Some(at),
            Some(b'\\') => at += 2,
            _ => at += 1,
        }
    }
    None
}
