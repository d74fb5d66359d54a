//! What the reader of documents makes of right and wrong ones.

use super::*;

fn errors(text: &str) -> Vec<String> {
    let read = read(text, |table| {
        let name = table.require("name").and_then(|value| value.text());
        let count = table.get("count").map(|value| value.integer(1..=10)).transpose();
        let open = table.get("open").map(|value| value.boolean()).transpose();
        let rows = table.get("row").map(|value| {
            value.list(|item| item.table(|row| row.require("kind")?.text().map(str::to_owned)))
        });
        let kinds = table.get("kinds").map(|value| {
            let mut once = Once::new();
            value.entries(|kind, value| {
                once.claim(kind.to_ascii_lowercase(), &value)?;
                let text = value.text()?;
                value.choose(text, &[("a", 1), ("b", 2)])
            })
        });
        Ok((name?.len(), count?, open?, rows.transpose()?, kinds.transpose()?))
    });
    read.err().unwrap_or_default().iter().map(|error| error.in_file("f.toml")).collect()
}

#[test]
fn a_sound_document_is_resolved() {
    let text = "name = 'n'\ncount = 0x0a\nopen = true\nrow = [{kind = 'k'}]\nkinds = {x = 'a'}";
    assert_eq!(errors(text), [""; 0]);
}

#[test]
fn every_error_is_told_in_the_order_of_the_text() {
    let text = "count = 11\nopen = 'yes'\nkinds = {x = 'c', X = 'a', y = 1.5}\n\n\
                [[row]]\n\n[[row]]\n  kind = [1]\n";
    assert_eq!(
        errors(text),
        [
            "f.toml:1:1: `name` is missing",
            "f.toml:1:9: count: must be from 1 to 10",
            "f.toml:2:8: open: expected true or false, found string",
            "f.toml:3:14: kinds.x: must be one of \"a\", \"b\"",
            "f.toml:3:19: kinds.X: given twice; the first is on line 3",
            "f.toml:3:32: kinds.y: expected a string, found float",
            "f.toml:5:1: row[0]: `kind` is missing",
            "f.toml:8:10: row[1].kind: expected a string, found array",
        ]
    );
}

#[test]
fn a_misspelt_key_is_not_missing_as_well() {
    assert_eq!(
        errors("nmae = 'n'\n\"quoted\\nkey\" = 1\n'ü' = 1"),
        [
            "f.toml:1:1: nmae: unknown key; did you mean `name`?",
            "f.toml:2:1: \"quoted\\nkey\": unknown key; known here: `name`, `count`, \
             `open`, `row`, `kinds`",
            "f.toml:3:1: \"ü\": unknown key; known here: `name`, `count`, `open`, `row`, `kinds`",
        ]
    );
}

#[test]
fn columns_are_counted_in_characters() {
    assert_eq!(
        errors("name = 'n'\nkinds = {\"ü\" = 'ä', b = 'c'}"),
        [
            "f.toml:2:16: kinds.\"ü\": must be one of \"a\", \"b\"",
            "f.toml:2:25: kinds.b: must be one of \"a\", \"b\"",
        ]
    );
}

#[test]
fn numbers_beyond_64_bits_and_wrong_shapes_are_refused() {
    assert_eq!(
        errors("name = 1\ncount = 99999999999999999999\nrow = 'x'\nkinds = []"),
        [
            "f.toml:1:8: name: expected a string, found integer",
            "f.toml:2:9: count: must be from 1 to 10",
            "f.toml:3:7: row: expected an array, found string",
            "f.toml:4:9: kinds: expected a table, found array",
        ]
    );
}

#[test]
fn slips_of_syntax_are_told_alone() {
    assert_eq!(
        errors("name = 'n\ncolum = 1"),
        ["f.toml:1:10: invalid literal string, expected `'`"]
    );
    assert_eq!(
        errors("name = 1\nname = 2\n[x\ny = 1"),
        ["f.toml:2:1: duplicate key", "f.toml:3:3: unclosed table, expected `]`"]
    );
    assert_eq!(
        errors("name ="),
        ["f.toml:1:7: string values must be quoted, expected literal string"]
    );
}

#[test]
fn nesting_is_bounded() {
    let text = format!("name = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(
        errors(&text).first().map(String::as_str),
        Some("f.toml:1:88: cannot recurse further; max recursion depth met")
    );
}

#[test]
fn the_closest_word_is_found() {
    assert_eq!(closest("Colum", ["shared", "column"]), Some("column"));
    assert_eq!(closest("tabels", ["tables", "column"]), Some("tables"));
    assert_eq!(closest("x", ["tables", "column"]), None);
}
