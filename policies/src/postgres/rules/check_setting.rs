//! Let a session change only what is its own.

use postgres_wire::sql::syntax::{At, Call, SetSetting, Transaction, TransactionMode};

use crate::postgres::scope::{Judged, Scope};
use crate::postgres::session;
use crate::{Reason, Rejection};

impl Scope<'_> {
    pub(in crate::postgres) fn set_setting(&self, set: &SetSetting, at: At) -> Judged<()> {
        let judged = match set {
            SetSetting::Value { name, values, local: _ } => {
                session::check_set(name, values, &self.rules.search_path)
            }
            SetSetting::Default { name } | SetSetting::Reset { name } => session::check_reset(name),
            SetSetting::Transaction { modes, session: _ } => check_modes(modes),
            SetSetting::ResetAll => Ok(()),
        };
        judged.map_err(|rejection| self.point(rejection, at))
    }

    pub(in crate::postgres) fn show_setting(&self, name: &str, at: At) -> Judged<()> {
        if session::is_readable(name) {
            return Ok(());
        }
        let what = format!("setting \"{name}\" is not readable for tenants");
        Err(self.reject(Reason::SettingNotAllowed, what, at))
    }

    pub(in crate::postgres) fn transaction(&self, transaction: &Transaction, at: At) -> Judged<()> {
        match transaction {
            Transaction::Begin(modes) => {
                check_modes(modes).map_err(|rejection| self.point(rejection, at))
            }
            Transaction::Commit { chain: _ }
            | Transaction::Rollback { chain: _ }
            | Transaction::Savepoint(_)
            | Transaction::Release(_)
            | Transaction::RollbackTo(_) => Ok(()),
        }
    }

    /// `set_config` and `current_setting` are doors to settings like SET and SHOW.
    pub(super) fn check_setting_call(&self, call: &Call, at: At) -> Judged<()> {
        let judged = match call.name.last().map(String::as_str) {
            Some("set_config") => {
                session::check_set_config(&call.arguments, &self.rules.search_path)
            }
            Some("current_setting") => session::check_current_setting(&call.arguments),
            Some(_) | None => Ok(()),
        };
        judged.map_err(|rejection| self.point(rejection, at))
    }

    fn point(&self, rejection: Rejection, at: At) -> Rejection {
        match self.span(at) {
            Some(span) => rejection.at(span),
            None => rejection,
        }
    }
}

fn check_modes(modes: &[TransactionMode]) -> Judged<()> {
    modes.iter().try_for_each(|mode| session::check_transaction_mode(&mode.name))
}
