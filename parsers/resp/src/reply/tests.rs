//! How replies are followed, read and rewritten.
