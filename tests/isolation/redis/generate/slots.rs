//! What stands in the slots of a form: keys of each type, odd names among them, and values that look
//! like what the wall makes of keys.

use crate::choice::Choices;
use crate::store::Facts;

/// The types of keys, each by the letter that its names begin with.
const TYPES: &[u8] = b"sclhtzxgbp";

/// How a plain name is made odd. `{}` is the name.
const ODD: &[&[u8]] = &[
    b"{}1",
    b"{}2",
    b"{}3",
    b"{}1",
    b"{}2",
    b"{}3",
    b"{}1",
    b"{}2",
    b"{}3",
    b"{}1",
    b"{}2",
    b"{}3",
    b"{}:{tag}:1",
    b"{}{}",
    b"{}{",
    b"{} 4",
    b"{}*",
    b"{}?[a-c]",
    b"{}\\*",
    b"{}\x00\xff\r\n",
    b"{}tenant:acme:{}1",
    b"{}:tenant:globex:1",
    b"{}\xc3\xa9",
    b"{}'\"",
];
/// Names that wear a prefix: of one's own, of the other's. They are of one type each.
const PREFIXED: &[&[u8]] = &[b"tenant:acme:", b"tenant:globex:", b"tenant:"];

const VALUES: &[&[u8]] = &[
    b"v",
    b"",
    b"42",
    b"-7",
    b"3.25",
    b"two words",
    b"\x00\x01\xfe\r\n$5\r\n",
    b"tenant:acme:s1",
    b"tenant:globex:s1",
    b"tenant:acme:",
    b"s1",
    b"w1",
    b"w2",
    b"w3",
    b"0",
    b"NaN",
    b"a value that is too long for a compact encoding: sixty-five bytes!",
    b"*1\r\n$4\r\nPING\r\n",
];
const MEMBERS: &[&[u8]] = &[
    b"a",
    b"b",
    b"c",
    b"d",
    b"1",
    b"2",
    b"",
    b"store",
    b"tenant:acme:a",
    b"tenant:globex:a",
    b"\xff\x00",
    b"w1",
    b"w2",
    b"w3",
];
const FIELDS: &[&[u8]] = &[b"f", b"g", b"name", b"n", b"", b"tenant:acme:f", b"\x00"];

const SCRIPTS: &[&str] = &[
    "return redis.call('GET', KEYS[1])",
    "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('STRLEN', KEYS[1])",
    "return {KEYS[1], ARGV[1], #KEYS, #ARGV}",
    "return redis.pcall('LPUSH', KEYS[1], ARGV[1])",
    "local r = redis.pcall('INCR', KEYS[1]) if type(r) == 'table' then return r.err end return r",
    "return redis.call('TYPE', KEYS[1])",
    "return redis.call('EXISTS', unpack(KEYS))",
    "local all = redis.call('MGET', KEYS[1], 's1', 's2') return all",
    "redis.call('RPUSH', 'l1', KEYS[1]) return redis.call('LRANGE', 'l1', 0, -1)",
    "return redis.call('DEL', KEYS[1], 's' .. '3')",
    "return redis.status_reply(tostring(#KEYS[1]))",
    "return redis.error_reply('MY ' .. #ARGV)",
];
/// Scripts that make all names themselves.
const SCRIPTS_WITHOUT_KEYS: &[&str] = &[
    "return redis.call('GET', 's1')",
    "local name = 's' .. #ARGV redis.call('SET', name, ARGV[1]) return redis.call('GET', name)",
    "return {1, 'two', {3, '4'}, 3.99, true, false}",
    "return {1, nil, 3}",
    "return cjson.encode({a = {1, 2}, b = 'x'})",
    "return cmsgpack.unpack(cmsgpack.pack({1, 'a'}))",
    "return {bit.band(12, 10), redis.sha1hex('abc'), struct.unpack('>I2', struct.pack('>I2', 300))}",
    "redis.call('HSET', 'h1', 'f', ARGV[1]) return redis.call('HGET', 'h1', 'f')",
    "return redis.call('LPUSH', 's1', 'x')",
    "return redis.pcall('LPUSH', 's1', 'x')",
    "return redis.call('GET')",
    "return redis.pcall('NOSUCHCOMMAND', 'x')",
    "this is no Lua",
    "error('raised')",
    "return redis.call('ZADD', 'z1', 1, 'a', 2, 'b')",
    "return redis.call('SORT', 'l1', 'BY', 'nosort', 'GET', '#')",
    "return redis.call('SORT', 'l1', 'ALPHA', 'GET', '#', 'GET', 'data:*')",
    "return redis.call('XREAD', 'COUNT', '1', 'STREAMS', 'x1', '0')",
    "return redis.call('LMPOP', '2', 'l1', 'l2', 'LEFT')",
    "return redis.call('ZUNION', 2, 'z1', 'z2', 'WITHSCORES')",
    "return redis.call('EVAL', 'return 1', 0)",
    "return redis.call('SUBSCRIBE', 'c1')",
    "local c = redis.call return c('incr', 'c1')",
    "return redis['call']('EXISTS', 's1')",
    "return redis.call('PUBLISH', 'c1', ARGV[1])",
    "redis.setresp(3) return redis.call('HGETALL', 'h2')",
    "redis.replicate_commands() return 1",
    "return redis.call('COPY', 's1', 's2', 'REPLACE')",
    "return {redis.LOG_WARNING, redis.REPL_ALL}",
    "x = 1",
    "return x",
    "return redis.call('EXPIRE', 's1', '1000')",
];
/// Scripts that only read.
const READS: &[&str] = &[
    "return redis.call('GET', KEYS[1])",
    "return {redis.call('TYPE', KEYS[1]), redis.call('EXISTS', 's1')}",
    "return redis.pcall('SET', KEYS[1], 'x')",
    "return redis.call('STRLEN', 's' .. 1)",
];

