//! What is judged, sent and shown, in the forms in which a connection meets it.

use bolt_wire::message::Failure;
use bolt_wire::packstream::{Dictionary, Value};
use bytes::BytesMut;
use wire::Limits;

use super::*;
use crate::policy::Policy;
use crate::{Mode, Reason, TenantId, TenantKind};

fn rules(neo4j: &str) -> Rules {
    let policy = format!("version = 1\ntenant.id = 'text'\n[neo4j]\n{neo4j}");
    Rules::new(&Policy::parse(&policy).unwrap(), &ServerFacts::default(), 1).unwrap()
}

fn tenancy(rules: &Rules, id: &str) -> Tenancy {
    rules.tenancy(&TenantId::parse(TenantKind::Text, id).unwrap()).unwrap()
}

fn plan(text: &str, rules: &Rules, mode: Mode) -> Plan {
    judge(text, rules, mode, &Limits::default()).unwrap()
}

#[test]
fn one_plan_serves_all_tenants() {
    let rules = rules("strategy = 'label'");
    let plan = plan("MATCH (n:A)-->(m) RETURN 'Tenant_? `Tenant_?`' AS x", &rules, Mode::Inject);
    for id in ["a", "a-b_c", "X"] {
        let verdict = plan.scope(Dictionary::new(), &tenancy(&rules, id)).unwrap();
        let Verdict::Forward(run) = verdict else { panic!("{verdict:?}") };
        let expected = format!(
            "MATCH (`n`:`A` &`Tenant_{id}` )-->(`m` :`Tenant_{id}` ) RETURN \
             'Tenant_? `Tenant_?`' AS `x`"
        );
        assert_eq!(run.get().statement, expected);
    }
}

#[test]
fn a_policy_without_the_store_refuses_everything() {
    let policy = Policy::parse("version = 1\ntenant.id = 'text'").unwrap();
    for rules in [Rules::new(&policy, &ServerFacts::default(), 1).unwrap(), Rules::deny_all(1)] {
        for mode in [Mode::Inject, Mode::Validate, Mode::Observe] {
            let refused = judge("RETURN 1", &rules, mode, &Limits::default()).unwrap_err();
            assert_eq!(refused.reason, Reason::PolicyUnusable);
        }
        assert!(rules.tenancy(&TenantId::parse(TenantKind::Text, "a").unwrap()).is_none());
    }
}

#[test]
fn what_is_observed_travels_as_it_came() {
    let rules = rules("hide = true");
    for (text, is_refused) in [("MATCH (n) RETURN n", false), ("SHOW USERS", true), ("{", true)] {
        let plan = plan(text, &rules, Mode::Observe);
        let (run, observed) = match plan.scope(Dictionary::new(), &tenancy(&rules, "a")).unwrap() {
            Verdict::Forward(run) => (run.into_inner(), false),
            Verdict::Observed(run, _) => (run, true),
        };
        assert_eq!((run.statement.as_str(), observed), (text, is_refused));
        assert!(!run.rule.reads_records());
    }
}

#[test]
fn a_version_is_named_where_the_server_knows_versions() {
    let policy = Policy::parse("version = 1\ntenant.id = 'text'\n[neo4j]\n").unwrap();
    let facts = ServerFacts { names_dialects: true, ..ServerFacts::default() };
    let rules = Rules::new(&policy, &facts, 1).unwrap();
    let sent = |text: &str| {
        let plan = plan(text, &rules, Mode::Inject);
        match plan.scope(Dictionary::new(), &tenancy(&rules, "a")).unwrap() {
            Verdict::Forward(run) => run.into_inner().statement,
            Verdict::Observed(run, _) => run.statement,
        }
    };
    assert_eq!(sent("RETURN 1 AS x"), "CYPHER 5 RETURN 1 AS `x`");
    assert_eq!(sent("EXPLAIN RETURN 1 AS x"), "CYPHER 5 EXPLAIN RETURN 1 AS `x`");
    assert_eq!(sent("CYPHER 25 RETURN 1 AS x"), "CYPHER 25 RETURN 1 AS `x`");
}

