//! XML and SQL/JSON: nodes with a syntax of their own that hold nothing but expressions, types and
//! sub-selects.
//!
//! What they say besides is kept as words in [`Form::Special`], for comparison only.

use pg_raw_parse::{Node, nodes};

use super::expr::{compound, typed_compound};
use super::names::cast_strings;
use super::{Converted, Converter, required, unknown};
use crate::sql::syntax::{At, Expr, ExprKind, Form, FromItem, SubLink, SubLinkKind, TypeName};

/// The pieces of a special form, as they are gathered.
#[derive(Default)]
struct Pieces {
    words: Vec<String>,
    parts: Vec<Expr>,
    types: Vec<TypeName>,
}

impl Pieces {
    fn word(&mut self, word: impl ToString) {
        self.words.push(word.to_string());
    }

    fn name(&mut self, name: Option<&str>) {
        // The mark keeps an absent name apart from an empty one.
        self.words.push(name.map_or_else(|| "-".to_owned(), |name| format!("+{name}")));
    }

    fn build(self, kind: &'static str, location: i32) -> Expr {
        typed_compound(Form::Special(kind, self.words), self.parts, self.types, location)
    }
}

impl Converter {
    pub(super) fn special(&mut self, node: Node<'_>) -> Converted<Expr> {
        match node {
            Node::XmlExpr(xml) => self.xml(xml),
            Node::XmlSerialize(xml) => {
                let mut pieces = Pieces::default();
                pieces.word(xml.xmloption);
                pieces.word(xml.indent);
                pieces.parts.push(self.expr(xml.expr())?);
                pieces.types.push(self.type_name(xml.type_name())?);
                Ok(pieces.build("XMLSERIALIZE", xml.location))
            }
            // A named item inside XMLELEMENT and XMLFOREST.
            Node::ResTarget(item) => {
                let mut pieces = Pieces::default();
                pieces.name(item.name());
                pieces.parts.push(self.expr(item.val())?);
                Ok(pieces.build("named item", item.location))
            }
            Node::JsonFuncExpr(call) => self.json_function(call),
            Node::JsonValueExpr(value) => self.json_value(Some(value)),
            Node::JsonObjectConstructor(object) => {
                let mut pieces = Pieces::default();
                pieces.word(object.absent_on_null);
                pieces.word(object.unique);
                for pair in object.exprs() {
                    pieces.parts.push(self.json_pair(Some(pair))?);
                }
                self.json_output(object.output(), &mut pieces)?;
                Ok(pieces.build("JSON_OBJECT", object.location))
            }
            Node::JsonArrayConstructor(array) => {
                let mut pieces = Pieces::default();
                pieces.word(array.absent_on_null);
                for value in array.exprs() {
                    pieces.parts.push(self.json_value(Some(value))?);
                }
                self.json_output(array.output(), &mut pieces)?;
                Ok(pieces.build("JSON_ARRAY", array.location))
            }
            Node::JsonArrayQueryConstructor(array) => self.json_array_query(array),
            other => self.json_more(other),
        }
    }

    fn json_more(&mut self, node: Node<'_>) -> Converted<Expr> {
        let mut pieces = Pieces::default();
        match node {
            Node::JsonObjectAgg(aggregate) => {
                pieces.word(aggregate.absent_on_null);
                pieces.word(aggregate.unique);
                pieces.parts.push(self.json_pair(aggregate.arg())?);
                self.json_aggregate(aggregate.constructor(), &mut pieces)?;
                Ok(pieces.build("JSON_OBJECTAGG", -1))
            }
            Node::JsonArrayAgg(aggregate) => {
                pieces.word(aggregate.absent_on_null);
                pieces.parts.push(self.json_value(aggregate.arg())?);
                self.json_aggregate(aggregate.constructor(), &mut pieces)?;
                Ok(pieces.build("JSON_ARRAYAGG", -1))
            }
            Node::JsonIsPredicate(test) => {
                pieces.word(test.item_type);
                pieces.word(test.unique_keys);
                json_format(test.format(), &mut pieces);
                pieces.parts.push(self.expr(test.expr())?);
                Ok(pieces.build("IS JSON", test.location))
            }
            Node::JsonParseExpr(parse) => {
                pieces.word(parse.unique_keys);
                pieces.parts.push(self.json_value(parse.expr())?);
                self.json_output(parse.output(), &mut pieces)?;
                Ok(pieces.build("JSON", parse.location))
            }
            Node::JsonScalarExpr(scalar) => {
                pieces.parts.push(self.expr(scalar.expr())?);
                self.json_output(scalar.output(), &mut pieces)?;
                Ok(pieces.build("JSON_SCALAR", scalar.location))
            }
            Node::JsonSerializeExpr(serialize) => {
                pieces.parts.push(self.json_value(serialize.expr())?);
                self.json_output(serialize.output(), &mut pieces)?;
                Ok(pieces.build("JSON_SERIALIZE", serialize.location))
            }
            other => unknown(other, At::UNKNOWN),
        }
    }

