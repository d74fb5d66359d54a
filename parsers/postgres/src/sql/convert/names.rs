//! Names and small lists of them.

use pg_raw_parse::Node;
use pg_raw_parse::list::{CastNodeList, NodeList};
use pg_raw_parse::nodes;

use super::{Converted, Converter, required, unknown};
use crate::sql::syntax::{Alias, At, RelationName};

/// The strings of a list that may hold nothing else.
pub(super) fn strings(list: &NodeList) -> Converted<Vec<String>> {
    list.iter()
        .map(|node| match node {
            Node::String(name) => required(name.sval().map(str::to_owned), "String"),
            other => unknown(other, At::UNKNOWN),
        })
        .collect()
}

/// The strings of a list that is known to hold nothing else.
pub(super) fn cast_strings(list: &CastNodeList<nodes::String>) -> Converted<Vec<String>> {
    list.iter().map(|name| required(name.sval().map(str::to_owned), "String")).collect()
}

impl Converter {
    pub(super) fn alias(alias: Option<&nodes::Alias>) -> Converted<Option<Alias>> {
        alias
            .map(|alias| {
                Ok(Alias {
                    name: required(alias.aliasname(), "Alias")?.to_owned(),
                    columns: strings(alias.colnames())?,
                })
            })
            .transpose()
    }

    pub(super) fn relation_name(range: &nodes::RangeVar) -> Converted<RelationName> {
        Ok(RelationName {
            catalog: range.catalogname().map(str::to_owned),
            schema: range.schemaname().map(str::to_owned),
            name: required(range.relname(), "RangeVar")?.to_owned(),
        })
    }
}
