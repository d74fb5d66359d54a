//! Integers, exactly as the server takes and prints them.

use bytes::BufMut;

/// Longest text of a 64-bit integer: a sign and nineteen digits.
pub const INTEGER_BYTES_MAX: usize = 20;

/// Reads an integer as the server's `string2ll` does: no plus sign, no leading zero, no `-0`, no
/// blank, nothing behind the digits, and nothing outside 64 bits.
///
/// A looser reader would see a number where the server sees none, and so another message than it.
#[must_use]
pub fn integer(text: &[u8]) -> Option<i64> {
    if text.len() > INTEGER_BYTES_MAX {
        return None;
    }
    let (negative, digits) = match text {
        [b'0'] => return Some(0),
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let (first, _) = digits.split_first()?;
    if !matches!(first, b'1'..=b'9') {
        return None;
    }
    let mut value: i64 = 0;
    for digit in digits {
        let digit = i64::from(digit.checked_sub(b'0').filter(|digit| *digit <= 9)?);
        value = value.checked_mul(10)?;
        // Downwards for a negative number: its range is larger by one.
        value = if negative { value.checked_sub(digit)? } else { value.checked_add(digit)? };
    }
    Some(value)
}

/// Reads a length and the CRLF behind it, off the start of `input`: the length, and how many bytes
/// both take. `None` for anything unusual, a line that is not whole too: the slow way has to tell.
#[inline]
pub(crate) fn length_line(input: &[u8]) -> Option<(usize, usize)> {
    /// Ten digits and a carriage return need not be looked for.
    const DIGITS_MAX: usize = 9;
    let mut length = 0;
    for (digits, byte) in input.iter().enumerate().take(DIGITS_MAX + 1) {
        match byte {
            b'0'..=b'9' => length = length * 10 + usize::from(byte - b'0'),
            b'\r' if input.get(digits + 1) == Some(&b'\n') => {
                let leading_zero = digits > 1 && input.first() == Some(&b'0');
                let usual = digits > 0 && !leading_zero;
                return usual.then_some((length, digits + 2));
            }
            _ => return None,
        }
    }
    None
}

/// Appends `value` in decimal.
pub fn put(mut value: usize, out: &mut impl BufMut) {
    let mut digits = [0; INTEGER_BYTES_MAX];
    let mut start = digits.len();
    for place in digits.iter_mut().rev() {
        *place = b'0' + u8::try_from(value % 10).unwrap_or(0);
        start -= 1;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.put_slice(digits.get(start..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_those_of_the_server() {
        for (text, value) in [
            ("0", 0),
            ("7", 7),
            ("-1", -1),
            ("1024", 1024),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(integer(text.as_bytes()), Some(value), "{text}");
        }
        for text in [
            "",
            "-",
            "+1",
            "01",
            "00",
            "-0",
            "-01",
            " 1",
            "1 ",
            "1a",
            "a",
            "0x1",
            "1.0",
            "--1",
            "9223372036854775808",
            "-9223372036854775809",
            "18446744073709551616",
            "111111111111111111111",
            "1\0",
            "\u{661}",
        ] {
            assert_eq!(integer(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn lengths_are_read_fast_only_where_they_are_usual() {
        for (input, read) in [
            ("0\r\n", (0, 3)),
            ("7\r\n$", (7, 3)),
            ("1024\r\nabc", (1024, 6)),
            ("999999999\r\n", (999_999_999, 11)),
        ] {
            assert_eq!(length_line(input.as_bytes()), Some(read), "{input:?}");
        }
        for input in [
            "",
            "1",
            "1\r",
            "\r\n",
            "01\r\n",
            "00\r\n",
            "-1\r\n",
            "1000000000\r\n",
            "1\rx",
            "1x\r\n",
        ] {
            assert_eq!(length_line(input.as_bytes()), None, "{input:?}");
        }
    }

    #[test]
    fn numbers_are_printed_in_decimal() {
        for value in [0, 9, 10, 65_536, usize::MAX] {
            let mut out = b"$".to_vec();
            put(value, &mut out);
            assert_eq!(out, format!("${value}").into_bytes());
        }
    }
}
