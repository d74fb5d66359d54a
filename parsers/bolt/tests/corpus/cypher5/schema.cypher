# Indexes
CREATE INDEX FOR (n:Person) ON (n.name)
CREATE INDEX FOR (n:Person) ON n.name
CREATE INDEX i FOR (n:Person) ON (n.name, n.age)
CREATE INDEX i IF NOT EXISTS FOR (n:Person) ON (n.name)
CREATE INDEX IF NOT EXISTS FOR (n:Person) ON (n.name)
CREATE INDEX $name FOR (n:Person) ON (n.name)
CREATE INDEX `an index` FOR (n:`A label`) ON (n.`a key`)
CREATE INDEX for FOR (n:Person) ON (n.name)
CREATE RANGE INDEX i FOR (n:Person) ON (n.name)
CREATE RANGE INDEX FOR ()-[r:R]-() ON (r.x)
CREATE RANGE INDEX FOR ()-[r:R]->() ON (r.x)
CREATE RANGE INDEX FOR ()<-[r:R]-() ON (r.x)
CREATE TEXT INDEX i FOR (n:Person) ON (n.name)
CREATE POINT INDEX i FOR (n:Person) ON (n.place) OPTIONS {indexConfig: {`spatial.cartesian.min`: [0.0, 0.0], `spatial.cartesian.max`: [1.0, 1.0]}}
CREATE LOOKUP INDEX i FOR (n) ON EACH labels(n)
CREATE LOOKUP INDEX IF NOT EXISTS FOR ()-[r]-() ON EACH type(r)
CREATE LOOKUP INDEX FOR ()-[r]-() ON type(r)
CREATE FULLTEXT INDEX i FOR (n:Person) ON EACH [n.name]
CREATE FULLTEXT INDEX i IF NOT EXISTS FOR (n:Person|Movie) ON EACH [n.name, n.title] OPTIONS {indexConfig: {`fulltext.analyzer`: 'english'}}
CREATE FULLTEXT INDEX FOR ()-[r:R|S]-() ON EACH [r.x]
CREATE VECTOR INDEX i IF NOT EXISTS FOR (n:Doc) ON (n.embedding) OPTIONS {indexConfig: {`vector.dimensions`: 3, `vector.similarity_function`: 'cosine'}}
CREATE VECTOR INDEX i FOR (n:Doc) ON n.embedding
CREATE VECTOR INDEX FOR ()-[r:R]-() ON (r.embedding) OPTIONS $options
DROP INDEX i
DROP INDEX i IF EXISTS
DROP INDEX `an index`
DROP INDEX $name IF EXISTS
# Constraints
CREATE CONSTRAINT FOR (n:Person) REQUIRE n.id IS UNIQUE
CREATE CONSTRAINT c FOR (n:Person) REQUIRE (n.id) IS UNIQUE
CREATE CONSTRAINT c IF NOT EXISTS FOR (n:Person) REQUIRE (n.a, n.b) IS UNIQUE
CREATE CONSTRAINT c FOR (n:Person) REQUIRE n.id IS NODE UNIQUE
CREATE CONSTRAINT c FOR ()-[r:R]-() REQUIRE r.id IS RELATIONSHIP UNIQUE
CREATE CONSTRAINT c FOR ()-[r:R]->() REQUIRE r.id IS REL UNIQUE
CREATE CONSTRAINT $c FOR (n:Person) REQUIRE n.id IS UNIQUE OPTIONS {indexProvider: 'range-1.0'}
DROP CONSTRAINT c
DROP CONSTRAINT c IF EXISTS
DROP CONSTRAINT $c
# Known by name
SHOW INDEXES
SHOW ALL INDEXES YIELD * RETURN name ORDER BY name
SHOW RANGE INDEXES WHERE name = 'i'
SHOW CONSTRAINTS YIELD name, type
SHOW UNIQUE CONSTRAINTS
SHOW PROCEDURES YIELD name
SHOW BUILT IN FUNCTIONS
SHOW TRANSACTIONS
SHOW TRANSACTIONS 'a', 'b'
SHOW SETTINGS 'server.bolt.enabled'
SHOW DATABASES
SHOW HOME DATABASE
TERMINATE TRANSACTIONS 'a'
