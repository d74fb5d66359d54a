//! Redis' wire: requests and replies in RESP2 and RESP3, and the table of all commands.

pub mod command;
pub mod number;
pub mod reply;
pub mod request;
pub mod slot;

#[cfg(test)]
mod properties;
