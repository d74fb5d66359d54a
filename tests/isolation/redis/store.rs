//! The servers of a run: a private one that holds tenant A alone, and a shared one that holds A, other
//! tenants under the same names, and decoys outside of every tenant.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use crate::compare;
use crate::reply::Value;
use crate::session::{Address, Command, Outcome, Session};

/// The id of tenant A, which is what the names of its keys begin with.
pub(crate) const TENANT_A: &str = "acme";
pub(crate) const TENANT_B: &str = "globex";
pub(crate) const PREFIX_A: &[u8] = b"tenant:acme:";
/// Prefixes of others; some are near A's.
const PREFIXES_OF_OTHERS: &[&str] =
    &["tenant:globex:", "tenant:acm:", "tenant:acme2:", "tenant:acme-x:", "tenant:", ""];

/// What every value of others holds, and many of their names.
pub(crate) const CANARY: &[u8] = b"kanarek";

/// Expiries that were set at about the same time may differ by as much.
const EXPIRY_MS_MAX: i64 = 60_000;

/// What the generator must know of the server.
#[derive(Clone, Default)]
pub(crate) struct Facts {
    /// The names of its commands, in small letters.
    pub(crate) commands: BTreeSet<String>,
    /// What DUMP answers.
    pub(crate) payloads: Vec<Vec<u8>>,
    /// The digests of the scripts.
    pub(crate) digests: Vec<Vec<u8>>,
}

/// A key as it is compared: type, digest of the value, and more that the digest leaves out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Held {
    digest: Value,
    /// Milliseconds since 1970; -1 is never.
    expiry: i64,
    groups: Vec<String>,
}

impl Held {
    pub(crate) fn is_as(&self, other: &Self) -> bool {
        let near = (self.expiry - other.expiry).abs() <= EXPIRY_MS_MAX;
        let both = (self.expiry < 0) == (other.expiry < 0);
        self.digest == other.digest && self.groups == other.groups && near && both
    }
}

pub(crate) type Keys = BTreeMap<Vec<u8>, Held>;

pub(crate) struct Server {
    pub(crate) address: Address,
    pub(crate) admin: Session,
    /// Whether it holds others beside A.
    pub(crate) shared: bool,
}

/// The name that the store script gives the server under test.
pub(crate) fn store_name() -> String {
    std::env::var("ORACLE_STORE").unwrap_or_else(|_| "redis70".to_owned())
}

/// Reads the address of a server from the environment: the one of `suffix`.
fn address(suffix: &str) -> Outcome<Address> {
    let store = store_name();
    let name = format!("PARTYWALL_{}{suffix}_URL", store.to_uppercase());
    let url = std::env::var(&name).map_err(|_| {
        format!(
            "{name} is not set: this test needs two servers. Run `make oracle-redis`, or\n\
             tests/stores/stores with {store} {store}-private -- \\\n    \
             cargo test -p tests --features stores --test isolation_redis"
        )
    })?;
    let url = Url::parse(&url)?;
    let decoded =
        |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    Ok(Address {
        port: url.port().unwrap_or(6379),
        user: decoded(url.username()),
        password: decoded(url.password().unwrap_or_default()),
    })
}

impl Server {
    pub(crate) fn private() -> Outcome<Self> {
        let address = address("_PRIVATE")?;
        Ok(Self { admin: Session::open(&address)?, address, shared: false })
    }

    pub(crate) fn shared() -> Outcome<Self> {
        let address = address("")?;
        Ok(Self { admin: Session::open(&address)?, address, shared: true })
    }

    /// The other server, holding A alone as a private one does.
    pub(crate) fn second_private() -> Outcome<Self> {
        Ok(Self { shared: false, ..Self::shared()? })
    }

    /// Puts everything back to the beginning.
    pub(crate) fn reset(&mut self) -> Outcome<()> {
        // Tenants are told nothing of key space events; that others' do not show is tested.
        let events = if self.shared { "KEA" } else { "" };
        let mut commands = vec![
            Command::new(&["CONFIG", "SET", "notify-keyspace-events", events]),
            // Blocked clients are looked at so many times a second: short timeouts stay short.
            Command::line("CONFIG SET hz 500"),
            Command::line("FLUSHALL"),
        ];
        if self.shared {
            for prefix in PREFIXES_OF_OTHERS {
                commands.extend(data(prefix, "kanarek"));
            }
            commands.extend(data("tenant:acme:", ""));
            commands.push(Command::line("SELECT 1"));
            commands.extend(data("tenant:globex:", "kanarek"));
            commands.extend(data("", "kanarek"));
            commands.push(Command::line("SELECT 0"));
        } else {
            commands.extend(data("", ""));
        }
        self.admin.must_all(&commands)?;
        Ok(())
    }

