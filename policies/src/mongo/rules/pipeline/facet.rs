//! `$facet`: pipelines over the documents before it.

use mongo_wire::bson::{ArrayWriter, Element};

use super::super::wrong_type;
use super::stages::document_of;
use super::{Around, Source, put_inner};
use crate::Rejection;

pub(super) fn put_facet(
    stage: Element<'_>,
    around: Around<'_>,
    out: &mut ArrayWriter<'_>,
) -> Result<(), Rejection> {
    let facets = document_of(stage)?;
    out.nested(|out| {
        out.nested(stage.name(), |out| {
            facets.elements().try_for_each(|facet| {
                let pipeline = facet.value().as_array();
                let pipeline = pipeline.ok_or_else(|| wrong_type(facet.name(), "an array"))?;
                out.array(facet.name(), |out| put_inner(pipeline, Source::Inherited, around, out))
            })
        })
    })
}
