"""Neo4j's own driver for Python, as applications use it."""

import asyncio
import datetime

import neo4j
import pytest
from graph import ACME, GLOBEX
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConstraintError,
    CypherSyntaxError,
    Forbidden,
    ServiceUnavailable,
)
from neo4j.spatial import CartesianPoint, WGS84Point
from neo4j.time import Date, DateTime, Duration, Time

NAMES = ["Ada", "Bob", "Eve"]


def named(word, names=NAMES):
    return [f"{name} {word}" for name in names]


def names(session, statement="MATCH (p:Person) RETURN p.name AS name ORDER BY name", **parameters):
    return [record["name"] for record in session.run(statement, parameters)]


# ------------------------------------------------------------------------------------------ reading


def test_a_tenant_sees_its_own(graph, session):
    assert names(session) == named(ACME.word)
    assert session.run("MATCH (n) RETURN count(n) AS n").single()["n"] == 4
    assert session.run("MATCH (p:Person) RETURN count(p) AS n").single()["n"] == 3
    assert graph.run("MATCH (p:Person) RETURN p.name ORDER BY p.name", GLOBEX) == [
        [name] for name in named(GLOBEX.word)
    ]


def test_parameters_and_columns(session):
    found = session.run("MATCH (p:Person {email: $e}) RETURN p.name, p . age", e="ada@example.com")
    assert found.keys() == ["p.name", "p . age"]
    assert found.values() == [[f"Ada {ACME.word}", 36]]


def test_relationships_and_paths(session):
    found = session.run(
        "MATCH p = (:Person {email: $e})-[:KNOWS*1..3]->(x) RETURN p, length(p) AS l ORDER BY l",
        e="ada@example.com",
    )
    paths = list(found)
    assert [path["l"] for path in paths] == [1, 2]
    assert [node["name"] for node in paths[1]["p"].nodes] == named(ACME.word)
    assert [r.type for r in paths[1]["p"].relationships] == ["KNOWS", "KNOWS"]


def test_aggregates_subqueries_and_comprehensions(session):
    statement = """
    MATCH (c:Company)<-[:WORKS_AT]-(p)
    WITH c, collect(p.age) AS ages, count { (c)<-[:WORKS_AT]-() } AS staff
    CALL (c) { MATCH (c)<--(q:Person) RETURN max(q.age) AS oldest }
    RETURN staff, oldest, [x IN ages WHERE x > 40] AS over, exists { (c)--(:Country) } AS e
    """
    assert session.run(statement).values() == [[2, 41, [41], False]]


def test_shared_nodes_are_read_by_all(session):
    assert names(session, "MATCH (c:Country) RETURN c.name AS name ORDER BY name") == [
        "Peru",
        "Switzerland",
    ]


# ------------------------------------------------------------------------------------------ writing


def test_what_is_written_is_the_tenants(graph, session):
    session.run("CREATE (:Person {name: $n})-[:KNOWS]->(:Person {name: 'Fay'})", n="Dan").consume()
    session.run("MATCH (p:Person {email: 'bob@example.com'}) SET p.age = 42, p:Senior").consume()
    session.run("MERGE (p:Person {email: 'ada@example.com'}) SET p.seen = true").consume()
    session.run("MERGE (p:Person {email: 'new@example.com'}) ON CREATE SET p.name = 'New'").consume()
    session.run("MATCH (p:Person {email: 'eve@example.com'}) DETACH DELETE p").consume()
    assert graph.held.names(ACME) == ["Ada", "Bob", "Dan", "Fay", "New", "Shop"]
    bob = next(node for node in graph.held.of(ACME) if node[1].get("email") == "bob@example.com")
    assert bob[0] == ["Person", "Senior"] and bob[1]["age"] == 42


def test_everything_that_a_tenant_deletes_is_its_own(graph, session):
    session.run("MATCH (n) WHERE NOT n:Country DETACH DELETE n").consume()
    assert graph.held.of(ACME) == []


def test_counters_and_the_summary(session):
    summary = session.run("CREATE (:Person {name: 'Dan'})-[:KNOWS]->(:Person)").consume()
    assert summary.counters.nodes_created == 2
    assert summary.counters.relationships_created == 1
    assert summary.query_type == "w" and summary.database == "neo4j"
    assert summary.notifications in (None, []) and summary.plan is None


# -------------------------------------------------------------------------------------- transactions


def test_explicit_transactions(graph, session):
    with session.begin_transaction() as tx:
        tx.run("CREATE (:Person {name: 'Dan'})").consume()
        assert tx.run("MATCH (p:Person) RETURN count(p) AS n").single()["n"] == 4
        tx.rollback()
    assert "Dan" not in graph.held.names(ACME)
    with session.begin_transaction(metadata={"app": "shop"}, timeout=30) as tx:
        tx.run("CREATE (:Person {name: 'Dan'})")
        tx.commit()
    assert "Dan" in graph.held.names(ACME)
    assert session.last_bookmarks().raw_values


