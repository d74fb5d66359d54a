//! The output's form is a contract: each line of it, for each verdict.

use policies::policy::Policy;
use policies::postgres::{Catalog, Rules};
use serde_json::{Value, json};

use super::*;

const ACME: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";

fn explainer(format: Format, mode: Mode) -> Explainer {
    let policy =
        Policy::parse("version = 1\n[tenant]\nid = 'uuid'\n[postgres]\ncolumn = 'tenant_id'");
    let column = |name, kind| json!({"name": name, "type_schema": "pg_catalog", "type_name": kind});
    let catalog = json!({
        "server_version": 170_011, "search_path": ["public"],
        "functions": [], "operators": [], "types": [],
        "relations": [{
            "schema": "public", "name": "orders", "kind": "table",
            "columns": [column("id", "int8"), column("tenant_id", "uuid")],
        }],
    });
    let catalog: Catalog = serde_json::from_value(catalog).unwrap();
    let kind = policies::TenantKind::Uuid;
    let tenant = Tenant { id: TenantId::parse(kind, ACME).unwrap(), slug: ACME.to_owned() };
    let rules = Rules::new(&policy.unwrap(), &catalog, 0).unwrap();
    let explain = move |statement: &str, values: Option<&[Value]>| {
        postgres::explain(statement, values, &tenant, &rules, mode)
    };
    Explainer { explain: Box::new(explain), format }
}

fn explained(explainer: &Explainer, input: &[u8]) -> Vec<Value> {
    let mut output = Vec::new();
    explainer.explain_all(input, "input", &mut output).unwrap();
    let lines = std::str::from_utf8(&output).unwrap().lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_line_has_the_same_four_keys() {
    let input = b"SELECT 1\n\nSELECT id FROM orders\r\nSELECT * FROM nothing\n\xff\n";
    let lines = explained(&explainer(Format::Text, Mode::Inject), input);
    let verdicts: Vec<_> = lines.iter().map(|line| line["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["forward", "rewrite", "reject", "reject"]);
    for line in &lines {
        let keys: Vec<_> = line.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys.len(), 4, "{line}");
        for key in ["verdict", "statement", "reason", "detail"] {
            assert!(keys.contains(&key), "{line}");
        }
    }
    assert_eq!(lines[0]["statement"], "SELECT 1");
    let rewritten = lines[1]["statement"].as_str().unwrap();
    assert!(rewritten.contains("orders") && rewritten.contains(ACME), "{rewritten}");
    assert_eq!(lines[2]["reason"], "relation-not-allowed");
    assert_eq!(lines[2]["statement"], Value::Null);
    assert!(lines[2]["detail"].as_str().unwrap().contains("nothing"));
    assert_eq!(lines[3]["reason"], "invalid-encoding");
}

#[test]
fn parameters_are_checked_where_they_are_given() {
    let explainer = explainer(Format::Jsonl, Mode::Inject);
    let statement = "INSERT INTO orders (id, tenant_id) VALUES ($1, $2)";
    let line = |parameters: Value| {
        let input = json!({"statement": statement, "parameters": parameters});
        explained(&explainer, input.to_string().as_bytes()).remove(0)
    };
    assert_eq!(line(json!([1, ACME]))["verdict"], "rewrite");
    let foreign = line(json!([1, "11111111-1111-4111-8111-111111111111"]));
    assert_eq!(foreign["reason"], "foreign-tenant-value");
    let input = json!({"statement": statement}).to_string();
    let unbound = explained(&explainer, input.as_bytes()).remove(0);
    assert!(unbound["detail"].as_str().unwrap().starts_with("$2 "), "{unbound}");
}

#[test]
fn validate_forwards_what_carries_its_predicate_only() {
    let bare = b"SELECT id FROM orders";
    let injected = explained(&explainer(Format::Text, Mode::Inject), bare).remove(0);
    let explainer = explainer(Format::Text, Mode::Validate);
    let refused = explained(&explainer, bare).remove(0);
    assert_eq!(refused["reason"], "tenant-predicate-missing");
    let confined = injected["statement"].as_str().unwrap();
    let forwarded = explained(&explainer, confined.as_bytes()).remove(0);
    assert_eq!(
        (&forwarded["verdict"], &forwarded["statement"]),
        (&json!("forward"), &json!(confined))
    );
}

#[test]
fn input_that_cannot_be_read_is_told_by_line() {
    let explainer = explainer(Format::Jsonl, Mode::Inject);
    let mut output = Vec::new();
    let input = b"{\"statement\": \"SELECT 1\"}\n{\"statment\": 1}\n";
    let failure = explainer.explain_all(&input[..], "cases.jsonl", &mut output).unwrap_err();
    let Failure::Failed(what) = failure else { panic!("{failure:?}") };
    assert!(what.starts_with("cases.jsonl:2: "), "{what}");
    assert_eq!(output.iter().filter(|byte| **byte == b'\n').count(), 1);
}

#[test]
fn commands_are_lines_as_redis_cli_reads_them() {
    let text = "version = 1\n[tenant]\nid = 'text'\n[redis]\nprefix = 't:{tenant}:'";
    let policy = Policy::parse(text).unwrap();
    let tenant = TenantId::parse(policies::TenantKind::Text, "acme").unwrap();
    let rules = resp::rules(&policy, Path::new("policy.toml")).unwrap();
    let explain = move |statement: &str, values: Option<&[Value]>| {
        resp::explain(statement, values, &tenant, &rules, Mode::Inject)
    };
    let explainer = Explainer { explain: Box::new(explain), format: Format::Text };
    let input = b"SET 'my key' \"a\\x00b\"\nPING\nSELECT 0\nSHUTDOWN\nGET 'open\n*1\nNOSUCH x\n";
    let lines = explained(&explainer, input);
    let of = |line: &Value, key: &str| line[key].as_str().unwrap_or("null").to_owned();
    let shown: Vec<_> = lines
        .iter()
        .map(|line| ["verdict", "statement", "reason"].map(|key| of(line, key)))
        .collect();
    assert_eq!(shown[0], ["rewrite", r#"SET "t:acme:my key" "a\x00b""#, "null"]);
    assert_eq!(shown[1], ["forward", "PING", "null"]);
    let verdicts: Vec<_> = shown.iter().map(|line| line[0].as_str()).collect();
    assert_eq!(&verdicts[3..], ["reject"; 4]);
    assert_eq!((shown[4][2].as_str(), shown[5][2].as_str()), ("syntax-error", "syntax-error"));
}
