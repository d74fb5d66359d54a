//! Where a pipeline's documents come from, and the filter on the tenant in front of them.

use mongo_wire::bson::{ArrayWriter, Element};
use mongo_wire::survey::{self, StageClass};

use super::super::super::tenancy::{Guard, Owner, Place};
use super::super::Scope;
use super::super::check_expression::check_expression;
use super::super::confine_filter::{Seeds, confine_filter};
use super::stages::{filter_of, misplaced};
use super::{Around, change_stream, fusion, geo_near, put_copy, search};
use crate::Rejection;

/// What a pipeline reads.
#[derive(Clone, Copy, Debug)]
pub(in super::super::super) enum Source<'p> {
    /// A collection.
    Collection(&'p Place<'p>),
    /// Documents that stand in its first stage.
    Documents,
    /// Those that come to it from the pipeline around it.
    Inherited,
}

impl Source<'_> {
    /// What its documents are to be filtered by.
    pub(super) fn guard<'s>(self, scope: &Scope<'s>) -> Option<Guard<'s>> {
        match self {
            Self::Collection(place) => match place.owner {
                Owner::Each => scope.guard(),
                Owner::Tenant | Owner::Shared => None,
            },
            Self::Documents | Self::Inherited => None,
        }
    }
}

/// Writes what reads the source, and the filter on the tenant. Returns the stages behind it.
pub(super) fn put_source<'s, 'b>(
    stages: &'s [Element<'b>],
    source: Source<'_>,
    around: Around<'_>,
    out: &mut ArrayWriter<'_>,
) -> Result<&'s [Element<'b>], Rejection> {
    let guard = source.guard(around.scope);
    let first = stages.split_first();
    let class = first.and_then(|(first, _)| survey::stage(first.name()));
    match (source, first, class) {
        (Source::Inherited, _, _) => Ok(stages),
        (Source::Documents, Some((first, rest)), Some(StageClass::Documents)) => {
            check_expression(first.value())?;
            put_copy(*first, out);
            Ok(rest)
        }
        (Source::Documents, first, _) => {
            Err(misplaced(first.map_or("$match", |(first, _)| first.name())))
        }
        (Source::Collection(_), Some((first, rest)), Some(class)) => {
            Ok(if put_first(*first, class, source, around, out)? { rest } else { stages })
        }
        (Source::Collection(_), None, _) | (Source::Collection(_), Some(_), None) => {
            put_guard(guard, out);
            Ok(stages)
        }
    }
}

/// Writes the filter on the tenant in the place that the first stage allows. Returns whether that
/// stage is written, too.
fn put_first(
    first: Element<'_>,
    class: StageClass,
    source: Source<'_>,
    around: Around<'_>,
    out: &mut ArrayWriter<'_>,
) -> Result<bool, Rejection> {
    let guard = source.guard(around.scope);
    match class {
        StageClass::Match => {
            let filter = filter_of(first)?;
            out.nested(|out| confine_filter("$match", Some(filter), guard, Seeds::Nothing, out))?;
        }
        StageClass::GeoNear => geo_near::put_geo_near(first, guard, out)?,
        StageClass::Search => search::put_search(first, guard, out)?,
        StageClass::VectorSearch => search::put_vector_search(first, guard, out)?,
        StageClass::Fusion => {
            fusion::put_fusion(first, source, around, out)?;
            put_guard(guard, out);
        }
        StageClass::ChangeStream if around.is_outermost => {
            change_stream::put_change_stream(first, source, around, out)?;
        }
        StageClass::ChangeStream
        | StageClass::Documents
        | StageClass::CollStats
        | StageClass::SearchMeta => return Err(misplaced(first.name())),
        StageClass::Fields
        | StageClass::Expression
        | StageClass::Group
        | StageClass::Window
        | StageClass::Fill
        | StageClass::Plain
        | StageClass::Facet
        | StageClass::Lookup
        | StageClass::GraphLookup
        | StageClass::UnionWith
        | StageClass::Merge
        | StageClass::Out
        | StageClass::ChangeStreamSplit
        | StageClass::Refused => {
            put_guard(guard, out);
            return Ok(false);
        }
    }
    Ok(true)
}

/// `{$match: {tenant_id: …}}`
pub(super) fn put_guard(guard: Option<Guard<'_>>, out: &mut ArrayWriter<'_>) {
    if let Some(guard) = guard {
        out.nested(|out| out.nested("$match", |out| out.value(guard.field, guard.value)));
    }
}
