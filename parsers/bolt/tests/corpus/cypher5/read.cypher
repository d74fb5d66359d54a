# MATCH, OPTIONAL MATCH, WHERE
MATCH (n) RETURN n
MATCH (n) WHERE n.age > 30 RETURN n.name
MATCH (n:Person) RETURN n.name AS name
MATCH (n:Person), (m:Movie) RETURN n, m
MATCH (n:Person) MATCH (m:Movie) RETURN n.name, m.title
OPTIONAL MATCH (n:Person {name: 'Ada'}) RETURN n
MATCH (n) OPTIONAL MATCH (n)-[r:KNOWS]->(m) WHERE m.age > n.age RETURN n, r, m
match (n) where n.a = 1 return n
MaTcH (n) WhErE n.a = 1 ReTuRn n
MATCH (n)RETURN n
MATCH(n)WHERE(n.a=1)RETURN(n)
MATCH (n) WHERE n.name = $name AND n.age IN $ages RETURN n
MATCH (n:Person) USING SCAN n:Person WHERE n.age > 1 RETURN n
MATCH (n:Person) USING INDEX n:Person(name) WHERE n.name = 'Ada' RETURN n
MATCH (n:Person) USING INDEX SEEK n:Person(name) WHERE n.name = 'Ada' RETURN n
MATCH (n:Person) USING TEXT INDEX n:Person(name) WHERE n.name = 'Ada' RETURN n
MATCH (n:Person) USING RANGE INDEX SEEK n:Person(name) WHERE n.name = 'Ada' RETURN n
MATCH (n:Person) USING POINT INDEX n:Person(place) WHERE n.place = point({x: 1, y: 2}) RETURN n
MATCH (n:Person) USING INDEX n:Person(name, age) WHERE n.name = 'Ada' AND n.age = 3 RETURN n
MATCH (a)-->(b)-->(c) USING JOIN ON b RETURN a, c
MATCH (a)-->(b)-->(c)-->(d) USING JOIN ON b USING JOIN ON c RETURN a, d
# RETURN, WITH and what follows them
RETURN 1
RETURN 1, 2 AS two, 'three'
MATCH (n) RETURN *
MATCH (n) RETURN *, n.name AS name
MATCH (n) RETURN DISTINCT n.name
MATCH (n) RETURN DISTINCT *
MATCH (n) RETURN DISTINCT (n.name), 1
MATCH (n) RETURN n.name ORDER BY n.name
MATCH (n) RETURN n.name ORDER BY n.name ASC, n.age DESC
MATCH (n) RETURN n.name ORDER BY n.name ASCENDING, n.age DESCENDING
MATCH (n) RETURN n.name ORDER BY n.name SKIP 1 LIMIT 2
MATCH (n) RETURN n.name SKIP $s LIMIT $l
MATCH (n) RETURN n.name OFFSET 5 LIMIT 1 + 1
MATCH (n) RETURN n.name SKIP 3
MATCH (n) RETURN n.name LIMIT toInteger(3.5)
MATCH (n) WITH n RETURN n
MATCH (n) WITH n.name AS name, count(*) AS c WHERE c > 1 RETURN name
MATCH (n) WITH DISTINCT n.name AS name ORDER BY name LIMIT 3 RETURN name
MATCH (n) WITH * WHERE n.a = 1 RETURN n
MATCH (n) WITH *, n.a AS a RETURN a
MATCH (n) WITH n ORDER BY n.a SKIP 1 LIMIT 1 WHERE n.b = 2 RETURN n
WITH 1 AS x, 2 AS y RETURN x + y AS sum
WITH $a AS a UNWIND a AS x RETURN x
UNWIND [1, 2, 3] AS x RETURN x
UNWIND $rows AS row RETURN row.id, row['name']
UNWIND [[1, 2], [3]] AS xs UNWIND xs AS x RETURN x
UNWIND range(1, 10) AS x WITH x WHERE x % 2 = 0 RETURN collect(x) AS even
# ORDER BY, SKIP and LIMIT by themselves
MATCH (n) ORDER BY n.name RETURN n
MATCH (n) ORDER BY n.name DESC SKIP 1 LIMIT 2 RETURN n
MATCH (n) LIMIT 3 MATCH (n)-->(m) RETURN m
MATCH (n) SKIP 1 RETURN n
MATCH (n) OFFSET 1 LIMIT 1 RETURN n
UNWIND [3, 1, 2] AS x ORDER BY x RETURN x
# UNION
RETURN 1 AS x UNION RETURN 2 AS x
RETURN 1 AS x UNION ALL RETURN 2 AS x
RETURN 1 AS x UNION DISTINCT RETURN 2 AS x
RETURN 1 AS x UNION RETURN 2 AS x UNION RETURN 3 AS x
MATCH (n:A) RETURN n UNION ALL MATCH (n:B) RETURN n ORDER BY n.x LIMIT 1
# FINISH
MATCH (n) FINISH
CREATE (n) FINISH
# Prefixes
EXPLAIN MATCH (n) RETURN n
CYPHER MATCH (n) RETURN n
CYPHER 5 MATCH (n) RETURN n
CYPHER runtime=slotted MATCH (n) RETURN n
CYPHER 5 planner=cost runtime = interpreted MATCH (n) RETURN n
CYPHER replan=force RETURN 1
explain cypher 5 RETURN 1
EXPLAIN EXPLAIN RETURN 1
CYPHER 5 EXPLAIN RETURN 1
CYPHER 5 CYPHER 5 RETURN 1
RETURN 1;