    /// A's keys, without the prefix; and those of all others.
    pub(crate) fn keys(&mut self) -> Outcome<(Keys, Keys)> {
        let (mut own, mut others) = (Keys::new(), Keys::new());
        for (name, held) in self.held()? {
            match name.strip_prefix(PREFIX_A) {
                Some(rest) if self.shared => own.insert(rest.to_vec(), held),
                Some(_) | None if self.shared => others.insert(name, held),
                Some(_) | None => own.insert(name, held),
            };
        }
        if self.shared {
            self.admin.must(&Command::line("SELECT 1"))?;
            for (name, held) in self.held()? {
                others.insert([b"database 1: ", &name[..]].concat(), held);
            }
            self.admin.must(&Command::line("SELECT 0"))?;
        }
        Ok((own, others))
    }

    fn held(&mut self) -> Outcome<Vec<(Vec<u8>, Held)>> {
        let names = self.admin.must(&Command::line("KEYS *"))?.elements();
        let names: Vec<Vec<u8>> =
            names.iter().filter_map(Value::text).map(<[u8]>::to_vec).collect();
        let mut commands = vec![Command::line("DEBUG DIGEST-VALUE")];
        if let Some(digests) = commands.first_mut() {
            digests.words.extend(names.iter().cloned());
        }
        let about = |word: &str, name: &Vec<u8>| Command::new(&[word.as_bytes(), name]);
        commands.extend(names.iter().map(|name| about("PEXPIRETIME", name)));
        commands.extend(names.iter().map(|name| about("TYPE", name)));
        let mut values = self.admin.must_all(&commands)?;
        let types = values.split_off(1 + names.len());
        let expiries = values.split_off(1);
        let digests = values.first().map(Value::elements).unwrap_or_default();
        let mut all = Vec::new();
        for (((name, digest), expiry), kind) in
            names.into_iter().zip(digests).zip(expiries).zip(types)
        {
            let expiry = if let Value::Integer(at) = expiry { at } else { 0 };
            let groups =
                if kind.text() == Some(b"stream") { self.groups(&name)? } else { Vec::new() };
            all.push((name, Held { digest, expiry, groups }));
        }
        Ok(all)
    }

    /// What the digest of a stream leaves out.
    fn groups(&mut self, name: &[u8]) -> Outcome<Vec<String>> {
        let info = Command::new(&[&b"XINFO"[..], b"STREAM", name, b"FULL", b"COUNT", b"0"]);
        let value = self.admin.must(&info)?;
        Ok(vec![compare::without_times(&value).show()])
    }

    pub(crate) fn facts(&mut self, scripts: impl Iterator<Item = &'static str>) -> Outcome<Facts> {
        let names = self.admin.must(&Command::line("COMMAND LIST"))?.elements();
        let commands = names
            .iter()
            .filter_map(Value::text)
            .map(|name| String::from_utf8_lossy(name).to_lowercase())
            .collect();
        let dumps = ["s1", "s2", "l1", "h1"].map(|name| Command::new(&["DUMP", name]));
        self.reset()?;
        let text = |value: &Value| value.text().map(<[u8]>::to_vec);
        let payloads = self.admin.must_all(&dumps)?.iter().filter_map(text).collect();
        let mut digests = Vec::new();
        for script in scripts {
            let value = self.admin.run(&Command::new(&["SCRIPT", "LOAD", script]))?;
            digests.extend(text(&value));
        }
        self.admin.must(&Command::line("SCRIPT FLUSH"))?;
        Ok(Facts { commands, payloads, digests })
    }
}

/// What a tenant has at the beginning. Others have the same names, and more, with other values.
fn data(prefix: &str, mark: &str) -> Vec<Command> {
    let mut lines: Vec<String> = include_str!("data.txt").lines().map(str::to_owned).collect();
    if !mark.is_empty() {
        lines.push(format!("SET {mark}-only {mark}"));
        lines.push(format!("RPUSH {mark}-list {mark} {mark}"));
        lines.extend((0..40).map(|number| format!("SET more{number} {mark}")));
    }
    let lines = lines.iter().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            if let Some(key) = words.get_mut(1) {
                *key = format!("{prefix}{key}");
            }
            for word in words.iter_mut().skip(2) {
                // Places of the mark, and of a number that is another one for others.
                let number = if mark.is_empty() { "1" } else { "7" };
                *word = word.replace("{mark}", mark).replace("{number}", number);
            }
            Command::new(&words)
        })
        .collect()
}
