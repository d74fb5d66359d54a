# Nodes
MATCH () RETURN 1
MATCH (:A) RETURN 1
MATCH ({a: 1}) RETURN 1
MATCH (n {a: 1, b: 'x', c: [1, 2], d: {}}) RETURN n
MATCH (n:A {a: $p}) RETURN n
MATCH (n {}) RETURN n
MATCH (n WHERE n.a = 1) RETURN n
MATCH (n:A WHERE n.a = 1) RETURN n
MATCH (n:A {b: 2} WHERE n.a = 1) RETURN n
MATCH (n:A:B) RETURN n
MATCH (n:A:B:C) RETURN n
MATCH (n:A&B) RETURN n
MATCH (n:A|B) RETURN n
MATCH (n:!A) RETURN n
MATCH (n:%) RETURN n
MATCH (n:!%) RETURN n
MATCH (n:!!A) RETURN n
MATCH (n:(A)) RETURN n
MATCH (n:(A|B)&C) RETURN n
MATCH (n:A|B&C) RETURN n
MATCH (n:!(A|B)&(C|!D)) RETURN n
MATCH (n:((A))) RETURN n
MATCH (n IS A) RETURN n
MATCH (n IS A&B) RETURN n
MATCH (n IS A|B) RETURN n
MATCH (IS A) RETURN 1
MATCH (n:$($label)) RETURN n
MATCH (n:$all($labels)) RETURN n
MATCH (n:$any($labels)) RETURN n
MATCH (n:$($a)&B) RETURN n
MATCH (n:$($a)|$any($b)) RETURN n
MATCH (n:!$($a)) RETURN n
WITH 'A' AS l MATCH (n:$(l)) RETURN n
MATCH (n:$('A' + 'B')) RETURN n
MATCH (n:`A label`) RETURN n
MATCH (`a node`:`A``B`) RETURN `a node`
MATCH (n : A : B) RETURN n
MATCH ( n : A { a : 1 } ) RETURN n
# Relationships
MATCH (a)-->(b) RETURN a
MATCH (a)<--(b) RETURN a
MATCH (a)--(b) RETURN a
MATCH (a)<-->(b) RETURN a
MATCH (a)-[]->(b) RETURN a
MATCH (a)<-[]-(b) RETURN a
MATCH (a)-[]-(b) RETURN a
MATCH (a)<-[]->(b) RETURN a
MATCH (a)-[r]->(b) RETURN r
MATCH (a)-[:R]->(b) RETURN a
MATCH (a)-[r:R]->(b) RETURN r
MATCH (a)-[r:R|S]->(b) RETURN r
MATCH (a)-[:R|:S]->(b) RETURN a
MATCH (a)-[r:R|S|T]->(b) RETURN r
MATCH (a)-[r:!R]->(b) RETURN r
MATCH (a)-[r:!R&!S]->(b) RETURN r
MATCH (a)-[r:%]->(b) RETURN r
MATCH (a)-[r:(R|S)]->(b) RETURN r
MATCH (a)-[r IS R]->(b) RETURN r
MATCH (a)-[r:$($t)]->(b) RETURN r
MATCH (a)-[r:R {since: 2020}]->(b) RETURN r
MATCH (a)-[r {since: 2020}]->(b) RETURN r
MATCH (a)-[r WHERE r.since > 2020]->(b) RETURN r
MATCH (a)-[r:R {a: 1} WHERE r.since > 2020]->(b) RETURN r
MATCH (a)-[r:R]->(b)<-[s:S]-(c)--(d) RETURN a, d
MATCH (a) - [r] -> (b) RETURN r
MATCH (a) < - [r] - (b) RETURN r
MATCH (a)-[r]->(a) RETURN r
# Variable length
MATCH (a)-[*]->(b) RETURN a
MATCH (a)-[*2]->(b) RETURN a
MATCH (a)-[*1..3]->(b) RETURN a
MATCH (a)-[*1 .. 3]->(b) RETURN a
MATCH (a)-[*..3]->(b) RETURN a
MATCH (a)-[*2..]->(b) RETURN a
MATCH (a)-[*..]->(b) RETURN a
MATCH (a)-[*0..1]->(b) RETURN a
MATCH (a)-[*1_0]->(b) RETURN a
MATCH (a)-[r:R*1..3]->(b) RETURN r
MATCH (a)-[r:R|S*]-(b) RETURN r
MATCH (a)-[r*1..3 {x: 1}]-(b) RETURN r
MATCH p = (a)-[*1..3]->(b) WHERE all(x IN nodes(p) WHERE x:T) RETURN p
MATCH p = (a)-[r*1..3]->(b) WHERE all(q IN r WHERE startNode(q):T AND endNode(q):T) RETURN p
# Quantified path patterns
MATCH (a)-->{1,3}(b) RETURN a
MATCH (a)-->{2}(b) RETURN a
MATCH (a)-->{,3}(b) RETURN a
MATCH (a)-->{1,}(b) RETURN a
MATCH (a)-->+(b) RETURN a
MATCH (a)-->*(b) RETURN a
MATCH (a)-[r:R]->{1,3}(b) RETURN r
MATCH ((a)-->(b)){1,3} RETURN a
MATCH (s) ((a)-[r:R]->(b)){1,3} (e) RETURN s, e, r
MATCH (s) ((a:T)-[r]->(b:T))+ (e) RETURN s, e
MATCH (s) ((a)-[r]->(b) WHERE a.x < b.x)* (e) RETURN s, e
MATCH (s)-->(t) ((a)-[r]->(b)){2} (e)-->(f) RETURN s, f
MATCH ((a)-->(b)-->(c)){,2} (d) RETURN d
MATCH p = ((a)-->(b))+ RETURN p
MATCH (s) ((a)-->(b)){1,3} (m) ((c)<--(d)){1,2} (e) RETURN s, e
# Shortest paths
MATCH p = shortestPath((a:A)-[*]-(b:B)) RETURN p
MATCH p = allShortestPaths((a:A)-[:R*..5]->(b:B)) RETURN p
MATCH (a:A), (b:B), p = shortestPath((a)-[*..5]->(b)) WHERE all(x IN nodes(p) WHERE x:T) RETURN p
MATCH SHORTESTPATH((a:A)-[*]-(b:B)) RETURN a
MATCH p = SHORTEST 1 (a:A)-->+(b:B) RETURN p
MATCH p = SHORTEST 2 PATHS (a:A)-->+(b:B) RETURN p
MATCH p = SHORTEST GROUP (a:A)-->+(b:B) RETURN p
MATCH p = SHORTEST 3 GROUPS (a:A)-->+(b:B) RETURN p
MATCH p = SHORTEST 2 PATH GROUPS (a:A)-->+(b:B) RETURN p
MATCH p = ANY (a:A)-->+(b:B) RETURN p
MATCH p = ANY 3 (a:A)-->+(b:B) RETURN p
MATCH p = ANY SHORTEST (a:A)-->+(b:B) RETURN p
MATCH p = ANY 2 PATHS (a:A)-->+(b:B) RETURN p
MATCH p = ALL SHORTEST (a:A)-->+(b:B) RETURN p
MATCH p = ALL SHORTEST PATHS (a:A)-->+(b:B) RETURN p
MATCH p = ALL PATHS (a:A)-->(b:B) RETURN p
MATCH p = ALL (a:A)-->(b:B) RETURN p
MATCH q = SHORTEST 1 (p = (a:A)-->{1,5}(b:B) WHERE all(x IN nodes(p) WHERE x:T)) RETURN q
MATCH ANY SHORTEST ((a:A)-->+(b:B) WHERE a.x = b.x) RETURN a
# Names
MATCH (WHERE WHERE WHERE.id = 1) RETURN WHERE
MATCH (is IS T) RETURN is
MATCH (match) RETURN match
MATCH (return) RETURN return
MATCH (any)-[all]->(none) RETURN any, all, none
MATCH (shortest) RETURN shortest
MATCH (where) RETURN where
MATCH (where:A) RETURN where
MATCH (where {a: 1}) RETURN where
MATCH (n:Where) RETURN n
MATCH (n:MATCH {RETURN: 1})-[:WITH]->(m) RETURN n.WHERE
MATCH (n)-[where]->(m) RETURN n
MATCH (n)-[where WHERE where.x = 1]->(m) RETURN n
MATCH all = (a)-->(b) RETURN all
MATCH any = ANY SHORTEST (a:A)-->+(b:B) RETURN any
