//! The wire of MongoDB.
