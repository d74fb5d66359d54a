//! Our syntax trees for another process to look at: a statement as a JSON string on each line of the
//! input, an object with `tree` (its debug form) or `refused` (why not) on each line of the output.

use std::io::{self, BufRead as _, BufWriter, Write as _};

use postgres_wire::sql;
use serde_json::json;
use wire::Limits;

fn main() -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        let answer = match sql::parse(&text, Limits::default().depth_max) {
            Ok(statements) => json!({ "tree": format!("{statements:?}") }),
            Err(sql::ParseError::Syntax { message }) => {
                let at = sql::error_offset(&text, &message);
                json!({ "syntax": message, "at": at })
            }
            Err(other) => json!({ "refused": other.to_string() }),
        };
        writeln!(out, "{answer}")?;
    }
    out.flush()
}
