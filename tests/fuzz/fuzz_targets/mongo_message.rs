//! Bytes from a MongoDB client or server, however they are cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tests::properties;

fuzz_target!(
    init: properties::seeds::plant("mongo_message").expect("the seeds are written"),
    |input: &[u8]| properties::mongo_message(input)
);
