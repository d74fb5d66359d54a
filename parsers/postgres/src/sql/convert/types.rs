//! Types.

use pg_raw_parse::{Node, nodes};

use super::names::{cast_strings, strings};
use super::{Converted, Converter, required, unknown, unknown_form};
use crate::sql::syntax::{At, ColumnDefinition, TypeName};

impl Converter {
    pub(super) fn type_name(&mut self, name: Option<&nodes::TypeName>) -> Converted<TypeName> {
        let name = required(name, "TypeName")?;
        let at = At::new(name.location);
        if name.pct_type {
            return unknown_form("%TYPE", at);
        }
        Ok(TypeName {
            names: cast_strings(name.names())?,
            set_of: name.setof,
            modifiers: self.exprs(name.typmods())?,
            array_bounds: name
                .array_bounds()
                .iter()
                .map(|bound| match bound {
                    Node::Integer(bound) => Ok(bound.ival),
                    other => unknown(other, at),
                })
                .collect::<Converted<_>>()?,
            at,
        })
    }

    pub(super) fn column_definition(
        &mut self,
        column: &nodes::ColumnDef,
    ) -> Converted<ColumnDefinition> {
        Ok(ColumnDefinition {
            name: required(column.colname(), "ColumnDef")?.to_owned(),
            type_name: self.type_name(column.type_name())?,
            collation: match column.coll_clause() {
                Some(clause) => strings(clause.collname())?,
                None => Vec::new(),
            },
        })
    }
}
