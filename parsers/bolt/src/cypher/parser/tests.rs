//! Statements that show how words, brackets and operators are read.
