//! Bytes from a client, however they are cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tests::properties;

fuzz_target!(
    init: properties::seeds::plant("frame").expect("the seeds are written"),
    |input: &[u8]| properties::frame(input)
);
