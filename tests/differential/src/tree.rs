//! Debug forms read back as plain trees.
//!
//! A derived `Debug` visits every field, so a count over its output cannot forget one: neither of
//! the two trees that are compared needs a walker of its own.

/// A value as `{:?}` shows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// `Name { field: value, … }`
    Struct(String, Vec<(String, Tree)>),
    /// `Name(value, …)`, `[value, …]` and `(value, …)`, the latter two without a name.
    Items(String, Vec<Tree>),
    /// A string.
    Text(String),
    /// A name or a number.
    Word(String),
}

impl Tree {
    /// Reads a debug form.
    ///
    /// # Panics
    /// When `text` is none.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut reader = Reader { text, at: 0 };
        let tree = reader.value();
        assert_eq!(reader.at, text.len(), "something is left of a debug form");
        tree
    }

    /// Calls `visit` for this tree and, where it says so, for all below.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self) -> bool) {
        if !visit(self) {
            return;
        }
        match self {
            Self::Struct(_, fields) => fields.iter().for_each(|(_, value)| value.walk(visit)),
            Self::Items(_, items) => items.iter().for_each(|item| item.walk(visit)),
            Self::Text(_) | Self::Word(_) => {}
        }
    }

    /// A struct's field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Self> {
        let Self::Struct(_, fields) = self else { return None };
        fields.iter().find(|(field, _)| field == name).map(|(_, value)| value)
    }

    /// Every text in the tree, joined by dots.
    #[must_use]
    pub fn texts(&self) -> String {
        let mut texts = Vec::new();
        self.walk(&mut |tree| {
            if let Self::Text(text) = tree {
                texts.push(text.clone());
            }
            true
        });
        texts.join(".")
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn value(&mut self) -> Tree {
        if self.eat("\"") {
            return Tree::Text(self.string());
        }
        let word = self.word();
        if self.eat("(") {
            Tree::Items(word, self.items(")"))
        } else if self.eat("[") {
            Tree::Items(word, self.items("]"))
        } else if self.eat(" { ") {
            let mut fields = Vec::new();
            loop {
                let field = self.word();
                assert!(self.eat(": "), "a field without a value: {:.40}", self.rest());
                fields.push((field, self.value()));
                if self.eat(" }") {
                    return Tree::Struct(word, fields);
                }
                assert!(self.eat(", "), "fields run together: {:.40}", self.rest());
            }
        } else {
            assert!(!word.is_empty(), "no debug form: {:.40}", self.rest());
            Tree::Word(word)
        }
    }

    fn items(&mut self, end: &str) -> Vec<Tree> {
        let mut items = Vec::new();
        while !self.eat(end) {
            items.push(self.value());
            self.eat(", ");
        }
        items
    }

    fn word(&mut self) -> String {
        let end = self.rest().find(|character: char| {
            !(character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '+' | '#'))
        });
        let word = self.rest()[..end.unwrap_or(self.rest().len())].to_owned();
        self.at += word.len();
        word
    }

    /// Up to the closing quotation mark. Escapes stay as they are: both sides have the same.
    fn string(&mut self) -> String {
        let start = self.at;
        loop {
            match self.rest().as_bytes() {
                [b'\\', ..] => self.at += 2,
                [b'"', ..] => break,
                [_, ..] => self.at += 1,
                [] => panic!("a string without its end"),
            }
            while !self.text.is_char_boundary(self.at) {
                self.at += 1;
            }
        }
        let text = self.text[start..self.at].to_owned();
        self.at += 1;
        text
    }
}
