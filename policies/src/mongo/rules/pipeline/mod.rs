//! A pipeline that reads the tenant's documents only.
//!
//! A pipeline is a tree: stages hold pipelines, and name other collections. Wherever one begins to
//! read a collection, a filter on the tenant comes first, in the place that the stage which reads
//! allows ([`source`]). Behind it every document is the tenant's own.
//!
//! The server moves filters forward, past stages that do not change what they look at. A filter that
//! can fail must not arrive where other tenants' documents still are: one that is not among the
//! first stages has a barrier in front of it, a `$limit` that nothing reaches, which no filter passes.

mod change_stream;
mod facet;
mod fusion;
mod geo_near;
mod graph_lookup;
mod lookup;
mod search;
mod source;
pub(in super::super) mod stages;
mod union_with;
mod write;

use mongo_wire::bson::{Array, ArrayWriter, Element, Value};
use mongo_wire::survey::{self, StageClass};

pub(in super::super) use self::source::Source;
use self::source::put_source;
use self::stages::{check_stage, filter_of, misplaced, one_stage, stage_refused};
use super::super::tenancy::Guard;
use super::Scope;
use super::check_expression::{Fails, operator_refused};
use super::check_filter::check_filter;
use super::confine_filter::put_wrapped_filter;
use crate::Rejection;

/// What nothing reaches: the greatest number that `$limit` takes.
const UNREACHED: i64 = i64::MAX;

/// A pipeline's surroundings.
#[derive(Clone, Copy, Debug)]
struct Around<'a> {
    scope: &'a Scope<'a>,
    /// The upstream's database, which all its collections are in.
    database: &'a str,
    /// Whether it is the outermost one, which alone may write or watch.
    is_outermost: bool,
}

/// Writes the stages of a command's `pipeline` over `source`, in the upstream's `database`.
///
/// # Errors
/// A stage, a collection or an operator that is not open to tenants, or not there.
pub(in super::super) fn confine_pipeline(
    pipeline: Array<'_>,
    source: Source<'_>,
    database: &str,
    scope: &Scope<'_>,
    out: &mut ArrayWriter<'_>,
) -> Result<(), Rejection> {
    put_pipeline(pipeline, source, Around { scope, database, is_outermost: true }, out)
}

/// Writes a pipeline that stands in a stage of another one.
fn put_inner(
    pipeline: Array<'_>,
    source: Source<'_>,
    around: Around<'_>,
    out: &mut ArrayWriter<'_>,
) -> Result<(), Rejection> {
    put_pipeline(pipeline, source, Around { is_outermost: false, ..around }, out)
}

fn put_pipeline(
    pipeline: Array<'_>,
    source: Source<'_>,
    around: Around<'_>,
    out: &mut ArrayWriter<'_>,
) -> Result<(), Rejection> {
    let stages: Vec<Element<'_>> =
        pipeline.values().map(one_stage).collect::<Result<_, Rejection>>()?;
    let mut rest = put_source(&stages, source, around, out)?;
    let watches = stages.first().is_some_and(|first| first.name() == "$changeStream");
    if watches {
        // An event has the tenant's id elsewhere, and no barrier may stand in such a pipeline.
        if any_can_fail(rest)? {
            return Err(operator_refused("$expr"));
        }
    } else if let Some(guard) = source.guard(around.scope) {
        rest = put_leading(rest, guard, out)?;
        if any_can_fail(rest)? {
            out.nested(|out| out.value("$limit", Value::Int64(UNREACHED)));
        }
    }
    while let Some((stage, behind)) = rest.split_first() {
        put_stage(*stage, behind.is_empty(), around, out)?;
        rest = behind;
    }
    Ok(())
}

/// Writes the filters that the pipeline goes on with, which the server joins with the first.
fn put_leading<'s, 'b>(
    mut stages: &'s [Element<'b>],
    guard: Guard<'_>,
    out: &mut ArrayWriter<'_>,
) -> Result<&'s [Element<'b>], Rejection> {
    while let Some((stage, rest)) = stages.split_first() {
        if stage.name() != "$match" {
            break;
        }
        let filter = filter_of(*stage)?;
        check_filter(filter)?;
        out.nested(|out| out.nested("$match", |out| put_wrapped_filter(filter, guard, out)))?;
        stages = rest;
    }
    Ok(stages)
}

/// Whether any of the filters among `stages` can fail.
fn any_can_fail(stages: &[Element<'_>]) -> Result<bool, Rejection> {
    for stage in stages {
        if stage.name() == "$match" && check_filter(filter_of(*stage)?)? == Fails::Maybe {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Writes a stage that takes documents from the one before it.
fn put_stage(
    stage: Element<'_>,
    is_last: bool,
    around: Around<'_>,
    out: &mut ArrayWriter<'_>,
) -> Result<(), Rejection> {
    let Some(class) = survey::stage(stage.name()) else {
        return Err(stage_refused(stage.name()));
    };
    match class {
        StageClass::Match
        | StageClass::Fields
        | StageClass::Expression
        | StageClass::Group
        | StageClass::Window
        | StageClass::Fill
        | StageClass::Plain => {
            check_stage(stage)?;
            put_copy(stage, out);
            Ok(())
        }
        StageClass::Facet => facet::put_facet(stage, around, out),
        StageClass::Lookup => lookup::put_lookup(stage, around, out),
        StageClass::GraphLookup => graph_lookup::put_graph_lookup(stage, around, out),
        StageClass::UnionWith => union_with::put_union_with(stage, around, out),
        StageClass::Merge | StageClass::Out if is_last && around.is_outermost => {
            write::put_write(stage, around, out)
        }
        StageClass::ChangeStreamSplit if is_last && around.is_outermost => {
            put_copy(stage, out);
            Ok(())
        }
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
        | StageClass::Fusion => Err(misplaced(stage.name())),
        StageClass::Refused => Err(stage_refused(stage.name())),
    }
}

/// Writes a stage as it came.
fn put_copy(stage: Element<'_>, out: &mut ArrayWriter<'_>) {
    out.nested(|out| out.copy(stage.raw()));
}

/// A text as a value.
fn text(text: &str) -> Value<'_> {
    Value::String(text)
}
