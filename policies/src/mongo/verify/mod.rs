//! The proof: what is about to be sent is read from scratch, and every document that it can reach is
//! the tenant's own or everyone's. Shares no code with the rules.

mod changes;
mod collections;
mod expression;
mod filter;
mod pipeline;
mod update;
mod writes;

use mongo_wire::Bounds;
use mongo_wire::bson::Value;
use mongo_wire::command::{Command, Lsid};
use mongo_wire::frame::{Frame, Header};
use mongo_wire::message::OpMsg;
use mongo_wire::survey::{ArgumentClass, CommandClass, CommandSpec};

use super::Tenancy;
use super::judge::Owned;
use super::tenancy::{Guard, Owner};

/// Why something is not proved.
pub(super) type Unproved = &'static str;

/// What a message is measured by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verifier<'v> {
    pub(super) tenancy: &'v Tenancy,
    pub(super) owned: &'v dyn Owned,
    /// The command that the client sent: whose sessions it names.
    pub(super) client: &'v Command<'v>,
    /// Whether expressions that can fail must be kept from others' documents. Not where the client
    /// writes its own filters: those are for applications that forget, not for attackers.
    pub(super) guards_expressions: bool,
}

impl<'v> Verifier<'v> {
    /// Proves the message that `bytes` are.
    ///
    /// # Errors
    /// What is not proved.
    pub(super) fn verify(&self, bytes: &[u8]) -> Result<(), Unproved> {
        let bounds = Bounds::default().rewritten();
        let frame: Frame<'_> = Header::read(bytes)
            .map_err(|_| "the message has no length")?
            .and_then(|header| header.frame(bytes))
            .filter(|frame| frame.bytes.len() == bytes.len())
            .ok_or("the message is not one")?;
        let message = OpMsg::read(frame, &bounds).map_err(|_| "the message cannot be read")?;
        let command = Command::read(message).map_err(|_| "the message is no command")?;
        self.command(&command)
    }

    /// Proves a client's own command, which stands in no message of ours.
    ///
    /// # Errors
    /// What is not proved.
    pub(super) fn verify_own(&self, command: &Command<'_>) -> Result<(), Unproved> {
        self.command_body(command)
    }

    fn command(&self, command: &Command<'_>) -> Result<(), Unproved> {
        self.sessions(command)?;
        self.command_body(command)
    }

    fn command_body(&self, command: &Command<'_>) -> Result<(), Unproved> {
        let spec = command.spec().ok_or("the command is not known")?;
        self.arguments(command, spec)?;
        match spec.class {
            CommandClass::Read => self.read(command),
            CommandClass::Aggregate => self.aggregate(command),
            CommandClass::Explain => self.explain(command),
            CommandClass::Write => self.write(command),
            CommandClass::BulkWrite => self.bulk_write(command),
            CommandClass::Cursor => self.cursor(command),
            CommandClass::Session | CommandClass::Transaction => Ok(()),
            CommandClass::Schema => self.schema(command, spec),
            CommandClass::Catalog => self.catalog(command, spec),
            CommandClass::Hello
            | CommandClass::Login
            | CommandClass::Answered
            | CommandClass::Statistics
            | CommandClass::Probe
            | CommandClass::Refused => Err("the command is not for the upstream"),
        }
    }

    /// No argument is unknown, or one of those that servers tell each other.
    fn arguments(&self, command: &Command<'_>, spec: &CommandSpec) -> Result<(), Unproved> {
        for argument in command.arguments() {
            match spec.argument(argument.name) {
                None | Some(ArgumentClass::Refused) => return Err("an argument is not open"),
                Some(ArgumentClass::Bypass) => match argument.operand.value() {
                    Some(Value::Boolean(false) | Value::Null) => {}
                    Some(_) | None => return Err("validation is left out"),
                },
                Some(ArgumentClass::Collation) => {
                    self.collation(argument.operand.value())?;
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// A collation cannot make two tenants' ids equal.
    fn collation(&self, value: Option<Value<'_>>) -> Result<(), Unproved> {
        let locale = value
            .and_then(|value| value.as_document())
            .and_then(|collation| collation.value("locale"));
        match locale {
            None | Some(Value::String("simple")) => Ok(()),
            Some(_) if !self.tenancy.can_be_folded() => Ok(()),
            Some(_) => Err("a collation could fold the tenant's id"),
        }
    }

    /// Every session that the message names is the tenant's.
    fn sessions(&self, command: &Command<'_>) -> Result<(), Unproved> {
        let not_a_session = "a session's number is none";
        let read = |value| Lsid::read(value).map(|lsid| lsid.id).map_err(|_| not_a_session);
        if let Some(value) = command.body().value("lsid") {
            let sent = self.client.body().value("lsid").ok_or("a session was made up")?;
            if self.owned.session(read(sent)?) != read(value)? {
                return Err("a session is not the tenant's");
            }
        }
        let names_sessions = command.spec().is_some_and(|spec| spec.class == CommandClass::Session);
        if names_sessions {
            let own = command.target().as_array().ok_or(not_a_session)?;
            let sent = self.client.target().as_array().ok_or(not_a_session)?;
            let mut sent = sent.values();
            for value in own.values() {
                let sent = sent.next().ok_or("a session was made up")?;
                if self.owned.session(read(sent)?) != read(value)? {
                    return Err("a session is not the tenant's");
                }
            }
        }
        Ok(())
    }

    fn explain(&self, command: &Command<'_>) -> Result<(), Unproved> {
        if command.body().value("verbosity") != Some(Value::String("queryPlanner")) {
            return Err("an explanation would run the command");
        }
        let nested = command.nested().map_err(|_| "what is explained is no command")?;
        match nested.spec().map(|spec| spec.class) {
            Some(CommandClass::Read | CommandClass::Aggregate | CommandClass::Write) => {
                self.command_body(&nested)
            }
            Some(_) | None => Err("what is explained is not a command on documents"),
        }
    }

    fn cursor(&self, command: &Command<'_>) -> Result<(), Unproved> {
        let database = command.database();
        let is_own = |id: Value<'_>, collection: &str| {
            id.as_i64().is_some_and(|id| self.owned.has_cursor(id, database, collection))
        };
        let body = command.body();
        let all_own = match (command.target(), body.value("collection"), body.value("cursors")) {
            (id @ Value::Int64(_), Some(Value::String(collection)), None) => is_own(id, collection),
            (Value::String(collection), None, Some(Value::Array(ids))) => {
                ids.values().all(|id| is_own(id, collection))
            }
            (_, _, _) => false,
        };
        if all_own { Ok(()) } else { Err("a cursor is not the tenant's") }
    }

    /// What documents of this collection must bear; `None` when all of them may be reached.
    fn guard_of(&self, owner: Owner) -> Result<Option<Guard<'v>>, Unproved> {
        match owner {
            Owner::Each => Ok(Some(self.tenancy.guard().ok_or("the layout has no tenant field")?)),
            Owner::Tenant | Owner::Shared => Ok(None),
        }
    }

    /// Whose the collection is that a command's value names.
    fn owner(&self, command: &Command<'_>) -> Result<Owner, Unproved> {
        let collection = command.target().as_str().ok_or("the collection is no name")?;
        self.owner_of(command.database(), collection)
    }

    fn owner_of(&self, database: &str, collection: &str) -> Result<Owner, Unproved> {
        self.tenancy.owner(database, collection).ok_or("a collection is not the tenant's")
    }
}
