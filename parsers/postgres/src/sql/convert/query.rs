//! Queries.

use pg_raw_parse::raw::{
    CTEMaterialize, LimitOption, LockClauseStrength, LockWaitPolicy, SetOperation as RawOperation,
};
use pg_raw_parse::{Node, nodes};

use super::names::strings;
use super::{Converted, Converter, required, unknown, unknown_form};
use crate::sql::syntax::{
    At, Body, Cte, Cycle, Distinct, LockStrength, LockWait, Locking, Query, Search, Select,
    SetOperation, SortKey, Target, Window, With,
};

impl Converter {
    pub(super) fn query(&mut self, select: &nodes::SelectStmt) -> Converted<Query> {
        self.nested(At::UNKNOWN, |this| {
            if select.into_clause().is_some() {
                return unknown_form("SELECT INTO", At::UNKNOWN);
            }
            Ok(Query {
                with: this.with(select.with_clause())?,
                body: this.body(select)?,
                order_by: this.sort_keys(select.sort_clause())?,
                limit: this.optional(select.limit_count())?,
                with_ties: select.limit_option == LimitOption::LIMIT_OPTION_WITH_TIES,
                offset: this.optional(select.limit_offset())?,
                locking: select.locking_clause().iter().map(locking).collect::<Converted<_>>()?,
            })
        })
    }

    fn body(&mut self, select: &nodes::SelectStmt) -> Converted<Body> {
        let operation = match select.op {
            RawOperation::SETOP_NONE if select.values_lists().is_empty() => {
                return self.select(select).map(|select| Body::Select(Box::new(select)));
            }
            RawOperation::SETOP_NONE => {
                let rows = select.values_lists().iter().map(|row| match row {
                    Node::NodeList(row) => self.exprs(row),
                    other => unknown(other, At::UNKNOWN),
                });
                return rows.collect::<Converted<_>>().map(Body::Values);
            }
            RawOperation::SETOP_UNION => SetOperation::Union,
            RawOperation::SETOP_INTERSECT => SetOperation::Intersect,
            RawOperation::SETOP_EXCEPT => SetOperation::Except,
            _ => return unknown_form("set operation", At::UNKNOWN),
        };
        Ok(Body::SetOperation {
            operation,
            all: select.all,
            left: Box::new(self.query(required(select.larg(), "SelectStmt")?)?),
            right: Box::new(self.query(required(select.rarg(), "SelectStmt")?)?),
        })
    }

    fn select(&mut self, select: &nodes::SelectStmt) -> Converted<Select> {
        let distinct = select.distinct_clause();
        let distinct = match distinct.first() {
            None => Distinct::No,
            // The grammar marks a plain DISTINCT by a list of one null.
            Some(Node::None) => Distinct::Yes,
            Some(_) => Distinct::On(self.exprs(distinct)?),
        };
        Ok(Select {
            distinct,
            targets: self.targets(select.target_list().iter())?,
            from: self.range_items(select.from_clause())?,
            filter: self.optional(select.where_clause())?,
            group_by: self.exprs(select.group_clause())?,
            group_distinct: select.group_distinct,
            having: self.optional(select.having_clause())?,
            windows: select
                .window_clause()
                .iter()
                .map(|window| match window {
                    Node::WindowDef(window) => self.window(window),
                    other => unknown(other, At::UNKNOWN),
                })
                .collect::<Converted<_>>()?,
        })
    }

