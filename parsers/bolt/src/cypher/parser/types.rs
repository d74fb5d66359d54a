//! Types of values.

use super::{Parse, Parser, Symbol, TokenKind};
use crate::cypher::syntax::{ScalarType, Type, TypeName, TypePart};

/// Types of one word. Of more words: `types_of_words`.
const SCALARS: &[(&str, ScalarType)] = &[
    ("NOTHING", ScalarType::Nothing),
    ("NULL", ScalarType::Null),
    ("BOOL", ScalarType::Boolean),
    ("BOOLEAN", ScalarType::Boolean),
    ("VARCHAR", ScalarType::String),
    ("STRING", ScalarType::String),
    ("UUID", ScalarType::Uuid),
    ("INT", ScalarType::Integer),
    ("INTEGER", ScalarType::Integer),
    ("INTEGER64", ScalarType::Integer),
    ("INT64", ScalarType::Integer),
    ("FLOAT", ScalarType::Float),
    ("FLOAT64", ScalarType::Float),
    ("DATE", ScalarType::Date),
    ("DURATION", ScalarType::Duration),
    ("POINT", ScalarType::Point),
    ("NODE", ScalarType::Node),
    ("VERTEX", ScalarType::Node),
    ("RELATIONSHIP", ScalarType::Relationship),
    ("EDGE", ScalarType::Relationship),
    ("MAP", ScalarType::Map),
    ("PATH", ScalarType::Path),
    ("PATHS", ScalarType::Path),
];

/// Types of the elements of vectors, beyond those of all values.
const COORDINATES: &[(&str, ScalarType)] = &[
    ("INT", ScalarType::Integer),
    ("INTEGER", ScalarType::Integer),
    ("INTEGER64", ScalarType::Integer),
    ("INT64", ScalarType::Integer),
    ("INTEGER32", ScalarType::Integer32),
    ("INT32", ScalarType::Integer32),
    ("INTEGER16", ScalarType::Integer16),
    ("INT16", ScalarType::Integer16),
    ("INTEGER8", ScalarType::Integer8),
    ("INT8", ScalarType::Integer8),
    ("FLOAT", ScalarType::Float),
    ("FLOAT64", ScalarType::Float),
    ("FLOAT32", ScalarType::Float32),
];

