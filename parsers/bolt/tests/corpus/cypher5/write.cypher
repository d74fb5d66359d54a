# CREATE, INSERT
CREATE (n)
CREATE ()
CREATE (n:A)
CREATE (n:A:B)
CREATE (n:A&B)
CREATE (n IS A)
CREATE (n IS A&B)
CREATE (n:A {a: 1, b: $b})
CREATE (n $props)
CREATE (n:A $props)
CREATE (n:$($l))
CREATE (n:$($l):T)
CREATE (n:$($l)&T {x: 1})
CREATE (n:(A&B))
CREATE (a)-[:R]->(b)
CREATE (a)<-[:R]-(b)
CREATE (a:A)-[r:R {since: 1}]->(b:B)
CREATE (a)-[r:R $props]->(b)
CREATE (a)-[r:$($t)]->(b)
CREATE (a)-[:R]->(b)-[:S]->(c)
CREATE p = (a)-[:R]->(b) RETURN p
CREATE (a), (b), (a)-[:R]->(b)
MATCH (a:A), (b:B) CREATE (a)-[:R]->(b)
MATCH (a:A) CREATE (a)-[:R]->(:B {x: a.x}) RETURN a
UNWIND $rows AS row CREATE (n:A {id: row.id}) SET n += row.props
INSERT (n)
INSERT (n:A)
INSERT (n:A&B {x: 1})
INSERT (n IS A)
INSERT (a:A)-[:R]->(b:B)
INSERT (a)-[r IS R {x: 1}]->(b), (c)
INSERT (a), (b)-[:R]->(c) RETURN a
# MERGE
MERGE (n:A {id: 1})
MERGE (n:A:B {id: 1})
MERGE (n:A&B {id: 1})
MERGE (n:(A&B) {id: 1})
MERGE (n {id: $id}) RETURN n
MERGE (n:A {id: 1}) ON CREATE SET n.a = 1
MERGE (n:A {id: 1}) ON MATCH SET n.a = 1
MERGE (n:A {id: 1}) ON CREATE SET n.a = 1, n.b = 2 ON MATCH SET n.c = 3, n:X
MERGE (n:A {id: 1}) ON MATCH SET n.a = 1 ON CREATE SET n.b = 1 ON MATCH SET n.c = 1
MERGE (n:$($l) {id: 1})
MERGE (a:A)-[r:R]->(b:B)
MERGE (a:A)-[r:R]-(b:B)
MATCH (a:A), (b:B) MERGE (a)-[r:R {x: 1}]->(b) ON CREATE SET r.y = timestamp() RETURN r
MERGE p = (a:A)-[:R]->(b) RETURN p
# SET
MATCH (n) SET n.a = 1
MATCH (n) SET n.a = 1, n.b = 2, n.c = n.a + n.b
MATCH (n) SET n = {a: 1}
MATCH (n) SET n = $props
MATCH (n) SET n = {}
MATCH (n), (m) SET n = m
MATCH (n), (m) SET n = properties(m)
MATCH (n) SET n += {a: 1}
MATCH (n) SET n += $props
MATCH (n) SET n:A
MATCH (n) SET n:A:B
MATCH (n) SET n IS A
MATCH (n) SET n:$($l)
MATCH (n) SET n:$($l):B
MATCH (n) SET n IS $($l)
MATCH (n) SET n:A, n.b = 1, n += {c: 2}
MATCH (n) SET n[$k] = 5
MATCH (n) SET n['a' + 'b'] = 5
MATCH (n) SET n.`a b` = 5
MATCH (n) SET (n).a = 1
MATCH (n) SET (CASE WHEN n.x = 1 THEN n END).a = 1
MATCH (n) SET (CASE WHEN n.x = 1 THEN n END)[$k] = 1
MATCH (n) SET head([n]).a = 1
MATCH p = (n)-->(m) SET (nodes(p)[0]).a = 1
MATCH (n) SET ({a: n}.a).p = 1
MATCH (n) SET {a: n}.a.p = 1
MATCH (n) WITH {a: n} AS m SET m.a.p = 1
MATCH (n) SET n.a = null
MATCH ()-[r]->() SET r.x = 1, r += {y: 2}
MATCH (n) SET n.a = [x IN n.list WHERE x > 1 | x * 2]
# REMOVE
MATCH (n) REMOVE n.a
MATCH (n) REMOVE n.a, n.b
MATCH (n) REMOVE n:A
MATCH (n) REMOVE n:A:B
MATCH (n) REMOVE n IS A
MATCH (n) REMOVE n:$($l)
MATCH (n) REMOVE n[$k]
MATCH (n) REMOVE (CASE WHEN n.x = 1 THEN n END).a
MATCH (n) REMOVE n:A, n.a
# DELETE
MATCH (n) DELETE n
MATCH (n) DETACH DELETE n
MATCH (n) NODETACH DELETE n
MATCH (n)-[r]->(m) DELETE r, n
MATCH p = (a)-->(b) DELETE p
MATCH p = (a)-->(b) DETACH DELETE nodes(p)[0]
MATCH (n) DELETE [n][0]
MATCH (n) DELETE {a: n}.a
# FOREACH
FOREACH (x IN [1, 2, 3] | CREATE (n {x: x}))
MATCH p = (a)-->(b) FOREACH (n IN nodes(p) | SET n.seen = true)
FOREACH (x IN [1, 2] | CREATE (n {x: x}) SET n.y = 2 REMOVE n.z)
FOREACH (x IN [1, 2] | FOREACH (y IN [3] | MERGE (n:A {x: x, y: y})))
FOREACH (x IN [1, 2] | MERGE (a:A {x: x}) ON CREATE SET a.n = 1 MERGE (b:B) CREATE (a)-[:R]->(b))
MATCH (n) FOREACH (x IN CASE WHEN n.a = 1 THEN [1] ELSE [] END | DETACH DELETE n)
FOREACH (x IN [1] | CREATE (n:A) SET n.ok = n:A|B)
