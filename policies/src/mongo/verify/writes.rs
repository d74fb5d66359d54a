//! Writes: each statement finds the tenant's documents only, and leaves them the tenant's.

use mongo_wire::bson::{Document, Value};
use mongo_wire::command::Command;
use mongo_wire::survey::{self, ArgumentClass};

use super::super::tenancy::{Guard, Owner};
use super::pipeline::At;
use super::update::document_is_own;
use super::{Unproved, Verifier};

/// What reaches no document.
const PLAIN: [ArgumentClass; 4] =
    [ArgumentClass::Sort, ArgumentClass::Hint, ArgumentClass::Plain, ArgumentClass::Namespace];

impl Verifier<'_> {
    pub(super) fn write(&self, command: &Command<'_>) -> Result<(), Unproved> {
        let owner = self.owner(command)?;
        if owner == Owner::Shared {
            return Err("what is everyone's is written");
        }
        let guard = self.guard_of(owner)?;
        let at = At { database: command.database(), is_outermost: false };
        let spec = command.spec().ok_or("the command is not known")?;
        if spec.name == "findAndModify" {
            let body = command.body();
            self.confined(body.value("query"), guard)?;
            self.variables(command)?;
            self.array_filters(body.value("arrayFilters"))?;
            return match body.value("update") {
                None => Ok(()),
                Some(update) => self.update(update, guard, at),
            };
        }
        self.variables(command)?;
        for argument in command.arguments() {
            let kind = argument.name;
            if !matches!(kind, "documents" | "updates" | "deletes") {
                continue;
            }
            for entry in argument.operand.batch().ok_or("statements are no array")? {
                let entry = entry.as_document().ok_or("a statement is no document")?;
                if kind == "documents" {
                    document_is_own(entry, guard)?;
                } else {
                    self.statement(kind, entry, guard, at)?;
                }
            }
        }
        Ok(())
    }

    fn statement(
        &self,
        kind: &str,
        statement: Document<'_>,
        guard: Option<Guard<'_>>,
        at: At<'_>,
    ) -> Result<(), Unproved> {
        let mut filtered = false;
        for element in statement.elements() {
            let value = element.value();
            let class = survey::statement(kind, element.name()).ok_or("a field is not known")?;
            if class == ArgumentClass::Filter {
                filtered = true;
                self.confined(Some(value), guard)?;
            } else if class == ArgumentClass::Update {
                self.update(value, guard, at)?;
            } else if class == ArgumentClass::Variables {
                self.expression(value)?;
            } else if class == ArgumentClass::ArrayFilters {
                self.array_filters(Some(value))?;
            } else if class == ArgumentClass::Collation {
                self.collation(Some(value))?;
            } else if PLAIN.contains(&class) {
                self.no_code(value)?;
            } else {
                return Err("a field is not open");
            }
        }
        if filtered { Ok(()) } else { Err("a statement has no filter") }
    }

    fn array_filters(&self, value: Option<Value<'_>>) -> Result<(), Unproved> {
        let Some(value) = value else { return Ok(()) };
        for filter in value.as_array().ok_or("filters are no array")?.values() {
            let filter = filter.as_document().ok_or("a filter is no document")?;
            self.filter(filter, None, true)?;
        }
        Ok(())
    }

    pub(super) fn bulk_write(&self, command: &Command<'_>) -> Result<(), Unproved> {
        let batch = |name| command.argument(name).and_then(|argument| argument.batch());
        let mut owners = Vec::new();
        let mut databases = Vec::new();
        for entry in batch("nsInfo").ok_or("there are no namespaces")? {
            let ns = entry.as_document().and_then(|entry| entry.value("ns"));
            let ns = ns.and_then(|ns| ns.as_str()).and_then(|ns| ns.split_once('.'));
            let (database, collection) = ns.ok_or("a namespace is none")?;
            owners.push(self.owner_of(database, collection)?);
            databases.push(database);
        }
        for operation in batch("ops").ok_or("there are no statements")? {
            let operation = operation.as_document().ok_or("a statement is no document")?;
            let first = operation.first().ok_or("a statement is empty")?;
            let index = first.value().as_i64().and_then(|index| usize::try_from(index).ok());
            let index = index.ok_or("a statement has no namespace")?;
            let owner = *owners.get(index).ok_or("a statement has no namespace")?;
            if owner == Owner::Shared {
                return Err("what is everyone's is written");
            }
            let guard = self.guard_of(owner)?;
            let at = At {
                database: databases.get(index).copied().unwrap_or_default(),
                is_outermost: false,
            };
            match first.name() {
                "insert" => {
                    let document = operation.value("document").and_then(|d| d.as_document());
                    document_is_own(document.ok_or("there is no document")?, guard)?;
                }
                "update" => self.statement("ops.update", operation, guard, at)?,
                "delete" => self.statement("ops.delete", operation, guard, at)?,
                _ => return Err("a statement is not known"),
            }
        }
        self.variables(command)
    }
}