impl Parser<'_> {
    pub(super) fn type_(&mut self) -> Parse<Type> {
        self.deeper(|parser| {
            let mut alternatives = vec![parser.type_part()?];
            while parser.is_symbol(Symbol::Bar) && parser.at != parser.last_bar {
                parser.at += 1;
                alternatives.push(parser.type_part()?);
            }
            Ok(Type { alternatives })
        })
    }

    fn type_part(&mut self) -> Parse<TypePart> {
        let name = self.type_name()?;
        let not_null = self.not_null();
        let mut lists = Vec::new();
        while self.eat_one_of(&["LIST", "ARRAY"]).is_some() {
            lists.push(self.not_null());
        }
        Ok(TypePart { name, not_null, lists })
    }

    pub(super) fn not_null(&mut self) -> bool {
        self.eat_words(&["NOT", "NULL"]) || self.eat(Symbol::Exclamation)
    }

    fn type_name(&mut self) -> Parse<TypeName> {
        if let Some(scalar) = self.one_word(SCALARS) {
            return Ok(TypeName::Scalar(scalar));
        }
        const WORDS: &[&str] = &[
            "SIGNED",
            "LOCAL",
            "ZONED",
            "TIME",
            "TIMESTAMP",
            "PROPERTY",
            "LIST",
            "ARRAY",
            "ANY",
            "VECTOR",
        ];
        let scalar = match self.eat_one_of(WORDS) {
            Some("LIST" | "ARRAY") => return self.element_type().map(TypeName::List),
            Some("ANY") => return self.any_type(),
            Some("VECTOR") => return self.vector_type(),
            Some("SIGNED") => {
                self.expect_word("INTEGER")?;
                ScalarType::Integer
            }
            Some("LOCAL") => match self.eat_one_of(&["TIME", "DATETIME"]) {
                Some("TIME") => ScalarType::LocalTime,
                Some(_) => ScalarType::LocalDateTime,
                None => return self.expected("TIME or DATETIME"),
            },
            Some("ZONED") => match self.eat_one_of(&["TIME", "DATETIME"]) {
                Some("TIME") => ScalarType::ZonedTime,
                Some(_) => ScalarType::ZonedDateTime,
                None => return self.expected("TIME or DATETIME"),
            },
            Some("TIME") if self.with_zone()? => ScalarType::ZonedTime,
            Some("TIME") => ScalarType::LocalTime,
            Some("TIMESTAMP") if self.with_zone()? => ScalarType::ZonedDateTime,
            Some("TIMESTAMP") => ScalarType::LocalDateTime,
            Some("PROPERTY") => {
                self.expect_word("VALUE")?;
                ScalarType::PropertyValue
            }
            _ => return self.expected("a type"),
        };
        Ok(TypeName::Scalar(scalar))
    }

    fn one_word(&mut self, words: &[(&str, ScalarType)]) -> Option<ScalarType> {
        let found = self.word_at(0)?;
        let (_, scalar) = words.iter().find(|(word, _)| found.eq_ignore_ascii_case(word))?;
        self.at += 1;
        Some(*scalar)
    }

    /// `<type>`
    fn element_type(&mut self) -> Parse<Box<Type>> {
        self.expect(Symbol::Less)?;
        let inner = self.type_()?;
        self.expect(Symbol::Greater)?;
        Ok(Box::new(inner))
    }

    /// `WITH TIME ZONE`; whether it is with one
    fn with_zone(&mut self) -> Parse<bool> {
        let with = match self.eat_one_of(&["WITH", "WITHOUT"]) {
            Some(word) => word == "WITH",
            None => return self.expected("WITH or WITHOUT"),
        };
        if !self.eat_word("TIMEZONE") && !self.eat_words(&["TIME", "ZONE"]) {
            return self.expected("TIME ZONE");
        }
        Ok(with)
    }

    /// What stands behind `ANY`.
    fn any_type(&mut self) -> Parse<TypeName> {
        const WORDS: &[(&str, ScalarType)] = &[
            ("NODE", ScalarType::Node),
            ("VERTEX", ScalarType::Node),
            ("RELATIONSHIP", ScalarType::Relationship),
            ("EDGE", ScalarType::Relationship),
            ("MAP", ScalarType::Map),
        ];
        if let Some(scalar) = self.one_word(WORDS) {
            return Ok(TypeName::Scalar(scalar));
        }
        if self.eat_words(&["PROPERTY", "VALUE"]) {
            return Ok(TypeName::Scalar(ScalarType::PropertyValue));
        }
        self.eat_word("VALUE");
        if self.is_symbol(Symbol::Less) {
            return self.element_type().map(TypeName::Any);
        }
        Ok(TypeName::Scalar(ScalarType::Any))
    }

    pub(super) fn coordinate_type(&mut self) -> Parse<ScalarType> {
        if self.eat_words(&["SIGNED", "INTEGER"]) {
            return Ok(ScalarType::Integer);
        }
        match self.one_word(COORDINATES) {
            Some(scalar) => Ok(scalar),
            None => self.expected("a type of numbers"),
        }
    }

    /// What stands behind `VECTOR`: `<FLOAT>(3)`, or `(3, FLOAT)`
    fn vector_type(&mut self) -> Parse<TypeName> {
        self.needs_25("VECTOR")?;
        let (mut coordinate, mut not_null, mut dimension) = (None, false, None);
        if self.eat(Symbol::Less) {
            coordinate = Some(self.coordinate_type()?);
            not_null = self.not_null();
            self.expect(Symbol::Greater)?;
        }
        if self.eat(Symbol::LeftParen) {
            let start = self.here();
            self.eat(Symbol::Minus);
            if self.peek(0).is_none_or(|token| token.kind != TokenKind::Integer) {
                return self.expected("a number");
            }
            self.at += 1;
            dimension = Some(self.text_of(self.since(start)).to_owned());
            if coordinate.is_none() && self.eat(Symbol::Comma) {
                coordinate = Some(self.coordinate_type()?);
                not_null = self.not_null();
            }
            self.expect(Symbol::RightParen)?;
        }
        Ok(TypeName::Vector { coordinate, not_null, dimension })
    }
}
