# CALL of procedures
CALL db.labels()
CALL db.labels
CALL db.labels() YIELD label
CALL db.labels() YIELD label AS l RETURN l
CALL db.labels() YIELD label WHERE label STARTS WITH 'A' RETURN label
CALL db.labels() YIELD *
CALL db.index.fulltext.queryNodes('i', $q) YIELD node, score RETURN node, score
CALL db.index.fulltext.queryNodes('i', 'a', {limit: 3}) YIELD node AS n, score AS s WHERE s > 0.5 RETURN n
CALL `db`.`labels`() YIELD label RETURN label
OPTIONAL CALL db.labels() YIELD label RETURN label
MATCH (n) CALL db.labels() YIELD label RETURN n, label
UNWIND [1] AS x CALL db.index.vector.queryNodes('i', 3, [1.0, 2.0]) YIELD node RETURN node.x
CALL dbms.components() YIELD name, versions, edition
# CALL of sub-queries
CALL { RETURN 1 AS x } RETURN x
CALL { MATCH (n) RETURN n } RETURN n
MATCH (n) CALL { WITH n MATCH (n)-->(m) RETURN m } RETURN n, m
MATCH (n) CALL { WITH n RETURN n.x AS x UNION WITH n RETURN n.y AS x } RETURN x
MATCH (n) CALL { WITH * RETURN n.x AS x } RETURN x
MATCH (n) CALL (n) { MATCH (n)-->(m) RETURN m } RETURN n, m
MATCH (n), (k) CALL (n, k) { RETURN n.x + k.x AS s } RETURN s
MATCH (n) CALL (*) { RETURN n.x AS s } RETURN s
MATCH (n) CALL () { RETURN 1 AS s } RETURN n, s
MATCH (n) OPTIONAL CALL (n) { MATCH (n)-->(m) RETURN m } RETURN n, m
CALL { CALL { RETURN 1 AS x } RETURN x } RETURN x
MATCH (n) CALL (n) { CREATE (:A {x: n.x}) }
MATCH (n) CALL (n) { SET n.seen = true } RETURN count(*) AS c
CALL { MATCH (n:A) RETURN n UNION ALL MATCH (n:B) RETURN n } RETURN n ORDER BY n.x
CALL { MATCH (n) RETURN n ORDER BY n.x LIMIT 1 } WITH n MATCH (n)-->(m) RETURN m
# IN TRANSACTIONS
MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS
MATCH (n) CALL { WITH n DETACH DELETE n } IN TRANSACTIONS OF 100 ROWS
MATCH (n) CALL (n) { SET n.x = 1 } IN TRANSACTIONS OF 1 ROW
MATCH (n) CALL (n) { SET n.x = 1 } IN 2 CONCURRENT TRANSACTIONS
MATCH (n) CALL (n) { SET n.x = 1 } IN CONCURRENT TRANSACTIONS OF $size ROWS
MATCH (n) CALL (n) { SET n.x = 1 } IN TRANSACTIONS ON ERROR CONTINUE
MATCH (n) CALL (n) { SET n.x = 1 } IN TRANSACTIONS ON ERROR BREAK
MATCH (n) CALL (n) { SET n.x = 1 } IN TRANSACTIONS ON ERROR FAIL
MATCH (n) CALL (n) { SET n.x = 1 } IN TRANSACTIONS OF 10 ROWS ON ERROR CONTINUE REPORT STATUS AS s RETURN s
MATCH (n) CALL (n) { SET n.x = 1 } IN 3 CONCURRENT TRANSACTIONS REPORT STATUS AS s ON ERROR CONTINUE OF 5 ROWS RETURN s.committed
UNWIND range(1, 10) AS i CALL (i) { CREATE (:A {i: i}) } IN TRANSACTIONS OF 2 ROWS
# LOAD CSV
LOAD CSV FROM 'file:///a.csv' AS line RETURN line
LOAD CSV WITH HEADERS FROM $url AS row CREATE (n {x: row.x})
LOAD CSV FROM 'file:///a.csv' AS line FIELDTERMINATOR ';' RETURN line[0], linenumber(), file()
# Everything at once
MATCH (p:Person {id: $id})-[:KNOWS]->(f) WHERE f.age > 20 WITH p, collect(f) AS friends CALL (friends) { UNWIND friends AS f MATCH (f)-[:LIKES]->(m) RETURN collect(DISTINCT m.title) AS titles } RETURN p {.name, friends: [x IN friends | x.name], titles: titles} AS person ORDER BY person.name SKIP 0 LIMIT 10
MATCH (a) WITH a ORDER BY a.x LIMIT 5 OPTIONAL MATCH (a)-[r]->(b) WHERE r.w > 1 RETURN a.name AS a, CASE WHEN b IS NULL THEN 'none' ELSE b.name END AS b, count(r) AS c
