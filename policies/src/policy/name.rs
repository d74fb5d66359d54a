//! SQL names as people write them in the policy.
//!
//! PostgreSQL 17 section 4.1.1: unquoted parts are folded to lower case (ASCII only, as a server
//! with UTF-8 does it), quoted parts are kept, and a name has at most 63 bytes. The server cuts
//! longer ones with a notice; here they are refused, as two of them may be one.

use crate::postgres::Object;

/// `NAMEDATALEN - 1`
const NAME_BYTES_MAX: usize = 63;

/// Reads `schema.name`.
pub(super) fn qualified(text: &str) -> Result<Object, String> {
    if text.contains('(') {
        return Err("write the name alone, without arguments".to_owned());
    }
    let (schema, rest) = part(text)?;
    if rest.is_empty() {
        return Err(format!("`{text}` has no schema; write `public.{text}`"));
    }
    let (name, rest) = part(rest)?;
    if !rest.is_empty() {
        return Err(format!("`{text}` has too many parts; write `schema.name`"));
    }
    user_schema(Object { schema, name })
}

/// Reads a column's name.
pub(super) fn column(text: &str) -> Result<String, String> {
    /// PostgreSQL 17 section 5.6: every table has them, and none holds a tenant.
    const SYSTEM_COLUMNS: [&str; 6] = ["cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"];

    if text.is_empty() {
        return Err("is empty; name the column that holds the tenant's id".to_owned());
    }
    let (column, rest) = part(text)?;
    if !rest.is_empty() {
        return Err(format!("`{text}` has too many parts; write the column's name alone"));
    }
    if SYSTEM_COLUMNS.contains(&column.as_str()) {
        return Err(format!("`{column}` is a system column and holds no tenant"));
    }
    Ok(column)
}

/// Reads `schema.operator`, as in `public.<->`.
pub(super) fn operator(text: &str) -> Result<Object, String> {
    let is_operator = |byte: u8| b"+-*/<>=~!@#%^&|`?".contains(&byte);

    if !text.is_empty() && text.bytes().all(is_operator) {
        return Err(format!("`{text}` has no schema; write `public.{text}`"));
    }
    let (schema, name) = part(text)?;
    let sound = !name.is_empty()
        && name.bytes().all(is_operator)
        && !name.contains("--")
        && !name.contains("/*");
    if !sound {
        return Err(format!("`{text}` does not end in an operator; write it as in `public.<->`"));
    }
    if name.len() > NAME_BYTES_MAX {
        return Err(too_long(name));
    }
    user_schema(Object { schema, name: name.to_owned() })
}

/// Refuses what belongs to the system: PostgreSQL 17 section 5.10.5 reserves all of `pg_`.
fn user_schema(object: Object) -> Result<Object, String> {
    if object.schema.starts_with("pg_") || object.schema == "information_schema" {
        let schema = object.schema;
        Err(format!("schema `{schema}` is the system's; the built-in lists judge what is in it"))
    } else {
        Ok(object)
    }
}

/// Reads one part, and the dot behind it where there is one. What is left comes second.
fn part(text: &str) -> Result<(String, &str), String> {
    let (name, rest) = match text.strip_prefix('"') {
        Some(quoted) => quoted_part(text, quoted)?,
        None => plain_part(text)?,
    };
    if name.is_empty() {
        return Err("a name is empty; write it as in `schema.name`".to_owned());
    }
    if name.contains('\0') {
        return Err("a name holds a null character".to_owned());
    }
    if name.len() > NAME_BYTES_MAX {
        return Err(too_long(&name));
    }
    match rest.strip_prefix('.') {
        Some("") => Err(format!("`{text}` ends in a dot")),
        Some(rest) => Ok((name, rest)),
        None if rest.is_empty() => Ok((name, rest)),
        None => Err(format!("`{text}`: a dot must follow the closing quote")),
    }
}

fn quoted_part<'t>(text: &str, quoted: &'t str) -> Result<(String, &'t str), String> {
    let mut name = String::new();
    let mut rest = quoted;
    loop {
        let (head, tail) =
            rest.split_once('"').ok_or_else(|| format!("`{text}`: a quote is not closed"))?;
        name.push_str(head);
        let Some(doubled) = tail.strip_prefix('"') else {
            return Ok((name, tail));
        };
        name.push('"');
        rest = doubled;
    }
}

fn plain_part(text: &str) -> Result<(String, &str), String> {
    let end = text.find('.').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.contains('*') {
        return Err(format!("`{text}`: patterns are not read yet; list each name"));
    }
    let letter = |letter: char| letter.is_ascii_alphabetic() || letter == '_' || !letter.is_ascii();
    let inner = |other: char| letter(other) || other.is_ascii_digit() || other == '$';
    if name.starts_with(|first| !letter(first)) || !name.chars().all(inner) {
        return Err(format!("`{name}` is not a plain SQL name; quote it, as in `\"{name}\"`"));
    }
    Ok((name.to_ascii_lowercase(), rest))
}

fn too_long(name: &str) -> String {
    let bytes = name.len();
    format!("`{name}` has {bytes} bytes; PostgreSQL's names have at most {NAME_BYTES_MAX}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(schema: &str, name: &str) -> Object {
        Object { schema: schema.to_owned(), name: name.to_owned() }
    }

    #[test]
    fn plain_parts_are_folded_and_quoted_parts_kept() {
        assert_eq!(qualified("Public.PLANS"), Ok(object("public", "plans")));
        assert_eq!(qualified("\"Weird.Name\".\"a\"\"b\""), Ok(object("Weird.Name", "a\"b")));
        assert_eq!(qualified("public.É_1$"), Ok(object("public", "É_1$")));
        assert_eq!(column("TENANT_ID").as_deref(), Ok("tenant_id"));
        assert_eq!(column("\"tenantId\"").as_deref(), Ok("tenantId"));
        assert_eq!(operator("Public.<=>"), Ok(object("public", "<=>")));
    }

    #[test]
    fn sixty_three_bytes_are_the_most() {
        let longest = "é".repeat(31) + "x";
        assert_eq!(column(&longest).as_deref(), Ok(longest.as_str()));
        assert!(column(&(longest.clone() + "x")).is_err());
        assert!(qualified(&format!("public.\"{longest}x\"")).is_err());
        assert!(operator(&format!("public.{}", "<".repeat(64))).is_err());
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in [
            "",
            ".",
            "a",
            "a.",
            ".b",
            "a.b.c",
            "a b.c",
            "1a.b",
            "a.\"b",
            "a.\"b\"c",
            "\"\".b",
            "a.*",
            "a.f(int)",
            "pg_catalog.pg_class",
            "PG_Toast.x",
            "\"pg_temp_3\".x",
            "a.b\0",
            "information_schema.tables",
            "a.\"b\0\"",
            "a.b-c",
            "a..b",
        ] {
            assert!(qualified(text).is_err(), "{text:?}");
        }
        for text in
            ["", "<->", "public", "public.", "public.a", "public.--", "a.b.+", "pg_catalog.+"]
        {
            assert!(operator(text).is_err(), "{text:?}");
        }
        for text in ["", "a.b", "ctid", "XMIN", "a b"] {
            assert!(column(text).is_err(), "{text:?}");
        }
    }
}
