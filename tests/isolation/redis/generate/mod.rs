//! Sequences: what tenant A does on three connections, and what happens beside it.

mod pubsub;
mod slots;
mod template;

use crate::choice::Choices;
use crate::session::Command;
use crate::store::Facts;
use slots::Slots;
use template::Template;

pub(crate) use slots::CHANNELS;

/// Commands of A in a sequence, at least.
const COMMANDS_MIN: usize = 200;
const PIPELINE_MAX: u32 = 24;

/// Words that each side replaces by its own login.
pub(crate) const USER_WORD: &[u8] = b"<the login>";
pub(crate) const PASSWORD_WORD: &[u8] = b"<its password>";

/// One thing that happens. Connections go by number; the third is the one that listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Commands in one write, then all their replies.
    Pipeline(usize, Vec<Command>),
    /// A command whose reply comes with those of the connection's next pipeline.
    Start(usize, Command),
    /// A command that is repeated with the cursor that it answers, to the end.
    Iterate(usize, Command),
    /// A command that the wall may refuse.
    Tentative(usize, Command),
    /// A random key, which must be one that there is.
    RandomKey(usize),
    /// What others do on the shared server at that moment.
    Others(Vec<Command>),
}

/// Steps that have a meaning only together; `fixed` ones keep all their commands when a failing
/// sequence is made smaller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) steps: Vec<Step>,
    pub(crate) fixed: bool,
}

impl Item {
    fn one(step: Step) -> Self {
        Self { steps: vec![step], fixed: false }
    }

    fn fixed(steps: Vec<Step>) -> Self {
        Self { steps, fixed: true }
    }

    pub(crate) fn commands(&self) -> impl Iterator<Item = &Command> {
        self.steps.iter().flat_map(|step| match step {
            Step::Pipeline(_, commands) => commands.as_slice(),
            Step::Start(_, command) | Step::Iterate(_, command) | Step::Tentative(_, command) => {
                std::slice::from_ref(command)
            }
            Step::RandomKey(_) | Step::Others(_) => &[],
        })
    }
}

pub(crate) struct Generator {
    plain: Vec<Template>,
    tentative: Vec<Template>,
    slots: Slots,
}

impl Generator {
    pub(crate) fn new(facts: Facts) -> Self {
        let has = |name: &str, subcommand: &str| {
            let (name, full) = (name.to_lowercase(), format!("{name}|{subcommand}").to_lowercase());
            let is_container = facts.commands.iter().any(|of| of.starts_with(&format!("{name}|")));
            facts.commands.contains(if is_container { &full } else { &name })
        };
        let all = Template::all(has);
        let (tentative, plain) = all.into_iter().partition(|form: &Template| form.tentative);
        Self { plain, tentative, slots: Slots { facts } }
    }

