//! What the catalog says of everybody's graph is asked of the tenant's own nodes and relationships,
//! by a sub-query in the place of the call.

use bolt_wire::cypher::syntax::Call;
use wire::Span;

use super::super::guard::OUR_PREFIX;
use super::super::tenancy::LABEL_PREFIX;
use super::scope::Scope;

/// A procedure, and what its rows are made of.
struct Catalog {
    procedure: &'static str,
    columns: &'static [&'static str],
    /// Ends in a WITH or RETURN of the columns by their names. `{node}` is a node of the tenant's
    /// that is called `n`, `{rel}` a relationship `r` between two, `{labels}` the labels of `n` and
    /// `{keys:n}` the keys of `n`, both without what tells whose it is.
    query: &'static str,
}

const CATALOGS: &[Catalog] = &[
    Catalog {
        procedure: "db.labels",
        columns: &["label"],
        query: "MATCH {node} UNWIND {labels} AS label RETURN DISTINCT label",
    },
    Catalog {
        procedure: "db.relationshipTypes",
        columns: &["relationshipType"],
        query: "MATCH {rel} RETURN DISTINCT type(r) AS relationshipType",
    },
    Catalog {
        procedure: "db.propertyKeys",
        columns: &["propertyKey"],
        query: "CALL { MATCH {node} UNWIND {keys:n} AS k RETURN k UNION MATCH {rel} \
                UNWIND keys(r) AS k RETURN k } RETURN DISTINCT k AS propertyKey",
    },
    Catalog {
        procedure: "db.schema.nodeTypeProperties",
        columns: &["nodeType", "nodeLabels", "propertyName", "propertyTypes", "mandatory"],
        query: "MATCH {node} WITH n, COLLECT { UNWIND {labels} AS l RETURN l ORDER BY l } AS ls \
                WITH ls, collect(n) AS ns, count(*) AS c \
                UNWIND ns AS n \
                UNWIND CASE {keys:n} WHEN [] THEN [null] ELSE {keys:n} END AS k \
                WITH ls, c, k, count(k) AS h, collect(DISTINCT valueType(n[k])) AS ts \
                WITH ls, k, h, c, [t IN ts WHERE k IS NOT NULL | {type:t}] AS ts \
                RETURN reduce(s = '', l IN ls | s + ':`' + l + '`') AS nodeType, \
                ls AS nodeLabels, k AS propertyName, \
                CASE WHEN k IS NULL THEN null ELSE ts END AS propertyTypes, \
                k IS NOT NULL AND h = c AS mandatory",
    },
    Catalog {
        procedure: "db.schema.relTypeProperties",
        columns: &["relType", "propertyName", "propertyTypes", "mandatory"],
        query: "MATCH {rel} WITH type(r) AS y, collect(r) AS rs, count(*) AS c \
                UNWIND rs AS r \
                UNWIND CASE keys(r) WHEN [] THEN [null] ELSE keys(r) END AS k \
                WITH y, c, k, count(k) AS h, collect(DISTINCT valueType(r[k])) AS ts \
                WITH y, k, h, c, [t IN ts WHERE k IS NOT NULL | {type:t}] AS ts \
                RETURN ':`' + y + '`' AS relType, k AS propertyName, \
                CASE WHEN k IS NULL THEN null ELSE ts END AS propertyTypes, \
                k IS NOT NULL AND h = c AS mandatory",
    },
];

/// Cypher 5 tells types of values by the names that they have in the server's own language.
const TYPE_NAMES: &[(&str, &str)] = &[
    ("BOOLEAN", "Boolean"),
    ("DATE", "Date"),
    ("DURATION", "Duration"),
    ("FLOAT", "Double"),
    ("INTEGER", "Long"),
    ("LOCAL DATETIME", "LocalDateTime"),
    ("LOCAL TIME", "LocalTime"),
    ("POINT", "Point"),
    ("STRING", "String"),
    ("ZONED DATETIME", "DateTime"),
    ("ZONED TIME", "Time"),
];

