//! Shared pieces of the tests.

pub mod golden;
pub mod properties;