def test_managed_transactions_and_bookmarks(graph):
    with graph.driver() as driver:
        with driver.session() as session:
            session.execute_write(lambda tx: tx.run("CREATE (:Person {name: 'Dan'})").consume())
            bookmarks = session.last_bookmarks()
        with driver.session(bookmarks=bookmarks) as session:
            read = session.execute_read(lambda tx: names(tx))
    assert read == [f"Ada {ACME.word}", f"Bob {ACME.word}", "Dan", f"Eve {ACME.word}"]


def test_several_results_of_one_transaction_are_read_in_turns(session):
    with session.begin_transaction() as tx:
        first = tx.run("UNWIND range(1, 2500) AS n RETURN n")
        second = tx.run("MATCH (p:Person) RETURN p.name AS name ORDER BY name")
        third = tx.run("UNWIND range(1, 2500) AS n RETURN -n AS n")
        pairs = [(one["n"], three["n"]) for one, three in zip(first, third)]
        assert pairs == [(n, -n) for n in range(1, 2501)]
        assert [record["name"] for record in second] == named(ACME.word)


def test_ten_thousand_statements_of_one_transaction(session):
    """Results that were read are not held."""
    with session.begin_transaction() as tx:
        for number in range(5000):
            tx.run("RETURN $n AS n", n=number).consume()
        assert tx.run("RETURN 1 AS n").single()["n"] == 1


def test_a_large_result_streams(session):
    found = session.run("UNWIND range(1, 100000) AS n RETURN n, 'x' + toString(n) AS x")
    assert sum(record["n"] for record in found) == 5000050000


def test_a_result_that_is_not_read_to_its_end(graph):
    with graph.driver(fetch_size=10) as driver, driver.session() as session:
        for record in session.run("UNWIND range(1, 100000) AS n RETURN n"):
            if record["n"] == 15:
                break
        assert names(session) == named(ACME.word)


# ------------------------------------------------------------------------------------------- values


def test_values_come_back_as_they_went(session):
    zone = datetime.timezone(datetime.timedelta(hours=2))
    values = [
        None, True, 0, -17, 2**62, 1.5, "ü\n'\"`\\", b"\x00\xff", [1, [2, "x"]], {"a": {"b": [None]}},
        Date(2026, 11, 24), Time(12, 30, 1, 5), DateTime(2026, 11, 24, 12, 30, 1, 5, tzinfo=zone),
        DateTime(2026, 11, 24, 1, 2, 3), Duration(months=1, days=2, seconds=3, nanoseconds=4),
        CartesianPoint((1.5, 2.5)), WGS84Point((8.5, 47.4, 400.0)), "x" * 200_000,
    ]  # fmt: skip
    assert session.run("RETURN $values AS v", values=values).single()["v"] == values


def test_nodes_come_back_as_entities(graph, session):
    node = session.run("MATCH (p:Person {email: 'ada@example.com'}) RETURN p").single()["p"]
    own = {f"Tenant_{ACME.id}"} if graph.strategy == "label" else set()
    assert node.labels == {"Person"} | own
    assert node["name"] == f"Ada {ACME.word}"
    again = session.run("MATCH (p) WHERE elementId(p) = $i RETURN p", i=node.element_id)
    assert dict(again.single()["p"]) == dict(node)


# ------------------------------------------------------------------------------------------ routing


def test_routing(graph):
    with graph.driver(scheme="neo4j") as driver:
        driver.verify_connectivity()
        assert driver.execute_query("RETURN 1 AS n", database_="neo4j").records[0]["n"] == 1
        records = driver.execute_query(
            "MATCH (p:Person) RETURN p.name AS name ORDER BY name",
            routing_=neo4j.RoutingControl.READ,
        ).records
        assert [record["name"] for record in records] == named(ACME.word)
        info = driver.get_server_info()
        assert info.agent.startswith("Neo4j/") and str(graph.ports[ACME]) in str(info.address)


def test_another_database_is_refused(graph):
    with graph.driver() as driver:
        for database in ("system", "other"):
            with driver.session(database=database) as session:
                with pytest.raises(Forbidden, match="database-not-allowed"):
                    session.run("RETURN 1").consume()
        with driver.session(database="neo4j") as session:
            assert names(session) == named(ACME.word)
    with graph.driver(scheme="neo4j") as driver, driver.session(database="system") as session:
        with pytest.raises((Forbidden, ServiceUnavailable)):
            session.run("RETURN 1").consume()


def test_nobody_is_another_user(graph):
    with graph.driver() as driver, driver.session(impersonated_user="neo4j") as session:
        with pytest.raises(ClientError, match="message-not-allowed"):
            session.run("RETURN 1").consume()


# ------------------------------------------------------------------------------------------- logins


@pytest.mark.parametrize(
    "auth",
    [("acme", "guess"), ("nobody", "x"), ("acme", GLOBEX.password), ("neo4j", ACME.password),
     ("ACME", ACME.password), ("acme", "")],
)  # fmt: skip
def test_wrong_logins(graph, auth):
    with neo4j.GraphDatabase.driver(f"bolt://127.0.0.1:{graph.ports[ACME]}", auth=auth) as driver:
        with pytest.raises(AuthError, match="unauthorized"):
            driver.verify_connectivity()