pub(crate) const CHANNELS: &[&[u8]] = &[
    b"c1",
    b"c2",
    b"c3",
    b"c*",
    b"c?",
    b"tenant:acme:c1",
    b"tenant:globex:c1",
    b"c\x00\r\n",
    b"__keyspace@0__",
    b"c{t}",
];

/// The choices' source of words.
pub(crate) struct Slots {
    pub(crate) facts: Facts,
}

impl Slots {
    /// All texts of scripts whose digests are used.
    pub(crate) fn scripts() -> impl Iterator<Item = &'static str> {
        SCRIPTS.iter().chain(SCRIPTS_WITHOUT_KEYS).chain(READS).copied()
    }

    pub(crate) fn fill(&self, name: &str, choices: &mut Choices) -> Vec<u8> {
        let number = |choices: &mut Choices, from: &[&str]| choices.pick(from).as_bytes().to_vec();
        match name {
            "k" => any_key(choices),
            "v" => choices.pick(VALUES).to_vec(),
            "m" => choices.pick(MEMBERS).to_vec(),
            "f" => choices.pick(FIELDS).to_vec(),
            "n" => number(choices, &["1", "2", "3", "0", "-1", "x", "9223372036854775807"]),
            "i" => number(choices, &["0", "1", "-1", "2", "-3", "100", "x"]),
            "d" => number(choices, &["1", "2", "0.5", "-3", "1e3", "inf", "x"]),
            "score" => number(choices, &["-inf", "+inf", "0", "1", "(1", "2.5", "(x"]),
            "lex" => number(choices, &["-", "+", "[a", "(b", "[c", "x"]),
            "lon" => number(choices, &["13.4", "2.35", "-0.12", "200"]),
            "lat" => number(choices, &["52.5", "48.9", "51.5"]),
            "e" => number(choices, &["1-1", "2-1", "3-0", "5-0", "7", "9-1", "0-0", "x-y"]),
            "q" => number(choices, &["q1", "q2", "STREAMS", "tenant:acme:q"]),
            "u" => number(choices, &["u1", "u2", "STREAMS"]),
            "payload" => choices.pick(&self.facts.payloads),
            "sha" => choices.pick(&self.facts.digests),
            "script" => number(choices, SCRIPTS),
            "script0" => number(choices, SCRIPTS_WITHOUT_KEYS),
            "read" => number(choices, READS),
            "channel" => choices.pick(CHANNELS).to_vec(),
            "L0" => b"l-empty".to_vec(),
            _ => typed_key(name, choices),
        }
    }
}

/// A small letter: mostly of that type. A capital: always.
fn typed_key(name: &str, choices: &mut Choices) -> Vec<u8> {
    let letter = name.bytes().next().unwrap_or(b's');
    assert!(name.len() == 1 && TYPES.contains(&letter.to_ascii_lowercase()), "no slot ${name}");
    if letter.is_ascii_lowercase() && choices.one_in(12) {
        return any_key(choices);
    }
    named(letter.to_ascii_lowercase(), choices)
}

fn any_key(choices: &mut Choices) -> Vec<u8> {
    let letter = choices.pick(TYPES);
    named(letter, choices)
}

fn named(letter: u8, choices: &mut Choices) -> Vec<u8> {
    if choices.one_in(40) {
        let mut name = choices.pick(PREFIXED).to_vec();
        name.extend_from_slice(&[letter, b'1']);
        return name;
    }
    if letter == b's' && choices.one_in(40) {
        return Vec::new();
    }
    let form = choices.pick(ODD);
    match form.strip_prefix(b"{}") {
        Some(rest) => [&[letter][..], rest].concat(),
        None => form.to_vec(),
    }
}
