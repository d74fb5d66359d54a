//! Replies, in RESP2 and RESP3.
