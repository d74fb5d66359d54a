//! Golden files: statements and the verdicts that they must earn, as plain text.
//!
//! A file begins with a header (`policy F`, `catalog F`, `tenant ID`, and `mode M` where it is not
//! inject); then come cases: comment lines that say why, the word `scope`, the statement, `----`,
//! the outcome, a blank line. An outcome is `forward`, `rewrite` with the text, or `reject code` with
//! the statement's line and a caret under the place.

use std::fmt::Write as _;

/// One file.
#[derive(Debug)]
pub struct File {
    /// The header's lines: key and value.
    pub header: Vec<(String, String)>,
    /// Everything before the first case, to be written back as it was.
    pub preamble: String,
    /// The cases.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// The comment above it, with its marks.
    pub comment: String,
    /// The statement.
    pub input: String,
    /// The outcome.
    pub expected: String,
    /// The line of the word `scope`, from 1.
    pub line: usize,
}

impl File {
    /// Reads a file.
    ///
    /// # Errors
    /// A sentence with the line at which it stops making sense.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut file = Self { header: Vec::new(), preamble: String::new(), cases: Vec::new() };
        let mut lines = text.lines().enumerate().peekable();
        while let Some((_, line)) = lines.next_if(|(_, line)| *line != "scope") {
            if let (false, Some((key, value))) = (line.starts_with('#'), line.split_once(' ')) {
                file.header.push((key.to_owned(), value.to_owned()));
            }
            let _ = writeln!(file.preamble, "{line}");
        }
        // What stands directly above the first case belongs to it.
        let mut comment = split_comment(&mut file.preamble);
        while let Some((number, line)) = lines.next() {
            if line != "scope" {
                if !line.is_empty() && !line.starts_with('#') {
                    return Err(format!("line {}: expected `scope`, found `{line}`", number + 1));
                }
                let _ = writeln!(comment, "{line}");
                continue;
            }
            let mut input: Vec<&str> = Vec::new();
            loop {
                match lines.next() {
                    Some((_, "----")) => break,
                    Some((_, line)) => input.push(line),
                    None => return Err(format!("line {}: a case without `----`", number + 1)),
                }
            }
            let mut expected: Vec<&str> = Vec::new();
            while let Some((_, line)) = lines.next_if(|(_, line)| !line.is_empty()) {
                expected.push(line);
            }
            lines.next();
            file.cases.push(Case {
                comment: std::mem::take(&mut comment),
                input: input.join("\n"),
                expected: expected.join("\n"),
                line: number + 1,
            });
        }
        Ok(file)
    }

    /// The value of a header line.
    #[must_use]
    pub fn header(&self, key: &str) -> Option<&str> {
        self.header.iter().find(|(found, _)| found == key).map(|(_, value)| value.as_str())
    }

    /// The file's text.
    #[must_use]
    pub fn print(&self) -> String {
        let mut text = self.preamble.clone();
        for (index, case) in self.cases.iter().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            let _ =
                write!(text, "{}scope\n{}\n----\n{}\n", case.comment, case.input, case.expected);
        }
        text
    }
}

fn split_comment(preamble: &mut String) -> String {
    let mut start = preamble.len();
    for line in preamble.lines().collect::<Vec<_>>().into_iter().rev() {
        if !line.starts_with('#') {
            break;
        }
        start -= line.len() + 1;
    }
    preamble.split_off(start)
}
