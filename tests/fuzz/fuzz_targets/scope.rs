//! Any text, judged for a tenant.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tests::properties;

fuzz_target!(
    init: properties::seeds::plant("scope").expect("the seeds are written"),
    |input: &[u8]| properties::scope(input)
);
