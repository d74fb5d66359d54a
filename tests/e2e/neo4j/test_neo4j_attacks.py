"""Ways round the wall, over the wire. What a client is told matters less than what the server then
holds, which the fixture looks at: nothing of another tenant is seen or changed."""

import neo4j
import pytest
from bolt import PULL, Raw, run
from graph import ACME, GLOBEX

G = f"Tenant_{GLOBEX.id}"
T = GLOBEX.id

# Each reads or writes what is not the tenant's, if it gets through. `…` stands for the other's id.
STATEMENTS = [
    # nodes without a pattern that names them
    f"MATCH (n:`{G}`) RETURN n",
    f"MATCH (n) WHERE n:`{G}` RETURN n",
    f"MATCH (n:Person|`{G}`) RETURN n",
    f"MATCH (n:!Person) RETURN n",
    "MATCH (n:%) RETURN n",
    f"MATCH (n:$('{G}')) RETURN n",
    "MATCH (n:$([])) RETURN n",
    "MATCH (n:$all([])) RETURN n",
    "MATCH (n:!$any([])) RETURN n",
    f"MATCH (n {{tenant_id: '{T}'}}) RETURN n",
    f"MATCH (n) WHERE n.tenant_id = '{T}' RETURN n",
    "MATCH (n) WHERE true OR n.tenant_id IS NULL RETURN n",
    f"MATCH (n)--(m:`{G}`) RETURN m",
    "MATCH ()-[r]-() RETURN r",
    "MATCH ()-[r:KNOWS]->(m) RETURN m, startNode(r)",
    "MATCH p = (:Person)-[*0..5]-() RETURN p",
    "MATCH p = (:Person)--{0,5}() RETURN p",
    "MATCH (a:Person), (b:Person) MATCH p = shortestPath((a)-[*..9]-(b)) WHERE a <> b RETURN p",
    "MATCH (a:Person), (b:Person) MATCH p = allShortestPaths((a)-[*..9]-(b)) WHERE a <> b RETURN p",
    "MATCH p = SHORTEST 3 (:Person)--+(:Person) RETURN p",
    "RETURN [(a)-->(b) | b] AS x",
    "RETURN COLLECT { MATCH (n) RETURN n.name } AS x",
    "RETURN COUNT { MATCH (n) } AS x, EXISTS { MATCH (n:Secret) } AS y",
    "CALL { MATCH (n) RETURN n } RETURN n",
    "CALL () { MATCH (n) RETURN n } RETURN n",
    "MATCH (n) RETURN n UNION MATCH (n:Secret) RETURN n",
    "MATCH (n) WHERE id(n) >= 0 RETURN n",
    "UNWIND range(0, 40) AS i MATCH (n) WHERE id(n) = i RETURN n",
    "MATCH (n) RETURN *",
    "WITH 1 AS x MATCH (n) RETURN [n, x], {a: n}",
    "PROFILE MATCH (n) RETURN n",
    "EXPLAIN MATCH (n) RETURN n",
    # lexing
    "M\\u0041TCH (n) RETURN n",
    "MATCH (n) RETURN n /* \\u002A\\u002F UNION MATCH (n) RETURN n // */",
    "RETURN '\\u0027 AS x UNION MATCH (n) RETURN n.name AS x //'",
    "MATCH (n) // \r RETURN n",
    "MATCH (n:`Person\\u0060 ) RETURN n //`) RETURN n",
    f"MATCH (n:`Tenant\\u005f{T}`) RETURN n",
    "MATCH (n) RETURN n; MATCH (n) RETURN n",
    "CYPHER 25 MATCH (n) RETURN n",
    "CYPHER runtime=slotted MATCH (n) RETURN n",
    # calls
    "CALL db.index.fulltext.queryNodes('people', 'wombat') YIELD node RETURN node",
    "CALL db.schema.visualization()",
    "CALL dbms.listConfig()",
    "CALL dbms.listConnections()",
    "CALL tx.setMetaData({partywall_tenant: 'globex'})",
    "CALL db.stats.retrieveAllAnonymized('x')",
    "CALL apoc.cypher.run('MATCH (n) RETURN n', {})",
    "RETURN apoc.cypher.runFirstColumnMany('MATCH (n) RETURN n', {})",
    "SHOW TRANSACTIONS",
    "SHOW USERS",
    "SHOW INDEXES YIELD name WHERE EXISTS { (n:Secret) } RETURN name",
    "SHOW DATABASES",
    "USE system SHOW USERS",
    "USE neo4j MATCH (n) RETURN n",
    "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
    "TERMINATE TRANSACTION 'neo4j-transaction-1'",
    "ALTER CURRENT USER SET PASSWORD FROM 'x' TO 'abcdefgh1'",
    "CREATE USER eve SET PASSWORD 'abcdefgh1'",
    "DROP DATABASE neo4j",
    "CREATE CONSTRAINT c FOR (p:Person) REQUIRE p.email IS UNIQUE",
    # writing
    f"CREATE (n:`{G}` {{name: 'x'}})",
    f"CREATE (n:$('{G}') {{name: 'x'}})",
    f"CREATE (n {{tenant_id: '{T}', name: 'x'}})",
    f"MERGE (n:Person:`{G}`) RETURN n",
    "MERGE (n:Secret) SET n.name = 'x'",
    "MERGE (n) SET n.name = 'x'",
    f"MATCH (n:Person) SET n:`{G}`",
    f"MATCH (n:Person) SET n:$('{G}')",
    f"MATCH (n:Person) SET n.tenant_id = '{T}'",
    f"MATCH (n:Person) SET n['tenant' + '_id'] = '{T}'",
    f"MATCH (n:Person) SET n += {{tenant_id: '{T}'}}",
    f"MATCH (n:Person) SET n = {{tenant_id: '{T}'}}",
    f"MATCH (n:Person) SET (CASE WHEN true THEN n END).tenant_id = '{T}'",
    f"MATCH (n:Person) FOREACH (x IN [n] | SET x.tenant_id = '{T}')",
    "MATCH (n:Person) REMOVE n.tenant_id",
    f"MATCH (n:Person) REMOVE n:`Tenant_{ACME.id}`",
    f"MATCH (n:Person) REMOVE n:$('Tenant_{ACME.id}')",
    "MATCH (n:Country) SET n.name = 'x'",
    "MATCH (n:Country) DETACH DELETE n",
    "MATCH (n) DETACH DELETE n",
    "MATCH (n:Secret) DETACH DELETE n",
    "MATCH (n)-[r]-(m) DELETE r",
    "MATCH (a:Person), (b:Secret) CREATE (a)-[:OWNS]->(b)",
    "CALL { MATCH (n) DETACH DELETE n } IN TRANSACTIONS OF 1 ROW",
    "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS",
    "CALL db.create.setNodeVectorProperty(null, 'tenant_id', [1.0])",
]

