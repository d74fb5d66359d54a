"""What goes wrong: each thing gets a clear error in the right place, and all others go on."""

import os
import signal
import ssl
import struct

import neo4j
import pytest
from bolt import ALL, MAGIC, PULL, RESET, Raw, body, chunked, message, pack, run
from graph import ACME, GLOBEX, tenants_document, upstream_url
from neo4j.exceptions import ClientError, DriverError, ServiceUnavailable, TransientError
from wall import Wire, eventually

PEOPLE = "MATCH (p:Person) RETURN p.name ORDER BY p.name"
HELLO = message("HELLO", {"user_agent": "raw/1", "bolt_agent": {"product": "raw/1"}})


def works(graph, tenant=ACME):
    with Raw(graph.ports[tenant], tenant) as raw:
        return [row[0].split()[0] for row in raw.rows(PEOPLE)] == ["Ada", "Bob", "Eve"]


# ---------------------------------------------------------------------------------- the first bytes


@pytest.mark.parametrize("version", [(4, 4), (5, 0), (5, 1), (5, 2), (5, 3), (5, 4), (5, 6), (5, 7), (5, 8)])
def test_every_version(graph, version):
    with Raw(graph.ports[ACME], ACME, version) as raw:
        assert len(raw.rows(PEOPLE)) == 3
        raw.send(message("BEGIN", {}) + run("CREATE (:Made)") + PULL + message("COMMIT"))
        kinds = [raw.read()[0] for _ in range(4)]
        assert kinds == ["SUCCESS"] * 4
        raw.send(run("SHOW USERS") + PULL)
        code, text = raw.failure()
        assert code.startswith("Neo.ClientError.") and text.startswith("partywall: ")
        assert raw.read() == ("IGNORED", None)
        raw.recover()
        assert len(raw.rows(PEOPLE)) == 3


def test_versions_that_are_not_served(graph):
    for slots in ("00000304", "00000003", "00000505", "00000007", "000000FF"):
        with Raw(graph.wall.port) as raw:
            raw.send(MAGIC + bytes.fromhex(slots) + bytes(12))
            assert raw.exactly(4) == bytes(4) and raw.exactly(1) is None
    assert works(graph)


def test_the_manifest(graph):
    with Raw(graph.wall.port) as raw:
        raw.send(MAGIC + bytes.fromhex("000001FF") + bytes(12))
        assert raw.exactly(4) == bytes.fromhex("000001FF")
        count = raw.exactly(1)[0]
        listed = [tuple(raw.exactly(4)) for _ in range(count)]
        assert (0, 0, 8, 5) in listed and raw.exactly(1) == b"\0"
        raw.send(bytes.fromhex("0000080500") + HELLO)
        assert raw.read()[0] == "SUCCESS"


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"\0\0\0\x08\x04\xd2\x16\x2f", b"*1\r\n$4\r\nPING\r\n", b"\xff" * 64])
def test_other_protocols(graph, first):
    with Raw(graph.wall.port) as raw:
        raw.send(first)
        said = b""
        while byte := raw.exactly(1):
            said += byte
        assert said.startswith((b"HTTP/1.1 400", b"\x15\x03")) or not said
    assert works(graph)


def test_tls_is_told_that_there_is_none(graph):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with Raw(graph.wall.port) as raw, pytest.raises(ssl.SSLError):
        context.wrap_socket(raw.socket)


# -------------------------------------------------------------------------------------- before LOGON


def test_nothing_without_a_login(graph):
    for data in (run(PEOPLE) + PULL, message("BEGIN", {}), RESET, message("ROUTE", {}, [], {}),
                 message("LOGOFF"), message("COMMIT"), message("TELEMETRY", 1)):
        for first in (b"", HELLO):
            with Raw(graph.wall.port) as raw:
                raw.handshake()
                raw.send(first + data)
                found = raw.until()
                assert [each[0] for each in found[:-1]] == ["SUCCESS"] * bool(first) + ["FAILURE"]
    assert works(graph)


def test_sizes_and_depths_before_the_login(graph):
    deep = b"\xb1\x01" + b"\x91" * 8000 + b"\xc0"
    for data in (chunked(deep), message("HELLO", {"user_agent": "x" * 9000}),
                 b"\xff\xff" + b"\0" * 65535 + b"\xff\xff", chunked(b"\xb1\x01\xd6\x80\0\0\0")):
        with Raw(graph.wall.port) as raw:
            raw.handshake()
            raw.send(data)
            assert raw.until()[-1] is None
    assert works(graph)


# ------------------------------------------------------------------------------------------ messages


def test_a_byte_at_a_time_and_a_byte_a_chunk(graph):
    with Raw(graph.ports[ACME], ACME) as raw:
        for byte in run(PEOPLE) + PULL:
            raw.send(bytes([byte]))
        assert [raw.read()[0] for _ in range(5)][1:4] == ["RECORD"] * 3
        raw.send(b"\0\0" + chunked(body("RUN", PEOPLE, {}, {}), 1) + b"\0\0\0\0" + PULL)
        assert [raw.read()[0] for _ in range(5)][1:4] == ["RECORD"] * 3


