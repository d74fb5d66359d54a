//! Commands: which one it is.

use super::{Fault, Parse, Parser, Symbol};
use crate::cypher::syntax::{Command, IndexKind, OtherCommand, Show, Shown, Use};

/// What a command begins with, longer beginnings before their own. `OR REPLACE` behind CREATE is
/// left out of account.
const BEGINNINGS: &[&str] = &[
    "ALTER ALIAS",
    "ALTER AUTH RULE",
    "ALTER CURRENT GRAPH TYPE",
    "ALTER CURRENT USER",
    "ALTER DATABASE",
    "ALTER SERVER",
    "ALTER USER",
    "ALTER USERS",
    "CREATE ALIAS",
    "CREATE AUTH RULE",
    "CREATE COMPOSITE DATABASE",
    "CREATE DATABASE",
    "CREATE IMMUTABLE ROLE",
    "CREATE REPLICA DATABASE",
    "CREATE ROLE",
    "CREATE USER",
    "DEALLOCATE DATABASE",
    "DEALLOCATE DATABASES",
    "DEFINE FUNCTION",
    "DEFINE PROCEDURE",
    "DENY",
    "DROP ALIAS",
    "DROP AUTH RULE",
    "DROP COMPOSITE DATABASE",
    "DROP DATABASE",
    "DROP ROLE",
    "DROP SERVER",
    "DROP USER",
    "DRYRUN",
    "ENABLE SERVER",
    "GRANT",
    "REALLOCATE DATABASE",
    "REALLOCATE DATABASES",
    "RENAME AUTH RULE",
    "RENAME ROLE",
    "RENAME SERVER",
    "RENAME USER",
    "REVOKE",
    "START DATABASE",
    "STOP DATABASE",
    "TERMINATE TRANSACTION",
    "TERMINATE TRANSACTIONS",
    "USING PERIODIC COMMIT",
];

/// What SHOW shows, by the word that says it and by the name that it goes under here.
const SHOWN: &[(&str, &str)] = &[
    ("ALIAS", "SHOW ALIASES"),
    ("ALIASES", "SHOW ALIASES"),
    ("AUTH", "SHOW AUTH RULES"),
    ("CONSTRAINT", "SHOW CONSTRAINTS"),
    ("CONSTRAINTS", "SHOW CONSTRAINTS"),
    ("DATABASE", "SHOW DATABASES"),
    ("DATABASES", "SHOW DATABASES"),
    ("FUNCTION", "SHOW FUNCTIONS"),
    ("FUNCTIONS", "SHOW FUNCTIONS"),
    ("GRAPH", "SHOW CURRENT GRAPH TYPE"),
    ("INDEX", "SHOW INDEXES"),
    ("INDEXES", "SHOW INDEXES"),
    ("PRIVILEGE", "SHOW PRIVILEGES"),
    ("PRIVILEGES", "SHOW PRIVILEGES"),
    ("PROCEDURE", "SHOW PROCEDURES"),
    ("PROCEDURES", "SHOW PROCEDURES"),
    ("ROLE", "SHOW ROLES"),
    ("ROLES", "SHOW ROLES"),
    ("SERVER", "SHOW SERVERS"),
    ("SERVERS", "SHOW SERVERS"),
    ("SETTING", "SHOW SETTINGS"),
    ("SETTINGS", "SHOW SETTINGS"),
    ("TRANSACTION", "SHOW TRANSACTIONS"),
    ("TRANSACTIONS", "SHOW TRANSACTIONS"),
    ("USER", "SHOW USERS"),
    ("USERS", "SHOW USERS"),
];

/// How many words may stand between SHOW and the word that says what is shown:
/// `SHOW RELATIONSHIP PROPERTY EXISTENCE CONSTRAINTS`.
const SHOW_WORDS_MAX: usize = 4;

