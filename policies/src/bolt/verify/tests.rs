//! What the proof must not accept, whoever wrote it.

use bolt_wire::cypher::{Dialect, parse};

use super::{Carrier, Unproved, verify};
use crate::policy::{Neo4jPolicy, Policy};

fn policy(neo4j: &str) -> Neo4jPolicy {
    let text = format!("version = 1\ntenant.id = 'text'\n[neo4j]\n{neo4j}");
    Policy::parse(&text).unwrap().neo4j.unwrap()
}

fn by_label(text: &str) -> Result<(), Unproved> {
    let parsed = parse(text, Dialect::Cypher25, 10_000).unwrap_or_else(|e| panic!("{text}: {e}"));
    verify(&parsed, Carrier::Label("Tenant_a"), &policy("shared_labels = ['Country']"))
}

fn by_property(text: &str) -> Result<(), Unproved> {
    let parsed = parse(text, Dialect::Cypher25, 10_000).unwrap_or_else(|e| panic!("{text}: {e}"));
    let carrier = Carrier::Property { name: "t", parameter: "own", owned: Some("owned_") };
    verify(&parsed, carrier, &policy("strategy = 'property'\nproperty = 't'"))
}

const T: &str = "Tenant_a";

fn with_label(text: &str) -> String {
    text.replace(":T", ":Tenant_a").replace("&T", "&Tenant_a").replace("|T", "|Tenant_a")
}

#[track_caller]
fn all(texts: &[&str], is_proved: bool, proof: fn(&str) -> Result<(), Unproved>) {
    for text in texts {
        let text = with_label(text);
        assert_eq!(proof(&text).is_ok(), is_proved, "{text}: {:?}", proof(&text));
    }
}

#[test]
fn what_is_proved_by_a_label() {
    assert_eq!(with_label("(n:T)"), format!("(n:{T})"));
    let proved = [
        "MATCH (n:T) RETURN n",
        "MATCH (n:A:T)-->(:(A|B)&T) RETURN n",
        "MATCH (n:Country) RETURN n",
        "MATCH (n:T|Country) RETURN n",
        "MATCH p = (:T)-[*]->(:T) WHERE all(x IN nodes(p) WHERE x:T) RETURN p",
        "MATCH p = (:T)-[*]->(:T) WHERE (p.x = 1 OR true) AND (all(x IN nodes(p) WHERE (x:T))) RETURN p",
        "MATCH p = shortestPath((:T)-[*]->(:T)) WHERE all(x IN nodes(p) WHERE x:T) RETURN p",
        "MATCH (:T)(()-->(:T)){1,2}(:T) RETURN 1",
        "MATCH ((:T)-->(:T)){1,2} RETURN 1",
        "MATCH (n:T) CREATE (n)-[:R]->(m:T)",
        "CREATE (n:T) WITH n CREATE (n)-[:R]->(:T)",
        "MATCH (n:T) CALL (n) { CREATE (n)-[:R]->(:T) } RETURN 1",
        "MATCH (n:T) FOREACH (x IN [1] | CREATE (n)-[:R]->(:T))",
    ];
    all(&proved, true, by_label);
}

#[test]
fn nodes_that_nobody_asked() {
    let unproved = [
        "MATCH (n) RETURN n",
        "MATCH (n:A) RETURN n",
        "MATCH (n:T|A) RETURN n",
        "MATCH (n:!T) RETURN n",
        "MATCH (n:%) RETURN n",
        "MATCH (n:!Country) RETURN n",
        "MATCH (n:$('Tenant_a')) RETURN n",
        "MATCH (n) WHERE n:T RETURN n",
        "MATCH (n WHERE n:T) RETURN n",
        "MATCH (n:Tenant_b) RETURN n",
        "MATCH (n:T&Tenant_b) RETURN n",
        "MATCH (n:T) WHERE n:Tenant_b RETURN n",
        "MATCH (:T)-->() RETURN 1",
        "MATCH (n:T) WHERE (n)-->(:T) RETURN n",
        "MATCH (n:T) RETURN [(n:T)-->(m) | m]",
        "MATCH (n:T) RETURN EXISTS { (n) }",
        "MATCH (n:T) RETURN COUNT { (n:T)-->() }",
        "MATCH (n:T) RETURN COLLECT { MATCH (m) RETURN m }",
        "MATCH (n:T) ORDER BY size([(n:T)--(m) | m]) RETURN n",
        "MATCH (n:T) SET n.x = size([(n:T)--(m) | m])",
        "MATCH (n:T) RETURN n UNION MATCH (n) RETURN n",
        "MATCH (n:T) CALL { MATCH (m) RETURN m } RETURN m",
        "MATCH (n:T) RETURN n AS n NEXT MATCH (m) RETURN m",
        "WHEN true THEN MATCH (n:T) RETURN n ELSE MATCH (n) RETURN n",
        "{ MATCH (n) RETURN n }",
        "RETURN reduce(s = 0, x IN [(a)--(b:T) | 1] | s + x)",
        "RETURN [x IN [1] WHERE EXISTS { (:A) } | x]",
    ];
    all(&unproved, false, by_label);
}