@pytest.mark.parametrize(
    "data",
    [
        b"\xb0\x4e", b"\xb1\x70\xa0", b"\x91\x01", b"\xb1\x3f\xa1\x81n\x81x", b"\xc0",
        b"\xb2\x3f\xa0\xa0", b"\xb1\x3f\xa1\x81x\x01", b"\xdc\x01\x0f",
    ],
)  # fmt: skip
def test_messages_that_are_none(graph, data):
    with Raw(graph.ports[ACME], ACME) as raw:
        raw.send(chunked(data))
        found = raw.until()
        assert found[-1] is None or found[0][0] == "FAILURE"
    assert works(graph)


def statement(parameters, text="RETURN 1", extra=b"\xa0"):
    return chunked(b"\xb3\x10" + pack(text) + parameters + extra)


@pytest.mark.parametrize(
    "data",
    [
        chunked(b"\xb0\x10"), statement(b"\xa1\x81a\xd6\x80\0\0\0"), statement(b"\xa1\x81a" + b"\x91" * 20000 + b"\x01"),
        statement(b"\xa2\x81a\x01\x81a\x02"), statement(b"\xa1\x81n\xb3N\x01\x90\xa0"),
        statement(b"\xa1\x81a\x82\xc3\x28"), statement(b"\xa1\x81a\xc7"), statement(b"\xa1\x01\x01"),
        statement(b"\xa0", extra=b"\xa2\x82db\x85neo4j\x82db\x86system"), statement(b"\xa0") [:-2] + b"\0\x01\x00\0\0",
        statement(b"\xa0", extra=b"\xa1\x82db\x01"), statement(b"\xa0", extra=b"\xa1\x88imp_user\x81x"),
    ],
)  # fmt: skip
def test_statements_that_cannot_be_understood(graph, data):
    """They fail in their place, and the connection goes on."""
    with Raw(graph.ports[ACME], ACME) as raw:
        raw.send(run(PEOPLE) + PULL + data + PULL + message("ROUTE", {}, [], {}))
        assert len(raw.until("SUCCESS")) == 1 and len(raw.until("SUCCESS")) == 4
        code, _ = raw.failure()
        assert code.startswith("Neo.ClientError.")
        assert [raw.read() for _ in range(2)] == [("IGNORED", None)] * 2
        raw.recover()
        assert len(raw.rows(PEOPLE)) == 3


def test_deeply_nested_statements(graph):
    texts = ["RETURN " + "(" * n + "1" + ")" * n + " AS x" for n in (90, 500, 20000)]
    texts += ["RETURN " + "[" * n + "]" * n + " AS x" for n in (200, 20000)]
    texts += ["MATCH (n) " + "WHERE EXISTS { MATCH (x) " * n + "}" * n + " RETURN 1" for n in (20, 2000)]
    for text in texts:
        with Raw(graph.ports[ACME], ACME) as raw:
            raw.send(run(text) + PULL)
            first = raw.read()
            assert first and first[0] in ("SUCCESS", "FAILURE"), text[:40]
            assert raw.until("SUCCESS", "IGNORED")[-1], text[:40]
            raw.recover()
    assert works(graph)


def test_messages_out_of_order(graph):
    for data in (message("COMMIT"), PULL, message("ROLLBACK"), message("DISCARD", ALL),
                 message("BEGIN", {}) * 2, run("RETURN 1") * 2, HELLO, message("LOGON", {}),
                 message("BEGIN", {}) + message("LOGOFF"), run("RETURN 1") + message("COMMIT")):
        with Raw(graph.ports[ACME], ACME) as raw:
            raw.send(data)
            found = raw.until("FAILURE")
            assert found[-1] is None or found[-1][0] == "FAILURE", found
    assert works(graph)


def test_a_pipeline_with_refusals_in_it(graph):
    with Raw(graph.ports[ACME], ACME) as raw:
        raw.send(run(PEOPLE) + PULL + run("SHOW USERS") + PULL + run("RETURN 1") + PULL)
        kinds = [raw.read() for _ in range(5)]
        assert [kind for kind, _ in kinds] == ["SUCCESS", "RECORD", "RECORD", "RECORD", "SUCCESS"]
        assert "partywall" in raw.failure()[1]
        assert [raw.read()[0] for _ in range(3)] == ["IGNORED"] * 3
        raw.recover()
        raw.send(
            message("BEGIN", {}) + run("CREATE (:Lost)") + PULL
            + run("SHOW USERS") + PULL + message("COMMIT")
        )  # fmt: skip
        assert [raw.read()[0] for _ in range(3)] == ["SUCCESS"] * 3
        assert "partywall" in raw.failure()[1]
        assert [raw.read()[0] for _ in range(2)] == ["IGNORED"] * 2
        raw.recover()
        assert raw.rows("MATCH (n:Lost) RETURN count(n)") == [[0]]
    assert not [node for node in graph.held.of(ACME) if "Lost" in node[0]]


