//! Names of databases.

/// Where users are that some other system knows: only logins name it.
const EXTERNAL: &str = "$external";

/// Most bytes of a name.
const BYTES_MAX: usize = 63;

/// What no name holds (manual, "Naming Restrictions", of either platform).
const REFUSED: &[char] = &['/', '\\', '.', ' ', '"', '$', '*', '<', '>', ':', '|', '?', '\0'];

/// Whether this can be a database.
pub(super) fn is_name(name: &str) -> bool {
    let sound = !name.is_empty() && name.len() <= BYTES_MAX && !name.contains(REFUSED);
    sound || name == EXTERNAL
}