PARAMETERS = {"t": T, "label": G, "map": {"tenant_id": T}, "key": "tenant_id", "labels": [G], "none": []}

WITH_PARAMETERS = [
    "CREATE (n $map)",
    "CREATE (n:Person) SET n = $map",
    "CREATE (n:Person) SET n += $map",
    "MATCH (n:Person) SET n[$key] = $t",
    "MATCH (n:Person) REMOVE n[$key]",
    "MATCH (n:$($label)) RETURN n",
    "MATCH (n:$($labels)) RETURN n",
    "MATCH (n:$all($none)) RETURN n",
    "MERGE (n:$($label)) RETURN n",
    "UNWIND [$map] AS m CREATE (n) SET n = m",
    "MATCH (n {tenant_id: $t}) RETURN n",
]

# What the wall may itself add to a statement: a client that sends it must not change what it means.
FORGED = {"tenant": T, "__tenant": T, "_tenant": T, "partywall_tenant": T, "tenant_id": T, "__t": T}


def attempt(session, statement, parameters=None):
    """The statement's rows, or the error that it got."""
    try:
        return session.run(statement, parameters or {}).values()
    except (neo4j.exceptions.Neo4jError, neo4j.exceptions.DriverError) as error:
        return error


def shows_itself(graph, statement):
    """With the property strategy a tenant's label is a label as any other, and a client reads its own."""
    return graph.strategy == "property" and "Tenant_" in statement


@pytest.mark.parametrize("statement", STATEMENTS)
def test_statement(graph, session, statement):
    if shows_itself(graph, statement):
        pytest.skip("the label is the client's own")
    attempt(session, statement)
    attempt(session, statement, FORGED)
    assert session.run("RETURN 1 AS n").single()["n"] == 1


@pytest.mark.parametrize("statement", WITH_PARAMETERS)
def test_statement_with_parameters(graph, session, statement):
    attempt(session, statement, PARAMETERS)
    attempt(session, statement, PARAMETERS | FORGED)
    assert session.run("RETURN 1 AS n").single()["n"] == 1


def test_all_in_one_transaction(graph):
    """A refusal ends it; what was done before is undone."""
    with graph.driver() as driver, driver.session() as session:
        for statement in STATEMENTS[-30:]:
            if shows_itself(graph, statement):
                continue
            with session.begin_transaction() as tx:
                attempt(tx, "CREATE (:Made)")
                attempt(tx, statement)
                tx.close()
    assert graph.held.names(ACME) == ["Ada", "Bob", "Eve", "Shop"]


def test_relationships_to_others_are_not_there(graph):
    """Such that are not meant to be: none is seen, and none leads across."""
    cross = """
    MATCH (a), (b) WHERE a.name = $a AND b.name = $b
    CREATE (a)-[:KNOWS {how: $how}]->(b), (b)-[:KNOWS {how: $how}]->(a)
    """
    graph.held.run(cross, a=f"Ada {ACME.word}", b=f"Eve {GLOBEX.word}", how=GLOBEX.word)
    graph.held.run(cross, a=f"Ada {ACME.word}", b=f"Bare {GLOBEX.word}", how=GLOBEX.word)
    with graph.driver() as driver, driver.session() as session:
        def number(text):
            return session.run(text).single()["n"]

        assert number("MATCH (:Person {email: 'ada@example.com'})--(x) RETURN count(x) AS n") == 2
        assert number("MATCH ()-[r]->() RETURN count(r) AS n") == 4
        assert number("MATCH (a)-[*1..4]-(b) RETURN count(DISTINCT b) AS n") == 4
        assert number("MATCH (a:Person) RETURN sum(COUNT { (a)--() }) AS n") == 6
        assert number("MATCH (a:Person) WHERE EXISTS { (a)-[:KNOWS]->(:Secret) } RETURN count(a) AS n") == 0
        reached = session.run("MATCH p = (:Person {email: 'ada@example.com'})-[:KNOWS*]-(x) RETURN p")
        assert all(ACME.word in node["name"] for path in reached.value() for node in path.nodes)
    graph.held.run("MATCH ()-[r:KNOWS {how: $how}]->() DELETE r", how=GLOBEX.word)


def test_another_client_of_the_same_wall(graph):
    """What one connection has open is closed to others."""
    with Raw(graph.ports[ACME], ACME) as raw, Raw(graph.ports[GLOBEX], GLOBEX) as other:
        raw.send(run("MATCH (p:Person) RETURN p.name"))
        assert raw.read()[0] == "SUCCESS"
        other.send(PULL)
        found = other.read()
        assert found is None or found[0] == "FAILURE"
        raw.send(PULL)
        assert len(raw.until("SUCCESS")) == 4