#[test]
fn a_map_of_properties_gets_the_tenant() {
    let rules = rules("strategy = 'property'");
    let plan = plan("CREATE (n:A $p), (m $p), (o $q)", &rules, Mode::Inject);
    let mut parameters = Dictionary::new();
    parameters.set("p", &Value::Map(vec![("a", Value::Integer(1))]));
    // What a client sends under a name of ours does not travel.
    parameters.set("__partywall_tenant", &Value::String("b"));
    parameters.set("__partywall_owned_p", &Value::Map(vec![]));
    let Ok(Verdict::Forward(run)) = plan.scope(parameters, &tenancy(&rules, "a")) else { panic!() };
    let parameters = &run.get().parameters;
    assert_eq!(parameters.string("__partywall_tenant"), Ok(Some("a")));
    let owned = parameters.dictionary("__partywall_owned_p").unwrap().unwrap();
    assert_eq!((owned.integer("a"), owned.string("tenant_id")), (Ok(Some(1)), Ok(Some("a"))));
    assert!(parameters.get("__partywall_owned_q").is_none(), "the server says that it is missing");
}

#[test]
fn no_parameter_names_the_property_however_deep() {
    let rules = rules("strategy = 'property'");
    let plan = plan("UNWIND $rows AS row CREATE (n) SET n += row", &rules, Mode::Inject);
    let scope = |value: Value<'_>| {
        let mut parameters = Dictionary::new();
        parameters.set("rows", &value);
        let verdict = plan.scope(parameters, &tenancy(&rules, "a"));
        verdict.map(|_| ()).map_err(|rejection| rejection.reason)
    };
    let map =
        |key| Value::List(vec![Value::Map(vec![("deep", Value::Map(vec![(key, Value::Null)]))])]);
    assert_eq!(scope(map("tenant_id")), Err(Reason::ReservedName));
    assert_eq!(scope(map("Tenant_id")), Ok(()));
    assert_eq!(scope(Value::String("tenant_id")), Ok(()));
}

fn record(values: Vec<Value<'_>>) -> BytesMut {
    let mut body = BytesMut::from(&b"\xB1\x71"[..]);
    Value::List(values).write(&mut body);
    body
}

fn node<'v>(labels: Vec<&'v str>, properties: Vec<(&'v str, Value<'v>)>) -> Value<'v> {
    let labels = Value::List(labels.into_iter().map(Value::String).collect());
    let fields = vec![Value::Integer(1), labels, Value::Map(properties), Value::String("1")];
    Value::Structure { tag: b'N', fields }
}

fn rule(neo4j: &str) -> ReplyRule {
    let rules = rules(neo4j);
    let plan = plan("CREATE (n) RETURN n", &rules, Mode::Inject);
    match plan.scope(Dictionary::new(), &tenancy(&rules, "a")).unwrap() {
        Verdict::Forward(run) => run.into_inner().rule,
        Verdict::Observed(run, _) => run.rule,
    }
}

#[test]
fn what_tells_whose_a_node_is_is_hidden_in_results() {
    let path = |node: Value<'static>| {
        let fields = vec![Value::List(vec![node]), Value::List(vec![]), Value::List(vec![])];
        Value::Structure { tag: b'P', fields }
    };
    let texts = || Value::List(vec![Value::String("Tenant_a"), Value::String("tenant_id")]);
    let property = || vec![("tenant_id", Value::String("a")), ("x", Value::Integer(1))];
    let values = |labels: fn() -> Vec<&'static str>, map: Vec<(&'static str, Value<'static>)>| {
        let node = || node(labels(), map.clone());
        record(vec![node(), Value::List(vec![path(node())]), Value::Map(map.clone()), texts()])
    };
    let shown = |rule: &ReplyRule, body: &[u8]| {
        let mut out = BytesMut::new();
        rule.record(body, &mut out).unwrap();
        out
    };
    let body = values(|| vec!["A", "Tenant_a"], property());
    let by_label = rule("hide = true");
    assert!(by_label.reads_records());
    assert_eq!(shown(&by_label, &body), values(|| vec!["A"], property()));
    let by_property = rule("hide = true\nstrategy = 'property'");
    let without = vec![("x", Value::Integer(1))];
    assert_eq!(shown(&by_property, &body), values(|| vec!["A", "Tenant_a"], without));
    assert!(!rule("").reads_records());
    assert!(by_label.record(b"\xB1", &mut BytesMut::new()).is_err());
}

