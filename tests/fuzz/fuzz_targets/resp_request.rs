//! What a Redis client sends, however it is cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tests::properties;

fuzz_target!(
    init: properties::seeds::plant("resp_request").expect("the seeds are written"),
    |input: &[u8]| properties::resp_request(input)
);
