//! Wraps scripts as they are sent to a server: `wrap_script GLOBALS`, where the file holds the
//! reply to the probe, a name a line. Reads scripts from standard input, each behind a line with its
//! length, and writes what is sent in the same form; 0 for a text that is no chunk. Without the file
//! it prints the probe.

use std::error::Error;
use std::io::{BufRead, Read, Write};

use policies::resp::script::{Globals, PROBE, Wrapper};

fn main() -> Result<(), Box<dyn Error>> {
    let mut output = std::io::stdout().lock();
    let Some(file) = std::env::args().nth(1) else {
        output.write_all(PROBE)?;
        return Ok(());
    };
    let names = std::fs::read(file)?;
    let globals = Globals::read(names.split(|byte| *byte == b'\n').filter(|it| !it.is_empty()))?;
    let wrapper = Wrapper::new(globals, |_| true);
    let mut input = std::io::stdin().lock();
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        let mut script = vec![0; line.trim().parse()?];
        input.read_exact(&mut script)?;
        let wrapped = wrapper.wrap(&script).unwrap_or_default();
        writeln!(output, "{}", wrapped.len())?;
        output.write_all(&wrapped)?;
        output.flush()?;
        line.clear();
    }
    Ok(())
}