impl Parser<'_> {
    /// A command, or `None` where none begins.
    pub(super) fn command(&mut self) -> Parse<Option<Command>> {
        let start = self.here();
        let behind_use = self.behind_use();
        let ahead = behind_use.unwrap_or(0);
        let schema = self.schema_command_at(ahead);
        let words = if schema.is_some() { None } else { self.beginning_at(ahead)? };
        if schema.is_none() && words.is_none() {
            return Ok(None);
        }
        let graph: Option<Use> = if behind_use.is_some() { Some(self.use_clause()?) } else { None };
        let Some(words) = words else { return self.schema_command(graph, start).map(Some) };
        if let Some(shown) = self.shown() {
            return self.show(graph, shown, start).map(|show| Some(Command::Show(Box::new(show))));
        }
        // The rest is not looked at: no such statement is ever sent on.
        while !self.is_at_end() && !self.is_symbol(Symbol::Semicolon) {
            self.at += 1;
        }
        Ok(Some(Command::Other(OtherCommand { words, graph, span: self.since(start) })))
    }

    /// Which indexes or constraints are shown by the words that stand here, which it takes. With other
    /// words between they are known by name only.
    fn shown(&mut self) -> Option<Shown> {
        const KINDS: &[&str] = &["ALL", "FULLTEXT", "LOOKUP", "POINT", "RANGE", "TEXT", "VECTOR"];
        let kind = self.one_of_at(1, KINDS);
        let ahead = if kind.is_some() { 2 } else { 1 };
        let shown = match (
            self.one_of_at(ahead, &["INDEX", "INDEXES", "CONSTRAINT", "CONSTRAINTS"])?,
            kind,
        ) {
            ("INDEX" | "INDEXES", kind) => Shown::Indexes(kind.and_then(|kind| {
                Some(match kind {
                    "FULLTEXT" => IndexKind::Fulltext,
                    "LOOKUP" => IndexKind::Lookup,
                    "POINT" => IndexKind::Point,
                    "RANGE" => IndexKind::Range,
                    "TEXT" => IndexKind::Text,
                    "VECTOR" => IndexKind::Vector,
                    _ => return None,
                })
            })),
            (_, None | Some("ALL")) => Shown::Constraints,
            _ => return None,
        };
        self.at += ahead + 1;
        Some(shown)
    }

    fn show(&mut self, graph: Option<Use>, shown: Shown, start: u32) -> Parse<Show> {
        let head = self.since(start);
        let place = self.next_span();
        let yields = if self.eat_word("YIELD") { Some((place, self.projection()?)) } else { None };
        let condition = self.where_clause()?;
        let returned = if yields.is_some() && self.eat_word("RETURN") {
            Some(self.projection()?)
        } else {
            None
        };
        Ok(Show { graph, shown, head, yields, condition, returned, span: self.since(start) })
    }

    /// Whether the command `ahead` tokens after the next makes or drops an index or a constraint.
    fn schema_command_at(&self, ahead: usize) -> Option<&'static str> {
        if self.is_word_at(ahead, "DROP") {
            return self.one_of_at(ahead + 1, &["INDEX", "CONSTRAINT"]);
        }
        if !self.is_word_at(ahead, "CREATE") {
            return None;
        }
        let ahead = self.behind_or_replace(ahead + 1);
        const KINDS: &[&str] = &["FULLTEXT", "LOOKUP", "POINT", "RANGE", "TEXT", "VECTOR"];
        if self.is_one_of(ahead, KINDS) {
            return self.one_of_at(ahead + 1, &["INDEX"]);
        }
        self.one_of_at(ahead, &["INDEX", "CONSTRAINT"])
            .filter(|_| self.symbol_at(ahead + 1) != Some(Symbol::Equal))
    }

    pub(super) fn behind_or_replace(&self, ahead: usize) -> usize {
        let is_there = self.is_word_at(ahead, "OR") && self.is_word_at(ahead + 1, "REPLACE");
        ahead + if is_there { 2 } else { 0 }
    }

    /// The name of the other command that begins `ahead` tokens after the next.
    fn beginning_at(&self, ahead: usize) -> Parse<Option<&'static str>> {
        if self.is_word_at(ahead, "SHOW") {
            let shown = (1..=SHOW_WORDS_MAX + 1).find_map(|further| {
                let word = self.word_at(ahead + further)?;
                SHOWN.iter().find(|(shown, _)| word.eq_ignore_ascii_case(shown))
            });
            return match shown {
                Some(_) if self.is_show_current_user(ahead) => Ok(Some("SHOW CURRENT USER")),
                Some((_, name)) => Ok(Some(name)),
                None => self.fail(Fault::Expected { expected: "what to show" }),
            };
        }
        let behind = self.behind_or_replace(ahead + 1);
        Ok(BEGINNINGS
            .iter()
            .find(|beginning| {
                beginning.split(' ').enumerate().all(|(further, word)| match further {
                    0 => self.is_word_at(ahead, word),
                    _ => self.is_word_at(behind + further - 1, word),
                })
            })
            .copied())
    }

    fn is_show_current_user(&self, ahead: usize) -> bool {
        self.is_word_at(ahead + 1, "CURRENT") && self.is_word_at(ahead + 2, "USER")
    }

    /// How many tokens `USE graph` takes, if it stands here.
    fn behind_use(&self) -> Option<usize> {
        if !self.is_word("USE") {
            return None;
        }
        let mut ahead = 1;
        if self.is_word_at(ahead, "GRAPH") && self.is_name_at(ahead + 1) {
            let is_command = self.beginning_at(ahead + 1).is_ok_and(|found| found.is_some());
            ahead += usize::from(!is_command);
        }
        while self.is_name_at(ahead) && self.symbol_at(ahead + 1) == Some(Symbol::Dot) {
            ahead += 2;
        }
        if self.is_name_at(ahead) {
            ahead += 1;
        }
        if self.symbol_at(ahead) == Some(Symbol::LeftParen) {
            ahead = self.behind_partner(self.at + ahead) - self.at;
        }
        Some(ahead)
    }
}