#[test]
fn paths_over_nodes_that_nobody_asked() {
    let unproved = [
        "MATCH (:T)-[*]->(:T) RETURN 1",
        "MATCH p = (:T)-[*]->(:T) RETURN p",
        "MATCH p = (:T)-[*]->(:T) WITH p WHERE all(x IN nodes(p) WHERE x:T) RETURN p",
        "MATCH p = (:T)-[*]->(:T), q = (:T) WHERE all(x IN nodes(q) WHERE x:T) RETURN p",
        "MATCH p = (:T)-[*]->(:T), (y:T) WHERE all(x IN nodes(p) WHERE y:T) RETURN p",
        "MATCH p = (:T)-[*]->(:T) WHERE any(x IN nodes(p) WHERE x:T) RETURN p",
        "MATCH p = (:T)-[*]->(:T) WHERE none(x IN nodes(p) WHERE x:T) RETURN p",
        "MATCH p = (:T)-[*]->(:T) WHERE NOT all(x IN nodes(p) WHERE x:T) RETURN p",
        "MATCH p = (:T)-[*]->(:T) WHERE all(x IN tail(nodes(p)) WHERE x:T) RETURN p",
        "MATCH p = (:T)-[*]->(:T) WHERE all(x IN nodes(p)) RETURN p",
        "MATCH p = (:T)-[*]->(:T) WHERE all(x IN nodes(p) WHERE x:T OR true) RETURN p",
        "MATCH p = (:T)-[*]->(:T) WHERE all(x IN nodes(p) WHERE x:T|A) RETURN p",
        "MATCH p = (:T)-[*]->(:T) WHERE all(x IN nodes(p) WHERE x IS NOT LABELED T) RETURN p",
        "MATCH p = (:T)-[*]->(:T) WHERE all(x IN nodes(p) WHERE x:T) OR p IS NOT NULL RETURN p",
        "MATCH p = SHORTEST 1 (:T)-[*]->(:T) WHERE all(x IN nodes(p) WHERE x:T) RETURN p",
        "MATCH (:T)-->{1,2}(:T) RETURN 1",
        "MATCH (:T)(()-->()){1,2}(:T) RETURN 1",
        "MATCH (:T)((x)-->(:T)){1,2}(:T) RETURN 1",
        "MATCH (()-->(:T)){1,2}(:T) RETURN 1",
        "MATCH ((:T)-->(:T)){0,2} RETURN 1",
        "MATCH ((:T)-->(:T))*(:T) RETURN 1",
        "MATCH (:T)((:T)-->(:T)){0} RETURN 1",
        "MATCH (:T)((:T)-[*]->(:T)){1,2}(:T) RETURN 1",
        "MATCH (a:T), (b:T) RETURN shortestPath((a:T)-[*]->(b:T))",
        "MATCH (a:T) WHERE (a:T)-[*]->(:T) RETURN a",
        "MATCH (a:T) RETURN [(a:T)-[*]->(:T) | 1]",
        "MATCH (a:T) RETURN [p = (a:T)-[*]->(:T) WHERE p IS NOT NULL | 1]",
        "MATCH (a:T) WHERE EXISTS { p = (a:T)-[*]->(:T) } RETURN a",
    ];
    all(&unproved, false, by_label);
}

