//! PostgreSQL's wire and its SQL: frames and messages, text and syntax.

pub mod sql;
