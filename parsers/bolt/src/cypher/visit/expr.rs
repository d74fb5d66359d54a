//! Going through an expression.

use super::super::syntax::*;
use super::{Visit, visit_exprs, visit_factors, visit_map};

/// Goes to the parts of an expression.
pub fn visit_expr<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, expr: &'t Expr) {
    match &expr.kind {
        ExprKind::CountStar
        | ExprKind::Literal(_)
        | ExprKind::Parameter(_)
        | ExprKind::PropertyExists(_)
        | ExprKind::Variable(_) => {}
        ExprKind::And(all) | ExprKind::List(all) | ExprKind::Or(all) | ExprKind::Xor(all) => {
            visit_exprs(visitor, all);
        }
        ExprKind::Arithmetic(first, rest) => {
            visitor.expr(first);
            visit_exprs(visitor, rest.iter().map(|(_, expr)| expr));
        }
        ExprKind::Comparison(first, rest) => {
            visitor.expr(first);
            visit_exprs(visitor, rest.iter().map(|(_, expr)| expr));
        }
        ExprKind::Not(inner) | ExprKind::Parenthesized(inner) => visitor.expr(inner),
        ExprKind::Sign { value, .. } => visitor.expr(value),
        ExprKind::Access(value, steps) => {
            visitor.expr(value);
            steps.iter().for_each(|step| visit_access(visitor, step));
        }
        ExprKind::Test(value, test) => {
            visitor.expr(value);
            visit_test(visitor, test);
        }
        ExprKind::Map(map) => visit_map(visitor, map),
        ExprKind::Case(case) => visit_case(visitor, case),
        ExprKind::Function(function) => visit_exprs(visitor, &function.arguments),
        ExprKind::Collect(query) => visitor.query(query),
        ExprKind::Count(body) | ExprKind::Exists(body) => visit_subquery_body(visitor, body),
        ExprKind::Pattern(factors) => visit_factors(visitor, factors),
        ExprKind::ShortestPath(path) => visitor.shortest_path(path),
        ExprKind::MapProjection(projection) => {
            projection.items.iter().for_each(|item| visit_projection_item(visitor, item));
        }
        ExprKind::ListComprehension(list) => {
            visitor.expr(&list.list);
            visit_exprs(visitor, list.condition.iter().chain(&list.value));
        }
        ExprKind::ListPredicate(list) => {
            visit_exprs(visitor, std::iter::once(&list.list).chain(&list.condition));
        }
        ExprKind::PatternComprehension(pattern) => {
            visit_factors(visitor, &pattern.factors);
            visit_exprs(visitor, pattern.condition.iter().chain([&pattern.value]));
        }
        ExprKind::Normalize(normalize) => visitor.expr(&normalize.value),
        ExprKind::Trim(trim) => visit_exprs(visitor, trim.characters.iter().chain([&trim.value])),
        ExprKind::Reduce(reduce) => visit_reduce(visitor, reduce),
        ExprKind::AllReduce(all) => {
            visit_reduce(visitor, &all.reduce);
            visitor.expr(&all.condition);
        }
        ExprKind::VectorDistance(distance) => {
            visit_exprs(visitor, std::iter::once(&distance.first).chain(&distance.second));
        }
        ExprKind::VectorValue(vector) => visit_exprs(visitor, [&vector.value, &vector.dimension]),
    }
}

fn visit_projection_item<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, item: &'t ProjectionItem) {
    match item {
        ProjectionItem::Entry(_, value) => visitor.expr(value),
        ProjectionItem::All(_) | ProjectionItem::Property(_) | ProjectionItem::Variable(_) => {}
    }
}

fn visit_reduce<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, reduce: &'t Reduce) {
    visit_exprs(visitor, [&reduce.start, &reduce.list, &reduce.step]);
}

fn visit_access<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, step: &'t Access) {
    match step {
        Access::Index(index) => visitor.expr(index),
        Access::Labels(labels) => visitor.labels(labels),
        Access::Property(_) => {}
        Access::Slice(slice) => visit_exprs(visitor, slice.from.iter().chain(&slice.to)),
    }
}

fn visit_test<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, test: &'t Test) {
    match test {
        Test::Contains(value)
        | Test::EndsWith(value)
        | Test::In(value)
        | Test::Matches(value)
        | Test::StartsWith(value) => visitor.expr(value),
        Test::Labels { labels, .. } => visitor.labels(labels),
        Test::Normalized { .. } | Test::Null { .. } | Test::Typed { .. } => {}
    }
}

fn visit_case<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, case: &'t Case) {
    visit_exprs(visitor, &case.value);
    for branch in &case.branches {
        for when in &branch.when {
            match when {
                WhenTest::Comparison(_, value) | WhenTest::Equals(value) => visitor.expr(value),
                WhenTest::Test(test) => visit_test(visitor, test),
            }
        }
        visitor.expr(&branch.then);
    }
    visit_exprs(visitor, &case.otherwise);
}

fn visit_subquery_body<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, body: &'t SubqueryBody) {
    match body {
        SubqueryBody::Patterns { patterns, condition, .. } => {
            patterns.iter().for_each(|pattern| visitor.path_pattern(pattern));
            visit_exprs(visitor, condition);
        }
        SubqueryBody::Query(query) => visitor.query(query),
    }
}
