//! What judging a command of MongoDB costs: microseconds a command, median of rounds.
//!
//! `cargo bench -p tests --bench judge_mongo`. Prints one JSON line a command: reading and validating
//! it, and with judging, writing and proving.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use bytes::BytesMut;
use mongo_wire::bson::Document;
use mongo_wire::command::Command;
use mongo_wire::frame::Header;
use mongo_wire::message::{Flags, OpMsg, op_msg};
use mongo_wire::{Bounds, extjson};
use policies::mongo::{Context, Owned, Rules, ServerFacts, judge};
use policies::policy::Policy;
use policies::{Mode, TenantId};

const ROUNDS: usize = 31;
const REPEATS: u32 = 500;

const COMMANDS: &[(&str, &str)] = &[
    (
        "find",
        r#"{"find": "orders", "filter": {"status": "open", "total": {"$gt": 100}},
            "sort": {"placed": -1}, "limit": 20, "$db": "app"}"#,
    ),
    (
        "insert",
        r#"{"insert": "orders", "documents": [{"_id": 1, "total": 7, "note": "x"}], "$db": "app"}"#,
    ),
    (
        "pipeline of 10 stages",
        r#"{"aggregate": "orders", "cursor": {}, "$db": "app", "pipeline": [
            {"$match": {"status": "open"}},
            {"$lookup": {"from": "users", "localField": "user", "foreignField": "_id", "as": "u"}},
            {"$unwind": "$u"},
            {"$addFields": {"gross": {"$multiply": ["$total", 1.19]}}},
            {"$match": {"gross": {"$gt": 10}}},
            {"$group": {"_id": "$u.team", "n": {"$sum": 1}, "sum": {"$sum": "$gross"}}},
            {"$project": {"n": 1, "mean": {"$divide": ["$sum", "$n"]}}},
            {"$sort": {"mean": -1}},
            {"$limit": 10},
            {"$facet": {"top": [{"$limit": 3}], "all": [{"$count": "n"}]}}]}"#,
    ),
];

#[derive(Debug)]
struct Nothing;

impl Owned for Nothing {
    fn session(&self, client: [u8; 16]) -> [u8; 16] {
        client
    }

    fn has_cursor(&self, _id: i64, _database: &str, _collection: &str) -> bool {
        false
    }
}

fn micros(mut step: impl FnMut()) -> f64 {
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..REPEATS).for_each(|_| step());
            start.elapsed().as_secs_f64() * 1e6 / f64::from(REPEATS)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

fn command(message: &[u8]) -> Command<'_> {
    let frame = Header::read(message).unwrap().unwrap().frame(message).unwrap();
    Command::read(OpMsg::read(frame, &Bounds::default()).unwrap()).unwrap()
}

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/mongo");
    let policy = Policy::parse(&fs::read_to_string(folder.join("uuid.toml")).unwrap()).unwrap();
    let rules = Rules::new(&policy, &ServerFacts::default(), 1).unwrap();
    let id = "11111111-1111-4111-8111-111111111111";
    let tenancy = rules.tenancy(&TenantId::parse(policy.tenant_kind, id).unwrap()).unwrap();
    let context = Context {
        tenancy: &tenancy,
        rules: &rules,
        mode: Mode::Inject,
        login: "acme",
        owned: &Nothing,
    };
    for (name, text) in COMMANDS {
        let body = extjson::read(text).unwrap();
        let body = Document::read(&body, &Bounds::default()).unwrap();
        let mut message = BytesMut::new();
        op_msg([1, 0], Flags::default(), &mut message, |out| out.copy_all(body));
        let mut out = BytesMut::new();
        let read = micros(|| {
            black_box(command(&message));
        });
        let judged = micros(|| {
            out.clear();
            let _ = black_box(judge(&command(&message), &context, &mut out).unwrap());
        });
        println!(
            "{}",
            serde_json::json!({
                "command": name, "bytes": message.len(),
                "read_us": (read * 100.0).round() / 100.0,
                "judged_us": (judged * 100.0).round() / 100.0,
            })
        );
    }
}
