//! The PostgreSQL connection.
