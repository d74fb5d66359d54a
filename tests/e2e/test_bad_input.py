"""What goes wrong: each thing gets a clear error in the right place, and all others go on."""

import os
import re
import signal
import socket
import struct
from pathlib import Path

import psycopg
import pytest
from raw import Raw, error_of, frame, query, startup
from shop import ACME, GLOBEX, verifier
from wall import POLICY, Wire, conninfo, eventually, tenants_document, upstream_url

pytestmark = pytest.mark.wall


def refused(url):
    with pytest.raises(psycopg.OperationalError) as error:
        psycopg.connect(url, connect_timeout=10)
    return str(error.value)


def works(wall, tenant=ACME):
    with psycopg.connect(
        conninfo(wall.port, tenant.slug, tenant.password), connect_timeout=10
    ) as connection:
        return connection.execute("SELECT count(*) FROM customers").fetchone() == (3,)


def test_a_log_that_nobody_reads_any_more(own_wall):
    reader, writer = os.pipe()
    os.close(reader)
    wall = own_wall().launch(log_to=writer)
    os.close(writer)
    eventually(wall.is_ready, "the wall is ready")
    refused(conninfo(wall.port, "acme", "guess"))  # a line of the log
    assert works(wall)


# ------------------------------------------------------------------------------------- logging in


def test_wrong_password_and_unknown_login_look_alike(shop):
    port = shop.ports[ACME]
    wrong = refused(conninfo(port, "acme", "guess"))
    unknown = refused(conninfo(port, "nobody", "guess"))
    others = refused(conninfo(port, "acme", GLOBEX.password))
    empty = refused(conninfo(port, "nobody' OR 1=1 --", "x"))
    assert "password authentication failed" in wrong
    assert others == wrong and unknown.replace("nobody", "acme") == wrong
    assert "password authentication failed" in empty
    assert works(shop.wall)


def test_an_unknown_login_is_asked_for_the_same_proof(shop):
    """The same SCRAM challenge comes for a login that is not there, and the same one each time."""

    def challenge(login):
        with Raw.fresh(shop.wall.port) as raw:
            raw.send(startup(user=login, database="shop"))
            tag, body = raw.message()
            assert (tag, body[:4]) == (b"R", struct.pack("!i", 10)) and b"SCRAM-SHA-256\0" in body
            first = b"n,,n=,r=abcdefghijklmnop"
            raw.send(frame(b"p", b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first))
            tag, body = raw.message()
            assert (tag, body[:4]) == (b"R", struct.pack("!i", 11))
            return re.fullmatch(rb"r=abcdefghijklmnop\S+,s=(\S+),i=(\d+)", body[4:]).groups()

    known, unknown = challenge("acme"), challenge("nobody")
    assert known[1] == unknown[1] and len(known[0]) == len(unknown[0])
    assert unknown == challenge("nobody") != challenge("nobody2")


def test_suspended_tenant(own_wall):
    wall = own_wall(tenants=tenants_document(suspended=["acme"])).start()
    refused(conninfo(wall.port, "acme", ACME.password))
    assert works(wall, GLOBEX)


def test_a_tenant_suspended_while_connected(own_wall):
    wall = own_wall().start()
    connections = {
        t: psycopg.connect(conninfo(wall.port, t.slug, t.password), autocommit=True)
        for t in (ACME, GLOBEX)
    }
    (wall.folder / "tenants.toml").write_text(tenants_document(suspended=["acme"]))
    wall.process.send_signal(signal.SIGHUP)

    def is_closed():
        try:
            connections[ACME].execute("SELECT 1")
        except psycopg.OperationalError:
            return True

    eventually(is_closed, "the suspended tenant's connection is closed")
    assert connections[GLOBEX].execute("SELECT count(*) FROM orders").fetchone() == (3,)
    refused(conninfo(wall.port, "acme", ACME.password))


def test_a_login_of_several_tenants_has_none(own_wall):
    both = (
        f'\n[[login]]\nname = "both"\ntenants = ["acme", "globex"]\nverifier = "{verifier("pw")}"\n'
    )
    wall = own_wall(tenants=tenants_document() + both).start()
    try:
        with psycopg.connect(conninfo(wall.port, "both", "pw"), autocommit=True) as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SELECT * FROM customers")
    except psycopg.OperationalError as error:
        assert "tenant" in str(error)
    assert works(wall)


# ----------------------------------------------------------------------------------------- frames


