//! The form in which `commands.txt` describes a command.

use std::fmt;

use super::{Begin, Class, Command, Find, KeySpec, Since};

impl fmt::Display for Command {
    /// The command's line in `commands.txt`, and one more for each thing that is accepted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {} ", self.name, self.arity, self.class, self.since)?;
        list(f, self.flags.words(), ",")?;
        f.write_str(" ")?;
        list(f, self.keys, " ")?;
        for said in self.accepted {
            write!(f, "\n~ {} ", said.arity)?;
            list(f, said.keys, " ")?;
        }
        Ok(())
    }
}

fn list(
    f: &mut fmt::Formatter<'_>,
    items: impl IntoIterator<Item = impl fmt::Display>,
    between: &str,
) -> fmt::Result {
    let mut none = true;
    for item in items {
        if !none {
            f.write_str(between)?;
        }
        write!(f, "{item}")?;
        none = false;
    }
    if none { f.write_str("-") } else { Ok(()) }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "connection",
            Self::Container => "container",
            Self::Database => "database",
            Self::Keys => "keys",
            Self::KeysInReply => "keys-in-reply",
            Self::Parsed => "parsed",
            Self::PubSub => "pubsub",
            Self::Refused => "refused",
            Self::Script => "script",
            Self::Search => "search",
            Self::Server => "server",
            Self::Transaction => "transaction",
        })
    }
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.module, self.redis) {
            (true, _) => f.write_str("stack")?,
            (false, Some((major, minor))) => write!(f, "{major}.{minor}")?,
            (false, None) => f.write_str("-")?,
        }
        match self.valkey {
            Some((major, minor)) => write!(f, "/{major}.{minor}"),
            None => f.write_str("/-"),
        }
    }
}

impl fmt::Display for KeySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        list(f, self.flags.words(), "+")?;
        f.write_str(":")?;
        match self.begin {
            Begin::Index(index) => write!(f, "{index}")?,
            Begin::Keyword { word, start_from } => write!(f, "{word}@{start_from}")?,
            Begin::Unknown => f.write_str("?")?,
        }
        match self.find {
            Find::Range { last, step, limit } => {
                if last != 0 {
                    write!(f, "..{last}")?;
                }
                if step != 1 {
                    write!(f, "/{step}")?;
                }
                if limit != 0 {
                    write!(f, "%{limit}")?;
                }
                Ok(())
            }
            Find::KeyNumber { number_index, first, step } => {
                write!(f, "#{number_index}+{first}/{step}")
            }
            Find::Unknown => Ok(()),
        }
    }
}
