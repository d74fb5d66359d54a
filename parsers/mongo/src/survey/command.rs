//! Commands and their arguments.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::class::{Class, Names, classes, lines};

classes! {
    /// What a command does, and so where it names what it reads and writes.
    CommandClass {
        /// Reads one collection, whose name is the command's value, through a filter.
        Read = "read",
        /// Runs a pipeline.
        Aggregate = "aggregate",
        /// Explains the command that is its value.
        Explain = "explain",
        /// Writes one collection, whose name is the command's value.
        Write = "write",
        /// Writes several collections, which it lists.
        BulkWrite = "bulk-write",
        /// Goes on with cursors, or ends them.
        Cursor = "cursor",
        /// Begins, keeps or ends sessions.
        Session = "session",
        /// Ends a transaction.
        Transaction = "transaction",
        /// Changes which collections and indexes there are, or their shape.
        Schema = "schema",
        /// Lists databases, collections or indexes.
        Catalog = "catalog",
        /// Greets.
        Hello = "hello",
        /// Logs in or out.
        Login = "login",
        /// Is answered without the upstream.
        Answered = "answered",
        /// Counts and measures everyone's documents.
        Statistics = "statistics",
        /// Asks about the server, as tools and test harnesses do.
        Probe = "probe",
        /// Is no tenant's business.
        Refused = "refused",
    }
}

classes! {
    /// What an argument, or a field of a write's statement, holds.
    ArgumentClass {
        /// A filter.
        Filter = "filter",
        /// A projection, which may hold expressions.
        Projection = "projection",
        /// Fields and directions, or `$meta`.
        Sort = "sort",
        /// An index.
        Hint = "hint",
        /// How texts are compared.
        Collation = "collation",
        /// Variables, whose values are expressions.
        Variables = "variables",
        /// Bounds of an index.
        Bound = "bound",
        /// Whether a cursor waits for more.
        Tailable = "tailable",
        /// The path of a field.
        Path = "path",
        /// A pipeline.
        Pipeline = "pipeline",
        /// A document of a cursor's options.
        Cursor = "cursor",
        /// Whether only a plan is wanted.
        Explain = "explain",
        /// How much an explanation tells.
        Verbosity = "verbosity",
        /// Whether validation is left out.
        Bypass = "bypass",
        /// Documents to insert.
        Documents = "documents",
        /// One document to insert.
        Document = "document",
        /// Statements that update.
        Updates = "updates",
        /// Statements that delete.
        Deletes = "deletes",
        /// Statements of `bulkWrite`.
        Operations = "operations",
        /// The namespaces that those name by index.
        Namespaces = "namespaces",
        /// The index of one of those.
        Namespace = "namespace",
        /// A database and a collection.
        Ns = "ns",
        /// Operators, a document or a pipeline.
        Update = "update",
        /// Filters for positions in arrays.
        ArrayFilters = "array-filters",
        /// A collection of the same database, or a namespace.
        Collection = "collection",
        /// Cursors by number.
        Cursors = "cursors",
        /// Indexes, described.
        Indexes = "indexes",
        /// Indexes, by name or key.
        IndexNames = "index-names",
        /// A property of the whole collection.
        Shared = "shared",
        /// The database.
        Database = "database",
        /// A session.
        Session = "session",
        /// A transaction, or a write that can be retried.
        Transaction = "transaction",
        /// Numbers of statements.
        StatementIds = "statement-ids",
        /// A value for the operator's log.
        Comment = "comment",
        /// A document of options of reading or writing.
        Concern = "concern",
        /// A value that reaches no document and runs nothing.
        Plain = "plain",
        /// No tenant's business.
        Refused = "refused",
    }
}

/// What is known of a command.
#[derive(Debug)]
pub struct CommandSpec {
    /// Its name in the form that this crate's users compare with.
    pub name: &'static str,
    /// Its class.
    pub class: CommandClass,
    /// Whether the server takes it on the database `admin` only.
    pub on_admin: bool,
    /// The document sequences that it takes.
    pub sequences: Vec<&'static str>,
    arguments: Names<ArgumentClass>,
}

impl CommandSpec {
    /// What the argument of this name holds, among those that all commands take and those that this
    /// one does; `None` for an unknown one.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<ArgumentClass> {
        self.arguments.class(name).or_else(|| GENERAL.class(name))
    }
}

const COMMAND_LIST: &str = include_str!("command.txt");
const GENERAL_LIST: &str = include_str!("general.txt");
const STATEMENT_LIST: &str = include_str!("statement.txt");

