//! INSERT, UPDATE and DELETE.

use pg_raw_parse::raw::{OnConflictAction, OverridingKind, ReturningOptionKind};
use pg_raw_parse::{Node, nodes};

use super::names::strings;
use super::{Converted, Converter, required, unknown, unknown_form};
use crate::sql::syntax::{
    Assignee, Assignment, At, ConflictTarget, ConflictUpdate, Delete, IndexElement, IndexKey,
    Insert, OnConflict, Overriding, Returning, Update,
};

impl Converter {
    pub(super) fn insert(&mut self, insert: &nodes::InsertStmt) -> Converted<Insert> {
        let into = self.range(required(insert.relation(), "InsertStmt")?)?;
        let overriding = match insert.override_ {
            OverridingKind::OVERRIDING_NOT_SET => Overriding::No,
            OverridingKind::OVERRIDING_USER_VALUE => Overriding::User,
            OverridingKind::OVERRIDING_SYSTEM_VALUE => Overriding::System,
            _ => return unknown_form("OVERRIDING", into.at),
        };
        let columns = insert.cols().iter().map(|column| match column {
            Node::ResTarget(column) => self.assignee(column),
            other => unknown(other, At::UNKNOWN),
        });
        let columns = columns.collect::<Converted<_>>()?;
        let source = match insert.select_stmt() {
            Node::None => None,
            Node::SelectStmt(select) => Some(Box::new(self.query(select)?)),
            other => return unknown(other, into.at),
        };
        Ok(Insert {
            with: self.with(insert.with_clause())?,
            into,
            columns,
            overriding,
            source,
            on_conflict: self.on_conflict(insert.on_conflict_clause())?,
            returning: self.returning(insert.returning_clause())?,
        })
    }

    pub(super) fn update(&mut self, update: &nodes::UpdateStmt) -> Converted<Update> {
        Ok(Update {
            with: self.with(update.with_clause())?,
            table: self.range(required(update.relation(), "UpdateStmt")?)?,
            assignments: self.assignments(update.target_list().iter())?,
            from: self.range_items(update.from_clause())?,
            filter: self.optional(update.where_clause())?,
            returning: self.returning(update.returning_clause())?,
        })
    }

    pub(super) fn delete(&mut self, delete: &nodes::DeleteStmt) -> Converted<Delete> {
        Ok(Delete {
            with: self.with(delete.with_clause())?,
            table: self.range(required(delete.relation(), "DeleteStmt")?)?,
            using: self.range_items(delete.using_clause())?,
            filter: self.optional(delete.where_clause())?,
            returning: self.returning(delete.returning_clause())?,
        })
    }

    fn assignee(&mut self, target: &nodes::ResTarget) -> Converted<Assignee> {
        Ok(Assignee {
            column: required(target.name(), "ResTarget")?.to_owned(),
            indirection: self.indirection(target.indirection())?,
            at: At::new(target.location),
        })
    }

    /// The grammar writes `(a, b) = x` as two targets that share the source `x`.
    fn assignments<'a>(
        &mut self,
        targets: impl Iterator<Item = &'a nodes::ResTarget>,
    ) -> Converted<Vec<Assignment>> {
        let mut assignments: Vec<Assignment> = Vec::new();
        for target in targets {
            let assignee = self.assignee(target)?;
            match target.val() {
                Node::MultiAssignRef(part) if part.colno == 1 => {
                    let value = self.expr(part.source())?;
                    assignments.push(Assignment { targets: vec![assignee], value });
                }
                Node::MultiAssignRef(_) => {
                    required(assignments.last_mut(), "MultiAssignRef")?.targets.push(assignee);
                }
                value => {
                    let value = self.expr(value)?;
                    assignments.push(Assignment { targets: vec![assignee], value });
                }
            }
        }
        Ok(assignments)
    }

    fn on_conflict(
        &mut self,
        clause: Option<&nodes::OnConflictClause>,
    ) -> Converted<Option<OnConflict>> {
        let Some(clause) = clause else { return Ok(None) };
        let at = At::new(clause.location);
        let update = match clause.action {
            OnConflictAction::ONCONFLICT_NOTHING => None,
            OnConflictAction::ONCONFLICT_UPDATE => Some(ConflictUpdate {
                assignments: self.assignments(clause.target_list().iter())?,
                filter: self.optional(clause.where_clause())?,
            }),
            _ => return unknown_form("ON CONFLICT action", at),
        };
        let target = clause.infer().map(|infer| self.conflict_target(infer)).transpose()?;
        Ok(Some(OnConflict { target, update, at }))
    }

    fn conflict_target(&mut self, infer: &nodes::InferClause) -> Converted<ConflictTarget> {
        if let Some(name) = infer.conname() {
            return Ok(ConflictTarget::Constraint(name.to_owned()));
        }
        let elements = infer.index_elems().iter().map(|element| match element {
            Node::IndexElem(element) => self.index_element(element),
            other => unknown(other, At::UNKNOWN),
        });
        Ok(ConflictTarget::Index {
            elements: elements.collect::<Converted<_>>()?,
            filter: self.optional(infer.where_clause())?,
            at: At::new(infer.location),
        })
    }

    fn index_element(&mut self, element: &nodes::IndexElem) -> Converted<IndexElement> {
        let key = match element.name() {
            Some(name) => IndexKey::Column(name.to_owned()),
            None => IndexKey::Expression(self.expr(element.expr())?),
        };
        Ok(IndexElement {
            key,
            collation: strings(element.collation())?,
            operator_class: strings(element.opclass())?,
        })
    }

    fn returning(
        &mut self,
        clause: Option<&nodes::ReturningClause>,
    ) -> Converted<Option<Returning>> {
        let Some(clause) = clause else { return Ok(None) };
        let options = clause.options().iter().map(|option| {
            let new = match option.option {
                ReturningOptionKind::RETURNING_OPTION_OLD => false,
                ReturningOptionKind::RETURNING_OPTION_NEW => true,
                _ => return unknown_form("RETURNING WITH", At::new(option.location)),
            };
            Ok((new, required(option.value(), "ReturningOption")?.to_owned()))
        });
        let options = options.collect::<Converted<_>>()?;
        let targets = clause.exprs().iter().map(|target| match target {
            Node::ResTarget(target) => Ok(target),
            other => unknown(other, At::UNKNOWN),
        });
        let targets = targets.collect::<Converted<Vec<_>>>()?;
        Ok(Some(Returning { options, targets: self.targets(targets.into_iter())? }))
    }
}
