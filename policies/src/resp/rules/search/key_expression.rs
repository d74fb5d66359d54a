//! The field `__key`, by which an index shows the key of a document.
//!
//! The server itself takes the prefix off: where an expression names the key, it names the part of
//! it that the tenant knows. What comes behind (a comparison, a group, a list) then deals with
//! the tenant's own names.

/// The field.
pub(in crate::resp) const KEY: &[u8] = b"__key";

/// More bytes than a key has: up to its end. A negative number would cut off the last.
const TO_THE_END: usize = 1 << 29;

/// The expression for what the column `column` has behind `prefix_bytes` bytes.
pub(in crate::resp) fn own_key(column: &str, prefix_bytes: usize) -> String {
    format!("substr(@{column},{prefix_bytes},{TO_THE_END})")
}

/// An expression of the server's as the tenant wrote it.
pub(in crate::resp) fn prefixed_key(expression: &[u8], prefix_bytes: usize) -> Vec<u8> {
    let (of_tenant, of_server) = (b"@__key", own_key("__key", prefix_bytes));
    let mut shown = Vec::with_capacity(expression.len());
    let mut copied = 0;
    for at in memchr::memmem::find_iter(expression, &of_server) {
        shown.extend_from_slice(expression.get(copied..at).unwrap_or_default());
        shown.extend_from_slice(of_tenant);
        copied = at + of_server.len();
    }
    shown.extend_from_slice(expression.get(copied..).unwrap_or_default());
    shown
}

/// `expression` with the key in it replaced by the tenant's part of it. In quotes it is text.
pub(super) fn of_own_key(expression: &[u8], prefix_bytes: usize) -> Vec<u8> {
    let own = own_key("__key", prefix_bytes);
    let mut written = Vec::with_capacity(expression.len() + own.len());
    let mut quote = None;
    let mut rest = expression;
    while let Some((&byte, behind)) = rest.split_first() {
        let mut taken = 1;
        if byte == b'\\' {
            taken = rest.len().min(2);
        } else if quote == Some(byte) {
            quote = None;
        } else if quote.is_none() && matches!(byte, b'\'' | b'"') {
            quote = Some(byte);
        } else if quote.is_none() && byte == b'@' {
            let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 128;
            let name = behind.split(|byte| !is_part(byte)).next().unwrap_or_default();
            if name == KEY {
                written.extend_from_slice(own.as_bytes());
                rest = behind.get(name.len()..).unwrap_or_default();
                continue;
            }
        }
        let (head, tail) = rest.split_at(taken);
        written.extend_from_slice(head);
        rest = tail;
    }
    written
}
