//! What a tree holds, in words that both trees have in common.

use std::collections::BTreeMap;

use crate::tree::Tree;

/// How often each thing occurs.
pub type Counts = BTreeMap<String, usize>;

/// Counts over the debug form of our own statements.
#[must_use]
pub fn ours(tree: &Tree) -> Counts {
    let mut counts = Counts::new();
    tree.walk(&mut |tree| {
        let found = match tree {
            Tree::Struct(name, _) => match name.as_str() {
                "RelationName" => Some(format!("relation {}", tree.texts())),
                "Call" => Some(format!("call {}", texts(tree, "name"))),
                "ColumnRef" => Some(format!("column {}", texts(tree, "names"))),
                "TypeName" => Some(format!("type {}", texts(tree, "names"))),
                "Operation" => Some(format!("operator {}", texts(tree, "name"))),
                "Cte" => Some(format!("cte {}", texts(tree, "name"))),
                "Alias" => Some(format!("alias {}", tree.texts())),
                "Query" if tree.field("body").is_some() => Some("query".to_owned()),
                "Insert" | "Update" | "Delete" => Some(name.to_lowercase()),
                "SubLink" => Some("sub-link".to_owned()),
                "Join" => Some("join".to_owned()),
                "SortKey" => Some("sort key".to_owned()),
                "Window" => Some("window".to_owned()),
                "Locking" => Some("locking".to_owned()),
                "Sample" => Some(format!("sample {}", texts(tree, "method"))),
                "IndexElement" => Some("index element".to_owned()),
                _ => None,
            },
            Tree::Items(name, items) => match (name.as_str(), items.as_slice()) {
                ("Parameter", [Tree::Word(number)]) => Some(format!("parameter {number}")),
                ("Integer" | "Boolean", [Tree::Word(value)]) => Some(format!("constant {value}")),
                ("Number" | "String" | "Bits", [Tree::Text(value)]) => {
                    Some(format!("constant {value}"))
                }
                _ => None,
            },
            Tree::Word(word) if word == "Null" => Some("constant null".to_owned()),
            Tree::Text(_) | Tree::Word(_) => None,
        };
        add(&mut counts, found);
        true
    });
    counts
}

/// Counts over the debug form of pg_query's statements.
#[must_use]
pub fn theirs(tree: &Tree) -> Counts {
    let mut counts = Counts::new();
    tree.walk(&mut |tree| {
        let Tree::Struct(name, _) = tree else { return true };
        let found = match name.as_str() {
            "RangeVar" => {
                let parts = ["catalogname", "schemaname", "relname"].map(|part| texts(tree, part));
                let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                Some(format!("relation {}", parts.join(".")))
            }
            "FuncCall" => Some(format!("call {}", texts(tree, "funcname"))),
            "ColumnRef" => Some(format!("column {}", texts(tree, "fields"))),
            "TypeName" => Some(format!("type {}", texts(tree, "names"))),
            "AExpr" => Some(format!("operator {}", texts(tree, "name"))),
            "CommonTableExpr" => Some(format!("cte {}", texts(tree, "ctename"))),
            "Alias" => Some(format!("alias {}", tree.texts())),
            "SelectStmt" => Some("query".to_owned()),
            "InsertStmt" => Some("insert".to_owned()),
            "UpdateStmt" => Some("update".to_owned()),
            "DeleteStmt" => Some("delete".to_owned()),
            // The sub-select of JSON_ARRAY is a sub-link to us.
            "SubLink" | "JsonArrayQueryConstructor" => Some("sub-link".to_owned()),
            "JoinExpr" => Some("join".to_owned()),
            "SortBy" => Some("sort key".to_owned()),
            "WindowDef" => Some("window".to_owned()),
            "LockingClause" => Some("locking".to_owned()),
            "RangeTableSample" => Some(format!("sample {}", texts(tree, "method"))),
            "IndexElem" => Some("index element".to_owned()),
            "ParamRef" => Some(format!("parameter {}", word(tree, "number"))),
            "AConst" => Some(format!("constant {}", constant(tree))),
            _ => None,
        };
        add(&mut counts, found);
        // `(a, b) = x` has x once for every target.
        name != "MultiAssignRef" || word(tree, "colno") == "1"
    });
    counts
}

fn add(counts: &mut Counts, found: Option<String>) {
    if let Some(found) = found {
        *counts.entry(found).or_default() += 1;
    }
}

fn texts(tree: &Tree, field: &str) -> String {
    tree.field(field).map(Tree::texts).unwrap_or_default()
}

fn word(tree: &Tree, field: &str) -> String {
    match tree.field(field) {
        Some(Tree::Word(word)) => word.clone(),
        _ => String::new(),
    }
}

/// An AConst's value: the one text or word in its innermost struct.
fn constant(tree: &Tree) -> String {
    if word(tree, "isnull") == "true" {
        return "null".to_owned();
    }
    let mut value = String::new();
    tree.field("val").into_iter().for_each(|val| {
        val.walk(&mut |tree| {
            if let Tree::Struct(_, fields) = tree {
                for (_, field) in fields {
                    if let Tree::Text(text) | Tree::Word(text) = field {
                        value.clone_from(text);
                    }
                }
            }
            true
        });
    });
    value
}
