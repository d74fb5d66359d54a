//! What judging costs: microseconds a statement, median of interleaved rounds.
//!
//! Run by `make bench`. Prints one JSON line a statement: parsing alone, judging and proving without
//! a cache, and filling a cached plan for a tenant.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use bolt_wire::cypher::{self, Dialect};
use bolt_wire::packstream::Dictionary;
use policies::Mode;
use policies::bolt;
use policies::policy::Policy;
use policies::postgres::{Catalog, Rules, judge};
use policies::{Tenant, TenantId};
use wire::Limits;

const ROUNDS: usize = 31;
const REPEATS: u32 = 200;

const STATEMENTS: &[(&str, &str)] = &[
    ("select, 36 characters", "SELECT * FROM orders WHERE id = 4711"),
    (
        "select, 221 characters",
        "SELECT o.id, o.total, c.name, count(i.id) AS items FROM orders o JOIN customers c ON \
         c.id = o.customer_id LEFT JOIN items i ON i.order_id = o.id WHERE o.placed > now() AND \
         o.total > 100 GROUP BY o.id, c.name ORDER BY o.id LIMIT 20",
    ),
    (
        "insert on conflict",
        "INSERT INTO customers (id, email, name) VALUES ($1, $2, $3) ON CONFLICT (email) DO UPDATE \
         SET name = excluded.name RETURNING id",
    ),
    ("begin", "BEGIN"),
];

fn micros(mut step: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..REPEATS {
        step();
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(REPEATS)
}

fn median(samples: &mut [f64]) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/postgres");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let policy = Policy::parse(&read("shop.toml")).unwrap();
    let catalog: Catalog = serde_json::from_str(&read("shop.json")).unwrap();
    let rules = Rules::new(&policy, &catalog, 1).unwrap();
    let id = "11111111-1111-4111-8111-111111111111";
    let id = TenantId::parse(policy.tenant_kind, id).unwrap();
    let tenant = Tenant { id, slug: "acme".to_owned() };
    let limits = Limits::default();
    for (name, text) in STATEMENTS {
        let plan = judge(text, &rules, Mode::Inject, &limits).unwrap();
        let (mut parse, mut uncached, mut cached) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            parse.push(micros(|| {
                black_box(postgres_wire::sql::parse(black_box(text), limits.depth_max).unwrap());
            }));
            uncached.push(micros(|| {
                black_box(judge(black_box(text), &rules, Mode::Inject, &limits).unwrap());
            }));
            cached.push(micros(|| {
                black_box(plan.scope(black_box(&tenant)).unwrap().get().text().len());
            }));
        }
        let figures = serde_json::json!({
            "statement": name,
            "parse_us": median(&mut parse),
            "judge_us": median(&mut uncached),
            "scope_cached_us": median(&mut cached),
        });
        println!("{figures}");
    }
    cypher_statements();
}

/// A statement of 103 bytes, and one of 2.1 kB with twenty sub-queries.
fn cypher_statements() {
    let policy = "version = 1\ntenant.id = 'text'\n[neo4j]\nstrategy = 'label'";
    let policy = Policy::parse(policy).unwrap();
    let rules = bolt::Rules::new(&policy, &bolt::ServerFacts::default(), 1).unwrap();
    let tenancy = rules.tenancy(&TenantId::parse(policy.tenant_kind, "acme").unwrap()).unwrap();
    let short = "MATCH (p:Person {name: $name})-[:KNOWS]->(f:Person) WHERE f.age > 30 RETURN \
                 f.name, f.age ORDER BY f.age DESC";
    let part = "MATCH (p:Person) WHERE EXISTS { MATCH (p)-[:KNOWS]->(f:Person) WHERE f.age > 30 \
                AND f.name = 'Ada' } ";
    let long = format!("{}RETURN p.name", part.repeat(20));
    let limits = Limits::default();
    for (name, text) in [("cypher, short", short), ("cypher, long", &long)] {
        let plan = bolt::judge(text, &rules, Mode::Inject, &limits).unwrap();
        let (mut parse, mut uncached, mut cached) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            parse.push(micros(|| {
                let _ =
                    black_box(cypher::parse(black_box(text), Dialect::Cypher5, 1 << 20).unwrap());
            }));
            uncached.push(micros(|| {
                let _ =
                    black_box(bolt::judge(black_box(text), &rules, Mode::Inject, &limits).unwrap());
            }));
            cached.push(micros(|| {
                let _ = black_box(plan.scope(Dictionary::new(), black_box(&tenancy)).unwrap());
            }));
        }
        let figures = serde_json::json!({
            "statement": format!("{name}, {} bytes", text.len()),
            "parse_us": median(&mut parse),
            "judge_us": median(&mut uncached),
            "scope_cached_us": median(&mut cached),
        });
        println!("{figures}");
    }
}
