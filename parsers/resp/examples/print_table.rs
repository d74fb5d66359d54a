//! Prints `src/command/table.rs` from `commands.txt`:
//! `cargo run -p resp-wire --example print_table > parsers/resp/src/command/table.rs`.

use std::collections::{BTreeMap, BTreeSet};

/// The description.
const COMMANDS: &str = include_str!("../commands.txt");

fn main() {
    let mut commands: BTreeMap<&str, (Vec<&str>, Vec<Vec<&str>>)> = BTreeMap::new();
    let mut containers = BTreeSet::new();
    let mut name = "";
    for line in COMMANDS.lines() {
        let line = line.split(" -- ").next().unwrap_or(line);
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.first() {
            None | Some(&"#") => {}
            Some(&"~") => {
                let command = commands.get_mut(name);
                command.expect("a command stands above").1.push(words[1..].to_vec());
            }
            Some(word) => {
                name = word;
                if let Some((container, _)) = name.split_once('|') {
                    containers.insert(container);
                }
                let old = commands.insert(name, (words[1..].to_vec(), Vec::new()));
                assert!(old.is_none(), "{name} is described twice");
            }
        }
    }
    println!("//! The commands, in the order of their names. Printed from `commands.txt` by");
    println!("//! `examples/print_table.rs`: not to be edited.");
    println!();
    println!("use super::{{Begin, Class, Command, Find, Flags, KeyFlags, KeySpec, Said, Since}};");
    println!();
    println!("/// All commands and subcommands, sorted by name.");
    println!("pub static COMMANDS: &[Command] = &[");
    for (name, (words, accepted)) in &commands {
        let [arity, class, since, flags, keys @ ..] = words.as_slice() else {
            panic!("{name}: a column is missing");
        };
        let accepted = accepted.iter().map(|said| {
            format!("Said {{ arity: {}, keys: {} }}", said[0], specs(&said[1..]))
        });
        println!("    Command {{");
        println!("        name: {name:?},");
        println!("        arity: {arity},");
        println!("        class: Class::{},", camel(class));
        println!("        since: {},", self::since(since));
        println!("        flags: {},", set("Flags", flags, ','));
        println!("        keys: {},", specs(keys));
        println!("        accepted: &[{}],", accepted.collect::<Vec<_>>().join(", "));
        println!("        container: {},", containers.contains(name));
        println!("    }},");
    }
    println!("];");
}

fn camel(class: &str) -> String {
    let mut out = String::new();
    for part in class.split('-') {
        let (first, rest) = part.split_at(1);
        out.push_str(&first.to_uppercase());
        out.push_str(rest);
    }
    if out == "Pubsub" { "PubSub".to_owned() } else { out }
}

fn since(text: &str) -> String {
    let (redis, valkey) = text.split_once('/').expect("two versions");
    let version = |text: &str| match text {
        "-" | "stack" => "None".to_owned(),
        _ => format!("Some(({}))", text.replace('.', ", ")),
    };
    let module = redis == "stack";
    format!("Since {{ redis: {}, valkey: {}, module: {module} }}", version(redis), version(valkey))
}

fn set(kind: &str, words: &str, between: char) -> String {
    let mut out = format!("{kind}::empty()");
    if words != "-" {
        for word in words.split(between) {
            out.push_str(&format!(".with({kind}::{})", word.to_uppercase()));
        }
    }
    out
}

fn specs(words: &[&str]) -> String {
    let specs = words.iter().filter(|word| **word != "-").map(|word| spec(word));
    format!("&[{}]", specs.collect::<Vec<_>>().join(", "))
}

/// One key specification: `flags:begin`, then `..last/step%limit` or `#number+first/step`.
fn spec(word: &str) -> String {
    let (flags, place) = word.split_once(':').expect("flags and a place");
    let split = place.find(['#', '/', '%']).unwrap_or(place.len());
    let split = place.find("..").map_or(split, |dots| dots.min(split));
    let (begin, find) = place.split_at(split);
    let find = match (begin, find.strip_prefix('#')) {
        ("?", _) => "Find::Unknown".to_owned(),
        (_, Some(number)) => {
            let (number_index, rest) = number.split_once('+').expect("a first key");
            let (first, step) = rest.split_once('/').expect("a step");
            format!(
                "Find::KeyNumber {{ number_index: {number_index}, first: {first}, step: {step} }}"
            )
        }
        (_, None) => {
            let (find, limit) = find.split_once('%').unwrap_or((find, "0"));
            let (last, step) = find.split_once('/').unwrap_or((find, "1"));
            let last = last.strip_prefix("..").unwrap_or("0");
            format!("Find::Range {{ last: {last}, step: {step}, limit: {limit} }}")
        }
    };
    let begin = match begin.split_once('@') {
        Some((word, start)) => {
            format!("Begin::Keyword {{ word: {word:?}, start_from: {start} }}")
        }
        None if begin == "?" => "Begin::Unknown".to_owned(),
        None => format!("Begin::Index({begin})"),
    };
    format!("KeySpec {{ flags: {}, begin: {begin}, find: {find} }}", set("KeyFlags", flags, '+'))
}