#[test]
fn nodes_that_are_nobodys_are_not_made() {
    let unproved = [
        "CREATE (n)",
        "CREATE (n:A)",
        "CREATE (n:T)-[:R]->()",
        "CREATE (n:T:Tenant_b)",
        "CREATE (n:T&$('Tenant_b'))",
        "INSERT (n:A)",
        "MERGE (n:A {x: 1})",
        "MERGE (:T)-[:R]->(n)",
        "CREATE (:Country:T)",
        "WITH 1 AS x CREATE (n)",
        "MATCH (n:T) WITH n.x AS x CREATE (n)",
        "MATCH (n:T) WITH n AS m CREATE (n)-[:R]->(m)",
        "MATCH (n:T) CALL { CREATE (n) } RETURN 1",
        "MATCH (n:T) CALL () { CREATE (n) } RETURN 1",
        "CALL { MATCH (n:T) RETURN 1 AS x } CREATE (n)",
        "FOREACH (x IN [1] | CREATE (n:T)) CREATE (n)",
        "MATCH (m:T) WHERE EXISTS { (n:T) } CREATE (n)",
        "MATCH (m:T) WITH [n IN [1] | n] AS l CREATE (n)",
        "MATCH (n:T) RETURN n UNION CREATE (n) RETURN n",
        "MATCH (n:T) RETURN 1 AS x NEXT CREATE (n)",
        "MATCH (n:T) SET n:Tenant_b",
        "MATCH (n:T) SET n:T",
        "MATCH (n:T) REMOVE n:T",
        "MATCH (n:T) SET n:$($l)",
        "MATCH (n:T) REMOVE n:$($l)",
        "MATCH (n:T) SET n:$([l IN $l | CASE WHEN l STARTS WITH 'Tenant_' THEN l ELSE l END])",
        "MATCH (n:T) SET n:$([l IN $l | CASE WHEN l STARTS WITH 'Tenant_x' THEN toString(date(l)) ELSE l END])",
        "MATCH (n:T) SET n:$([l IN $l | CASE WHEN l STARTS WITH 'Tenant_' THEN toString(date(l)) ELSE m END])",
        "MATCH (n:T) SET n:Country",
    ];
    all(&unproved, false, by_label);
}

#[test]
fn shared_nodes_are_not_written() {
    let unproved = [
        "MATCH (c:Country) SET c.x = 1",
        "MATCH (c:T|Country) SET c.x = 1",
        "MATCH (c:Country) WITH c AS d DELETE d",
        "MATCH (c:Country) UNWIND [c] AS d DETACH DELETE d",
        "MATCH (c:Country) CALL { WITH c SET c.x = 1 } RETURN 1",
        "MATCH (a:T)-[r]->(c:Country) SET endNode(r).x = 1",
        "MATCH (c:Country), (d:Country) CREATE (c)-[:R]->(d)",
        "MATCH (c:Country), (d:Country) MERGE (c)-[r:R]->(d) SET r.x = 1",
        "MATCH (c:Country) CREATE (c)-[:R]->(c)",
        "MATCH (c:Country) WITH c AS d FOREACH (x IN [1] | CREATE (d)-[:R]->(d))",
        "MATCH (c:Country) CALL db.create.setNodeVectorProperty(c, 'v', [1]) RETURN 1",
    ];
    all(&unproved, false, by_label);
    let proved = [
        "MATCH (a:T)-[r]->(c:Country) SET a.x = c.x, r.y = 1",
        "MATCH (a:T), (c:Country) WITH a AS b, c SET b.x = 1",
        "MATCH (a:T), (c:Country) MERGE (a)-[r:R]->(c) SET a.x = 1, r.x = 1",
        "MATCH (c:Country) CREATE (c)-[:R]->(:T)-[:R]->(c)",
        "MATCH (a:T) UNWIND [a] AS d DETACH DELETE d",
    ];
    all(&proved, true, by_label);
}

