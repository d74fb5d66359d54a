//! The strings of the settings: environment variables, paths, secrets.
//!
//! `${NAME}` stands for the variable's value, `$$` for a dollar; any other dollar is refused, so
//! that a slip cannot become part of a password.

use std::fmt;
use std::path::{Path, PathBuf};

use policies::document::{Reported, Value};
use zeroize::Zeroizing;

/// What strings may refer to.
pub(super) struct Environment<'e> {
    /// Where relative paths start.
    pub(super) folder: &'e Path,
    /// The value of an environment variable.
    pub(super) variable: &'e dyn Fn(&str) -> Option<String>,
}

impl Environment<'_> {
    /// The value as a string, with its variables put in.
    ///
    /// # Errors
    /// `Reported` when it is none, or names a variable that is not set.
    pub(super) fn text(&self, value: &Value<'_>) -> Result<String, Reported> {
        self.expand(value, value.text()?, |variable| variable)
    }

    /// The value as a path.
    ///
    /// # Errors
    /// As [`Environment::text`], or when it is empty.
    pub(super) fn path(&self, value: &Value<'_>) -> Result<PathBuf, Reported> {
        let text = self.text(value)?;
        if text.is_empty() {
            return Err(value.refuse("is empty; name a file"));
        }
        Ok(self.folder.join(text))
    }

    /// `template`, a part of the value, with its variables put in as `put` writes them.
    ///
    /// # Errors
    /// As [`Environment::text`]; every variable that is not set is told.
    pub(super) fn expand(
        &self,
        value: &Value<'_>,
        template: &str,
        put: impl Fn(String) -> String,
    ) -> Result<String, Reported> {
        let mut parts = template.split('$');
        let mut expanded = parts.next().unwrap_or_default().to_owned();
        let mut refused = None;
        while let Some(part) = parts.next() {
            if part.is_empty()
                && let Some(behind) = parts.next()
            {
                expanded.push('$');
                expanded.push_str(behind);
                continue;
            }
            let named = part.strip_prefix('{').and_then(|part| part.split_once('}'));
            let Some((name, behind)) = named.filter(|(name, _)| is_name(name)) else {
                refused = Some(value.refuse(
                    "a `$` must begin a variable, as in `${PG_PASSWORD}`; write `$$` for a dollar",
                ));
                continue;
            };
            match (self.variable)(name) {
                Some(variable) => expanded.push_str(&put(variable)),
                None => {
                    let what = format!("the environment variable `{name}` is not set");
                    refused = Some(value.refuse(what));
                }
            }
            expanded.push_str(behind);
        }
        refused.map_or(Ok(expanded), Err)
    }
}

/// POSIX.1-2024 section 3.216, so that nothing else is ever repeated in an error.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.bytes().all(plain) && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

/// A password. Wiped when dropped, and not shown by `Debug`.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    pub(super) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// What it is, for the one who has to send it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