    fn xml(&mut self, xml: &nodes::XmlExpr) -> Converted<Expr> {
        let mut pieces = Pieces::default();
        pieces.word(xml.op);
        pieces.name(xml.name());
        pieces.word(xml.xmloption);
        pieces.word(xml.indent);
        pieces.words.extend(cast_strings(xml.arg_names())?);
        pieces.word(xml.named_args().len());
        pieces.parts.extend(self.exprs(xml.named_args())?);
        pieces.parts.extend(self.exprs(xml.args())?);
        Ok(pieces.build("XML", xml.location))
    }

    fn json_function(&mut self, call: &nodes::JsonFuncExpr) -> Converted<Expr> {
        let mut pieces = Pieces::default();
        pieces.word(call.op);
        pieces.name(call.column_name());
        pieces.word(call.wrapper);
        pieces.word(call.quotes);
        pieces.parts.push(self.json_value(call.context_item())?);
        pieces.parts.extend(self.optional(call.pathspec())?);
        for argument in call.passing() {
            pieces.parts.push(self.json_argument(argument)?);
        }
        self.json_output(call.output(), &mut pieces)?;
        self.json_behaviour(call.on_empty(), &mut pieces)?;
        self.json_behaviour(call.on_error(), &mut pieces)?;
        Ok(pieces.build("JSON query function", call.location))
    }

    fn json_argument(&mut self, node: Node<'_>) -> Converted<Expr> {
        match node {
            Node::JsonArgument(argument) => {
                let mut pieces = Pieces::default();
                pieces.name(argument.name());
                pieces.parts.push(self.json_value(argument.val())?);
                Ok(pieces.build("PASSING", -1))
            }
            other => unknown(other, At::UNKNOWN),
        }
    }

    fn json_value(&mut self, value: Option<&nodes::JsonValueExpr>) -> Converted<Expr> {
        let value = required(value, "JsonValueExpr")?;
        let mut pieces = Pieces::default();
        json_format(value.format(), &mut pieces);
        pieces.parts.push(self.expr(value.raw_expr())?);
        match value.formatted_expr() {
            Node::None => Ok(pieces.build("JSON value", -1)),
            other => unknown(other, At::UNKNOWN),
        }
    }

    fn json_pair(&mut self, pair: Option<&nodes::JsonKeyValue>) -> Converted<Expr> {
        let pair = required(pair, "JsonKeyValue")?;
        let key = self.expr(pair.key())?;
        let value = self.json_value(pair.value())?;
        Ok(compound(Form::Special("JSON pair", Vec::new()), vec![key, value], -1))
    }

    fn json_array_query(&mut self, array: &nodes::JsonArrayQueryConstructor) -> Converted<Expr> {
        let mut pieces = Pieces::default();
        pieces.word(array.absent_on_null);
        json_format(array.format(), &mut pieces);
        let query = match array.query() {
            Node::SelectStmt(select) => self.query(select)?,
            other => return unknown(other, At::new(array.location)),
        };
        let link = SubLink { kind: SubLinkKind::Array, test: None, operator: Vec::new(), query };
        pieces
            .parts
            .push(Expr { kind: ExprKind::SubLink(Box::new(link)), at: At::new(array.location) });
        self.json_output(array.output(), &mut pieces)?;
        Ok(pieces.build("JSON_ARRAY of query", array.location))
    }

    fn json_aggregate(
        &mut self,
        constructor: Option<&nodes::JsonAggConstructor>,
        pieces: &mut Pieces,
    ) -> Converted<()> {
        let constructor = required(constructor, "JsonAggConstructor")?;
        if constructor.over().is_some() || !constructor.agg_order().is_empty() {
            return super::unknown_form(
                "ORDER BY or OVER of a JSON aggregate",
                At::new(constructor.location),
            );
        }
        let filter = self.optional(constructor.agg_filter())?;
        pieces.word(filter.is_some());
        pieces.parts.extend(filter);
        self.json_output(constructor.output(), pieces)
    }

