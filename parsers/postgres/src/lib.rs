//! PostgreSQL's wire and its SQL: frames and messages, text and syntax.

pub mod frame;
pub mod message;
pub mod sql;
