//! SHOW INDEXES and SHOW CONSTRAINTS: the ones that every tenant has, as a query of ours over a list
//! of them. What follows in the command becomes clauses of the query.

use bolt_wire::cypher::quote_string;
use bolt_wire::cypher::syntax::{IndexKind, Projection, Show, Shown};
use bolt_wire::cypher::visit::Visit;

use super::super::guard::OUR_PREFIX;
use super::super::resolved::Index;
use super::scope::Scope;

/// Columns of SHOW INDEXES, those that it shows without being asked first.
const INDEX_COLUMNS: &[&str] = &[
    "id",
    "name",
    "state",
    "populationPercent",
    "type",
    "entityType",
    "labelsOrTypes",
    "properties",
    "indexProvider",
    "owningConstraint",
    "lastRead",
    "readCount",
    "trackedSince",
    "options",
    "failureMessage",
    "createStatement",
];
const INDEX_COLUMNS_SHOWN: usize = 12;
/// The same of SHOW CONSTRAINTS.
const CONSTRAINT_COLUMNS: &[&str] = &[
    "id",
    "name",
    "type",
    "entityType",
    "labelsOrTypes",
    "properties",
    "ownedIndex",
    "propertyType",
    "options",
    "createStatement",
];
const CONSTRAINT_COLUMNS_SHOWN: usize = 8;

