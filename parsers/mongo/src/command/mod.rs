//! Commands as clients spell them: a name, a database, and arguments in the body or beside it.

mod argument;
mod database;
mod general;
#[cfg(test)]
mod tests;

pub use argument::{Argument, Arguments, Batch, Operand};
pub use general::{General, Lsid};

use crate::Defect;
use crate::bson::{Document, Element, Value};
use crate::message::{Flags, OpMsg, Sequence};
use crate::survey::{self, CommandSpec};

/// A client's command.
///
/// Its name is that of the body's first element, whatever else the body holds: so servers read it.
#[derive(Clone, Debug)]
pub struct Command<'b> {
    message: OpMsg<'b>,
    name: Element<'b>,
    database: &'b str,
    spec: Option<&'static CommandSpec>,
}

impl<'b> Command<'b> {
    /// The command of a message.
    ///
    /// # Errors
    /// `Defect` when it has no name or no sound `$db`, or comes with a sequence that it does not
    /// take: some servers ignore such a sequence, others take it for an argument.
    pub fn read(message: OpMsg<'b>) -> Result<Self, Defect> {
        let name = message.body.first().ok_or(Defect::NoCommand)?;
        let spec = survey::command(name.name());
        let database = match message.body.value("$db") {
            Some(Value::String(database)) => database,
            _ => return Err(Defect::NoDatabase),
        };
        if !database::is_name(database) {
            return Err(Defect::Database);
        }
        let takes = |sequence: &Sequence<'_>| {
            spec.is_some_and(|spec| spec.sequences.contains(&sequence.identifier))
        };
        if !message.sequences.iter().all(takes) {
            return Err(Defect::Sequence);
        }
        Ok(Self { message, name, database, spec })
    }

    /// The command that is this one's value, as `explain` has it: on the same database, and without
    /// sequences.
    ///
    /// # Errors
    /// `Defect` when the value is no command, or one on another database.
    pub fn nested(&self) -> Result<Self, Defect> {
        let body = self.target().as_document().ok_or(Defect::Argument)?;
        let name = body.first().ok_or(Defect::NoCommand)?;
        match body.value("$db") {
            None => {}
            Some(Value::String(database)) if database == self.database => {}
            Some(_) => return Err(Defect::Database),
        }
        let message = OpMsg { body, sequences: Vec::new(), ..self.message };
        let spec = survey::command(name.name());
        Ok(Self { message, name, database: self.database, spec })
    }

    /// Its name, in the client's spelling.
    #[must_use]
    pub fn name(&self) -> &'b str {
        self.name.name()
    }

    /// What is known of it; `None` for an unknown command.
    #[must_use]
    pub fn spec(&self) -> Option<&'static CommandSpec> {
        self.spec
    }

    /// The value of its name: of most commands the collection.
    #[must_use]
    pub fn target(&self) -> Value<'b> {
        self.name.value()
    }

    /// The element with its name, for copying it.
    #[must_use]
    pub fn target_element(&self) -> Element<'b> {
        self.name
    }

    /// Its `$db`. It has the form of a database's name, or is `$external`, where users are that some
    /// other system knows.
    #[must_use]
    pub fn database(&self) -> &'b str {
        self.database
    }

    /// Its arguments, `$db` among them: those of the body in order, then the sequences.
    #[must_use]
    pub fn arguments(&self) -> Arguments<'_, 'b> {
        Arguments::new(self.message.body, &self.message.sequences)
    }

    /// The argument of this name. There is one at most.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<Operand<'b>> {
        self.arguments().find(|argument| argument.name == name).map(|argument| argument.operand)
    }

    /// The arguments that every command may have.
    ///
    /// # Errors
    /// `Defect::Argument` when one has not the type that it must have.
    pub fn general(&self) -> Result<General<'b>, Defect> {
        General::read(self.message.body)
    }

    /// Its whole body.
    #[must_use]
    pub fn body(&self) -> Document<'b> {
        self.message.body
    }

    /// Its sequences, in order.
    #[must_use]
    pub fn sequences(&self) -> &[Sequence<'b>] {
        &self.message.sequences
    }

    /// Its message's flags.
    #[must_use]
    pub fn flags(&self) -> Flags {
        self.message.flags
    }

    /// Its message's number.
    #[must_use]
    pub fn request_id(&self) -> i32 {
        self.message.request_id
    }
}