    /// The texts of all scripts that are sent.
    pub(crate) fn scripts() -> impl Iterator<Item = &'static str> {
        Slots::scripts()
    }

    pub(crate) fn sequence(&self, choices: &mut Choices) -> Vec<Item> {
        let mut items = Vec::new();
        for connection in 0..3 {
            if choices.one_in(2) {
                let hello = Command::line("HELLO 3");
                items.push(Item::one(Step::Pipeline(connection, vec![hello])));
            }
        }
        let mut count = 0;
        while count < COMMANDS_MIN {
            let item = self.item(choices);
            count += item.commands().count();
            items.push(item);
        }
        items
    }

    fn item(&self, choices: &mut Choices) -> Item {
        let connection = choices.below(2) as usize;
        match choices.below(40) {
            0..20 => {
                let commands = self.commands(choices, PIPELINE_MAX);
                Item::one(Step::Pipeline(connection, commands))
            }
            20..25 => self.transaction(choices, connection),
            25..28 => Item::one(Step::Iterate(connection, self.scan(choices))),
            28..32 => pubsub::item(choices),
            32 => self.tracking(choices),
            33..35 => self.blocking(choices),
            35 => self.connection(choices, connection),
            36 => Item::one(Step::RandomKey(connection)),
            37 => Item::one(Step::Others(others(choices))),
            _ => self.tentative(choices, connection),
        }
    }

    fn commands(&self, choices: &mut Choices, most: u32) -> Vec<Command> {
        let count = 1 + choices.below(most);
        (0..count).flat_map(|_| self.form(choices)).collect()
    }

    fn form(&self, choices: &mut Choices) -> Vec<Command> {
        let count = u32::try_from(self.plain.len()).unwrap_or(1);
        let place = choices.below(count) as usize;
        let Some(form) = self.plain.get(place) else { return Vec::new() };
        let mut commands = form.fill(choices, &self.slots);
        for command in &mut commands {
            disturb(command, choices);
        }
        commands
    }

    fn tentative(&self, choices: &mut Choices, connection: usize) -> Item {
        let count = u32::try_from(self.tentative.len()).unwrap_or(1);
        let form = self.tentative.get(choices.below(count) as usize);
        let commands = form.map(|form| form.fill(choices, &self.slots)).unwrap_or_default();
        let steps = commands.into_iter().map(|command| Step::Tentative(connection, command));
        Item::fixed(steps.collect())
    }

    fn transaction(&self, choices: &mut Choices, connection: usize) -> Item {
        let mut steps = Vec::new();
        if choices.one_in(2) {
            let watch = [b"WATCH".to_vec(), self.slots.fill("k", choices), b"s1".to_vec()];
            steps.push(Step::Pipeline(connection, vec![Command::new(&watch)]));
            match choices.below(4) {
                0 => steps.push(Step::Others(others(choices))),
                1 => {
                    let set = vec![Command::line("SET s1 watched")];
                    steps.push(Step::Pipeline(1 - connection, set));
                }
                _ => {}
            }
        }
        let mut commands = vec![Command::line("MULTI")];
        if choices.one_in(10) {
            commands.push(Command::line("MULTI"));
        }
        commands.extend(self.commands(choices, 8).into_iter().filter(|command| {
            // These end a transaction, or would wait in it for what does not come.
            !["EXEC", "DISCARD", "MULTI"].contains(&command.word(0).as_str())
        }));
        if choices.one_in(12) {
            commands.push(Command::line("WATCH s1"));
        }
        commands.push(Command::line(if choices.one_in(5) { "DISCARD" } else { "EXEC" }));
        steps.push(Step::Pipeline(connection, commands));
        Item::fixed(steps)
    }

    fn scan(&self, choices: &mut Choices) -> Command {
        let mut words = match choices.below(5) {
            0 => vec![b"HSCAN".to_vec(), self.slots.fill("h", choices), b"0".to_vec()],
            1 => vec![b"SSCAN".to_vec(), self.slots.fill("t", choices), b"0".to_vec()],
            2 => vec![b"ZSCAN".to_vec(), self.slots.fill("z", choices), b"0".to_vec()],
            _ => vec![b"SCAN".to_vec(), b"0".to_vec()],
        };
        if choices.one_in(2) {
            let patterns: &[&[u8]] =
                &[b"*", b"s*", b"?1", b"[a-l]*", b"*tenant:*", b"s1", b"\\*", b"tenant:globex:*"];
            words.extend([b"MATCH".to_vec(), choices.pick(patterns).to_vec()]);
        }
        if choices.one_in(2) {
            words.extend([
                b"COUNT".to_vec(),
                choices.pick(&[&b"1000"[..], b"10", b"1", b"x"]).to_vec(),
            ]);
        }
        if words.len() < 6 && words.first().is_some_and(|word| word == b"SCAN") && choices.one_in(3)
        {
            let types: &[&[u8]] = &[b"string", b"list", b"hash", b"zset", b"nothing"];
            words.extend([b"TYPE".to_vec(), choices.pick(types).to_vec()]);
        }
        Command::new(&words)
    }

    /// The third connection follows keys; the first one changes them.
    fn tracking(&self, choices: &mut Choices) -> Item {
        let on = choices.pick(&[
            "CLIENT TRACKING ON",
            "CLIENT TRACKING ON BCAST",
            "CLIENT TRACKING ON BCAST PREFIX s PREFIX l",
            "CLIENT TRACKING ON NOLOOP",
            "CLIENT TRACKING ON OPTIN",
            "CLIENT TRACKING ON OPTOUT",
            "CLIENT TRACKING ON REDIRECT 999999999",
            "CLIENT TRACKING ON PREFIX s",
        ]);
        let lines = ["HELLO 3", on, "GET s1", "MGET s2 s3 tenant:globex:s1", "CLIENT TRACKINGINFO"];
        let follow = lines.iter().map(|line| Command::line(line)).collect();
        let mut change = vec![Command::line("SET s1 new"), Command::line("DEL s2 s3 l1")];
        change.extend(self.commands(choices, 3));
        let lines = ["CLIENT TRACKINGINFO", "CLIENT TRACKING OFF", "PING"];
        let end = lines.iter().map(|line| Command::line(line)).collect();
        Item::fixed(vec![
            Step::Pipeline(2, follow),
            Step::Others(others(choices)),
            Step::Pipeline(0, change),
            Step::Pipeline(2, end),
        ])
    }

    /// One waits for what the other brings.
    fn blocking(&self, choices: &mut Choices) -> Item {
        let (wait, bring) = choices.pick(&[
            ("BLPOP wl wl2 5", "RPUSH wl2 a b"),
            ("BRPOP tenant:globex:wl wl 5", "LPUSH wl tenant:acme:wl"),
            ("BLMOVE wl s-none-l LEFT RIGHT 5", "RPUSH wl a"),
            ("BRPOPLPUSH wl wl3 5", "RPUSH wl a"),
            ("BLMPOP 5 2 wl wl2 LEFT", "RPUSH wl2 a"),
            ("BZPOPMIN wz wz2 5", "ZADD wz2 1 a"),
            ("BZPOPMAX wz 5", "ZADD wz 1 a"),
            ("BZMPOP 5 1 wz MIN", "ZADD wz 1 a"),
            ("XREAD BLOCK 5000 STREAMS wx 0", "XADD wx 1-1 f v"),
        ]);
        let ends = vec![Command::line("DEL wl wl2 wl3 wz wz2 wx s-none-l")];
        Item::fixed(vec![
            Step::Start(1, Command::line(wait)),
            Step::Pipeline(0, vec![Command::line(bring)]),
            Step::Pipeline(1, ends),
        ])
    }

    fn connection(&self, choices: &mut Choices, connection: usize) -> Item {
        let login = |line: &str| {
            let words = line.split(' ').map(|word| match word {
                "USER" => USER_WORD.to_vec(),
                "PASSWORD" => PASSWORD_WORD.to_vec(),
                _ => word.as_bytes().to_vec(),
            });
            Command { words: words.collect(), inline: false }
        };
        let lines: &[&str] = choices.pick(&[
            &["HELLO 3"][..],
            &["HELLO 2"],
            &["HELLO"],
            &["HELLO 4"],
            &["HELLO x"],
            &["HELLO 3 SETNAME name", "CLIENT GETNAME"],
            &["HELLO 2 AUTH USER PASSWORD"],
            &["HELLO 3 AUTH USER wrong", "GET s1"],
            &["AUTH USER PASSWORD", "GET s1"],
            &["AUTH USER wrong", "GET s1"],
            &["RESET", "GET s1", "AUTH USER PASSWORD", "GET s1"],
            &["MULTI", "GET s1", "RESET", "HELLO 2 AUTH USER PASSWORD", "GET s1"],
            &["CLIENT REPLY SKIP", "GET s1", "GET s2"],
            &["CLIENT REPLY OFF", "SET s1 unheard", "GET s1", "CLIENT REPLY ON", "GET s1"],
            &["CLIENT REPLY SKIP", "CLIENT REPLY SKIP", "GET s1", "GET s2"],
            &["FLUSHDB", "DBSIZE"],
            &["FLUSHALL SYNC", "KEYS *", "SET s1 again"],
        ]);
        let commands = lines.iter().map(|line| login(line)).collect();
        Item::fixed(vec![Step::Pipeline(connection, commands)])
    }
}