@pytest.mark.parametrize(
    "auth", [None, neo4j.bearer_auth("x.y.z"), neo4j.kerberos_auth("x"), neo4j.custom_auth("acme", "x", "", "own")]
)
def test_other_schemes(graph, auth):
    with neo4j.GraphDatabase.driver(f"bolt://127.0.0.1:{graph.ports[ACME]}", auth=auth) as driver:
        with pytest.raises(AuthError):
            driver.verify_connectivity()


def test_sessions_with_a_login_of_their_own(graph):
    """The driver logs off and on again on one connection."""
    options = {"max_connection_pool_size": 1}
    with neo4j.GraphDatabase.driver(
        f"bolt://127.0.0.1:{graph.wall.port}", auth=("acme", ACME.password), **options
    ) as driver:
        for tenant in (ACME, GLOBEX, ACME, GLOBEX):
            auth = neo4j.basic_auth(tenant.slug, tenant.password)
            assert driver.verify_authentication(auth=auth)
            with driver.session(auth=auth) as session:
                assert names(session) == named(tenant.word)
        with driver.session(auth=neo4j.basic_auth("globex", "guess")) as session:
            with pytest.raises(AuthError):
                session.run("RETURN 1").consume()
        with driver.session() as session:
            assert names(session) == named(ACME.word)


# ---------------------------------------------------------------------------------------- refusals


def test_a_refusal_leaves_the_session_usable(session):
    for statement in ("SHOW USERS", "CREATE USER x SET PASSWORD 'abcdefgh'", "LOAD CSV FROM 'file:///etc/passwd' AS l RETURN l"):
        with pytest.raises(ClientError, match=r"partywall: .*\[[a-z-]+\]"):
            session.run(statement).consume()
        assert names(session) == named(ACME.word)


def test_a_refusal_ends_the_transaction_on_both_sides(graph, session):
    tx = session.begin_transaction()
    tx.run("CREATE (:Person {name: 'Dan'})").consume()
    with pytest.raises(ClientError, match="partywall"):
        tx.run("CALL dbms.killConnection('bolt-1')").consume()
    with pytest.raises(neo4j.exceptions.TransactionError):
        tx.commit()
    assert "Dan" not in graph.held.names(ACME)
    assert names(session) == named(ACME.word)


def test_errors_of_the_store_are_its_own(session):
    with pytest.raises(CypherSyntaxError):
        session.run("MATCH (n RETURN n").consume()
    with pytest.raises(ClientError) as caught:
        session.run("RETURN 1 / 0 AS x").consume()
    assert caught.value.code == "Neo.ClientError.Statement.ArithmeticError"
    with pytest.raises(ConstraintError):
        session.run("MATCH (p:Person {email: 'ada@example.com'}) DELETE p").consume()
    with pytest.raises(ClientError) as caught:
        session.run("RETURN $missing AS x").consume()
    assert caught.value.code == "Neo.ClientError.Statement.ParameterMissing"
    assert names(session) == named(ACME.word)


# -------------------------------------------------------------------------------------------- async


def test_async_sessions_side_by_side(graph):
    async def one(driver, number):
        async with driver.session() as session:
            async def work(tx):
                found = await tx.run("MATCH (p:Person) RETURN p.name AS name ORDER BY name")
                return [record["name"] async for record in found]

            assert await session.execute_read(work) == named(ACME.word)
            tx = await session.begin_transaction()
            await tx.run("CREATE (:Job {n: $n})", n=number)
            await tx.commit()

    async def all_of_them():
        url, auth = f"bolt://127.0.0.1:{graph.ports[ACME]}", (ACME.slug, ACME.password)
        async with neo4j.AsyncGraphDatabase.driver(url, auth=auth) as driver:
            await asyncio.gather(*(one(driver, number) for number in range(20)))

    asyncio.run(all_of_them())
    jobs = [node for node in graph.held.of(ACME) if node[0] == ["Job"]]
    assert sorted(properties["n"] for _, properties in jobs) == list(range(20))


# ------------------------------------------------------- what libraries ask before they do anything


def test_schema_calls_of_libraries(session):
    labels = session.run("CALL db.labels() YIELD label RETURN label ORDER BY label").value()
    assert "Person" in labels and "Secret" not in labels
    types = session.run("CALL db.relationshipTypes()").value()
    assert sorted(types) == ["KNOWS", "WORKS_AT"]
    keys = session.run("CALL db.propertyKeys() YIELD propertyKey RETURN propertyKey").value()
    assert {"name", "email", "age"} <= set(keys)
    versions = session.run("CALL dbms.components() YIELD name, versions, edition RETURN versions")
    assert versions.values()
    session.run("CREATE INDEX person_email IF NOT EXISTS FOR (p:Person) ON (p.email)").consume()
    session.run("CALL db.schema.nodeTypeProperties()").consume()
