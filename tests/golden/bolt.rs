//! Statements of Cypher and their verdicts. A first line `:params {…}` gives the parameters.

use std::fs;
use std::path::Path;

use bolt_wire::cypher::syntax::IndexKind;
use bolt_wire::cypher::{self, Dialect};
use bolt_wire::packstream::{Dictionary, Item, Raw, Value};
use policies::bolt::{Index, Rules, Run, ServerFacts, Verdict, judge};
use policies::policy::Policy;
use policies::{Mode, Reason, Rejection, TenantId};
use tests::golden::File;
use wire::Limits;

/// What a file's header asks for.
pub struct Bench {
    policy: Policy,
    facts: ServerFacts,
    mode: Mode,
    tenant: TenantId,
    /// Another tenant, whose output must never name the first.
    other: TenantId,
}

/// An index of everybody's, one of another tenant's, and one that belongs to a constraint.
fn indexes(property: &str) -> Vec<Index> {
    let index =
        |name: &str, kind, label: &str, properties: &[&str], constraint: Option<&str>| Index {
            name: name.to_owned(),
            kind,
            is_of_relationships: false,
            labels_or_types: vec![label.to_owned()],
            properties: properties.iter().map(|name| (*name).to_owned()).collect(),
            constraint: constraint.map(str::to_owned),
        };
    vec![
        index("person_name", IndexKind::Range, "Person", &["name"], None),
        index("person_age", IndexKind::Range, "Person", &[property, "age"], None),
        index("globex_only", IndexKind::Range, "Tenant_globex", &["name"], None),
        index("person_email", IndexKind::Range, "Person", &["email"], Some("person_email")),
    ]
}

impl Bench {
    pub fn of(file: &File, folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join(file.header("policy").unwrap())).unwrap();
        let policy = Policy::parse(&text).unwrap_or_else(|e| panic!("{e:?}"));
        let tenant = |key| TenantId::parse(policy.tenant_kind, file.header(key).unwrap()).unwrap();
        let mode = match file.header("mode") {
            None | Some("inject") => Mode::Inject,
            Some("validate") => Mode::Validate,
            Some(other) => panic!("no such mode: {other}"),
        };
        let dialect = match file.header("dialect") {
            None | Some("5") => Dialect::Cypher5,
            Some("25") => Dialect::Cypher25,
            Some(other) => panic!("no such dialect: {other}"),
        };
        let (tenant, other) = (tenant("tenant"), tenant("other"));
        let indexes = indexes(&policy.neo4j.as_ref().unwrap().property);
        let facts = ServerFacts { dialect, indexes, ..ServerFacts::default() };
        Self { policy, facts, mode, tenant, other }
    }

    fn rules(&self) -> Rules {
        Rules::new(&self.policy, &self.facts, 1).unwrap()
    }

    /// What must hold of every output, whatever the file expects.
    fn check_output(&self, text: &str, parameters: &Dictionary<'_>, run: &Run<'_>) {
        let rules = self.rules();
        let statement = &run.statement;
        cypher::parse(statement, self.facts.dialect, usize::MAX).unwrap();
        let limits = Limits::default();
        let is_owned = statement.contains("__partywall_owned_");
        if self.mode == Mode::Inject && !is_owned {
            let again = judge(statement, &rules, Mode::Validate, &limits);
            let again = again.unwrap_or_else(|e| panic!("{statement}\ndoes not prove itself: {e}"));
            let tenancy = rules.tenancy(&self.tenant).unwrap();
            let verdict = again.scope(run.parameters.clone(), &tenancy);
            assert!(verdict.is_ok(), "{statement}\nis not the tenant's: {verdict:?}");
        }
        let plan = judge(text, &rules, self.mode, &limits).unwrap();
        let tenancy = rules.tenancy(&self.other).unwrap();
        if let Ok(Verdict::Forward(other)) = plan.scope(parameters.clone(), &tenancy) {
            let mine = self.tenant.to_string();
            let names_it = |text: &str| text.contains(&mine);
            assert!(names_it(text) || !names_it(&other.get().statement), "names another tenant");
        }
        let closed = judge(text, &Rules::deny_all(1), self.mode, &limits);
        assert_eq!(closed.unwrap_err().reason, Reason::PolicyUnusable);
    }
}

impl super::Bench for Bench {
    fn outcome(&self, input: &str) -> String {
        let (parameters, text) = match input.strip_prefix(":params ") {
            Some(rest) => rest.split_once('\n').unwrap(),
            None => ("{}", input),
        };
        let json: serde_json::Value = serde_json::from_str(parameters).unwrap();
        let parameters = dictionary(&json);
        let rules = self.rules();
        let plan = match judge(text, &rules, self.mode, &Limits::default()) {
            Ok(plan) => plan,
            Err(rejection) => return rejected(text, &rejection),
        };
        let tenancy = rules.tenancy(&self.tenant).unwrap();
        let run = match plan.scope(parameters.clone(), &tenancy) {
            Ok(Verdict::Forward(run)) => run.into_inner(),
            Ok(Verdict::Observed(..)) => panic!("nothing is observed"),
            Err(rejection) => return rejected(text, &rejection),
        };
        self.check_output(text, &parameters, &run);
        let mut outcome = if run.statement == text {
            "forward".to_owned()
        } else {
            format!("rewrite\n{}", run.statement)
        };
        for (name, value) in
            run.parameters.iter().filter(|(name, _)| parameters.get(name).is_none())
        {
            outcome.push_str(&format!("\nwith {name} {}", shown(value)));
        }
        outcome
    }
}

fn rejected(text: &str, rejection: &Rejection) -> String {
    let place = rejection.span.and_then(|span| span.of(text)).unwrap_or_default();
    let place = place.lines().next().unwrap_or_default();
    format!("reject {}\n{}\n{place}", rejection.reason, rejection.what).trim_end().to_owned()
}

fn dictionary(json: &serde_json::Value) -> Dictionary<'static> {
    let mut parameters = Dictionary::new();
    for (key, value) in json.as_object().unwrap() {
        parameters.set_owned(key.clone(), &value_of(value));
    }
    parameters
}

fn value_of(json: &serde_json::Value) -> Value<'_> {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Boolean(*truth),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(number) => Value::Integer(number),
            None => Value::Float(number.as_f64().unwrap()),
        },
        serde_json::Value::String(text) => Value::String(text),
        serde_json::Value::Array(items) => Value::List(items.iter().map(value_of).collect()),
        serde_json::Value::Object(entries) => {
            Value::Map(entries.iter().map(|(key, value)| (key.as_str(), value_of(value))).collect())
        }
    }
}

fn shown(value: Raw<'_>) -> String {
    match value.item() {
        Item::String(text) => text.to_owned(),
        Item::Integer(number) => number.to_string(),
        _ => format!("{:?}", value.value().unwrap()),
    }
}
