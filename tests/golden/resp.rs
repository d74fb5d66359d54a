//! Requests of Redis and their verdicts. A case is a line as `redis-cli` reads it; lines above it say
//! what was sent before, of which only MULTI matters.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use bytes::BytesMut;
use policies::policy::Policy;
use policies::resp::{
    Clients, Context, Judge, Protocol, ReplyRule, Rules, ServerFacts, Tenancy, Verdict, error_line,
};
use policies::{Mode, Reason, TenantId};
use resp_wire::command;
use resp_wire::request::{Request, RequestLimits, RequestScanner};
use tests::golden::File;
use wire::Limits;

/// Arguments longer than this are scripts of ours.
const ARGUMENT_SHOWN_MAX: usize = 300;

/// What a file's header asks for.
pub struct Bench {
    policy: Policy,
    facts: ServerFacts,
    mode: Mode,
    tenant: TenantId,
    /// Another tenant, whose output must never name the first.
    other: TenantId,
}

/// One connection of the tenant's, and one cursor: number 7.
#[derive(Debug)]
struct One;

impl Clients for One {
    fn address(&self, id: u64) -> Option<SocketAddr> {
        (id == 7).then(|| SocketAddr::from(([127, 0, 0, 1], 7)))
    }

    fn at(&self, address: &str) -> Option<u64> {
        (address == "127.0.0.1:7").then_some(7)
    }

    fn patterns(&self) -> u64 {
        3
    }

    fn has_cursor(&self, cursor: u64) -> bool {
        cursor == 7
    }

    fn keep_cursor(&self, _cursor: u64) {}

    fn forget_cursor(&self, _cursor: u64) {}
}

/// What a request led to.
enum Judged {
    Written(BytesMut, ReplyRule),
    Session,
    Rejected(policies::Rejection),
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
        let off = file.header("off").unwrap_or_default().split_whitespace();
        let off = off.map(|name| command::find(name.as_bytes()).unwrap().name);
        let is_cluster = file.header("cluster") == Some("yes");
        let disagreements = off.collect();
        let facts = ServerFacts { disagreements, is_cluster, ..ServerFacts::default() };
        Self { policy, facts, mode, tenant, other }
    }

    fn judge(&self, request: &Request<'_>, tenant: &TenantId, in_transaction: bool) -> Judged {
        let rules = Rules::new(&self.policy, &self.facts, 1).unwrap();
        let tenancy = rules.tenancy(tenant).unwrap();
        let context = Context {
            tenancy: &tenancy,
            rules: &rules,
            mode: self.mode,
            clients: &One,
            login: "someone",
            in_transaction,
        };
        let mut out = BytesMut::new();
        match Judge::default().judge(request, &context, &mut out) {
            Ok(Verdict::Forward(rule)) => Judged::Written(out, rule.into_inner()),
            Ok(Verdict::Session(_)) => Judged::Session,
            Ok(Verdict::Observed(..)) => panic!("nothing is observed"),
            Err(rejection) => {
                assert!(out.is_empty(), "a refused request was written");
                Judged::Rejected(rejection)
            }
        }
    }

    /// What must hold of every output, whatever the file expects.
    fn check_output(&self, request: &Request<'_>, written: &[u8], in_transaction: bool) {
        let mine = Tenancy::prefix(&self.tenancy(&self.tenant)).to_vec();
        let names_it = |bytes: &[u8]| memchr::memmem::find(bytes, &mine).is_some();
        if let Judged::Written(other, _) = self.judge(request, &self.other, in_transaction) {
            let of_client = request.arguments().any(names_it);
            assert!(of_client || !names_it(&other), "one tenant's text names another");
        }
        let mut scanner = RequestScanner::new(RequestLimits::after_login(&Limits::default()));
        let (_, bytes) = scanner.next(written).unwrap().unwrap();
        assert_eq!(bytes, written.len(), "more than one request was written");
    }

    fn tenancy(&self, tenant: &TenantId) -> Tenancy {
        let rules = Rules::new(&self.policy, &self.facts, 1).unwrap();
        rules.tenancy(tenant).unwrap()
    }
}

impl super::Bench for Bench {
    fn outcome(&self, input: &str) -> String {
        let in_transaction = input.lines().rev().skip(1).any(|line| line == "MULTI");
        let line = format!("{}\r\n", input.lines().last().unwrap());
        let mut scanner = RequestScanner::new(RequestLimits::after_login(&Limits::default()));
        let (request, _) = scanner.next(line.as_bytes()).unwrap().unwrap();
        match self.judge(&request, &self.tenant, in_transaction) {
            Judged::Session => "reply".to_owned(),
            Judged::Rejected(rejection) if rejection.reason == Reason::SyntaxError => {
                let line = error_line(&rejection);
                format!("reject syntax-error\n{}", line.trim_ascii_end().escape_ascii())
            }
            Judged::Rejected(rejection) => format!("reject {}", rejection.reason),
            Judged::Written(written, rule) => {
                self.check_output(&request, &written, in_transaction);
                if let ReplyRule::Answer(answered) = &rule {
                    let mut reply = BytesMut::new();
                    answered.answer.put(Protocol::Resp2, &mut reply);
                    return format!("reply {}", reply.escape_ascii());
                }
                let mut again = RequestScanner::new(RequestLimits::after_login(&Limits::default()));
                let (sent, _) = again.next(&written).unwrap().unwrap();
                if sent.arguments().eq(request.arguments()) {
                    return format!("forward{}", shown(&rule));
                }
                format!("rewrite\n{}{}", text(&sent), shown(&rule))
            }
        }
    }
}

/// What becomes of the reply, where it does not travel as it is.
fn shown(rule: &ReplyRule) -> String {
    match rule {
        ReplyRule::Raw => String::new(),
        ReplyRule::Sweep(_) => "\nreply Sweep".to_owned(),
        other => format!("\nreply {other:?}"),
    }
}

fn text(request: &Request<'_>) -> String {
    let line = request.to_string();
    let long = request.arguments().find(|argument| argument.len() > ARGUMENT_SHOWN_MAX);
    if long.is_none() {
        return line;
    }
    let words = request.arguments().map(|argument| {
        if argument.len() > ARGUMENT_SHOWN_MAX {
            "(script)".to_owned()
        } else if argument.is_empty() {
            "\"\"".to_owned()
        } else {
            argument.escape_ascii().to_string()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}
