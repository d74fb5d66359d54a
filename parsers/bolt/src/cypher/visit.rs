//! Going through a tree: to everything that stands in something else, in the order of the text.
//!
//! Each method does what it is overridden to do and else goes on to what is inside. The functions
//! with the same names go to what is inside. They leave nothing out: a pattern in a sub-query in a
//! condition in an index is reached as one in a MATCH is. How deep they go is what the parser allowed.

use super::syntax::*;

/// What to do at the parts of a tree.
pub trait Visit<'t> {
    /// A query: of a statement, a sub-query, braces.
    fn query(&mut self, query: &'t Query) {
        visit_query(self, query);
    }

    /// A clause.
    fn clause(&mut self, clause: &'t Clause) {
        visit_clause(self, clause);
    }

    /// A pattern of MATCH, CREATE, INSERT, MERGE, EXISTS and COUNT, or in parentheses.
    fn path_pattern(&mut self, pattern: &'t PathPattern) {
        visit_path_pattern(self, pattern);
    }

    /// `shortestPath(…)`, in a pattern or as an expression.
    fn shortest_path(&mut self, path: &'t ShortestPath) {
        visit_factors(self, &path.factors);
    }

    /// A node, in whatever pattern.
    fn node(&mut self, node: &'t NodePattern) {
        visit_node(self, node);
    }

    /// A relationship, in whatever pattern.
    fn relationship(&mut self, relationship: &'t RelationshipPattern) {
        visit_relationship(self, relationship);
    }

    /// Labels or types, in a pattern or of a value; not those of SET and REMOVE.
    fn labels(&mut self, labels: &'t LabelExpr) {
        visit_labels(self, labels);
    }

    /// An expression.
    fn expr(&mut self, expr: &'t Expr) {
        visit_expr(self, expr);
    }
}

/// Goes to the clauses and conditions of a query.
pub fn visit_query<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, query: &'t Query) {
    for step in &query.steps {
        match step {
            RegularQuery::Union(parts) => {
                parts.iter().for_each(|(_, part)| visit_single_query(visitor, part));
            }
            RegularQuery::Conditional { branches, otherwise } => {
                for branch in branches {
                    visitor.expr(&branch.condition);
                    visit_single_query(visitor, &branch.query);
                }
                otherwise.iter().for_each(|query| visit_single_query(visitor, query));
            }
        }
    }
}

fn visit_single_query<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, query: &'t SingleQuery) {
    match query {
        SingleQuery::Clauses(clauses) => clauses.iter().for_each(|clause| visitor.clause(clause)),
        SingleQuery::Braced { graph, query } => {
            graph.iter().for_each(|graph| visit_graph(visitor, &graph.graph));
            visitor.query(query);
        }
    }
}

fn visit_graph<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, graph: &'t GraphReference) {
    match graph {
        GraphReference::Function(function) => visit_exprs(visitor, &function.arguments),
        GraphReference::Name(_) => {}
    }
}

fn visit_exprs<'t, V: Visit<'t> + ?Sized>(
    visitor: &mut V,
    exprs: impl IntoIterator<Item = &'t Expr>,
) {
    exprs.into_iter().for_each(|expr| visitor.expr(expr));
}

/// Goes to the patterns and expressions of a clause.
pub fn visit_clause<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, clause: &'t Clause) {
    match clause {
        Clause::Call(call) => {
            visit_exprs(visitor, call.arguments.iter().flatten());
            visit_exprs(visitor, call.yields.iter().flat_map(|yields| &yields.condition));
        }
        Clause::Create(create) | Clause::Insert(create) => {
            create.patterns.iter().for_each(|pattern| visitor.path_pattern(pattern));
        }
        Clause::Delete(delete) => visit_exprs(visitor, &delete.values),
        Clause::Filter(condition) => visitor.expr(condition),
        Clause::Finish(_) => {}
        Clause::For(unwind) | Clause::Unwind(unwind) => visitor.expr(&unwind.list),
        Clause::Foreach(foreach) => {
            visitor.expr(&foreach.list);
            foreach.clauses.iter().for_each(|clause| visitor.clause(clause));
        }
        Clause::Let(items) => visit_exprs(visitor, items.iter().map(|item| &item.value)),
        Clause::LoadCsv(load) => visitor.expr(&load.from),
        Clause::Match(found) => visit_match(visitor, found),
        Clause::Merge(merge) => {
            visitor.path_pattern(&merge.pattern);
            let items = merge.actions.iter().flat_map(|action| &action.items);
            items.for_each(|item| visit_set_item(visitor, item));
        }
        Clause::Page(page) => visit_page(visitor, page),
        Clause::Remove(items) => {
            for item in items {
                match item {
                    RemoveItem::Labels(change) => visit_label_change(visitor, change),
                    RemoveItem::Property(place) => visitor.expr(place),
                }
            }
        }
        Clause::Return(projection) => visit_projection(visitor, projection),
        Clause::Set(items) => items.iter().for_each(|item| visit_set_item(visitor, item)),
        Clause::Subquery(subquery) => visit_subquery(visitor, subquery),
        Clause::Use(graph) => visit_graph(visitor, &graph.graph),
        Clause::With(with) => {
            visit_projection(visitor, &with.projection);
            visit_exprs(visitor, &with.condition);
        }
    }
}

