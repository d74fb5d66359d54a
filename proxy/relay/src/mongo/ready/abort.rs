//! A refusal within a transaction ends it at the upstream as well: there the first error would have,
//! and both sides must agree on what a later commit does.

use bytes::BytesMut;
use mongo_wire::bson::{Binary, Value};
use mongo_wire::command::{Command, General};
use mongo_wire::frame::Header;
use mongo_wire::message::{Flags, OpMsg, op_msg};
use policies::mongo::{Context, Verdict, judge};

use super::Ready;
use super::commands::UUID;
use super::owed::Owing;
use crate::Outbox;
use crate::mongo::World;
use crate::mongo::answer::Asked;

impl Ready {
    /// Has the upstream abort the transaction that the refused `command` is in, if it is in one that
    /// has begun there. What `refusal` holds is said when that is done; false when it is to be said
    /// now.
    pub(super) fn abort_before(
        &mut self,
        command: &Command<'_>,
        asked: Asked,
        refusal: &[u8],
        world: &World,
        out: &mut Outbox,
    ) -> bool {
        let general = command.general().unwrap_or_default();
        let begins = general.start_transaction == Some(true);
        let ends = matches!(command.name(), "commitTransaction" | "abortTransaction");
        if general.autocommit != Some(false) || begins || ends {
            return false;
        }
        let Some(message) = abort(&general, asked.number()) else { return false };
        let rules = world.rules();
        let header = Header::read(&message).ok().flatten();
        let frame = header.and_then(|header| header.frame(&message));
        let abort = frame.and_then(|frame| OpMsg::read(frame, world.bounds()).ok());
        let abort = abort.and_then(|message| Command::read(message).ok());
        let (Some(abort), Some(tenancy)) = (abort, &self.tenancy) else { return false };
        let context = Context {
            tenancy,
            rules: &rules,
            mode: world.settings().mode,
            login: &self.client.login,
            owned: &*self.shared,
        };
        let Ok(Verdict::Forward(rule)) = judge(&abort, &context, &mut out.to_upstream) else {
            return false;
        };
        let instead = Some(BytesMut::from(refusal));
        self.owed.expect(Owing { asked, rule: rule.into_inner(), instead });
        self.in_transaction = false;
        true
    }
}

/// A whole `abortTransaction` for a command's transaction.
fn abort(general: &General<'_>, number: i32) -> Option<BytesMut> {
    let (lsid, transaction) = general.lsid.zip(general.txn_number)?;
    let mut message = BytesMut::new();
    op_msg([number, 0], Flags::default(), &mut message, |body| {
        body.value("abortTransaction", Value::Int32(1));
        body.nested("lsid", |session| {
            session.value("id", Value::Binary(Binary { subtype: UUID, bytes: &lsid.id }));
        });
        body.value("txnNumber", Value::Int64(transaction));
        body.value("autocommit", Value::Boolean(false));
        body.value("$db", Value::String("admin"));
    });
    Some(message)
}
