//! Tokens.

use wire::Span;

/// The smallest part of a text that means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
    /// Whether space or a comment stands in front of it.
    pub spaced: bool,
    /// For a bracket, the index of the one that belongs to it; else its own.
    pub partner: u32,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A word that the grammar reads as a keyword, or has not read.
    Word,
    /// A word that the grammar reads as a name.
    Name,
    /// A name in backticks.
    QuotedName,
    /// A string in either quotes.
    String,
    /// A whole number, decimal.
    Integer,
    /// A whole number, hexadecimal or octal.
    RadixInteger,
    /// A number with a fraction or an exponent.
    Float,
    /// A sign.
    Symbol(Symbol),
}

/// A sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symbol {
    /// `&`
    Ampersand,
    /// `|`
    Bar,
    /// `^`
    Caret,
    /// `:`
    Colon,
    /// `,`
    Comma,
    /// `$`
    Dollar,
    /// `.`
    Dot,
    /// `..`
    DotDot,
    /// `||`
    DoubleBar,
    /// `::`
    DoubleColon,
    /// `=`
    Equal,
    /// `=~`
    EqualTilde,
    /// `!`
    Exclamation,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `{`
    LeftBrace,
    /// `[`
    LeftBracket,
    /// `(`
    LeftParen,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `-`
    Minus,
    /// `<>`
    NotEqual,
    /// `%`
    Percent,
    /// `+`
    Plus,
    /// `+=`
    PlusEqual,
    /// `}`
    RightBrace,
    /// `]`
    RightBracket,
    /// `)`
    RightParen,
    /// `;`
    Semicolon,
    /// `/`
    Slash,
    /// `*`
    Star,
    /// A dash that is no minus: part of an arrow only.
    ArrowDash,
    /// A wide `<`: part of an arrow only.
    ArrowLeft,
    /// A wide `>`: part of an arrow only.
    ArrowRight,
}

impl Symbol {
    /// The one text that it is printed as. Look-alikes of arrows become the arrows that they are.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Ampersand => "&",
            Self::Bar => "|",
            Self::Caret => "^",
            Self::Colon => ":",
            Self::Comma => ",",
            Self::Dollar => "$",
            Self::Dot => ".",
            Self::DotDot => "..",
            Self::DoubleBar => "||",
            Self::DoubleColon => "::",
            Self::Equal => "=",
            Self::EqualTilde => "=~",
            Self::Exclamation => "!",
            Self::Greater | Self::ArrowRight => ">",
            Self::GreaterEqual => ">=",
            Self::LeftBrace => "{",
            Self::LeftBracket => "[",
            Self::LeftParen => "(",
            Self::Less | Self::ArrowLeft => "<",
            Self::LessEqual => "<=",
            Self::Minus | Self::ArrowDash => "-",
            Self::NotEqual => "<>",
            Self::Percent => "%",
            Self::Plus => "+",
            Self::PlusEqual => "+=",
            Self::RightBrace => "}",
            Self::RightBracket => "]",
            Self::RightParen => ")",
            Self::Semicolon => ";",
            Self::Slash => "/",
            Self::Star => "*",
        }
    }
}
