//! Documents of MongoDB's, as bytes and as text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tests::properties;

fuzz_target!(
    init: properties::seeds::plant("mongo_bson").expect("the seeds are written"),
    |input: &[u8]| properties::mongo_bson(input)
);