impl<'t> Scope<'_, 't> {
    pub(super) fn show(&mut self, show: &'t Show) {
        if let Some(graph) = &show.graph {
            return self.refuse_command("USE", graph.span);
        }
        let (rows, columns, shown) = match show.shown {
            Shown::Indexes(kind) => (self.indexes(kind), INDEX_COLUMNS, INDEX_COLUMNS_SHOWN),
            Shown::Constraints => {
                (self.constraints(), CONSTRAINT_COLUMNS, CONSTRAINT_COLUMNS_SHOWN)
            }
        };
        let row = format!("`{OUR_PREFIX}row`");
        let all: Vec<String> =
            columns.iter().map(|column| format!("{row}.`{column}` AS `{column}`")).collect();
        let head = format!("UNWIND [{}] AS {row} WITH {}", rows.join(", "), all.join(", "));
        match (&show.yields, &show.condition) {
            (Some((place, _)), _) => {
                self.edits.replace(show.head, head);
                self.edits.replace(*place, "WITH");
            }
            (None, Some(condition)) => {
                // `WHERE` stands between the two.
                let before = wire::Span::new(show.head.start, condition.span.start);
                self.edits.replace(before, format!("{head} WHERE"));
            }
            (None, None) => self.edits.replace(show.head, head),
        }
        columns.iter().for_each(|column| {
            self.names.known.insert(column);
        });
        if let Some((_, projection)) = &show.yields {
            self.projection(projection);
        }
        show.condition.iter().for_each(|condition| self.expr(condition));
        match (&show.returned, &show.yields) {
            (Some(returned), _) => {
                self.projection(returned);
                self.name_columns(returned);
            }
            (None, Some((_, yields))) if yields.star.is_none() => self.return_yields(show, yields),
            (None, yields) => {
                let shown = if yields.is_some() { columns.len() } else { shown };
                let names: Vec<String> =
                    columns.iter().take(shown).map(|column| format!("`{column}`")).collect();
                self.edits.after(show.span, format!("RETURN {}", names.join(", ")));
            }
        }
        self.kind = Some("s");
    }

    /// What is yielded is returned, under the names that it was given.
    fn return_yields(&mut self, show: &'t Show, yields: &'t Projection) {
        let mut names = Vec::new();
        for item in &yields.items {
            let name = match (&item.alias, &item.value.kind) {
                (Some(alias), _) => alias,
                (None, bolt_wire::cypher::syntax::ExprKind::Variable(name)) => name,
                (None, _) => return self.refuse_syntax(item.value.span, "this is no column"),
            };
            names.push(self.quoted(name));
        }
        self.edits.after(show.span, format!("RETURN {}", names.join(", ")));
    }

    /// The indexes as maps, by name. Each store has the two that look up labels and types.
    fn indexes(&self, kind: Option<IndexKind>) -> Vec<String> {
        let lookup = |name: &str, of: &str| {
            (IndexKind::Lookup, name.to_owned(), format!("entityType: '{of}'"))
        };
        let mut rows =
            vec![lookup("index_343aff4e", "NODE"), lookup("index_f7700477", "RELATIONSHIP")];
        for index in &self.rules.facts.indexes {
            let constraint = index.constraint.as_deref().map(quote_string);
            let constraint = constraint.unwrap_or_else(|| "null".to_owned());
            let row = format!("{}, owningConstraint: {constraint}", self.schema(index));
            rows.push((index.kind, index.name.clone(), row));
        }
        rows.retain(|(of, ..)| kind.is_none_or(|kind| kind == *of));
        rows.sort_by(|left, right| left.1.cmp(&right.1));
        let row = |(id, (kind, name, row)): (usize, &(IndexKind, String, String))| {
            let (kind, provider) = kind_name(*kind);
            format!(
                "{{id: {}, name: {}, state: 'ONLINE', populationPercent: 100.0, type: '{kind}', \
                 {row}, indexProvider: '{provider}'}}",
                id + 1,
                quote_string(name)
            )
        };
        rows.iter().enumerate().map(row).collect()
    }

    /// The constraints that have indexes, as maps, by name.
    fn constraints(&self) -> Vec<String> {
        use bolt_wire::cypher::Dialect;
        let is_25 = self.parsed.statement.prefix.dialect == Dialect::Cypher25;
        let mut rows: Vec<(&String, &Index)> = Vec::new();
        for index in &self.rules.facts.indexes {
            rows.extend(index.constraint.as_ref().map(|name| (name, index)));
        }
        rows.sort_by_key(|(name, _)| *name);
        let row = |(id, (name, index)): (usize, &(&String, &Index))| {
            let kind = match (is_25, index.is_of_relationships) {
                (false, false) => "UNIQUENESS",
                (true, false) => "NODE_PROPERTY_UNIQUENESS",
                (false, true) => "RELATIONSHIP_UNIQUENESS",
                (true, true) => "RELATIONSHIP_PROPERTY_UNIQUENESS",
            };
            format!(
                "{{id: {}, name: {}, type: '{kind}', {}, ownedIndex: {}}}",
                id + 1,
                quote_string(name),
                self.schema(index),
                quote_string(&index.name)
            )
        };
        rows.iter().enumerate().map(row).collect()
    }

    /// What the index is of, without the property that tells whose a node is.
    fn schema(&self, index: &Index) -> String {
        let list = |names: &mut dyn Iterator<Item = &String>| {
            names.map(|name| quote_string(name)).collect::<Vec<_>>().join(", ")
        };
        let of = if index.is_of_relationships { "RELATIONSHIP" } else { "NODE" };
        let labels = list(&mut index.labels_or_types.iter());
        let seen = index.properties.iter().filter(|name| !self.guard.is_reserved_property(name));
        let properties = list(&mut seen.into_iter());
        format!("entityType: '{of}', labelsOrTypes: [{labels}], properties: [{properties}]")
    }
}

/// The kind as SHOW INDEXES says it, and what provides such an index.
fn kind_name(kind: IndexKind) -> (&'static str, &'static str) {
    match kind {
        IndexKind::Fulltext => ("FULLTEXT", "fulltext-1.0"),
        IndexKind::Lookup => ("LOOKUP", "token-lookup-1.0"),
        IndexKind::Point => ("POINT", "point-1.0"),
        IndexKind::Range => ("RANGE", "range-1.0"),
        IndexKind::Text => ("TEXT", "text-2.0"),
        IndexKind::Vector => ("VECTOR", "vector-2.0"),
    }
}