/// What other tenants, and the operator, do meanwhile. It leaves everything as it was.
fn others(choices: &mut Choices) -> Vec<Command> {
    let name = choices.pick(&["s1", "s2", "l1", "h1", "c1", "weight:w1"]);
    let mut commands = Vec::new();
    for prefix in ["tenant:globex:", ""] {
        let key = format!("{prefix}{name}");
        commands.push(Command::new(&["COPY", &key, "kanarek-copy", "REPLACE"]));
        commands.push(Command::new(&["DEL", &key]));
        commands.push(Command::new(&["RENAME", "kanarek-copy", &key]));
        for channel in CHANNELS {
            let channel = [prefix.as_bytes(), channel].concat();
            for publish in ["PUBLISH", "SPUBLISH"] {
                let words: [&[u8]; 3] = [publish.as_bytes(), &channel, b"kanarek"];
                // In the shared space of channels these are A's own.
                if !channel.starts_with(b"tenant:acme:") {
                    commands.push(Command::new(&words));
                }
            }
        }
    }
    commands
}

/// Now and then other letters, another number of words, the old form.
fn disturb(command: &mut Command, choices: &mut Choices) {
    if choices.one_in(4)
        && let Some(name) = command.words.first_mut()
    {
        name.make_ascii_lowercase();
    }
    let name = command.word(0);
    // A word more or less would make these wait for long, or draw at random.
    // Others would leave behind what the next command of its form takes away.
    let is_pair = command.words.iter().any(|word| word == b"x-now" || word == b"t-one");
    let is_kept = is_pair
        || name == "SPOP"
        || name.starts_with('B')
        || name.starts_with("XREAD")
        || name == "WAIT";
    if !is_kept && choices.one_in(40) {
        if choices.one_in(2) && command.words.len() > 1 {
            command.words.pop();
        } else {
            command.words.push(b"extra".to_vec());
        }
    }
    command.inline = choices.one_in(25);
}