static COMMANDS: LazyLock<Commands> = LazyLock::new(|| Commands::read(COMMAND_LIST));
static GENERAL: LazyLock<Names<ArgumentClass>> = LazyLock::new(|| Names::read(GENERAL_LIST));
static STATEMENTS: LazyLock<HashMap<&str, Names<ArgumentClass>>> =
    LazyLock::new(|| groups(STATEMENT_LIST).into_iter().collect());

struct Commands {
    specs: Vec<CommandSpec>,
    /// Where in them each spelling of each name is.
    by_name: HashMap<&'static str, usize>,
}

impl Commands {
    fn read(list: &'static str) -> Self {
        let mut commands = Self { specs: Vec::new(), by_name: HashMap::new() };
        for (head, arguments) in groups(list) {
            let mut words = head.split(' ');
            let name = words.next().unwrap_or_default();
            // Whose class is not known is not known itself.
            let Some(class) = words.next().and_then(CommandClass::from_word) else { continue };
            let at = commands.specs.len();
            commands.by_name.insert(name, at);
            let mut sequences = Vec::new();
            let mut on_admin = false;
            for word in words {
                if let Some(alias) = word.strip_prefix('=') {
                    commands.by_name.insert(alias, at);
                } else if let Some(sequence) = word.strip_prefix('+') {
                    sequences.push(sequence);
                } else {
                    on_admin |= word == "@admin";
                }
            }
            commands.specs.push(CommandSpec { name, class, on_admin, sequences, arguments });
        }
        commands
    }
}

/// The lines without a colon, each with the names below it.
fn groups(list: &'static str) -> Vec<(&'static str, Names<ArgumentClass>)> {
    let mut groups: Vec<(&str, Names<_>)> = Vec::new();
    for line in lines(list) {
        match groups.last_mut().filter(|_| line.starts_with(' ')) {
            Some((_, names)) => names.extend(line),
            None => groups.push((line, Names::default())),
        }
    }
    groups
}

/// The command of this name, in any of its spellings; `None` for an unknown one.
#[must_use]
pub fn command(name: &str) -> Option<&'static CommandSpec> {
    COMMANDS.by_name.get(name).and_then(|at| COMMANDS.specs.get(*at))
}

/// All commands.
pub fn commands() -> impl Iterator<Item = &'static CommandSpec> {
    COMMANDS.specs.iter()
}

/// What an argument that all commands take holds; `None` for any other.
#[must_use]
pub fn argument(name: &str) -> Option<ArgumentClass> {
    GENERAL.class(name)
}

/// What a field of a write's statement holds. `statements` is the argument that it is an entry of:
/// `updates`, `deletes`, `nsInfo`, and for `ops` one of `ops.insert`, `ops.update`, `ops.delete`.
#[must_use]
pub fn statement(statements: &str, field: &str) -> Option<ArgumentClass> {
    STATEMENTS.get(statements)?.class(field)
}

#[cfg(test)]
mod tests {
    use super::super::class::tests::is_sound;
    use super::*;

    #[test]
    fn the_lists_are_sound() {
        // Classes of arguments are spread over three lists.
        let all = [COMMAND_LIST, STATEMENT_LIST, GENERAL_LIST].map(|list| {
            let words = lines(list).filter_map(|line| line.split_once(": "));
            words.map(|(word, _)| word.trim_start()).collect::<std::collections::HashSet<_>>()
        });
        is_sound::<ArgumentClass>("command.txt", COMMAND_LIST, all[0].len());
        is_sound::<ArgumentClass>("statement.txt", STATEMENT_LIST, all[1].len());
        is_sound::<ArgumentClass>("general.txt", GENERAL_LIST, all[2].len());
        let used = &(&all[0] | &all[1]) | &all[2];
        assert_eq!(used.len(), ArgumentClass::ALL.len(), "{used:?}");
    }

    #[test]
    fn every_command_is_understood_and_stands_once() {
        let heads: Vec<_> = groups(COMMAND_LIST).into_iter().map(|(head, _)| head).collect();
        assert_eq!(heads.len(), COMMANDS.specs.len());
        let mut spellings = 0;
        for head in heads {
            let mut words = head.split(' ');
            assert!(words.next().is_some_and(|name| command(name).is_some()), "{head}");
            words.next();
            for word in words {
                assert!(word.starts_with(['=', '+']) || word == "@admin", "{head}: {word}");
                spellings += usize::from(word.starts_with('='));
            }
        }
        assert_eq!(COMMANDS.by_name.len(), COMMANDS.specs.len() + spellings);
        for class in CommandClass::ALL {
            assert!(commands().any(|spec| spec.class == *class), "{class:?} has no command");
        }
        assert!(commands().count() > 200);
    }

