//! Commands on one collection, and on what collections there are.

use mongo_wire::bson::Value;
use mongo_wire::command::Command;
use mongo_wire::survey::{ArgumentClass, CommandSpec};

use super::super::tenancy::Owner;
use super::pipeline::{At, From};
use super::{Unproved, Verifier};

impl Verifier<'_> {
    pub(super) fn read(&self, command: &Command<'_>) -> Result<(), Unproved> {
        let guard = self.guard_of(self.owner(command)?)?;
        let name = if command.name() == "find" { "filter" } else { "query" };
        self.confined(command.body().value(name), guard)?;
        self.variables(command)
    }

    /// Values of variables, and what is shown of a document.
    pub(super) fn variables(&self, command: &Command<'_>) -> Result<(), Unproved> {
        let spec = command.spec().ok_or("the command is not known")?;
        for element in command.body().elements().skip(1) {
            match spec.argument(element.name()) {
                Some(ArgumentClass::Variables) => {
                    self.expression(element.value())?;
                }
                Some(ArgumentClass::Projection) => self.projection(element.value())?,
                Some(_) | None => {}
            }
        }
        Ok(())
    }

    fn projection(&self, value: Value<'_>) -> Result<(), Unproved> {
        let Some(document) = value.as_document() else {
            return self.expression(value).map(|_| ());
        };
        match document.first().map(|first| first.name()) {
            Some("$elemMatch") => self.condition(value),
            Some("$slice" | "$meta") => self.no_code(value),
            Some(name) if name.starts_with('$') => self.expression(value).map(|_| ()),
            Some(_) | None => {
                document.elements().try_for_each(|element| self.projection(element.value()))
            }
        }
    }

    pub(super) fn aggregate(&self, command: &Command<'_>) -> Result<(), Unproved> {
        let from = if command.target().as_i64() == Some(1) {
            self.tenancy.own_database(command.database()).ok_or("a database is not open")?;
            From::Documents
        } else {
            From::Collection(self.guard_of(self.owner(command)?)?)
        };
        let pipeline = command.body().value("pipeline").and_then(|pipeline| pipeline.as_array());
        let at = At { database: command.database(), is_outermost: true };
        self.pipeline(pipeline.ok_or("there is no pipeline")?, from, at)?;
        self.variables(command)
    }

    /// Shapes of collections: the tenant's own, and of those that are everyone's, whether they are.
    pub(super) fn schema(&self, command: &Command<'_>, spec: &CommandSpec) -> Result<(), Unproved> {
        match spec.name {
            "dropDatabase" => {
                let own = self.tenancy.owns_databases()
                    && self.tenancy.own_database(command.database()).is_some();
                return if own { Ok(()) } else { Err("a database is not the tenant's") };
            }
            "renameCollection" => {
                self.renamed(command.target())?;
                return self.renamed(command.body().value("to").ok_or("there is no new name")?);
            }
            _ => {}
        }
        let owner = self.owner(command)?;
        match owner {
            Owner::Tenant => self.own_schema(command),
            Owner::Each if spec.name == "create" => {
                for element in command.body().elements().skip(1) {
                    let general = mongo_wire::survey::argument(element.name()).is_some();
                    if !general && spec.argument(element.name()) != Some(ArgumentClass::Plain) {
                        return Err("a collection of everyone's is shaped");
                    }
                }
                Ok(())
            }
            Owner::Each | Owner::Shared => Err("a collection of everyone's is changed"),
        }
    }

    fn own_schema(&self, command: &Command<'_>) -> Result<(), Unproved> {
        let body = command.body();
        let viewed = match body.value("viewOn") {
            None => None,
            Some(Value::String(name)) => Some(self.owner_of(command.database(), name)?),
            Some(_) => return Err("a collection is no name"),
        };
        match (body.value("pipeline"), viewed) {
            (None, _) => {}
            (Some(Value::Array(pipeline)), Some(viewed)) => {
                let at = At { database: command.database(), is_outermost: true };
                self.pipeline(pipeline, From::Collection(self.guard_of(viewed)?), at)?;
            }
            (Some(_), _) => return Err("a view has no collection"),
        }
        match body.value("validator") {
            None => Ok(()),
            Some(Value::Document(validator)) => self.filter(validator, None, true),
            Some(_) => Err("a validator is no document"),
        }
    }

    fn renamed(&self, name: Value<'_>) -> Result<(), Unproved> {
        let name = name.as_str().and_then(|name| name.split_once('.'));
        let (database, collection) = name.ok_or("a collection has no name")?;
        match self.owner_of(database, collection)? {
            Owner::Tenant => Ok(()),
            Owner::Each | Owner::Shared => Err("a collection of everyone's is renamed"),
        }
    }

    /// Listings: their replies are read item by item, too.
    pub(super) fn catalog(
        &self,
        command: &Command<'_>,
        spec: &CommandSpec,
    ) -> Result<(), Unproved> {
        let is_open = match spec.name {
            "listIndexes" => return self.owner(command).map(|_| ()),
            "listDatabases" => {
                command.body().value("nameOnly") == Some(Value::Boolean(true))
                    && command.database() == "admin"
            }
            _ => self.tenancy.own_database(command.database()).is_some(),
        };
        if !is_open {
            return Err("a listing is of what is not the tenant's");
        }
        let filter = command.body().value("filter").and_then(|filter| filter.as_document());
        self.filter(filter.ok_or("a listing is not filtered")?, None, true)
    }
}
