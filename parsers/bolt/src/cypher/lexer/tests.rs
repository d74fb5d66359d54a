//! Each trap of the server's lexing.