@pytest.mark.parametrize(
    "garbage",
    [
        frame(b"z", b"hello"),
        frame(b"F", b"\0" * 14),
        frame(b"d", b"x"),
        frame(b"W", b""),
        b"Q" + struct.pack("!i", 3) + b"",
        b"Q" + struct.pack("!i", -1),
        b"Q" + struct.pack("!i", 0x7FFFFFFF) + b"SELECT",
        frame(b"Q", b"SELECT 1"),
        frame(b"Q", b"SELECT 1\0;SELECT 2\0"),
        frame(b"P", b"s\0SELECT 1\0\0\x09"),
        frame(b"B", b"\0\0\0\x01\0\x07\0\0\0\0"),
        frame(b"S", b"surplus"),
        frame(b"p", b"again\0"),
        frame(b"E", b"\0\0"),
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
    ids=repr,
)
def test_a_malformed_message_ends_its_connection_and_reaches_nobody(shop, db, garbage):
    with shop.connect() as victim, Raw.logged_in(victim) as raw:
        raw.send(garbage)
        raw.socket.shutdown(socket.SHUT_WR)
        messages = raw.read()
        assert messages[-1] is None or error_of(messages)["C"] in ("08P01", "42501")
    assert db.execute("SELECT count(*) FROM orders").fetchone() == (3,)


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack("!i", 4),
        struct.pack("!i", 0x7FFFFFFF),
        struct.pack("!ii", 8, 1),
        startup(version=(2, 0), user="acme"),
        startup(version=(9, 9), user="acme"),
        startup(database="shop"),
        startup(user="acme", replication="database"),
        startup(user="acme", options="-c session_authorization=postgres"),
        startup(user="acme")[:-1],
        struct.pack("!iii", 16, 80877102, 1) + b"abcd",
    ],
    ids=repr,
)
def test_a_malformed_start_ends_its_connection(shop, db, start):
    with Raw.fresh(shop.wall.port) as raw:
        raw.send(start)
        raw.socket.shutdown(socket.SHUT_WR)
        messages = raw.read()
        assert messages[-1] is None
        assert not any(
            message and message[0] == b"R" and message[1][:4] == b"\0\0\0\0" for message in messages
        )
    assert db.execute("SELECT 1").fetchone() == (1,)


def test_a_truncated_statement_is_never_sent(shop, db):
    with shop.connect(autocommit=True) as victim, Raw.logged_in(victim) as raw:
        whole = query("DELETE FROM items")
        raw.send(whole[:-3])
        raw.socket.shutdown(socket.SHUT_WR)
        assert raw.read()[-1] is None
    assert db.execute("SELECT count(*) FROM items").fetchone() == (4,)
    assert len(shop.held.rows(ACME, "id", "items")) == 4


def test_frames_byte_by_byte(db):
    with Raw.logged_in(db) as raw:
        for byte in query("SELECT count(*) FROM customers"):
            raw.send(bytes([byte]))
        assert [tag for tag, _ in raw.read()] == [b"T", b"D", b"C", b"Z"]


def test_invalid_utf8(shop, db):
    with Raw.logged_in(db) as raw:
        for text in (
            b"SELECT '\xff'",
            b"SELECT '\xc0\xa7'",
            b"SELECT '\xed\xa0\x80' FROM customers",
            b"SELECT '\xe2\x82'",
        ):
            messages = raw.send(query(text)).read()
            assert error_of(messages)["C"] in ("22021", "42501") and messages[-1] == (b"Z", b"I")
        assert [tag for tag, _ in raw.send(query("SELECT 1")).read()] == [b"T", b"D", b"C", b"Z"]


# ------------------------------------------------------------------------------------- statements


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT " + "(" * 20_000 + "1" + ")" * 20_000,
        "SELECT " + "(" * 20_000,
        "SELECT " + "NOT " * 20_000 + "true",
        "SELECT " + "-".join(["1"] * 20_000),
        "SELECT 1" + " UNION SELECT 1" * 20_000,
        "SELECT * FROM " + "(SELECT * FROM " * 5_000 + "orders" + ") x" * 5_000,
        "SELECT 1 WHERE " + " OR ".join(["true"] * 20_000),
        "SELECT ARRAY" + "[" * 20_000 + "1" + "]" * 20_000,
        "/*" * 20_000 + "*/" * 20_000 + "SELECT 1",
        "SELECT '" + "x" * 10_000_000 + "'",
        "SELECT id FROM orders WHERE id IN (" + ",".join(map(str, range(100_000))) + ")",
        "SELECT 1;" * 20_000,
    ],
    ids=lambda statement: statement[:24] + f"… {len(statement)}",
)
@pytest.mark.parametrize("parameters", [None, ()], ids=["simple", "extended"])
def test_a_huge_statement_is_answered_or_refused(shop, statement, parameters):
    with shop.connect(autocommit=True) as connection:
        try:
            connection.execute(statement, parameters)
        except psycopg.Error as error:
            assert not isinstance(error, psycopg.OperationalError) or error.sqlstate, error
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (3,)


