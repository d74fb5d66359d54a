//! The items of FROM.

use pg_raw_parse::list::NodeList;
use pg_raw_parse::raw::JoinType;
use pg_raw_parse::{Node, nodes};

use super::names::{cast_strings, strings};
use super::{Converted, Converter, unknown, unknown_form};
use crate::sql::syntax::{
    At, ColumnDefinition, Expr, FromItem, Functions, Join, JoinKind, Range, Sample,
};

impl Converter {
    pub(super) fn range_items(&mut self, items: &NodeList) -> Converted<Vec<FromItem>> {
        items.iter().map(|item| self.range_item(item)).collect()
    }

    pub(super) fn range_item(&mut self, item: Node<'_>) -> Converted<FromItem> {
        match item {
            Node::RangeVar(range) => {
                self.range(range).map(|range| FromItem::Relation(Box::new(range)))
            }
            Node::RangeSubselect(sub) => match sub.subquery() {
                Node::SelectStmt(select) => Ok(FromItem::Query {
                    lateral: sub.lateral,
                    query: Box::new(self.query(select)?),
                    alias: Self::alias(sub.alias())?,
                }),
                other => unknown(other, At::UNKNOWN),
            },
            Node::RangeFunction(function) => {
                self.functions(function).map(|functions| FromItem::Functions(Box::new(functions)))
            }
            Node::RangeTableSample(sample) => self.sample(sample),
            Node::RangeTableFunc(table) => self.xml_table(table),
            Node::JsonTable(table) => self.json_table(table),
            Node::JoinExpr(join) => self
                .nested(At::UNKNOWN, |this| this.join(join))
                .map(|join| FromItem::Join(Box::new(join))),
            other => unknown(other, At::UNKNOWN),
        }
    }

    pub(super) fn range(&mut self, range: &nodes::RangeVar) -> Converted<Range> {
        Ok(Range {
            name: Self::relation_name(range)?,
            only: !range.inh,
            alias: Self::alias(range.alias())?,
            sample: None,
            at: At::new(range.location),
        })
    }

    fn sample(&mut self, sample: &nodes::RangeTableSample) -> Converted<FromItem> {
        match sample.relation() {
            Node::RangeVar(range) => {
                let mut range = self.range(range)?;
                range.sample = Some(Sample {
                    method: strings(sample.method())?,
                    arguments: self.exprs(sample.args())?,
                    repeatable: self.optional(sample.repeatable())?,
                });
                Ok(FromItem::Relation(Box::new(range)))
            }
            other => unknown(other, At::new(sample.location)),
        }
    }

    fn functions(&mut self, function: &nodes::RangeFunction) -> Converted<Functions> {
        let calls = function.functions().iter().map(|call| match call {
            Node::NodeList(pair) => self.function_item(pair),
            other => unknown(other, At::UNKNOWN),
        });
        let calls = calls.collect::<Converted<_>>()?;
        Ok(Functions {
            lateral: function.lateral,
            ordinality: function.ordinality,
            rows_from: function.is_rowsfrom,
            calls,
            alias: Self::alias(function.alias())?,
            columns: self.column_definitions(function.coldeflist().iter())?,
        })
    }

    /// One item of ROWS FROM: a pair of the call and its column definition list.
    fn function_item(&mut self, pair: &NodeList) -> Converted<(Expr, Vec<ColumnDefinition>)> {
        if pair.len() != 2 {
            return unknown_form("RangeFunction", At::UNKNOWN);
        }
        let call = self.expr(pair.get(0).unwrap_or(Node::None))?;
        let columns = match pair.get(1) {
            None | Some(Node::None) => Vec::new(),
            Some(Node::NodeList(columns)) => columns
                .iter()
                .map(|column| match column {
                    Node::ColumnDef(column) => self.column_definition(column),
                    other => unknown(other, At::UNKNOWN),
                })
                .collect::<Converted<_>>()?,
            Some(other) => return unknown(other, At::UNKNOWN),
        };
        Ok((call, columns))
    }

    fn column_definitions<'a>(
        &mut self,
        columns: impl Iterator<Item = &'a nodes::ColumnDef>,
    ) -> Converted<Vec<ColumnDefinition>> {
        columns.map(|column| self.column_definition(column)).collect()
    }

    fn join(&mut self, join: &nodes::JoinExpr) -> Converted<Join> {
        let kind = match join.jointype {
            JoinType::JOIN_INNER => JoinKind::Inner,
            JoinType::JOIN_LEFT => JoinKind::Left,
            JoinType::JOIN_RIGHT => JoinKind::Right,
            JoinType::JOIN_FULL => JoinKind::Full,
            _ => return unknown_form("join type", At::UNKNOWN),
        };
        Ok(Join {
            kind,
            natural: join.is_natural,
            left: self.range_item(join.larg())?,
            right: self.range_item(join.rarg())?,
            using: cast_strings(join.using_clause())?,
            using_alias: Self::alias(join.join_using_alias())?,
            on: self.optional(join.quals())?,
            alias: Self::alias(join.alias())?,
        })
    }
}