    #[test]
    fn names_are_exact() {
        assert_eq!(command("find").unwrap().class, CommandClass::Read);
        for name in ["Find", "FIND", "find ", "", "# ", "findOne", "updates", "ops.insert"] {
            assert!(command(name).is_none(), "{name}");
        }
        for (alias, name) in [
            ("findandmodify", "findAndModify"),
            ("ismaster", "isMaster"),
            ("mapreduce", "mapReduce"),
            ("buildinfo", "buildInfo"),
            ("deleteIndexes", "dropIndexes"),
            ("dbstats", "dbStats"),
            ("collstats", "collStats"),
        ] {
            assert_eq!(command(alias).unwrap().name, name);
        }
    }

    #[test]
    fn only_writes_take_sequences() {
        for (name, sequences) in [
            ("insert", &["documents"][..]),
            ("update", &["updates"]),
            ("delete", &["deletes"]),
            ("bulkWrite", &["ops", "nsInfo"]),
        ] {
            let spec = command(name).unwrap();
            assert_eq!(spec.sequences, sequences);
            assert!(sequences.iter().all(|sequence| spec.argument(sequence).is_some()));
        }
        for spec in commands().filter(|spec| !spec.sequences.is_empty()) {
            let writes = matches!(spec.class, CommandClass::Write | CommandClass::BulkWrite);
            assert!(writes, "{}", spec.name);
        }
    }

    #[test]
    fn arguments_are_a_commands_own_or_everyones() {
        let find = command("find").unwrap();
        assert_eq!(find.argument("filter"), Some(ArgumentClass::Filter));
        assert_eq!(find.argument("lsid"), Some(ArgumentClass::Session));
        assert_eq!(find.argument("$db"), Some(ArgumentClass::Database));
        assert_eq!(find.argument("oplogReplay"), Some(ArgumentClass::Refused));
        assert_eq!(find.argument("pipeline"), None);
        assert_eq!(find.argument("Filter"), None);
        for name in ["$audit", "$tenant", "shardVersion", "databaseVersion", "rawData"] {
            assert_eq!(argument(name), Some(ArgumentClass::Refused), "{name}");
        }
        assert_eq!(argument("filter"), None);
    }

    #[test]
    fn no_argument_of_a_command_hides_one_of_everyones() {
        let general = Names::<ArgumentClass>::read(GENERAL_LIST);
        for (head, _) in groups(COMMAND_LIST) {
            let spec = command(head.split(' ').next().unwrap()).unwrap();
            for name in lines(GENERAL_LIST).flat_map(|line| line.split(' ').skip(1)) {
                let hidden = spec.arguments.class(name);
                assert!(hidden.is_none() || hidden == general.class(name), "{head}: {name}");
            }
        }
    }

    #[test]
    fn fields_of_statements() {
        assert_eq!(statement("updates", "q"), Some(ArgumentClass::Filter));
        assert_eq!(statement("ops.update", "updateMods"), Some(ArgumentClass::Update));
        assert_eq!(statement("ops.insert", "document"), Some(ArgumentClass::Document));
        assert_eq!(statement("deletes", "u"), None);
        assert_eq!(statement("ops", "filter"), None);
        assert_eq!(statement("find", "filter"), None);
    }

    #[test]
    fn the_ways_round_the_wall_are_known_and_refused() {
        for name in [
            "applyOps",
            "mapReduce",
            "mapreduce",
            "eval",
            "$eval",
            "filemd5",
            "dbHash",
            "killOp",
            "currentOp",
            "cloneCollectionAsCapped",
            "convertToCapped",
            "copydb",
            "doTxn",
            "killAllSessions",
            "createUser",
            "usersInfo",
            "setParameter",
            "configureFailPoint",
            "shardCollection",
            "replSetGetStatus",
            "listSearchIndexes",
            "planCacheClear",
            "validate",
            "compact",
            "reIndex",
            "profile",
            "top",
            "dataSize",
            "shutdown",
        ] {
            assert_eq!(command(name).unwrap().class, CommandClass::Refused, "{name}");
        }
    }
}
