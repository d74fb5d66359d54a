# Literals
RETURN true, false, TRUE, False, null, NULL
RETURN 0, 1, 42, 1_000, 9223372036854775807, -9223372036854775808
RETURN 0x1F, 0x0, 0xabcdef, 0x_1, -0x1F
RETURN 0o17, 0o0, -0o17
RETURN 1.5, .5, 0.5, 1.5e3, 1e3, 1E+3, 1e-3, .5e10, 1.5f, 1.5d, 1_0.5
RETURN INF, Infinity, NaN, -INF
RETURN 'a' AS a, "a" AS b, '' AS c, "" AS d, 'it\'s', "say \"hi\"", 'a"b', "a'b"
RETURN 'tab\tnew\nret\rback\bform\f slash\\'
RETURN '\u0041', 'caf\u00e9', '\uD83D\uDE00', '\\u0041', 'a\\u0027b'
RETURN '\x', 'a\`b', '\U0001F600', '\/'
RETURN [], [1], [1, 2, 3], [[1], []], [1, 'a', null]
RETURN {}, {a: 1}, {a: 1, b: {c: [2]}}, {`a b`: 1}, {a: 1, a: 2}
RETURN $p, $`a b`, $1, $ p, $p.a, $p[0]
# Operators
RETURN 1 + 2, 1 - 2, 1 * 2, 1 / 2, 1 % 2, 1 ^ 2
RETURN 1 + 2 * 3 ^ 4 - 5 % 6 / 7
RETURN 1--1, 1 - -1, 1+-1, - 1, -(1), +1, -(-1), + 1
RETURN 1-1, 1 -1, 1- 1
RETURN 'a' + 'b', 'a' || 'b', [1] + [2], [1] || [2] || [3]
RETURN 2 ^ 3 ^ 2, -2 ^ 2
RETURN 1 = 1, 1 <> 2, 1 < 2, 1 > 2, 1 <= 2, 1 >= 2
RETURN 1 < 2 < 3, 1 < 2 <= 3 = 3
RETURN true AND false, true OR false, true XOR false, NOT true, NOT NOT true
RETURN true OR false AND true XOR NOT false = true
RETURN NOT 1 = 2 AND NOT 3 IN [3]
RETURN (1 + 2) * 3, ((1)), (((true)))
RETURN 'abc' STARTS WITH 'a', 'abc' ENDS WITH 'c', 'abc' CONTAINS 'b', 'abc' =~ 'a.*'
RETURN 1 IN [1, 2], NOT 1 IN [1], 1 IN [] = false
RETURN null IS NULL, 1 IS NOT NULL, (1 + 1) IS NULL
RETURN 'a' STARTS WITH 'a' + 'b' AND 'b' CONTAINS 'c' || 'd'
RETURN 'a' IS NORMALIZED, 'a' IS NOT NORMALIZED, 'a' IS NFC NORMALIZED, 'a' IS NOT NFKD NORMALIZED
# Types
RETURN 1 IS :: INTEGER, 1 IS NOT :: STRING, 1 :: INT, 1 IS TYPED FLOAT, 1 IS NOT TYPED BOOL
RETURN 1 IS :: INTEGER NOT NULL, 1 IS :: INTEGER!, [1] IS :: LIST<INTEGER>, [1] IS :: LIST<INTEGER NOT NULL> NOT NULL
RETURN 1 IS :: INTEGER | STRING, 1 IS :: ANY<INTEGER | STRING>, 1 IS :: ANY, 1 IS :: ANY VALUE, 1 IS :: ARRAY<INT>
RETURN 1 IS :: DATE, 1 IS :: LOCAL TIME, 1 IS :: ZONED TIME, 1 IS :: LOCAL DATETIME, 1 IS :: ZONED DATETIME, 1 IS :: DURATION, 1 IS :: POINT
RETURN 1 IS :: TIME WITH TIME ZONE, 1 IS :: TIME WITHOUT TIMEZONE, 1 IS :: TIMESTAMP WITH TIME ZONE, 1 IS :: TIMESTAMP WITHOUT TIME ZONE
RETURN 1 IS :: NODE, 1 IS :: VERTEX, 1 IS :: ANY NODE, 1 IS :: RELATIONSHIP, 1 IS :: EDGE, 1 IS :: MAP, 1 IS :: PATH, 1 IS :: PROPERTY VALUE, 1 IS :: ANY PROPERTY VALUE
RETURN 1 IS :: NULL, 1 IS :: NOTHING, 1 IS :: SIGNED INTEGER, 1 IS :: VARCHAR, 1 IS :: BOOLEAN, [1] IS :: INTEGER LIST, [[1]] IS :: INTEGER LIST NOT NULL LIST
# Steps into values
MATCH (n) RETURN n.a, n.a.b.c, n['a'], n[$k], n.list[0], n.list[0].x
RETURN [1, 2, 3][0], [1, 2, 3][0..1], [1, 2, 3][..1], [1, 2, 3][1..], [1, 2, 3][-2..-1]
RETURN {a: 1}.a, {a: {b: 1}}.a.b, ({a: 1}).a, [{a: 1}][0].a
RETURN date().year, duration('P1D').days
MATCH (n) RETURN n . name, n.`name` AS a, `n`.name AS b, n.RETURN
# Labels of values
MATCH (n) RETURN n:A, n:A|B, n:A&!B, n:(A|B), n:!A, n:%
MATCH (n) WHERE n:A RETURN n
MATCH (n) WHERE n:A:B RETURN n
MATCH (n) WHERE n IS A RETURN n
MATCH (n) WHERE NOT n:A AND n.x = 1 OR n:B RETURN n
MATCH (n)-[r]->() WHERE r:R|S RETURN r
MATCH (n) RETURN (n:A) AS a, n:A IS NOT NULL
# Functions
RETURN count(*), count( * ), COUNT(*)
MATCH (n) RETURN count(n), count(DISTINCT n), count(DISTINCT n.name), collect(DISTINCT (n.a)), sum(n.a), avg(n.a), min(n.a), max(n.a)
MATCH (n) RETURN percentileCont(n.a, 0.5), stDev(n.a)
RETURN rand(), pi(), abs(-1), sqrt(4), round(1.5, 1), coalesce(null, 1), toString(1), range(1, 10, 2)
RETURN point.distance(point({x: 1, y: 1}), point({x: 2, y: 2})), Point.Distance(point({x: 1, y: 1}), point({x: 2, y: 2}))
RETURN datetime.truncate('day', datetime()), duration.between(date('2020-01-01'), date()), vector.similarity.cosine([1.0], [2.0])
RETURN trim(' a '), trim(BOTH FROM ' a '), trim(BOTH 'x' FROM 'xax'), trim(LEADING 'x' FROM 'xa'), trim(TRAILING FROM 'a '), trim('x' FROM 'xa')
RETURN normalize('a'), normalize('a', NFC), normalize('a', NFKD)
RETURN `abs`(1), `point`.`distance`(point({x: 1, y: 1}), point({x: 1, y: 1}))
MATCH (n) RETURN labels(n), keys(n), properties(n), elementId(n), id(n)
MATCH p = (a)-[r]->(b) RETURN nodes(p), relationships(p), length(p), startNode(r), endNode(r), type(r)
# Predicates on lists
RETURN all(x IN [1] WHERE x > 0), any(x IN [1] WHERE x > 0), none(x IN [1] WHERE x > 0), single(x IN [1] WHERE x > 0)
RETURN ALL(x IN [true] WHERE x), exists {MATCH (n)}, isEmpty([])
RETURN reduce(a = 0, x IN [1, 2] | a + x), reduce(s = '', x IN ['a', 'b'] | s + x)
MATCH (n) WITH collect(n) AS ns RETURN reduce(b = false, n IN ns | b OR n:A|B)
# Comprehensions
RETURN [x IN [1, 2]], [x IN [1, 2] WHERE x > 1], [x IN [1, 2] | x * 2], [x IN [1, 2] WHERE x > 1 | x * 2]
RETURN [x IN [1, 2] WHERE x IN [1] | [y IN [x] | y + x]]
MATCH (n) WITH collect(n) AS ns RETURN [n IN ns WHERE n:A|n], [n IN ns WHERE n:A|B | n.x], [n IN ns WHERE n.x > 1 | n:C|D]
WITH 1 AS x, [1] AS xs RETURN [x IN xs, x], [(x IN xs)], [x, x IN xs]
WITH [1] AS in RETURN [in IN in | in]
MATCH (a) RETURN [(a)-->(b) | b.x], [(a)-->(b) WHERE b.x > 1 | b], [p = (a)-->(b) | p], [p = (a)-[:R]->(b) WHERE b:X|Y | length(p)]
MATCH (a) RETURN [(a)-->(b:B {x: 1})<--(c) | c], [(a)--(b) | [(b)--(c) | c.x]]
MATCH (a) RETURN [(a)-[r:R|S*1..2]->(b) | r]
# Map projections
MATCH (n) RETURN n {.name} AS a, n {.*} AS b, n {.name, .age, x: 1} AS c, n {} AS d, n{.*, x: n.y}
MATCH (n) WITH n, 1 AS x RETURN n {.name, x} AS a, n{ . name } AS b, n {.`a b`, `c d`: 2}
MATCH (n) RETURN n {.name, friends: [(n)--(m) | m {.name}]}
WITH {a: 1} AS count RETURN count {.a} AS a, count {} AS b, count {.*, b: 1}
# CASE
RETURN CASE WHEN true THEN 1 END, CASE WHEN true THEN 1 ELSE 2 END, CASE WHEN 1 = 2 THEN 1 WHEN 2 = 2 THEN 3 ELSE 4 END
RETURN CASE 1 WHEN 1 THEN 'a' END, CASE 1 WHEN 1, 2 THEN 'a' WHEN 3 THEN 'b' ELSE 'c' END
RETURN CASE 1 WHEN IS NULL THEN 'a' WHEN IS NOT NULL THEN 'b' WHEN > 3 THEN 'c' WHEN <> 2, = 3, <= 4, >= 5, < 6 THEN 'd' END
RETURN CASE 'a' WHEN STARTS WITH 'a' THEN 1 WHEN ENDS WITH 'b' THEN 2 WHEN =~ 'c' THEN 3 WHEN IS TYPED STRING THEN 4 WHEN :: INTEGER THEN 5 WHEN IS NORMALIZED THEN 6 END
RETURN CASE CASE 1 WHEN 1 THEN 2 END WHEN 2 THEN CASE WHEN true THEN 3 END END
WITH 1 AS case, 2 AS end RETURN case, end, end + case
# Sub-queries
MATCH (n) WHERE EXISTS { (n)-->() } RETURN n
MATCH (n) WHERE EXISTS { (n)-->(m) WHERE m.x = 1 } RETURN n
MATCH (n) WHERE EXISTS { MATCH (n)-->(m) WHERE m.x = 1 } RETURN n
MATCH (n) WHERE EXISTS { MATCH (n)-->(m) RETURN m } RETURN n
MATCH (n) WHERE NOT EXISTS { (n)-[:R]->(:A), (n)<--(:B) } RETURN n
MATCH (n) WHERE EXISTS { p = (n)-[*2]->(:T {id: 'e'}) WHERE all(x IN nodes(p) WHERE x:T) } RETURN n
MATCH (n) RETURN COUNT { (n)-->() } AS c
MATCH (n) WHERE COUNT { (n)-->(m) WHERE m.x > 1 } > 3 RETURN n
MATCH (n) RETURN COUNT { MATCH (n)-->(m) RETURN DISTINCT m } AS c
MATCH (n) RETURN COLLECT { MATCH (n)-->(m) RETURN m.x ORDER BY m.x LIMIT 3 } AS xs
MATCH (n) WHERE EXISTS { WITH n MATCH (n)-->() } RETURN n
MATCH (n) WHERE EXISTS { MATCH (n)-->(m) WHERE EXISTS { (m)-->(n) } } RETURN n
MATCH (n) RETURN EXISTS { MATCH (n)-->(m) RETURN m UNION MATCH (n)<--(m) RETURN m } AS e
RETURN EXISTS { UNWIND [1] AS x RETURN x } AS e
RETURN head(COLLECT { MATCH q = shortestPath((s:A)-[*..5]->(e:B)) WHERE all(x IN nodes(q) WHERE x:T) RETURN q }) AS p
MATCH (a) WHERE EXISTS { ANY SHORTEST (a)-->+(b:B) } RETURN a
# Patterns as expressions
MATCH (n) WHERE (n)-->() RETURN n
MATCH (n) WHERE NOT (n)-[:R]->(:A {x: 1}) AND n.y = 2 RETURN n
MATCH (a), (b) WHERE (a)-[:R|S*1..3]-(b) OR (a)<--(b) RETURN a
MATCH (a), (b) WHERE exists((a)-->(b)) RETURN a
MATCH (n) WHERE (n)--(:A)--(:B) RETURN n
MATCH (n) WHERE NOT exists((n)--()) RETURN n
MATCH (a:A), (b:B) RETURN shortestPath((a)-[*..5]->(b)), allShortestPaths((a)-[*]-(b))
MATCH (a:A), (b:B) RETURN length(shortestPath((a)-[:R*]-(b))) AS l
WITH 1 AS a, [2] AS b, 3 AS c RETURN (a) - (b[0]) - (c), (a)-(c)