def test_twenty_thousand_parentheses_are_refused_as_too_deep(db):
    with pytest.raises(psycopg.errors.StatementTooComplex, match=r"\[too-deep\]"):
        db.execute("SELECT " + "(" * 20_000 + "1" + ")" * 20_000)


def test_what_is_larger_than_any_limit_ends_only_its_own_connection(shop, db):
    with pytest.raises(psycopg.Error), shop.connect() as victim:
        victim.execute("SELECT '" + "x" * 300_000_000 + "'")
    assert db.execute("SELECT 1").fetchone() == (1,)


# ------------------------------------------------------------------------------ the store goes away


def test_store_down_at_start_and_up_later(shop, own_wall):
    wire = Wire(psycopg.conninfo.conninfo_to_dict(shop.store_url)["port"])
    wire.cut()
    wall = own_wall(upstream_url(shop.store_url, wire.port)).launch()
    eventually(lambda: wall.probe("live") == 200, "it lives")
    assert wall.probe("ready") == 503
    refused(conninfo(wall.port, "acme", ACME.password))
    assert str(wire.port) in wall.log()
    wire.mend()
    eventually(wall.is_ready, "it is ready once the store is there", 60)
    assert works(wall)
    wire.close()


def test_store_lost_in_mid_reply_and_back(shop, own_wall):
    wire = Wire(psycopg.conninfo.conninfo_to_dict(shop.store_url)["port"])
    wall = own_wall(upstream_url(shop.store_url, wire.port)).start()
    with psycopg.connect(conninfo(wall.port, "acme", ACME.password)) as connection:
        wire.bytes_left = 100_000
        with pytest.raises(psycopg.OperationalError):
            connection.execute(
                "SELECT n, repeat('x', 100) FROM generate_series(1, 100000) n"
            ).fetchall()
        assert connection.closed
    refused(conninfo(wall.port, "acme", ACME.password))
    assert wall.probe("live") == 200
    wire.mend()
    assert eventually(lambda: wall.is_ready() and works(wall), "back again", 60)
    wire.close()


def test_store_lost_inside_a_transaction_commits_nothing(shop, own_wall):
    wire = Wire(psycopg.conninfo.conninfo_to_dict(shop.store_url)["port"])
    wall = own_wall(upstream_url(shop.store_url, wire.port)).start()
    with pytest.raises(psycopg.OperationalError):
        with psycopg.connect(conninfo(wall.port, "acme", ACME.password)) as connection:
            connection.execute("DELETE FROM items")
            wire.cut()
            connection.commit()
    eventually(lambda: len(shop.held.rows(ACME, "id", "items")) == 4, "the store rolled back")
    wire.close()


def test_a_client_that_goes_away_rolls_back(shop):
    connection = shop.connect()
    connection.execute("DELETE FROM items")
    connection.pgconn.finish()
    holders = (
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'partywall' AND state ~ '^idle in'"
    )
    eventually(lambda: shop.held(holders) == [(0,)], "the store's side is closed")
    assert len(shop.held.rows(ACME, "id", "items")) == 4


