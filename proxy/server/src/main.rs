//! The `partywall` binary.
fn main() {}
