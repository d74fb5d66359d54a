//! Numbers, and the numbers of parameters.

use super::{Scanned, Scanner, fail, is_word_part, is_word_start};
use crate::sql::lexer::{LexError, LexErrorKind, TokenKind};

impl Scanner<'_> {
    pub(super) fn parameter(&mut self, start: usize) -> Scanned {
        let end = self.find(start + 1, |byte| !byte.is_ascii_digit());
        if is_word_start(self.byte(end)) {
            return fail(LexErrorKind::JunkAfterParameter, start..self.word_end(end));
        }
        let digits = self.bytes.get(start + 1..end).unwrap_or_default();
        let number = digits.iter().try_fold(0i32, |number, digit| {
            number.checked_mul(10)?.checked_add(i32::from(digit - b'0'))
        });
        if number.is_none() {
            return fail(LexErrorKind::ParameterTooLarge, start..end);
        }
        self.position = end;
        self.push(start, TokenKind::Parameter);
        Ok(())
    }

    pub(super) fn number(&mut self, start: usize) -> Scanned {
        let end = match (self.byte(start), self.byte(start + 1)) {
            (b'0', b'x' | b'X') => self.radix(start, 16, LexErrorKind::InvalidHexInteger)?,
            (b'0', b'o' | b'O') => self.radix(start, 8, LexErrorKind::InvalidOctalInteger)?,
            (b'0', b'b' | b'B') => self.radix(start, 2, LexErrorKind::InvalidBinaryInteger)?,
            _ => self.decimal(start)?,
        };
        self.position = end;
        self.push(start, TokenKind::Number);
        Ok(())
    }

    /// `0x…`, `0o…` or `0b…`: where it ends.
    fn radix(&self, start: usize, radix: u32, none: LexErrorKind) -> Result<usize, LexError> {
        let end = self.digits_end(start + 2, radix, true);
        if end == start + 2 {
            // As in the longest-match rules, junk outweighs the missing digits if it is longer.
            let refused = if self.byte(end) == b'_' { end + 1 } else { end };
            let word_end = self.word_end(start);
            let kind = if word_end > refused { LexErrorKind::JunkAfterNumber } else { none };
            return Err(LexError { kind, at: start, end: word_end.max(refused) });
        }
        self.unless_junk(start, end, is_word_part(self.byte(end)))
    }

    /// An integer, or a number with a point or an exponent: where it ends.
    fn decimal(&self, start: usize) -> Result<usize, LexError> {
        let mut end = self.digits_end(start, 10, false);
        // Where the last stretch of word characters begins.
        let mut tail = start;
        if self.byte(end) == b'.' {
            if end > start && self.byte(end + 1) == b'.' {
                return Ok(end); // `1..10`
            }
            tail = end + 1;
            end = self.digits_end(tail, 10, false);
        }
        if matches!(self.byte(end), b'e' | b'E') {
            let mut exponent = end + 1;
            if matches!(self.byte(exponent), b'+' | b'-') {
                exponent += 1;
                tail = exponent;
            }
            end = self.digits_end(exponent, 10, false);
            if end == exponent {
                let signed = tail == exponent;
                let end = if signed { exponent } else { self.word_end(exponent) };
                return Err(LexError { kind: LexErrorKind::JunkAfterNumber, at: start, end });
            }
        }
        // A dollar goes on with a word. In `1e5$` and `1_0$` there is one: `e5$`, `_0$`.
        let tail = self.bytes.get(tail..end).unwrap_or_default();
        let within_word = tail.iter().any(|byte| !byte.is_ascii_digit());
        let next = self.byte(end);
        self.unless_junk(start, end, is_word_start(next) || (within_word && next == b'$'))
    }

    /// Where digits with single underscores between them end; one may lead if `leading`.
    fn digits_end(&self, from: usize, radix: u32, leading: bool) -> usize {
        let is_digit = |at: usize| char::from(self.byte(at)).is_digit(radix);
        let mut end = from;
        loop {
            if is_digit(end) {
                end += 1;
            } else if self.byte(end) == b'_' && is_digit(end + 1) && (leading || end > from) {
                end += 2;
            } else {
                return end;
            }
        }
    }
}
