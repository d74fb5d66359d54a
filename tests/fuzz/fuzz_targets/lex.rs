//! Any text, read as SQL's tokens.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tests::properties;

fuzz_target!(
    init: properties::seeds::plant("lex").expect("the seeds are written"),
    |input: &[u8]| properties::lex(input)
);
