//! What a Redis upstream answers, however it is cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tests::properties;

fuzz_target!(
    init: properties::seeds::plant("resp_reply").expect("the seeds are written"),
    |input: &[u8]| properties::resp_reply(input)
);