#[test]
fn what_is_not_listed_is_not_called() {
    let unproved = [
        "RETURN apoc.cypher.runFirstColumnSingle('', {})",
        "RETURN graph.byName('x')",
        "CALL apoc.cypher.run('', {}) YIELD value RETURN value",
        "CALL db.labels() YIELD label RETURN label",
        "CALL DB.PING() YIELD success RETURN success",
        "CALL db.index.fulltext.queryNodes('i', 'q') YIELD node RETURN node",
        "CALL db.index.fulltext.queryNodes('i', 'q')",
        "CALL db.index.fulltext.queryNodes('i', 'q') YIELD node, score WHERE score > 0 RETURN node",
        "CALL db.index.fulltext.queryNodes('i', 'q') YIELD node WHERE node:T OR true RETURN node",
        "CALL db.index.fulltext.queryNodes('i', 'q') YIELD node, node AS m WHERE node:T RETURN m",
        "CALL db.index.fulltext.queryRelationships('i', 'q') YIELD relationship AS r WHERE startNode(r):T RETURN r",
        "LOAD CSV FROM 'x' AS l RETURN l",
        "USE x MATCH (n:T) RETURN n",
        "SHOW USERS",
        "SHOW INDEXES",
        "CYPHER debug=x MATCH (n:T) RETURN n",
        "MATCH (n:T) SEARCH n IN (VECTOR INDEX i FOR [1] LIMIT 1) RETURN n",
    ];
    all(&unproved, false, by_label);
}

#[test]
fn the_same_by_a_property() {
    let proved = [
        "MATCH (n {t: $own})-->({x: 1, t: $own}) RETURN n",
        "CREATE (n:A {t: $own}), (m $owned_props)",
        "MATCH p = ({t: $own})-[*]->({t: $own}) WHERE all(x IN nodes(p) WHERE x.t = $own) RETURN p",
        "MATCH (n {t: $own}) SET n += $m, n.x = 1",
        "MATCH (n {t: $own}) SET n = head([m IN [$m] | m {.*, t: n.t}])",
        "MATCH (n {t: $own}) SET n[head([k IN [$k] | CASE WHEN k = 't' THEN toString(date(k)) ELSE k END])] = 1",
        "MATCH (n {t: $own}) SET n:Tenant_b",
    ];
    all(&proved, true, by_property);
    let unproved = [
        "MATCH (n) RETURN n",
        "MATCH (n {t: 'a'}) RETURN n",
        "MATCH (n {t: $other}) RETURN n",
        "MATCH (n {t: $own, t: $other}) RETURN n",
        "MATCH (n {x: $own}) RETURN n",
        "MATCH (n WHERE n.t = $own) RETURN n",
        "CREATE (n $props)",
        "CREATE (n {t: $own, t: 1})",
        "MATCH (n {t: $own}) SET n.t = 1",
        "MATCH (n {t: $own}) REMOVE n.t",
        "MATCH (n {t: $own}) SET n[$k] = 1",
        "MATCH (n {t: $own}) REMOVE n[$k]",
        "MATCH (n {t: $own}) SET (CASE WHEN true THEN n END).t = 1",
        "MATCH (n {t: $own}) SET n += {t: 1}",
        "MATCH (n {t: $own}) SET n = $m",
        "MATCH (n {t: $own}) SET n = {x: 1}",
        "MATCH (n {t: $own}) SET n = head([m IN [$m] | m {.*, t: m.t}])",
        "MATCH (n {t: $own}) SET n = head([m IN [$m] | m {t: n.t, .*}])",
        "MATCH (n {t: $own}) SET n = head([m IN [$m] | n {.*, t: n.t}])",
        "MATCH (n {t: $own}) SET n = last([m IN [$m] | m {.*, t: n.t}])",
        "MATCH (n {t: $own}) SET n[head([k IN [$k] | CASE WHEN k = 'u' THEN toString(date(k)) ELSE k END])] = 1",
        "WITH {t: 1} AS m MATCH (n {t: $own}) SET n += m",
        "WITH 1 AS t MATCH (n {t: $own}) SET n += n {t}",
        "MATCH p = ({t: $own})-[*]->({t: $own}) WHERE all(x IN nodes(p) WHERE x.t <> $own) RETURN p",
        "MATCH p = ({t: $own})-[*]->({t: $own}) WHERE all(x IN nodes(p) WHERE x.t = $x) RETURN p",
        "MATCH (n {t: $own}) CALL db.create.setNodeVectorProperty(n, 't', [1]) RETURN n",
    ];
    all(&unproved, false, by_property);
}