fn visit_match<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, found: &'t Match) {
    found.patterns.iter().for_each(|pattern| visitor.path_pattern(pattern));
    visit_exprs(visitor, &found.condition);
    if let Some(search) = &found.search {
        let Search { value, analyzer, condition, skip, limit, .. } = search;
        visitor.expr(value);
        visit_exprs(visitor, [analyzer, condition, skip].into_iter().flatten());
        visitor.expr(limit);
    }
}

fn visit_subquery<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, subquery: &'t Subquery) {
    visitor.query(&subquery.query);
    if let Some(with) = &subquery.in_transactions {
        visit_exprs(visitor, with.concurrency.iter().chain(&with.rows));
        with.on_error.iter().for_each(|error| visit_batch_error(visitor, error));
        for disjoint in &with.disjoint {
            match disjoint {
                Disjoint::By(exprs) => visit_exprs(visitor, exprs),
                Disjoint::Auto | Disjoint::None => {}
            }
        }
    }
}

fn visit_batch_error<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, error: &'t BatchError) {
    match error {
        BatchError::Break | BatchError::Continue | BatchError::Fail => {}
        BatchError::Retry { seconds, then } => {
            visit_exprs(visitor, seconds);
            then.iter().for_each(|error| visit_batch_error(visitor, error));
        }
    }
}

fn visit_projection<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, projection: &'t Projection) {
    visit_exprs(visitor, projection.items.iter().map(|item| &item.value));
    match &projection.group_by {
        Some(GroupBy::Keys(keys)) => visit_exprs(visitor, keys),
        Some(GroupBy::All) | None => {}
    }
    visit_page(visitor, &projection.page);
}

fn visit_page<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, page: &'t Page) {
    visit_exprs(visitor, page.order_by.iter().map(|item| &item.value));
    visit_exprs(visitor, page.skip.iter().chain(&page.limit));
}

fn visit_set_item<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, item: &'t SetItem) {
    match item {
        SetItem::Add(assignment) | SetItem::Replace(assignment) => visitor.expr(&assignment.value),
        SetItem::Labels(change) => visit_label_change(visitor, change),
        SetItem::Property { target, value, .. } => visit_exprs(visitor, [target, value]),
    }
}

fn visit_label_change<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, change: &'t LabelChange) {
    for item in &change.labels {
        match &item.label {
            LabelSign::Dynamic(value) => visitor.expr(value),
            LabelSign::Name(_) => {}
        }
    }
}

/// Goes to the nodes and relationships of a pattern.
pub fn visit_path_pattern<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, pattern: &'t PathPattern) {
    match pattern.selector.as_ref().map(|selector| &selector.kind) {
        Some(
            SelectorKind::Any(Some(count))
            | SelectorKind::Shortest(count)
            | SelectorKind::ShortestGroups(Some(count)),
        ) => visitor.expr(count),
        Some(
            SelectorKind::All
            | SelectorKind::AllShortest
            | SelectorKind::Any(None)
            | SelectorKind::AnyShortest
            | SelectorKind::ShortestGroups(None),
        )
        | None => {}
    }
    match &pattern.path {
        Path::Factors(factors) => visit_factors(visitor, factors),
        Path::Shortest(path) => visitor.shortest_path(path),
    }
}

/// Goes to nodes and relationships, and into parentheses.
pub fn visit_factors<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, factors: &'t [Factor]) {
    for factor in factors {
        match factor {
            Factor::Node(node) => visitor.node(node),
            Factor::Relationship(relationship) => visitor.relationship(relationship),
            Factor::Parenthesized(path) => {
                visitor.path_pattern(&path.pattern);
                visit_exprs(visitor, &path.condition);
            }
        }
    }
}

/// Goes to what a node asks for.
pub fn visit_node<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, node: &'t NodePattern) {
    node.labels.iter().for_each(|labels| visitor.labels(&labels.expr));
    visit_properties(visitor, node.properties.as_ref());
    visit_exprs(visitor, node.condition.as_deref());
}

/// Goes to what a relationship asks for.
pub fn visit_relationship<'t, V: Visit<'t> + ?Sized>(
    visitor: &mut V,
    relationship: &'t RelationshipPattern,
) {
    if let Some(body) = &relationship.body {
        body.types.iter().for_each(|types| visitor.labels(&types.expr));
        visit_properties(visitor, body.properties.as_ref());
        visit_exprs(visitor, &body.condition);
    }
}

fn visit_properties<'t, V: Visit<'t> + ?Sized>(
    visitor: &mut V,
    properties: Option<&'t Properties>,
) {
    match properties {
        Some(Properties::Map(map)) => visit_map(visitor, map),
        Some(Properties::Parameter(_)) | None => {}
    }
}

fn visit_map<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, map: &'t Map) {
    visit_exprs(visitor, map.entries.iter().map(|(_, value)| value));
}

/// Goes to the parts of an expression of labels.
pub fn visit_labels<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, labels: &'t LabelExpr) {
    match &labels.kind {
        LabelExprKind::And(_, all) | LabelExprKind::Or(all) => {
            all.iter().for_each(|labels| visitor.labels(labels));
        }
        LabelExprKind::Not(inner) | LabelExprKind::Parenthesized(inner) => visitor.labels(inner),
        LabelExprKind::Dynamic(dynamic) => visitor.expr(&dynamic.value),
        LabelExprKind::Any | LabelExprKind::Name(_) => {}
    }
}

mod expr;

pub use expr::visit_expr;

#[cfg(test)]
mod tests;