#[test]
fn metadata_says_what_the_client_asked_for() {
    let mut metadata = Dictionary::new();
    let stats = [("nodes-created", 2), ("labels-added", 3), ("properties-set", 2)];
    let stats = stats.map(|(key, count)| (key, Value::Integer(count))).to_vec();
    metadata.set("stats", &Value::Map(stats));
    for key in ["plan", "profile", "notifications", "something-new"] {
        metadata.set(key, &Value::String("Tenant_b"));
    }
    let status = |code| Value::Map(vec![("gql_status", Value::String(code))]);
    metadata.set("statuses", &Value::List(vec![status("00001"), status("01N50"), status("02000")]));
    metadata.set("type", &Value::String("rw"));
    let seen = rule("").success(metadata.clone()).unwrap();
    let keys: Vec<&str> = seen.iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["stats", "statuses", "type"]);
    let stats = seen.dictionary("stats").unwrap().unwrap();
    assert_eq!(
        (stats.integer("labels-added"), stats.integer("nodes-created")),
        (Ok(Some(1)), Ok(Some(2)))
    );
    assert_eq!(seen.get("statuses").unwrap().items().unwrap().len(), 2);
    let seen = rule("strategy = 'property'").success(metadata).unwrap();
    let stats = seen.dictionary("stats").unwrap().unwrap();
    assert_eq!(
        (stats.integer("properties-set"), stats.integer("labels-added")),
        (Ok(None), Ok(Some(3)))
    );
}

fn scrubbed(text: &str) -> String {
    let mut metadata = Dictionary::new();
    metadata.set("code", &Value::String("Neo.ClientError.Statement.SyntaxError"));
    metadata.set("message", &Value::String(text));
    let mut cause = Dictionary::new();
    cause.set("message", &Value::String(text));
    metadata.set_dictionary("cause", &cause);
    metadata.set("more", &Value::String("Tenant_b"));
    let failure = scrub_failure(Failure { metadata });
    assert_eq!(failure.code(), Ok(Some("Neo.ClientError.Statement.SyntaxError")));
    assert!(failure.metadata.get("more").is_none());
    let cause = failure.metadata.dictionary("cause").unwrap().unwrap();
    let text = failure.metadata.string("message").unwrap().unwrap().to_owned();
    assert_eq!(cause.string("message"), Ok(Some(text.as_str())), "inside as outside");
    text
}

#[test]
fn failures_name_nothing_of_others() {
    assert_eq!(scrubbed("/ by zero"), "/ by zero");
    let text = "Variable `x` not defined (line 1, column 8 (offset: 7))\n\"MATCH (`n`:`Tenant_a`) RETURN x\"\n  ^";
    assert_eq!(scrubbed(text), "Variable `x` not defined");
    let text = "Node(551000) already exists with label `Qu` and property `email` = 'a'";
    assert_eq!(scrubbed(text), "Node already exists with label `Qu` and the same properties");
    let text = "Node(1) already exists with label `Qu` and properties `tid` = 'b', `key` = 'k'";
    assert_eq!(scrubbed(text), "Node already exists with label `Qu` and the same properties");
    assert_eq!(
        scrubbed("Expected parameter(s): __partywall_owned_props"),
        "Expected parameter(s): props"
    );
    for text in ["Expected Head(_m{.*, tid -> `__partywall_1`})", "Node(1) with label `Tenant_b`"] {
        assert_eq!(scrubbed(text), "partywall: the statement failed at the store");
    }
}

#[test]
fn a_fingerprint_knows_no_literal() {
    let same = fingerprint("MATCH (n {a: 1, b: 'x'}) RETURN n");
    assert_eq!(same, fingerprint("MATCH (n {a: 22,b: \"yyy\"})  RETURN n // c"));
    assert_ne!(same, fingerprint("MATCH (n {a: 1, c: 'x'}) RETURN n"));
}