def test_reset_ends_a_statement_that_runs(graph):
    long = "UNWIND range(1, 1000000000) AS a WITH a WHERE a < 0 RETURN count(a)"
    with Raw(graph.ports[ACME], ACME) as raw:
        raw.send(run(long) + PULL)
        assert raw.read()[0] == "SUCCESS"
        raw.recover()
        assert len(raw.rows(PEOPLE)) == 3


# ------------------------------------------------------------------------------- stores that go away


def test_a_store_that_is_not_there(graph, own_wall):
    wire = Wire(int(upstream_url(graph.name).rsplit(":", 1)[1].split("/")[0]))
    with own_wall(upstream_url(graph.name, wire.port)) as wall:
        wire.cut()
        url, auth = f"bolt://127.0.0.1:{wall.port}", (ACME.slug, ACME.password)
        with neo4j.GraphDatabase.driver(url, auth=auth) as driver:
            with pytest.raises((TransientError, ServiceUnavailable), match="partywall|unavailable"):
                driver.verify_connectivity()
            wire.mend()
            eventually(wall.is_ready, "it is ready again")
            driver.verify_connectivity()
    wire.close()


def test_a_store_that_goes_away_within_a_transaction(graph, own_wall):
    wire = Wire(int(upstream_url(graph.name).rsplit(":", 1)[1].split("/")[0]))
    with own_wall(upstream_url(graph.name, wire.port)) as wall:
        url, auth = f"bolt://127.0.0.1:{wall.port}", (ACME.slug, ACME.password)
        with neo4j.GraphDatabase.driver(url, auth=auth) as driver, driver.session() as session:
            tx = session.begin_transaction()
            tx.run("CREATE (:Lost)").consume()
            wire.cut()
            with pytest.raises((DriverError, ClientError)):
                tx.commit()
            wire.mend()
            eventually(wall.is_ready, "it is ready again")
            assert session.run("MATCH (n:Lost) RETURN count(n) AS n").single()["n"] == 0
    wire.close()


def test_a_client_that_goes_away_within_a_transaction(graph):
    with Raw(graph.ports[ACME], ACME) as raw:
        raw.send(message("BEGIN", {}) + run("CREATE (:Lost)") + PULL)
        assert [raw.read()[0] for _ in range(3)] == ["SUCCESS"] * 3
    count = "SHOW TRANSACTIONS YIELD metaData WHERE metaData.partywall_tenant = 'acme' RETURN count(*)"
    eventually(lambda: graph.held.run(count) == [[0]], "its transaction has ended")
    assert not [node for node in graph.held.of(ACME) if "Lost" in node[0]]


def test_transactions_bear_their_tenant(graph):
    with Raw(graph.ports[ACME], ACME) as raw:
        forged = {"tx_metadata": {"partywall_tenant": "globex", "app": "x"}}
        raw.send(message("BEGIN", forged))
        assert raw.read()[0] == "SUCCESS"
        shown = graph.held.run("SHOW TRANSACTIONS YIELD metaData RETURN metaData")
        assert [{"partywall_tenant": "acme", "app": "x"}] in shown


def test_a_suspended_tenant_is_let_go(graph, own_wall):
    with own_wall() as wall:
        with Raw(wall.port, ACME) as raw, Raw(wall.port, GLOBEX) as other:
            assert len(raw.rows(PEOPLE)) == 3
            (wall.folder / "tenants.toml").write_text(tenants_document(suspended=["acme"]))
            os.kill(wall.process.pid, signal.SIGHUP)
            assert raw.until()[-1] is None
            assert len(other.rows("MATCH (p:Person) RETURN p.age")) == 3
            with pytest.raises(AssertionError, match="Unauthorized"):
                Raw(wall.port, ACME)


def test_a_client_that_does_not_read(graph):
    """It holds up nobody but itself."""
    with Raw(graph.wall.port, ACME) as raw:
        raw.send((run("UNWIND range(1, 100000) AS n RETURN n") + PULL) * 4)
        assert works(graph) and works(graph, GLOBEX)
        for _ in range(4):
            assert len(raw.until("SUCCESS")) == 1 and len(raw.until("SUCCESS")) == 100_001


def test_huge_declared_chunks(graph):
    with Raw(graph.ports[ACME], ACME) as raw:
        big = "x" * (8 << 20)
        raw.send(message("RUN", "RETURN size($x) AS n", {"x": big}, {}) + PULL)
        assert raw.read()[0] == "SUCCESS" and raw.read() == ("RECORD", [8 << 20])
    with Raw(graph.ports[ACME], ACME) as raw:
        raw.send((struct.pack(">H", 65535) + b"\0" * 65535) * 1100)
        assert raw.until()[-1] is None
    assert works(graph)
