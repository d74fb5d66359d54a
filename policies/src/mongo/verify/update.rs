//! Updates: a document stays its tenant's.

use mongo_wire::bson::{Array, Document, Element, Value};
use mongo_wire::survey::{self, StageClass, UpdateClass};

use super::super::tenancy::Guard;
use super::pipeline::{At, From};
use super::{Unproved, Verifier};

impl Verifier<'_> {
    /// Walks an update.
    pub(super) fn update(
        &self,
        update: Value<'_>,
        guard: Option<Guard<'_>>,
        at: At<'_>,
    ) -> Result<(), Unproved> {
        if let Some(stages) = update.as_array() {
            return self.update_pipeline(stages, guard, at);
        }
        let update = update.as_document().ok_or("an update is none")?;
        if update.first().is_some_and(|first| first.name().starts_with('$')) {
            update.elements().try_for_each(|operator| self.operator(operator, guard))
        } else {
            document_is_own(update, guard)
        }
    }

    fn operator(&self, operator: Element<'_>, guard: Option<Guard<'_>>) -> Result<(), Unproved> {
        let class = survey::update_operator(operator.name()).ok_or("an operator is not known")?;
        let paths = operator.value().as_document().ok_or("an operator has no paths")?;
        for path in paths.elements() {
            let at_field = |path: &str| {
                guard.is_some_and(|guard| {
                    path == guard.field
                        || path.strip_prefix(guard.field).is_some_and(|rest| rest.starts_with('.'))
                })
            };
            match class {
                UpdateClass::Paths | UpdateClass::SetOnInsert | UpdateClass::Push => {
                    self.no_code(path.value())?;
                }
                UpdateClass::Pull => self.pulled(path.value())?,
                UpdateClass::Rename => {
                    if at_field(path.value().as_str().ok_or("a new name is none")?) {
                        return Err("a field becomes the tenant field");
                    }
                }
                UpdateClass::Modifier | UpdateClass::Refused => {
                    return Err("an operator of an update is not open");
                }
            }
            if at_field(path.name()) {
                let sets = matches!(operator.name(), "$set" | "$setOnInsert");
                let own = guard
                    .is_some_and(|guard| path.name() == guard.field && path.value() == guard.value);
                if !(sets && own) {
                    return Err("the tenant field is written");
                }
            }
        }
        Ok(())
    }

    /// A value, operators on an element, or a filter on it as a document.
    fn pulled(&self, value: Value<'_>) -> Result<(), Unproved> {
        let filter = value.as_document().filter(|document| {
            !document.first().is_some_and(|first| first.name().starts_with('$'))
        });
        let Some(filter) = filter else { return self.condition(value) };
        filter.elements().try_for_each(|element| {
            if element.name().starts_with('$') {
                return Err("an operator is out of place");
            }
            self.condition(element.value())
        })
    }

    /// The last stage makes the document the tenant's, whatever those before it did.
    fn update_pipeline(
        &self,
        stages: Array<'_>,
        guard: Option<Guard<'_>>,
        at: At<'_>,
    ) -> Result<(), Unproved> {
        for stage in stages.values() {
            let stage = stage.as_document().and_then(|stage| stage.first());
            let name = stage.ok_or("a stage is no document")?;
            match survey::stage(name.name()) {
                Some(StageClass::Fields | StageClass::Expression) => {}
                Some(StageClass::Plain) if name.name() == "$unset" => {}
                Some(_) | None => return Err("a stage is not open to updates"),
            }
        }
        self.pipeline(stages, From::Outside, At { is_outermost: false, ..at })?;
        let Some(guard) = guard else { return Ok(()) };
        let last = stages.values().last().and_then(|last| last.as_document());
        let set = last.and_then(|last| last.value("$set")).and_then(|set| set.as_document());
        let field = set.and_then(|set| set.value(guard.field));
        let literal = field.and_then(|field| field.as_document());
        let own = literal.is_some_and(|literal| {
            literal.value("$literal") == Some(guard.value) && literal.elements().nth(1).is_none()
        });
        if own { Ok(()) } else { Err("an update does not end with the tenant's id") }
    }
}

/// A document that is stored as it is bears the tenant's id.
pub(super) fn document_is_own(
    document: Document<'_>,
    guard: Option<Guard<'_>>,
) -> Result<(), Unproved> {
    match guard {
        None => Ok(()),
        Some(guard) if document.value(guard.field) == Some(guard.value) => Ok(()),
        Some(_) => Err("a document does not bear the tenant's id"),
    }
}