    fn json_output(
        &mut self,
        output: Option<&nodes::JsonOutput>,
        pieces: &mut Pieces,
    ) -> Converted<()> {
        pieces.word(output.is_some());
        if let Some(output) = output {
            pieces.types.push(self.type_name(output.type_name())?);
            json_format(output.returning().and_then(|returning| returning.format()), pieces);
        }
        Ok(())
    }

    fn json_behaviour(
        &mut self,
        behaviour: Option<&nodes::JsonBehavior>,
        pieces: &mut Pieces,
    ) -> Converted<()> {
        pieces.word(behaviour.is_some());
        if let Some(behaviour) = behaviour {
            pieces.word(behaviour.btype);
            let default = self.optional(behaviour.expr())?;
            pieces.word(default.is_some());
            pieces.parts.extend(default);
        }
        Ok(())
    }

    pub(super) fn xml_table(&mut self, table: &nodes::RangeTableFunc) -> Converted<FromItem> {
        let mut pieces = Pieces::default();
        pieces.parts.push(self.expr(table.docexpr())?);
        pieces.parts.push(self.expr(table.rowexpr())?);
        pieces.word(table.namespaces().len());
        pieces.parts.extend(self.exprs(table.namespaces())?);
        for column in table.columns() {
            pieces.name(column.colname());
            pieces.word(column.for_ordinality);
            pieces.word(column.is_not_null);
            if !column.for_ordinality {
                pieces.types.push(self.type_name(column.type_name())?);
            }
            for part in [column.colexpr(), column.coldefexpr()] {
                let part = self.optional(part)?;
                pieces.word(part.is_some());
                pieces.parts.extend(part);
            }
        }
        Ok(FromItem::Table {
            lateral: table.lateral,
            table: Box::new(pieces.build("XMLTABLE", table.location)),
            alias: Self::alias(table.alias())?,
        })
    }

    pub(super) fn json_table(&mut self, table: &nodes::JsonTable) -> Converted<FromItem> {
        let mut pieces = Pieces::default();
        pieces.parts.push(self.json_value(table.context_item())?);
        self.json_path(table.pathspec(), &mut pieces)?;
        for argument in table.passing() {
            pieces.parts.push(self.json_argument(argument)?);
        }
        for column in table.columns() {
            self.json_column(column, &mut pieces)?;
        }
        self.json_behaviour(table.on_error(), &mut pieces)?;
        Ok(FromItem::Table {
            lateral: table.lateral,
            table: Box::new(pieces.build("JSON_TABLE", table.location)),
            alias: Self::alias(table.alias())?,
        })
    }

    fn json_path(
        &mut self,
        path: Option<&nodes::JsonTablePathSpec>,
        pieces: &mut Pieces,
    ) -> Converted<()> {
        pieces.word(path.is_some());
        if let Some(path) = path {
            pieces.name(path.name());
            pieces.parts.push(self.expr(path.string())?);
        }
        Ok(())
    }

    fn json_column(
        &mut self,
        column: &nodes::JsonTableColumn,
        pieces: &mut Pieces,
    ) -> Converted<()> {
        pieces.word(column.coltype);
        pieces.name(column.name());
        pieces.word(column.wrapper);
        pieces.word(column.quotes);
        json_format(column.format(), pieces);
        if column.type_name().is_some() {
            pieces.types.push(self.type_name(column.type_name())?);
        }
        self.json_path(column.pathspec(), pieces)?;
        self.json_behaviour(column.on_empty(), pieces)?;
        self.json_behaviour(column.on_error(), pieces)?;
        pieces.word(column.columns().len());
        self.nested(At::new(column.location), |this| {
            for nested in column.columns() {
                match nested {
                    Node::JsonTableColumn(nested) => this.json_column(nested, pieces)?,
                    other => return unknown(other, At::new(column.location)),
                }
            }
            Ok(())
        })
    }
}

fn json_format(format: Option<&nodes::JsonFormat>, pieces: &mut Pieces) {
    pieces.word(format.is_some());
    if let Some(format) = format {
        pieces.word(format.format_type);
        pieces.word(format.encoding);
    }
}
