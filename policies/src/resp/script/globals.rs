//! What a server's Lua shows to scripts, and which of it they see through shadows.

use std::collections::BTreeSet;

/// A script that says what there is: each global by its name, each field of a table behind a dot,
/// behind `!` a table that scripts can change, and `?` when long brackets nest. Takes no key and no
/// argument.
pub const PROBE: &[u8] = include_bytes!("probe.lua");

/// Globals that have no state and reach none: seen as they are. What is a table is listed with its
/// fields.
const PLAIN: &[(&str, &str)] = &[
    ("_VERSION", ""),
    ("assert", ""),
    ("bit", "arshift band bnot bor bswap bxor lshift rol ror rshift tobit tohex"),
    ("cmsgpack", "_COPYRIGHT _DESCRIPTION _NAME _VERSION pack unpack unpack_limit unpack_one"),
    ("coroutine", "create resume running status wrap yield"),
    ("error", ""),
    ("ipairs", ""),
    (
        "math",
        "abs acos asin atan atan2 ceil cos cosh deg exp floor fmod frexp huge ldexp log log10 max \
         min mod modf pi pow rad random randomseed sin sinh sqrt tan tanh",
    ),
    ("next", ""),
    ("os", "clock"),
    ("pairs", ""),
    ("pcall", ""),
    ("rawequal", ""),
    ("rawget", ""),
    ("rawset", ""),
    ("select", ""),
    (
        "string",
        "byte char dump find format gfind gmatch gsub len lower match rep reverse sub upper",
    ),
    ("struct", "pack size unpack"),
    ("table", "concat foreach foreachi getn insert maxn remove setn sort"),
    ("tonumber", ""),
    ("tostring", ""),
    ("type", ""),
    ("unpack", ""),
    ("xpcall", ""),
];

/// The globals of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Globals {
    /// All that is not plain: what is known, and what is not and therefore hidden.
    shadowed: BTreeSet<String>,
}

/// Scripts of this server cannot be confined.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotConfinable {
    /// What one tenant's script leaves in this table, another's would find: a server before 7.0.
    #[error("scripts can change the table `{0}`")]
    Writable(String),
    /// It may do anything.
    #[error("`{0}` is not known")]
    UnknownField(String),
    /// `[[` inside of `[[` is read otherwise than we read it.
    #[error("long brackets nest")]
    LongBracketsNest,
    /// The reply to the probe lacks what every server has.
    #[error("there is no `{0}`")]
    Missing(&'static str),
}

impl Globals {
    /// Reads the reply to [`PROBE`].
    ///
    /// # Errors
    /// Why scripts of this server are to be refused.
    pub fn read<'r>(reply: impl IntoIterator<Item = &'r [u8]>) -> Result<Self, NotConfinable> {
        let mut shadowed = BTreeSet::new();
        for name in reply {
            let name = String::from_utf8_lossy(name).into_owned();
            if let Some(table) = name.strip_prefix('!') {
                return Err(NotConfinable::Writable(table.to_owned()));
            }
            if name == "?" {
                return Err(NotConfinable::LongBracketsNest);
            }
            let (global, field) = name.split_once('.').unwrap_or((&name, ""));
            match PLAIN.iter().find(|(plain, _)| *plain == global) {
                Some(_) if field.is_empty() => {}
                Some((_, fields)) if fields.split(' ').any(|known| known == field) => {}
                Some(_) => return Err(NotConfinable::UnknownField(name)),
                None if field.is_empty() => {
                    if is_name(global) {
                        shadowed.insert(name);
                    } else {
                        return Err(NotConfinable::UnknownField(name));
                    }
                }
                // Seen through a shadow, which shows of its fields what is known, or hidden.
                None => {}
            }
        }
        for needed in ["redis", "KEYS", "ARGV", "_G", "loadstring", "load", "getmetatable", "cjson"]
        {
            if !shadowed.contains(needed) {
                return Err(NotConfinable::Missing(needed));
            }
        }
        Ok(Self { shadowed })
    }

    /// The names that scripts see as something else, or not at all.
    pub(super) fn shadowed(&self) -> impl Iterator<Item = &str> {
        self.shadowed.iter().map(String::as_str)
    }

    /// The names that scripts see as they are, between blanks.
    pub(super) fn plain() -> String {
        PLAIN.iter().fold(" ".to_owned(), |list, (name, _)| list + name + " ")
    }
}

/// Whether a script can write `text` as a variable.
fn is_name(text: &str) -> bool {
    !text.starts_with(|first: char| first.is_ascii_digit())
        && !text.is_empty()
        && text.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
}
