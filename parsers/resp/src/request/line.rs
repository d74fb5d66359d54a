//! Requests as people write them: a line of words, as `redis-cli` reads it.

use std::fmt::{self, Display, Write as _};

use super::Request;

/// The request as a line that reads as the same request again. Words are quoted where they must be.
impl Display for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, argument) in self.arguments().enumerate() {
            if index > 0 {
                f.write_char(' ')?;
            }
            word(argument, f)?;
        }
        Ok(())
    }
}

fn word(argument: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && !b"\"'\\".contains(byte);
    if !argument.is_empty() && argument.iter().all(is_plain) {
        return argument.iter().try_for_each(|byte| f.write_char(char::from(*byte)));
    }
    f.write_char('"')?;
    for byte in argument {
        match byte {
            b'"' | b'\\' => write!(f, "\\{}", char::from(*byte))?,
            b'\n' => f.write_str("\\n")?,
            b'\r' => f.write_str("\\r")?,
            b'\t' => f.write_str("\\t")?,
            b' ' => f.write_char(' ')?,
            byte if byte.is_ascii_graphic() => f.write_char(char::from(*byte))?,
            byte => write!(f, "\\x{byte:02x}")?,
        }
    }
    f.write_char('"')
}
