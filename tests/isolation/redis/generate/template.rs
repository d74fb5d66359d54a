//! Forms of commands: read from `commands.txt`, filled by choices.

use super::slots::Slots;
use crate::choice::Choices;
use crate::session::Command;

/// A piece of a form.
#[derive(Debug)]
enum Piece {
    Word(Vec<u8>),
    Slot(String),
    /// One of these; with `true` perhaps none.
    OneOf(bool, Vec<Vec<Piece>>),
    /// So many times: at least, and whether the count stands before it.
    Repeat(u32, bool, Vec<Piece>),
}

/// One line: the commands of a form.
#[derive(Debug)]
pub(crate) struct Template {
    /// The wall may refuse it.
    pub(crate) tentative: bool,
    commands: Vec<Vec<Piece>>,
}

impl Template {
    /// All forms whose commands the server has.
    pub(crate) fn all(has: impl Fn(&str, &str) -> bool) -> Vec<Self> {
        let lines = include_str!("commands.txt").lines();
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines
            .map(Self::parse)
            .filter(|form| form.names().all(|(name, subcommand)| has(&name, &subcommand)))
            .collect()
    }

    fn parse(line: &str) -> Self {
        let (tentative, line) = match line.strip_prefix("? ") {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let parse = |text: &str| {
            let mut tokens = text.split_whitespace().peekable();
            sequence(&mut tokens)
        };
        Self { tentative, commands: line.split(" ; ").map(parse).collect() }
    }

    /// The first two words of its commands.
    fn names(&self) -> impl Iterator<Item = (String, String)> {
        let word = |piece: Option<&Piece>| match piece {
            Some(Piece::Word(word)) => String::from_utf8_lossy(word).into_owned(),
            _ => String::new(),
        };
        self.commands.iter().map(move |pieces| (word(pieces.first()), word(pieces.get(1))))
    }

    pub(crate) fn fill(&self, choices: &mut Choices, slots: &Slots) -> Vec<Command> {
        let filled = self.commands.iter().map(|pieces| {
            let mut words = Vec::new();
            fill(pieces, choices, slots, &mut words);
            Command { words, inline: false }
        });
        filled.collect()
    }
}

type Tokens<'t> = std::iter::Peekable<std::str::SplitWhitespace<'t>>;

/// Pieces up to a token that closes or separates.
fn sequence(tokens: &mut Tokens<'_>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    // A bracket that is meant as such stands alone; `>` behind STREAMS is the stream's own word.
    while let Some(token) = tokens.peek().copied() {
        let before_streams =
            pieces.iter().any(|piece| matches!(piece, Piece::Word(w) if w == b"STREAMS"));
        if ["|", "]", ")+", ")*", ")"].contains(&token) || token == ">" && !before_streams {
            break;
        }
        tokens.next();
        pieces.push(match token {
            "[" => Piece::OneOf(true, alternatives(tokens)),
            "<" => Piece::OneOf(false, alternatives(tokens)),
            "(" | "#(" => {
                let inner = sequence(tokens);
                let end = tokens.next();
                Piece::Repeat(u32::from(end != Some(")*")), token == "#(", inner)
            }
            _ => match token.strip_prefix('$') {
                Some(name) if !name.is_empty() => Piece::Slot(name.to_owned()),
                _ => Piece::Word(token.as_bytes().to_vec()),
            },
        });
    }
    pieces
}

fn alternatives(tokens: &mut Tokens<'_>) -> Vec<Vec<Piece>> {
    let mut all = vec![sequence(tokens)];
    while tokens.next() == Some("|") {
        all.push(sequence(tokens));
    }
    all
}

fn fill(pieces: &[Piece], choices: &mut Choices, slots: &Slots, words: &mut Vec<Vec<u8>>) {
    for piece in pieces {
        match piece {
            Piece::Word(word) => words.push(word.clone()),
            Piece::Slot(name) => words.push(slots.fill(name, choices)),
            Piece::OneOf(optional, all) => {
                let count = u32::try_from(all.len()).unwrap_or(1);
                let choice = choices.below(count * if *optional { 2 } else { 1 });
                if let Some(chosen) = all.get(choice as usize) {
                    fill(chosen, choices, slots, words);
                }
            }
            Piece::Repeat(least, counted, inner) => {
                let times = least + choices.below(3);
                if *counted {
                    words.push(times.to_string().into_bytes());
                }
                (0..times).for_each(|_| fill(inner, choices, slots, words));
            }
        }
    }
}
