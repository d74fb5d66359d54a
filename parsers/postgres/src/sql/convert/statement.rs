//! Statements.

use pg_raw_parse::raw::{DiscardMode, TransactionStmtKind, VariableSetKind};
use pg_raw_parse::{Node, nodes};

use super::{Converted, Converter, ParseError, kind_name, required, unknown, unknown_form};
use crate::sql::syntax::{
    At, Const, Discard, SetSetting, Statement, StatementKind, Transaction, TransactionMode,
};

impl Converter {
    pub(super) fn statement(&mut self, raw: &nodes::RawStmt) -> Converted<Statement> {
        let start = raw.stmt_location.max(0);
        let end = match raw.stmt_len {
            0 => i32::try_from(self.text_len).unwrap_or(i32::MAX),
            length => start.saturating_add(length),
        };
        let at = At::new(start);
        Ok(Statement { at, end: At::new(end), kind: self.statement_kind(raw.stmt(), at)? })
    }

    /// A statement, at the top or in a common table expression.
    pub(super) fn statement_kind(&mut self, node: Node<'_>, at: At) -> Converted<StatementKind> {
        match node {
            Node::SelectStmt(select) => {
                self.query(select).map(|query| StatementKind::Query(Box::new(query)))
            }
            Node::InsertStmt(insert) => {
                self.insert(insert).map(|insert| StatementKind::Insert(Box::new(insert)))
            }
            Node::UpdateStmt(update) => {
                self.update(update).map(|update| StatementKind::Update(Box::new(update)))
            }
            Node::DeleteStmt(delete) => {
                self.delete(delete).map(|delete| StatementKind::Delete(Box::new(delete)))
            }
            Node::TransactionStmt(transaction) => {
                transaction_control(transaction, at).map(StatementKind::Transaction)
            }
            Node::VariableSetStmt(set) => set_setting(set, at).map(StatementKind::Set),
            Node::VariableShowStmt(show) => {
                Ok(StatementKind::Show(required(show.name(), "VariableShowStmt")?.to_owned()))
            }
            Node::ConstraintsSetStmt(set) if set.constraints().is_empty() => {
                Ok(StatementKind::SetAllConstraints { deferred: set.deferred })
            }
            Node::DiscardStmt(discard) => discard_target(discard, at).map(StatementKind::Discard),
            Node::DeallocateStmt(deallocate) => {
                Ok(StatementKind::Deallocate(deallocate.name().map(str::to_owned)))
            }
            Node::ClosePortalStmt(close) if close.portalname().is_none() => {
                Ok(StatementKind::CloseAll)
            }
            Node::UnlistenStmt(unlisten) if unlisten.conditionname().is_none() => {
                Ok(StatementKind::UnlistenAll)
            }
            Node::None => Ok(StatementKind::Empty),
            other => Err(ParseError::Statement { name: spoken_name(&kind_name(other)), at }),
        }
    }
}

/// `CreateFunctionStmt` as `CREATE FUNCTION`.
fn spoken_name(kind: &str) -> String {
    let stem = kind.strip_suffix("Stmt").unwrap_or(kind);
    let mut name = String::new();
    for character in stem.chars() {
        if character.is_ascii_uppercase() && !name.is_empty() {
            name.push(' ');
        }
        name.push(character.to_ascii_uppercase());
    }
    name
}

fn transaction_control(statement: &nodes::TransactionStmt, at: At) -> Converted<Transaction> {
    let name = || required(statement.savepoint_name(), "TransactionStmt").map(str::to_owned);
    Ok(match statement.kind {
        TransactionStmtKind::TRANS_STMT_BEGIN | TransactionStmtKind::TRANS_STMT_START => {
            Transaction::Begin(transaction_modes(statement.options(), at)?)
        }
        TransactionStmtKind::TRANS_STMT_COMMIT => Transaction::Commit { chain: statement.chain },
        TransactionStmtKind::TRANS_STMT_ROLLBACK => {
            Transaction::Rollback { chain: statement.chain }
        }
        TransactionStmtKind::TRANS_STMT_SAVEPOINT => Transaction::Savepoint(name()?),
        TransactionStmtKind::TRANS_STMT_RELEASE => Transaction::Release(name()?),
        TransactionStmtKind::TRANS_STMT_ROLLBACK_TO => Transaction::RollbackTo(name()?),
        _ => {
            return Err(ParseError::Statement { name: "two-phase commit".to_owned(), at });
        }
    })
}

fn transaction_modes(
    options: &pg_raw_parse::list::NodeList,
    at: At,
) -> Converted<Vec<TransactionMode>> {
    options
        .iter()
        .map(|option| match option {
            Node::DefElem(option) => Ok(TransactionMode {
                name: required(option.defname(), "DefElem")?.to_owned(),
                value: constant_node(option.arg(), at)?,
            }),
            other => unknown(other, at),
        })
        .collect()
}

fn constant_node(node: Node<'_>, at: At) -> Converted<Const> {
    match node {
        Node::A_Const(constant) => super::expr::constant(constant),
        other => unknown(other, at),
    }
}

fn set_setting(set: &nodes::VariableSetStmt, at: At) -> Converted<SetSetting> {
    let name = || required(set.name(), "VariableSetStmt").map(str::to_owned);
    match set.kind {
        VariableSetKind::VAR_SET_VALUE => Ok(SetSetting::Value {
            name: name()?,
            values: set
                .args()
                .iter()
                .map(|value| match value {
                    // SET TIME ZONE INTERVAL '…' is the one value that is a cast.
                    Node::TypeCast(_) => unknown_form("INTERVAL in SET", at),
                    other => constant_node(other, at),
                })
                .collect::<Converted<_>>()?,
            local: set.is_local,
        }),
        VariableSetKind::VAR_SET_DEFAULT => Ok(SetSetting::Default { name: name()? }),
        VariableSetKind::VAR_RESET => Ok(SetSetting::Reset { name: name()? }),
        VariableSetKind::VAR_RESET_ALL => Ok(SetSetting::ResetAll),
        VariableSetKind::VAR_SET_MULTI => match set.name() {
            Some("TRANSACTION") => Ok(SetSetting::Transaction {
                modes: transaction_modes(set.args(), at)?,
                session: false,
            }),
            Some("SESSION CHARACTERISTICS") => Ok(SetSetting::Transaction {
                modes: transaction_modes(set.args(), at)?,
                session: true,
            }),
            Some(_) | None => unknown_form("SET TRANSACTION SNAPSHOT", at),
        },
        _ => unknown_form("SET FROM CURRENT", at),
    }
}

fn discard_target(discard: &nodes::DiscardStmt, at: At) -> Converted<Discard> {
    match discard.target {
        DiscardMode::DISCARD_ALL => Ok(Discard::All),
        DiscardMode::DISCARD_PLANS => Ok(Discard::Plans),
        DiscardMode::DISCARD_SEQUENCES => Ok(Discard::Sequences),
        DiscardMode::DISCARD_TEMP => Ok(Discard::Temp),
        _ => unknown_form("DISCARD", at),
    }
}
