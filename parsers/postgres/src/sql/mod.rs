//! SQL text to syntax, with PostgreSQL's own grammar.