def test_a_client_that_stops_reading_holds_up_nobody(shop, db):
    def kilobytes():
        text = Path(f"/proc/{shop.wall.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1])

    before = kilobytes()
    with shop.connect() as lazy, Raw.logged_in(lazy) as raw:
        raw.send(query("SELECT repeat('x', 1000) FROM generate_series(1, 300000)"))
        writing = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'ClientWrite' AND usename = 'partywall'"
        eventually(lambda: shop.held(writing), "the store waits for the client")
        for _ in range(50):
            assert db.execute("SELECT count(*) FROM orders").fetchone() == (3,)
        assert kilobytes() - before < 64 * 1024
        lazy.pgconn.finish()
    eventually(lambda: not shop.held(writing), "the store no longer waits")


def test_a_cancel_with_a_wrong_key_cancels_nothing(shop, db):
    with Raw.fresh(shop.wall.port) as raw:
        raw.send(struct.pack("!iiii", 16, 80877102, db.info.backend_pid, 12345))
        assert raw.message() is None
    assert db.execute("SELECT count(*) FROM generate_series(1, 200000)").fetchone() == (200000,)


# -------------------------------------------------------------------------------- ends and documents


def ended(wall):
    """Launches a wall that cannot run; its exit code and what it said."""
    wall.launch()
    code = wall.process.wait(20)
    return code, wall.log()


def test_port_in_use(shop, own_wall):
    wall = own_wall()
    with socket.create_server(("127.0.0.1", wall.port)):
        code, said = ended(wall)
    assert code == 4 and f"127.0.0.1:{wall.port}" in said


@pytest.mark.parametrize(
    "policy, words",
    [
        (POLICY.replace("column =", "colum ="), ["policy.toml", "colum", "column"]),
        (POLICY.replace('"uuid"', '"guid"'), ["policy.toml", "uuid"]),
        (POLICY.replace("version = 1", ""), ["policy.toml", "version"]),
        (POLICY + "[postgres\n", [f"policy.toml:{len(POLICY.splitlines()) + 1}:"]),
        (POLICY.replace('["public.plans"]', '["public.plans"'), ["policy.toml"]),
        (
            POLICY + '[postgres.tables."public.plans"]\ncolumn = "x"\n',
            ["policy.toml", "public.plans"],
        ),
        ("", ["policy.toml"]),
    ],
    ids=["typo", "kind", "no version", "syntax", "bracket", "contradiction", "empty"],
)
def test_a_policy_that_cannot_be_used_is_said_with_place_and_remedy(shop, own_wall, policy, words):
    code, said = ended(own_wall(policy=policy))
    assert code == 3, said
    for word in words:
        assert word in said, said


def test_a_policy_that_contradicts_the_store_opens_nothing(shop, own_wall):
    policy = POLICY + '[postgres.tables."public.nowhere"]\ncolumn = "tenant_id"\n'
    wall = own_wall(policy=policy).launch()
    eventually(
        lambda: "public.nowhere" in wall.log() or wall.process.poll() is not None, "it says so"
    )
    assert "public.nowhere" in wall.log()
    assert wall.process.poll() is not None or wall.probe("ready") != 200


def test_a_reload_with_a_bad_policy_refuses_everything_until_mended(own_wall):
    wall = own_wall().start()
    with psycopg.connect(conninfo(wall.port, "acme", ACME.password), autocommit=True) as connection:
        connection.execute("SELECT 1 FROM orders", prepare=True)
        (wall.folder / "policy.toml").write_text(POLICY.replace("column", "colum"))
        wall.process.send_signal(signal.SIGHUP)

        def is_refused():
            try:
                connection.execute("SELECT 1 FROM orders")
            except psycopg.errors.InsufficientPrivilege as refusal:
                return "policy" in str(refusal)

        eventually(is_refused, "everything is refused")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT 1 FROM orders", prepare=True)
        (wall.folder / "policy.toml").write_text(POLICY)
        wall.process.send_signal(signal.SIGHUP)
        eventually(lambda: not is_refused(), "it goes on")


def test_sigterm_drains(shop, own_wall):
    wall = own_wall(extra="drain_seconds = 20\n").start()
    with psycopg.connect(conninfo(wall.port, "acme", ACME.password)) as connection:
        connection.execute("UPDATE orders SET note = 'last' WHERE id = 1")
        wall.process.send_signal(signal.SIGTERM)
        eventually(lambda: wall.probe("ready") != 200, "it is no longer ready")
        connection.execute("UPDATE orders SET note = 'done' WHERE id = 2")
        connection.commit()
    assert wall.process.wait(20) == 0
    assert shop.held.rows(ACME, "note", "orders", "id")[:2] == [("last",), ("done",)]
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", wall.port))


def test_metrics_count_what_was_refused(shop, db):
    def refusals():
        text = shop.wall.get("metrics")[1]
        return sum(
            float(line.rpartition(" ")[2])
            for line in text.splitlines()
            if "rejections_total{" in line and "relation-not-allowed" in line
        )

    before = refusals()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute("SELECT * FROM settings")
    assert eventually(lambda: refusals() == before + 1, "the refusal is counted")
