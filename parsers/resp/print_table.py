"""Prints src/command/table.rs from commands.txt; run in this folder, then rustfmt:

    python3 print_table.py > src/command/table.rs && rustfmt --edition 2024 src/command/table.rs
"""

import re

HEAD = """\
//! The commands, in the order of their names. Printed from `commands.txt` by `print_table.py`: not
//! to be edited.

use super::{Begin, Class, Command, Find, Flags, KeyFlags, KeySpec, Said, Since};

/// All commands and subcommands, sorted by name.
pub static COMMANDS: &[Command] = &["""

PLACE = re.compile(
    r"(?:(?P<index>\d+)|(?P<word>[A-Z]+)@(?P<start>-?\d+)|(?P<unknown>\?))"
    r"(?:#(?P<number>\d+)\+(?P<first>\d+)/(?P<each>\d+)"
    r"|(?:\.\.(?P<last>-?\d+))?(?:/(?P<step>\d+))?(?:%(?P<limit>\d+))?)"
)


def described():
    """The commands of the description: name to columns, with what is accepted besides."""
    commands = {}
    for line in open("commands.txt", encoding="utf-8"):
        words = line.split("#" if line.startswith("#") else " # ")[0].split()
        if words[:1] == ["~"]:
            commands[name][1].append(words[1:])
        elif words:
            name, *columns = words
            assert name not in commands, name
            commands[name] = (columns, [])
    return commands


def union(kind, words):
    return f"{kind}::empty()" + "".join(f".with({kind}::{word.upper()})" for word in words)


def spec(word):
    flags, place = word.split(":")
    it = PLACE.fullmatch(place).groupdict()
    if it["unknown"]:
        begin, find = "Begin::Unknown", "Find::Unknown"
    else:
        begin = f"Begin::Index({it['index']})"
        if it["word"]:
            begin = f'Begin::Keyword {{ word: "{it["word"]}", start_from: {it["start"]} }}'
        find = (
            f"Find::Range {{ last: {it['last'] or 0}, step: {it['step'] or 1}, "
            f"limit: {it['limit'] or 0} }}"
        )
        if it["number"]:
            find = (
                f"Find::KeyNumber {{ number_index: {it['number']}, first: {it['first']}, "
                f"step: {it['each']} }}"
            )
    flags = union("KeyFlags", flags.split("+"))
    return f"KeySpec {{ flags: {flags}, begin: {begin}, find: {find} }}"


def specs(words):
    return "&[" + ", ".join(spec(word) for word in words if word != "-") + "]"


def since(text):
    redis, valkey = text.split("/")
    some = lambda text: f"Some(({text.replace('.', ', ')}))" if "." in text else "None"
    module = str(redis == "stack").lower()
    return f"Since {{ redis: {some(redis)}, valkey: {some(valkey)}, module: {module} }}"


def main():
    commands = described()
    containers = {name.split("|")[0] for name in commands if "|" in name}
    print(HEAD)
    for name, (columns, accepted) in sorted(commands.items()):
        arity, kind, versions, flags, *keys = columns
        kind = {"pubsub": "pub-sub"}.get(kind, kind).title().replace("-", "")
        flags = union("Flags", [] if flags == "-" else flags.split(","))
        said = [f"Said {{ arity: {it[0]}, keys: {specs(it[1:])} }}" for it in accepted]
        print(
            f'Command {{ name: "{name}", arity: {arity}, class: Class::{kind}, '
            f"since: {since(versions)}, flags: {flags}, keys: {specs(keys)}, "
            f"accepted: &[{', '.join(said)}], container: {str(name in containers).lower()} }},"
        )
    print("];")


main()
