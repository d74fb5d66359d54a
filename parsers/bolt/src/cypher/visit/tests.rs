//! Nothing is passed over: the marked nodes and functions are found wherever they stand.

use super::*;
use crate::cypher::{Dialect, parse};

#[derive(Default)]
struct Found {
    nodes: Vec<String>,
    functions: Vec<String>,
}

impl<'t> Visit<'t> for Found {
    fn node(&mut self, node: &'t NodePattern) {
        self.nodes.extend(node.variable.iter().map(|name| name.text.clone()));
        visit_node(self, node);
    }

    fn expr(&mut self, expr: &'t Expr) {
        if let ExprKind::Function(function) = &expr.kind {
            self.functions.push(function.name[0].text.clone());
        }
        visit_expr(self, expr);
    }
}

#[track_caller]
fn found(text: &str) -> Found {
    let parsed =
        parse(text, Dialect::Cypher25, 1 << 16).unwrap_or_else(|error| panic!("{text}: {error}"));
    let StatementBody::Query(query) = &parsed.statement.body else { panic!("no query") };
    let mut found = Found::default();
    found.query(query);
    found
}

/// Places where an expression may stand: `@` is put in each.
const PLACES: &[&str] = &[
    "RETURN @",
    "RETURN 1 ORDER BY @",
    "RETURN 1 SKIP @",
    "RETURN 1 LIMIT @",
    "RETURN 1 AS x GROUP BY @",
    "WITH @ AS x RETURN x",
    "WITH 1 AS x WHERE @ RETURN x",
    "UNWIND @ AS x RETURN x",
    "FOR x IN @ RETURN x",
    "LET x = @ RETURN x",
    "FILTER @ RETURN 1",
    "ORDER BY @ RETURN 1",
    "WHEN @ THEN RETURN 1",
    "WHEN true THEN RETURN @ ELSE RETURN 1",
    "WHEN true THEN RETURN 1 ELSE RETURN @",
    "RETURN 1 AS x NEXT RETURN @",
    "{ RETURN @ }",
    "RETURN 1 UNION ALL RETURN @",
    "MATCH (a) WHERE @ RETURN a",
    "MATCH (a WHERE @) RETURN a",
    "MATCH (a {x: @}) RETURN a",
    "MATCH (a:$(@)) RETURN a",
    "MATCH (a)-[:$(@)]->(b) RETURN a",
    "MATCH (a)-[r WHERE @]->(b) RETURN a",
    "MATCH (a)-[r {x: @}]->(b) RETURN a",
    "MATCH ((a)-->(b) WHERE @)+ RETURN a",
    "MATCH ((a WHERE @)-->(b))+ RETURN a",
    "MATCH p = shortestPath((a {x: @})-[*]-(b)) RETURN a",
    "MATCH (a) SEARCH a IN (VECTOR INDEX i FOR @ LIMIT 1) RETURN a",
    "MATCH (a) SEARCH a IN (VECTOR INDEX i FOR 1 WHERE @ LIMIT 1) RETURN a",
    "MATCH (a) SEARCH a IN (VECTOR INDEX i FOR 1 LIMIT @) RETURN a",
    "CREATE (a {x: @})",
    "INSERT (a {x: @})",
    "MERGE (a {x: @})",
    "MERGE (a) ON CREATE SET a.x = @",
    "MERGE (a) ON MATCH SET a += @",
    "SET a = @",
    "SET a.x = @",
    "SET a[@] = 1",
    "SET (CASE WHEN @ THEN a END).x = 1",
    "SET a:$(@)",
    "REMOVE a[@]",
    "REMOVE a:$(@)",
    "DELETE @",
    "DETACH DELETE a, @",
    "FOREACH (x IN @ | SET x.y = 1)",
    "FOREACH (x IN [] | SET x.y = @)",
    "CALL p(@)",
    "CALL p() YIELD x WHERE @ RETURN x",
    "CALL { RETURN @ AS x } RETURN x",
    "CALL { RETURN 1 AS x } IN 2 CONCURRENT TRANSACTIONS OF @ ROWS RETURN x",
    "CALL { RETURN 1 AS x } IN @ CONCURRENT TRANSACTIONS RETURN x",
    "CALL { RETURN 1 AS x } IN TRANSACTIONS ON ERROR RETRY FOR @ SECONDS RETURN x",
    "CALL { RETURN 1 AS x } IN TRANSACTIONS DISJOINT BY (@) RETURN x",
    "LOAD CSV FROM @ AS x RETURN x",
    "USE graph.byName(@) RETURN 1",
    "RETURN [@]",
    "RETURN {a: @}",
    "RETURN (@)",
    "RETURN NOT @",
    "RETURN -@",
    "RETURN 1 + @",
    "RETURN 1 < @",
    "RETURN true AND @",
    "RETURN true OR @",
    "RETURN true XOR @",
    "RETURN a[@]",
    "RETURN a[@..]",
    "RETURN a[..@]",
    "RETURN @ IS NULL",
    "RETURN 1 IN @",
    "RETURN 'a' STARTS WITH @",
    "RETURN 'a' ENDS WITH @",
    "RETURN 'a' CONTAINS @",
    "RETURN 'a' =~ @",
    "RETURN a:$(@)",
    "RETURN CASE @ WHEN 1 THEN 2 END",
    "RETURN CASE 1 WHEN @ THEN 2 END",
    "RETURN CASE 1 WHEN < @ THEN 2 END",
    "RETURN CASE 1 WHEN STARTS WITH @ THEN 2 END",
    "RETURN CASE WHEN @ THEN 2 END",
    "RETURN CASE WHEN 1 THEN @ END",
    "RETURN CASE WHEN 1 THEN 2 ELSE @ END",
    "RETURN g(1, @)",
    "RETURN a {x: @}",
    "RETURN [x IN @]",
    "RETURN [x IN [] WHERE @]",
    "RETURN [x IN [] | @]",
    "RETURN all(x IN @ WHERE x)",
    "RETURN any(x IN [] WHERE @)",
    "RETURN reduce(a = @, x IN [] | a)",
    "RETURN reduce(a = 0, x IN @ | a)",
    "RETURN reduce(a = 0, x IN [] | @)",
    "RETURN allReduce(a = 0, x IN [] | a, @)",
    "RETURN normalize(@)",
    "RETURN trim(@)",
    "RETURN trim(BOTH @ FROM 'a')",
    "RETURN vector(@, 1, INTEGER)",
    "RETURN vector_distance(a, @, COSINE)",
    "RETURN [(a)-->(b) WHERE @ | 1]",
    "RETURN [(a)-->(b) | @]",
    "RETURN [(a {x: @})-->(b) | 1]",
    "RETURN (a {x: @})-->(b)",
    "RETURN shortestPath((a {x: @})-[*]->(b))",
    "RETURN EXISTS { (a {x: @}) }",
    "RETURN EXISTS { (a) WHERE @ }",
    "RETURN EXISTS { RETURN @ }",
    "RETURN COUNT { MATCH (a) WHERE @ }",
    "RETURN COLLECT { RETURN @ }",
];

#[test]
fn whatever_stands_anywhere_is_found() {
    let pattern = "EXISTS { ((marked)-->()) }";
    for place in PLACES {
        assert!(found(&place.replace('@', "marked()")).functions.contains(&"marked".to_owned()));
        let text = place.replace('@', pattern);
        assert!(found(&text).nodes.contains(&"marked".to_owned()), "{text}");
        let text = place.replace('@', "[(marked)-->() | 1]");
        assert!(found(&text).nodes.contains(&"marked".to_owned()), "{text}");
    }
}
