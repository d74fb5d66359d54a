//! Commands of MongoDB and their verdicts. A case is a command as extended JSON, on one line or more.
//! The tenant has one cursor, number 7, on `app.notes`.

use std::fs;
use std::path::Path;

use bytes::BytesMut;
use mongo_wire::bson::Document;
use mongo_wire::command::Command;
use mongo_wire::frame::Header;
use mongo_wire::message::{Flags, OpMsg, op_msg};
use mongo_wire::{Bounds, extjson};
use policies::mongo::{Context, Owned, ReplyRule, Rules, ServerFacts, Verdict, judge};
use policies::policy::{Namespace, Policy};
use policies::{Mode, TenantId};
use tests::golden::File;

/// What a file's header asks for.
pub struct Bench {
    policy: Policy,
    facts: ServerFacts,
    mode: Mode,
    tenant: TenantId,
    /// Another tenant, whose output must never name the first.
    other: TenantId,
}

#[derive(Debug)]
struct One;

impl Owned for One {
    fn session(&self, client: [u8; 16]) -> [u8; 16] {
        client.map(|byte| !byte)
    }

    fn has_cursor(&self, id: i64, database: &str, collection: &str) -> bool {
        id == 7 && database.ends_with("app") && collection.ends_with("notes")
    }
}

enum Judged {
    Written(BytesMut, ReplyRule),
    Reply(Vec<u8>),
    Session(String),
    Rejected(policies::Rejection),
}

fn json(document: &[u8]) -> String {
    let document = Document::read(document, &Bounds::default().rewritten()).unwrap();
    let mut text = String::new();
    extjson::write(document, &mut text).unwrap();
    text
}

fn body(message: &[u8]) -> &[u8] {
    let frame = Header::read(message).unwrap().unwrap().frame(message).unwrap();
    assert_eq!(frame.bytes.len(), message.len(), "more than one message was written");
    OpMsg::read(frame, &Bounds::default().rewritten()).unwrap().body.bytes()
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
        let (tenant, other) = (tenant("tenant"), tenant("other"));
        let facts = ServerFacts {
            version: "8.0.0".to_owned(),
            numbers: [8, 0, 0],
            graph_lookup_is_open: file.header("graph_lookup_is_open").is_some(),
            views: file
                .header("views")
                .unwrap_or_default()
                .split_whitespace()
                .filter_map(|name| name.split_once('.'))
                .map(|(database, collection)| Namespace {
                    database: database.to_owned(),
                    collection: collection.to_owned(),
                })
                .collect(),
        };
        Self { policy, facts, mode, tenant, other }
    }

    fn judge(&self, command: &Command<'_>, tenant: &TenantId) -> Judged {
        let rules = Rules::new(&self.policy, &self.facts, 1).unwrap();
        let tenancy = rules.tenancy(tenant).unwrap();
        let context = Context {
            tenancy: &tenancy,
            rules: &rules,
            mode: self.mode,
            login: "someone",
            owned: &One,
        };
        let mut out = BytesMut::new();
        match judge(command, &context, &mut out) {
            Ok(Verdict::Forward(rule)) => Judged::Written(out, rule.into_inner()),
            Ok(Verdict::Reply(reply)) => Judged::Reply(reply),
            Ok(Verdict::Session(session)) => Judged::Session(format!("{session:?}")),
            Ok(Verdict::Observed(..)) => panic!("nothing is observed"),
            Err(rejection) => {
                assert!(out.is_empty(), "a refused command was written");
                Judged::Rejected(rejection)
            }
        }
    }

    /// What must hold of every output, whatever the file expects.
    fn check_output(&self, command: &Command<'_>, input: &str) {
        if let Judged::Written(other, _) = self.judge(command, &self.other) {
            let mine = match &self.tenant {
                TenantId::Uuid(id) => id.as_bytes().to_vec(),
                TenantId::Bigint(id) => id.to_le_bytes().to_vec(),
                TenantId::Text(id) => id.as_str().as_bytes().to_vec(),
            };
            let names = |bytes: &[u8]| memchr::memmem::find(bytes, &mine).is_some();
            let of_client =
                input.contains(&self.tenant.to_string()) || names(command.body().bytes());
            assert!(of_client || !names(&other), "one tenant's text names another: {input}");
        }
        let nobody = Rules::deny_all(2);
        assert!(nobody.tenancy(&self.tenant).is_none());
    }
}

impl super::Bench for Bench {
    fn outcome(&self, input: &str) -> String {
        let document = extjson::read(&input.replace('\n', " ")).unwrap();
        let document = match Document::read(&document, &Bounds::default()) {
            Ok(document) => document,
            Err(fault) => return format!("malformed: {fault}"),
        };
        let mut message = BytesMut::new();
        op_msg([1, 0], Flags::default(), &mut message, |out| out.copy_all(document));
        let frame = Header::read(&message).unwrap().unwrap().frame(&message).unwrap();
        let read = OpMsg::read(frame, &Bounds::default()).and_then(Command::read);
        let command = match read {
            Ok(command) => command,
            Err(defect) => return format!("malformed: {defect}"),
        };
        match self.judge(&command, &self.tenant) {
            Judged::Session(session) => format!("session {session}"),
            Judged::Reply(reply) => format!("reply {}", json(&reply)),
            Judged::Rejected(rejection) => {
                format!("reject {}\n{}", rejection.reason, rejection.what)
            }
            Judged::Written(written, rule) => {
                self.check_output(&command, input);
                let sent = body(&written);
                let verdict = if sent == document.bytes() {
                    "forward".to_owned()
                } else {
                    format!("rewrite\n{}", json(sent))
                };
                format!("{verdict}{}", shown(&rule))
            }
        }
    }
}

/// What becomes of the reply, where it does not travel as it is.
fn shown(rule: &ReplyRule) -> String {
    match rule {
        ReplyRule::Raw | ReplyRule::Cursor { .. } => String::new(),
        ReplyRule::IndexesExist { wanted, .. } => format!("\nreply {} indexes exist", wanted.len()),
        other => format!("\nreply {other:?}"),
    }
}
