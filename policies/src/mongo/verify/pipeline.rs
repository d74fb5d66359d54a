//! Pipelines: whatever they read is confined before anything looks at it.

use mongo_wire::bson::{Array, Document, Element, Value};
use mongo_wire::survey::{self, AccumulatorClass, StageClass};

use super::super::tenancy::{Guard, Owner};
use super::{Unproved, Verifier};

/// A `$limit` that no filter passes and nothing reaches.
const BARRIER: Value<'static> = Value::Int64(i64::MAX);

/// Where a pipeline's documents come from.
#[derive(Clone, Copy, Debug)]
pub(super) enum From<'f> {
    /// A collection; with a guard, one of every tenant's documents.
    Collection(Option<Guard<'f>>),
    /// The pipeline itself.
    Documents,
    /// The pipeline around it.
    Outside,
}

/// Where a pipeline stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'a> {
    pub(super) database: &'a str,
    pub(super) is_outermost: bool,
}

impl Verifier<'_> {
    /// Walks a pipeline.
    pub(super) fn pipeline(
        &self,
        pipeline: Array<'_>,
        from: From<'_>,
        at: At<'_>,
    ) -> Result<(), Unproved> {
        let stages = pipeline.values().map(stage).collect::<Result<Vec<_>, _>>()?;
        let mut rest = self.source(&stages, from, at)?;
        let guard = match from {
            From::Collection(guard) => guard,
            From::Documents | From::Outside => None,
        };
        let watches = stages.first().is_some_and(|first| first.name() == "$changeStream");
        let mut leads = true;
        let mut barred = guard.is_none();
        while let Some((stage, behind)) = rest.split_first() {
            leads &= stage.name() == "$match";
            barred |= stage.name() == "$limit" && stage.value() == BARRIER;
            if stage.name() == "$match" {
                let filter = stage.value().as_document().ok_or("a filter is no document")?;
                // Behind the first stages a wrapped expression is nothing special: it needs the bar.
                let guard = guard.filter(|_| leads && !watches);
                let open = barred || (guard.is_none() && !self.can_fail(filter)?);
                if guard.is_none() && !open && self.guards_expressions {
                    return Err("a filter could fail on another tenant's document");
                }
                self.filter(filter, guard, barred)?;
            } else {
                self.stage(*stage, behind.is_empty(), at)?;
            }
            rest = behind;
        }
        Ok(())
    }

    fn can_fail(&self, filter: Document<'_>) -> Result<bool, Unproved> {
        for element in filter.elements() {
            let can_fail = match element.name() {
                "$expr" => self.expression(element.value())?,
                "$and" | "$or" | "$nor" => {
                    let clauses = element.value().as_array().ok_or("clauses are no array")?;
                    let mut any = false;
                    for clause in clauses.values() {
                        let clause = clause.as_document().ok_or("a clause is no document")?;
                        any |= self.can_fail(clause)?;
                    }
                    any
                }
                _ => false,
            };
            if can_fail {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Proves what stands first, and returns what stands behind it.
    fn source<'s, 'b>(
        &self,
        stages: &'s [Element<'b>],
        from: From<'_>,
        at: At<'_>,
    ) -> Result<&'s [Element<'b>], Unproved> {
        let Some((first, rest)) = stages.split_first() else {
            return match from {
                From::Outside | From::Collection(None) => Ok(stages),
                From::Documents | From::Collection(Some(_)) => Err("a pipeline has no source"),
            };
        };
        let class = survey::stage(first.name()).ok_or("a stage is not known")?;
        match from {
            From::Outside => Ok(stages),
            From::Documents if class == StageClass::Documents => {
                self.expression(first.value())?;
                Ok(rest)
            }
            From::Documents => Err("a pipeline has no source"),
            From::Collection(guard) => self.collection(stages, *first, class, guard, at),
        }
    }

    /// Proves what reads a collection, and returns what stands behind it.
    fn collection<'s, 'b>(
        &self,
        stages: &'s [Element<'b>],
        first: Element<'b>,
        class: StageClass,
        guard: Option<Guard<'_>>,
        at: At<'_>,
    ) -> Result<&'s [Element<'b>], Unproved> {
        let rest = stages.get(1..).unwrap_or_default();
        match class {
            StageClass::Match if guard.is_some() => {
                self.confined(Some(first.value()), guard)?;
                Ok(rest)
            }
            StageClass::GeoNear => {
                let stage = first.value().as_document().ok_or("a stage is no document")?;
                self.geo(stage)?;
                self.confined(stage.value("query"), guard)?;
                Ok(rest)
            }
            StageClass::Search => {
                self.no_code(first.value())?;
                self.followed(rest, guard)
            }
            StageClass::VectorSearch => {
                let stage = first.value().as_document().ok_or("a stage is no document")?;
                self.no_code(first.value())?;
                self.confined(stage.value("filter"), guard)?;
                self.followed(rest, guard)
            }
            StageClass::Fusion => {
                self.fusion(first.value(), From::Collection(guard), at)?;
                self.followed(rest, guard)
            }
            StageClass::ChangeStream if at.is_outermost => self.changes(first, rest, guard),
            StageClass::Match
            | StageClass::Fields
            | StageClass::Expression
            | StageClass::Group
            | StageClass::Window
            | StageClass::Fill
            | StageClass::Plain
            | StageClass::SearchMeta
            | StageClass::ChangeStream
            | StageClass::Documents
            | StageClass::CollStats
            | StageClass::Facet
            | StageClass::Lookup
            | StageClass::GraphLookup
            | StageClass::UnionWith
            | StageClass::Merge
            | StageClass::Out
            | StageClass::ChangeStreamSplit
            | StageClass::Refused => match guard {
                None => Ok(stages),
                Some(_) => Err("a pipeline reads a collection before it is confined"),
            },
        }
    }

    /// `$geoNear` besides its filter.
    fn geo(&self, stage: Document<'_>) -> Result<(), Unproved> {
        for element in stage.elements().filter(|element| element.name() != "query") {
            self.expression(element.value())?;
        }
        Ok(())
    }

    /// The filter on the tenant stands right here.
    fn followed<'s, 'b>(
        &self,
        stages: &'s [Element<'b>],
        guard: Option<Guard<'_>>,
    ) -> Result<&'s [Element<'b>], Unproved> {
        if guard.is_none() {
            return Ok(stages);
        }
        match stages.split_first() {
            Some((next, rest)) if next.name() == "$match" => {
                self.confined(Some(next.value()), guard)?;
                Ok(rest)
            }
            Some(_) | None => Err("what a search finds is not confined"),
        }
    }

    fn fusion(&self, value: Value<'_>, from: From<'_>, at: At<'_>) -> Result<(), Unproved> {
        let fusion = value.as_document().ok_or("a stage is no document")?;
        for element in fusion.elements().filter(|element| element.name() != "input") {
            self.expression(element.value())?;
        }
        let input = fusion.value("input").and_then(|input| input.as_document());
        let pipelines = input.and_then(|input| input.value("pipelines"));
        let pipelines = pipelines.and_then(|pipelines| pipelines.as_document());
        for each in pipelines.ok_or("a fusion has no pipelines")?.elements() {
            let pipeline = each.value().as_array().ok_or("a pipeline is no array")?;
            self.pipeline(pipeline, from, At { is_outermost: false, ..at })?;
        }
        Ok(())
    }

    /// A stage that takes documents from the one before it.
    fn stage(&self, stage: Element<'_>, is_last: bool, at: At<'_>) -> Result<(), Unproved> {
        let value = stage.value();
        match survey::stage(stage.name()).ok_or("a stage is not known")? {
            StageClass::Match => Err("a filter is out of place"),
            StageClass::Fields | StageClass::Expression | StageClass::Fill => {
                self.expression(value).map(|_| ())
            }
            StageClass::Group | StageClass::Window => self.accumulators(value),
            StageClass::Plain => self.no_code(value),
            StageClass::Facet => {
                for facet in value.as_document().ok_or("a stage is no document")?.elements() {
                    let pipeline = facet.value().as_array().ok_or("a pipeline is no array")?;
                    self.pipeline(pipeline, From::Outside, At { is_outermost: false, ..at })?;
                }
                Ok(())
            }
            StageClass::Lookup => self.joined(value, "from", at),
            StageClass::UnionWith => self.joined(value, "coll", at),
            StageClass::GraphLookup => {
                let stage = value.as_document().ok_or("a stage is no document")?;
                let owner = self.named(stage.value("from"), at)?.ok_or("no collection is named")?;
                let start = stage.value("startWith").ok_or("a stage starts nowhere")?;
                self.expression(start)?;
                self.confined(stage.value("restrictSearchWithMatch"), self.guard_of(owner)?)
            }
            StageClass::Merge | StageClass::Out if is_last && at.is_outermost => {
                self.target(value, at)
            }
            StageClass::ChangeStreamSplit if is_last && at.is_outermost => Ok(()),
            StageClass::Merge
            | StageClass::Out
            | StageClass::ChangeStreamSplit
            | StageClass::GeoNear
            | StageClass::Search
            | StageClass::SearchMeta
            | StageClass::VectorSearch
            | StageClass::ChangeStream
            | StageClass::Documents
            | StageClass::CollStats
            | StageClass::Fusion
            | StageClass::Refused => Err("a stage is not open there"),
        }
    }

    /// Whose the collection is that a stage names, in the same database.
    fn named(&self, name: Option<Value<'_>>, at: At<'_>) -> Result<Option<Owner>, Unproved> {
        match name {
            None => Ok(None),
            Some(Value::String(name)) => self.owner_of(at.database, name).map(Some),
            Some(_) => Err("a collection is no name"),
        }
    }

    /// `$lookup` and `$unionWith`: a collection, and a pipeline on it.
    fn joined(&self, value: Value<'_>, name: &str, at: At<'_>) -> Result<(), Unproved> {
        let stage = value.as_document().ok_or("a stage is no document")?;
        let from = match self.named(stage.value(name), at)? {
            Some(owner) => From::Collection(self.guard_of(owner)?),
            None => From::Documents,
        };
        for element in stage.elements() {
            match element.name() {
                "let" => {
                    self.expression(element.value())?;
                }
                "localField" | "foreignField" | "as" | "pipeline" => {}
                other if other == name => {}
                _ => return Err("a field of a stage is not open"),
            }
        }
        match (stage.value("pipeline"), from) {
            (Some(Value::Array(pipeline)), _) => {
                self.pipeline(pipeline, from, At { is_outermost: false, ..at })
            }
            (None, From::Collection(None)) => Ok(()),
            (_, _) => Err("a joined collection is not confined"),
        }
    }

    /// Expressions below accumulators, wherever they stand.
    fn accumulators(&self, value: Value<'_>) -> Result<(), Unproved> {
        let Some(document) = value.as_document() else {
            return self.expression(value).map(|_| ());
        };
        for element in document.elements() {
            let name = element.name();
            match survey::accumulator(name) {
                Some(AccumulatorClass::Refused) => return Err("an accumulator is not open"),
                Some(
                    AccumulatorClass::Group | AccumulatorClass::Both | AccumulatorClass::Window,
                ) => {
                    self.expression(element.value())?;
                }
                None if name.starts_with('$') => {
                    if survey::expression(name).is_none() {
                        return Err("an accumulator is not known");
                    }
                    self.expression(value)?;
                }
                None => self.accumulators(element.value())?,
            }
        }
        Ok(())
    }

    /// A collection that a pipeline writes is the tenant's own.
    fn target(&self, value: Value<'_>, at: At<'_>) -> Result<(), Unproved> {
        let named = value.as_str().map(|collection| (at.database, collection));
        let owner = match (named, value.as_document()) {
            (Some((database, collection)), _) => self.owner_of(database, collection)?,
            (None, Some(document)) => match document.value("into") {
                Some(into) => return self.target(into, at),
                None => {
                    let text = |name| document.value(name).and_then(|value| value.as_str());
                    let place = text("db").zip(text("coll")).ok_or("a target has no name")?;
                    self.owner_of(place.0, place.1)?
                }
            },
            (None, None) => return Err("a target has no name"),
        };
        match owner {
            Owner::Tenant => Ok(()),
            Owner::Each | Owner::Shared => Err("a pipeline writes what is not the tenant's"),
        }
    }
}

/// The one element of a stage.
fn stage(value: Value<'_>) -> Result<Element<'_>, Unproved> {
    let document = value.as_document().ok_or("a stage is no document")?;
    let mut elements = document.elements();
    match (elements.next(), elements.next()) {
        (Some(element), None) => Ok(element),
        (None, _) | (Some(_), Some(_)) => Err("a stage has not one element"),
    }
}
