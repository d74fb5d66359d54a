//! Subscriptions on the third connection, and what is published to them.

use super::slots::CHANNELS;
use super::{Item, Step, others};
use crate::choice::Choices;
use crate::session::Command;

const PATTERNS: &[&[u8]] = &[
    b"*",
    b"c*",
    b"c?",
    b"c[12]",
    b"tenant:*",
    b"tenant:globex:*",
    b"\\*",
    b"c\\*",
    b"__*",
    b"[^t]*",
];

pub(crate) fn item(choices: &mut Choices) -> Item {
    let count = 1 + choices.below(4);
    let listens = (0..count).map(|_| subscription(choices)).collect();
    let mut steps = vec![Step::Pipeline(2, listens)];
    if choices.one_in(3) {
        steps.push(Step::Others(others(choices)));
    }
    let count = 1 + choices.below(4);
    let mut says: Vec<Command> = (0..count).map(|_| publication(choices)).collect();
    if choices.one_in(3) {
        says.extend(["PUBSUB CHANNELS", "PUBSUB NUMPAT", "PUBSUB NUMSUB c1 c2"].map(Command::line));
    }
    steps.push(Step::Pipeline(0, says));
    let mut rest = vec![Command::line("PING")];
    if choices.one_in(2) {
        // Without names: as many replies as there are subscriptions. Their order is chance where
        // there are several, so it is one kind at a time, behind everything else.
        rest.push(Command::line(choices.pick(&["UNSUBSCRIBE c1", "PUNSUBSCRIBE *", "GET s1"])));
    }
    steps.push(Step::Pipeline(2, rest));
    if choices.one_in(2) {
        let lines = ["UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", "PING", "GET s1"];
        steps.push(Step::Pipeline(2, lines.map(Command::line).to_vec()));
    }
    Item { steps, fixed: false }
}

fn subscription(choices: &mut Choices) -> Command {
    let (name, from) = match choices.below(6) {
        0 => ("PSUBSCRIBE", PATTERNS),
        1 => ("SSUBSCRIBE", CHANNELS),
        2 => ("UNSUBSCRIBE", CHANNELS),
        3 => ("PUNSUBSCRIBE", PATTERNS),
        4 => ("SUNSUBSCRIBE", CHANNELS),
        _ => ("SUBSCRIBE", CHANNELS),
    };
    let count = 1 + choices.below(3);
    let mut words = vec![name.as_bytes().to_vec()];
    words.extend((0..count).map(|_| choices.pick(from).to_vec()));
    Command { words, inline: false }
}

fn publication(choices: &mut Choices) -> Command {
    let name = if choices.one_in(3) { "SPUBLISH" } else { "PUBLISH" };
    let values: &[&[u8]] = &[b"hello", b"", b"tenant:acme:c1", b"\x00\xff", b"tenant:globex:c1"];
    let words = [name.as_bytes(), choices.pick(CHANNELS), choices.pick(values)];
    Command::new(&words)
}