impl<'t> Scope<'_, 't> {
    /// Puts a sub-query in the place of the call of a catalog; whether it is one.
    pub(super) fn answer_catalog(&mut self, call: &'t Call, name: &str, is_alone: bool) -> bool {
        if matches!(name, "db.awaitIndex" | "db.awaitIndexes") && is_alone {
            // Indexes are made by others, and are there.
            self.edits.replace(call.span, self.nothing());
            return true;
        }
        let Some(catalog) = CATALOGS.iter().find(|catalog| catalog.procedure == name) else {
            return false;
        };
        let mut items = Vec::new();
        match &call.yields {
            Some(yields) if !yields.star => {
                for item in &yields.items {
                    if !catalog.columns.contains(&item.column.text.as_str()) {
                        self.refuse_syntax(item.column.span, "the procedure has no such column");
                    }
                    let alias = item.alias.as_ref().unwrap_or(&item.column);
                    let (column, alias) = (self.quoted(&item.column), self.quoted(alias));
                    items.push((column, alias));
                }
            }
            Some(_) | None if is_alone => {
                let quoted = |column: &&str| (format!("`{column}`"), format!("`{column}`"));
                items.extend(catalog.columns.iter().map(quoted));
            }
            Some(_) | None => {
                self.refuse_syntax(call.span, "a call in a query names what it yields");
            }
        }
        let returned: Vec<String> =
            items.iter().map(|(column, alias)| format!("{column} AS {alias}")).collect();
        let optional = if call.optional { "OPTIONAL " } else { "" };
        // The columns get their names in a sub-query of its own, as only they may leave it.
        let text = format!(
            "{optional}CALL {{ CALL {{ {} }} RETURN {} }}",
            self.query_of(catalog),
            returned.join(", ")
        );
        let condition = call.yields.as_ref().and_then(|yields| yields.condition.as_ref());
        match condition {
            None => self.edits.replace(call.span, text),
            // What stands in front of the condition becomes a clause of its own.
            Some(condition) => {
                let head = Span::new(call.span.start, condition.span.start);
                self.edits.replace(head, format!("{text} WITH * WHERE"));
            }
        }
        if is_alone {
            let aliases: Vec<&str> = items.iter().map(|(_, alias)| alias.as_str()).collect();
            self.edits.after(call.span, format!("RETURN {}", aliases.join(", ")));
        }
        true
    }

    /// A statement without columns, rows and effects.
    pub(super) fn nothing(&self) -> String {
        format!("UNWIND [] AS `{OUR_PREFIX}n` CREATE {}", self.guard.node())
    }

    fn query_of(&self, catalog: &Catalog) -> String {
        let own = self.guard.node();
        let inner = own.strip_prefix('(').unwrap_or(&own);
        let (labels, keys) = match self.guard.property() {
            None => {
                let test = format!("NOT l STARTS WITH '{LABEL_PREFIX}'");
                (format!("[l IN labels(n) WHERE {test}]"), "keys(n)".to_owned())
            }
            Some(property) => {
                ("labels(n)".to_owned(), format!("[l IN keys(n) WHERE l <> '{property}']"))
            }
        };
        catalog
            .query
            .replace("{node}", &format!("(n{inner}"))
            .replace("{rel}", &format!("{own}-[r]->{own}"))
            .replace("{labels}", &labels)
            .replace("{keys:n}", &keys)
            .replace("{type:t}", &self.type_name())
    }

    /// The name of the type `t` in the dialect of the statement.
    fn type_name(&self) -> String {
        use bolt_wire::cypher::Dialect;
        if self.parsed.statement.prefix.dialect == Dialect::Cypher25 {
            return "t".to_owned();
        }
        let mut cases = String::from("CASE t");
        for (name, told) in TYPE_NAMES {
            cases.push_str(&format!(
                " WHEN '{name} NOT NULL' THEN '{told}' \
                 WHEN 'LIST<{name} NOT NULL> NOT NULL' THEN '{told}Array'"
            ));
        }
        cases + " ELSE t END"
    }
}
