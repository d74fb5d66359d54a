//! The names that an array's elements have: 0, 1, 2 and so on, in decimal.

/// Digits of the greatest index: a document of the greatest length has fewer elements.
const DIGITS_MAX: usize = 10;

/// The name of one element of an array.
#[derive(Clone, Debug)]
pub(super) struct Index {
    /// The digits, aligned to the right. INVARIANT: each is one.
    digits: [u8; DIGITS_MAX],
    /// Where they begin.
    start: usize,
}

impl Index {
    /// The first element's.
    pub(super) fn first() -> Self {
        Self { digits: [b'0'; DIGITS_MAX], start: DIGITS_MAX - 1 }
    }

    /// Its digits.
    pub(super) fn name(&self) -> &[u8] {
        self.digits.get(self.start..).unwrap_or_default()
    }

    /// Goes on to the next element's.
    pub(super) fn advance(&mut self) {
        for (at, digit) in self.digits.iter_mut().enumerate().rev() {
            self.start = self.start.min(at);
            if *digit < b'9' {
                *digit += 1;
                return;
            }
            *digit = b'0';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_count_in_decimal() {
        let mut index = Index::first();
        for number in 0..12_345 {
            assert_eq!(index.name(), number.to_string().as_bytes());
            index.advance();
        }
    }
}