    pub(super) fn targets<'a>(
        &mut self,
        targets: impl Iterator<Item = &'a nodes::ResTarget>,
    ) -> Converted<Vec<Target>> {
        targets
            .map(|target| {
                let at = At::new(target.location);
                if !target.indirection().is_empty() {
                    return unknown_form("ResTarget.indirection", at);
                }
                Ok(Target {
                    value: self.expr(target.val())?,
                    name: target.name().map(str::to_owned),
                    at,
                })
            })
            .collect()
    }

    pub(super) fn with(&mut self, with: Option<&nodes::WithClause>) -> Converted<Option<With>> {
        let Some(with) = with else { return Ok(None) };
        Ok(Some(With {
            recursive: with.recursive,
            ctes: with.ctes().iter().map(|cte| self.cte(cte)).collect::<Converted<_>>()?,
        }))
    }

    fn cte(&mut self, cte: &nodes::CommonTableExpr) -> Converted<Cte> {
        let at = At::new(cte.location);
        let materialized = match cte.ctematerialized {
            CTEMaterialize::CTEMaterializeDefault => None,
            CTEMaterialize::CTEMaterializeAlways => Some(true),
            CTEMaterialize::CTEMaterializeNever => Some(false),
            _ => return unknown_form("MATERIALIZED", at),
        };
        Ok(Cte {
            name: required(cte.ctename(), "CommonTableExpr")?.to_owned(),
            columns: strings(cte.aliascolnames())?,
            materialized,
            statement: self.nested(at, |this| this.statement_kind(cte.ctequery(), at))?,
            search: cte.search_clause().map(search).transpose()?,
            cycle: cte.cycle_clause().map(|clause| self.cycle(clause)).transpose()?,
            at,
        })
    }

    fn cycle(&mut self, cycle: &nodes::CTECycleClause) -> Converted<Cycle> {
        Ok(Cycle {
            columns: strings(cycle.cycle_col_list())?,
            mark: required(cycle.cycle_mark_column(), "CTECycleClause")?.to_owned(),
            value: self.optional(cycle.cycle_mark_value())?,
            default: self.optional(cycle.cycle_mark_default())?,
            path: required(cycle.cycle_path_column(), "CTECycleClause")?.to_owned(),
        })
    }

    pub(super) fn sort_keys(
        &mut self,
        keys: &pg_raw_parse::list::CastNodeList<nodes::SortBy>,
    ) -> Converted<Vec<SortKey>> {
        keys.iter()
            .map(|key| {
                Ok(SortKey {
                    value: self.expr(key.node())?,
                    direction: key.sortby_dir,
                    nulls: key.sortby_nulls,
                    using: strings(key.use_op())?,
                })
            })
            .collect()
    }

    pub(super) fn window(&mut self, window: &nodes::WindowDef) -> Converted<Window> {
        Ok(Window {
            name: window.name().map(str::to_owned),
            base: window.refname().map(str::to_owned),
            partition_by: self.exprs(window.partition_clause())?,
            order_by: self.sort_keys(window.order_clause())?,
            frame: window.frame_options,
            start: self.optional(window.start_offset())?,
            end: self.optional(window.end_offset())?,
        })
    }
}

fn search(search: &nodes::CTESearchClause) -> Converted<Search> {
    Ok(Search {
        columns: strings(search.search_col_list())?,
        breadth_first: search.search_breadth_first,
        sequence: required(search.search_seq_column(), "CTESearchClause")?.to_owned(),
    })
}

fn locking(clause: &nodes::LockingClause) -> Converted<Locking> {
    let strength = match clause.strength {
        LockClauseStrength::LCS_FORKEYSHARE => LockStrength::KeyShare,
        LockClauseStrength::LCS_FORSHARE => LockStrength::Share,
        LockClauseStrength::LCS_FORNOKEYUPDATE => LockStrength::NoKeyUpdate,
        LockClauseStrength::LCS_FORUPDATE => LockStrength::Update,
        _ => return unknown_form("locking strength", At::UNKNOWN),
    };
    let wait = match clause.wait_policy {
        LockWaitPolicy::LockWaitBlock => LockWait::Block,
        LockWaitPolicy::LockWaitSkip => LockWait::Skip,
        LockWaitPolicy::LockWaitError => LockWait::Error,
        _ => return unknown_form("locking wait policy", At::UNKNOWN),
    };
    let of = clause.locked_rels().iter().map(|name| match name {
        Node::RangeVar(range) => Converter::relation_name(range),
        other => unknown(other, At::UNKNOWN),
    });
    Ok(Locking { strength, of: of.collect::<Converted<_>>()?, wait })
}
