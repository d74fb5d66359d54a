"""Ways round the wall that somebody thought of, on a real store.

That nothing of the other tenant's is seen or changed is asserted by the fixture `shop`, after each.
"""

import struct

import psycopg
import pytest

from raw import Raw, error_of, frame, query
from shop import ACME, GLOBEX

pytestmark = pytest.mark.wall

REFUSED = "42501"

# What the wall must refuse: running it would show or change what is not the tenant's.
REFUSALS = [
    # A value for the tenant column by roads that no VALUES list shows.
    f"UPDATE orders SET (note, tenant_id) = (SELECT 'x', '{GLOBEX.id}'::uuid)",
    f"UPDATE orders SET (note, U&\"tenant\\005fid\") = ROW('x', '{GLOBEX.id}')",
    "UPDATE orders SET tenant_id = DEFAULT",
    "INSERT INTO orders SELECT (jsonb_populate_record(NULL::orders,"
    f" '{{\"tenant_id\": \"{GLOBEX.id}\", \"id\": 77, \"customer_id\": 1}}')).*",
    "INSERT INTO orders (id, customer_id, tenant_id)"
    f" VALUES (77, 1, reverse('{GLOBEX.id[::-1]}')::uuid)",
    f"WITH w AS (INSERT INTO orders (id, customer_id, tenant_id) VALUES (77, 1, '{GLOBEX.id}')"
    " RETURNING *) SELECT * FROM w",
    "INSERT INTO orders (id, customer_id, tenant_id) SELECT 77, 1, max(a::text)::uuid FROM unnest("
    f"ARRAY['{GLOBEX.id}']) a",
    # Names of functions and settings that are made while the statement runs.
    "SELECT set_config('search_' || 'path', 'pg_temp', false)",
    "SELECT set_config(name, 'off', false) FROM pg_settings WHERE name = 'row_security'",
    "SELECT ('settings'::text).pg_read_file",
    "SELECT (c).pg_relation_size FROM (SELECT 'orders'::regclass AS c) x",
    # Relations that only a type or a string names.
    "SELECT table_to_xml('settings', true, false, '')",
    "SELECT * FROM json_populate_recordset(NULL::settings, '[]')",
    "SELECT last_value FROM orders_id_seq",
    "SELECT * FROM pg_toast.pg_toast_2619",
    "SELECT most_common_vals FROM pg_stats WHERE tablename = 'customers'",
    # Statements within statements.
    "SELECT 1; COPY orders TO STDOUT",
    "EXPLAIN ANALYZE SELECT * FROM orders",
    "DECLARE c CURSOR WITH HOLD FOR SELECT * FROM orders",
    "PREPARE p AS SELECT * FROM orders",
    "SELECT * INTO TEMP everything FROM orders",
    "CREATE TEMP TABLE orders AS SELECT 1",
    # Rows that belong to all.
    "SELECT * FROM plans FOR UPDATE",
    "UPDATE plans SET price = 0",
    "WITH w AS (UPDATE plans SET price = 0 RETURNING *) SELECT * FROM w",
]

# What must run, on the tenant's own rows: the answer follows the statement.
CONFINED = [
    ("SELECT count(*) FROM orders, LATERAL (SELECT o.* FROM orders o) x", [(9,)]),
    ("SELECT count(*) FROM orders a NATURAL FULL JOIN orders b", [(4,)]),
    ("SELECT count(*) FROM orders AS o (tenant_id, id)", [(3,)]),
    ("SELECT count(j.id) FROM orders JOIN items USING (id) AS j", [(3,)]),
    ("WITH orders AS (SELECT 1 AS one) SELECT count(*) FROM orders, public.orders o", [(3,)]),
    ("WITH orders AS (SELECT 5) DELETE FROM orders RETURNING id", [(1,), (2,), (3,)]),
    ("SELECT count(*) FROM (TABLE orders UNION ALL TABLE orders) u", [(6,)]),
    ("SELECT (SELECT count(*) FROM ONLY (orders)) FROM plans LIMIT 1", [(3,)]),
    ("VALUES ((SELECT max(id) FROM customers))", [(3,)]),
    ("SELECT 1 FROM plans LIMIT (SELECT count(*) - 2 FROM orders)", [(1,)]),
    ("SELECT count(*) FILTER (WHERE EXISTS (SELECT FROM orders WHERE total > 1000)) FROM plans",
     [(0,)]),
    ("SELECT count(*) FROM orders WHERE 1 / (total::int - 100007) < 5", [(3,)]),
    ("SELECT count(*) FROM orders GROUP BY GROUPING SETS ((), ((SELECT count(*) FROM items)))",
     [(3,), (3,)]),
    ("SELECT x.a FROM JSON_TABLE((SELECT jsonb_agg(note) FROM orders), '$[*]'"
     " COLUMNS (a text PATH '$')) x WHERE x.a LIKE '%wombat%'", []),
    ("UPDATE orders SET note = 'n' FROM orders o WHERE o.total > 1000 OR true RETURNING 1",
     [(1,), (1,), (1,)]),
    ("INSERT INTO customers (id, email, name) VALUES (1, 'ada@wombat', 'w')"
     " ON CONFLICT (id) DO UPDATE SET name = 'mine' RETURNING name", [("mine",)]),
    ("WITH w AS (DELETE FROM items RETURNING *) SELECT count(*) FROM w", [(4,)]),
]


@pytest.mark.parametrize("statement", REFUSALS)
def test_refused(db, statement):
    with pytest.raises(psycopg.Error) as refused:
        db.execute(statement)
    assert refused.value.sqlstate == REFUSED, refused.value
    assert db.execute("SELECT count(*) FROM orders").fetchone() == (3,)


@pytest.mark.parametrize(("statement", "rows"), CONFINED)
def test_confined(db, store_url, statement, rows):
    if "JSON_TABLE" in statement and db.info.server_version < 170000:
        pytest.skip("JSON_TABLE is PostgreSQL 17's")
    assert sorted(db.execute(statement).fetchall()) == rows


def parse(name, text):
    return frame(b"P", f"{name}\0{text}\0".encode() + b"\0\0")


def bind(portal, statement):
    return frame(b"B", f"{portal}\0{statement}\0".encode() + bytes(6))


def execute(portal, rows_max=0):
    return frame(b"E", f"{portal}\0".encode() + struct.pack("!i", rows_max))


SYNC = frame(b"S")


@pytest.fixture
def raw(db):
    with Raw.logged_in(db) as raw:
        yield raw


def tags(messages):
    return b"".join(message[0] for message in messages if message[0] not in b"SN")


def test_a_refused_query_behind_a_failed_parse_is_skipped_as_any(raw):
    raw.send(parse("", "SELECT missing") + query("DROP TABLE orders") + query("SELECT 1") + SYNC)
    assert tags(raw.read()) == b"EZ"
    raw.send(query("SELECT 2"))
    assert tags(raw.read()) == b"TDCZ"


def test_a_refused_query_undoes_what_its_implicit_transaction_did(raw, shop):
    raw.send(parse("", "DELETE FROM items") + bind("", "") + execute(""))
    raw.send(query("DROP TABLE orders"))
    assert tags(raw.read()) == b"12CEZ"
    assert len(shop.held.rows(ACME, "id", "items")) == 4


def test_a_portal_that_the_client_did_not_make(raw):
    for name in ("<unnamed portal 1>", "partywall-refused-", "p"):
        raw.send(execute(name) + SYNC)
        assert error_of(raw.read())["C"] == "34000"


def test_portals_end_with_their_transaction(raw):
    raw.send(parse("s", "SELECT id FROM orders ORDER BY id"))
    raw.send(bind("p", "s") + execute("p", 1) + SYNC)
    assert tags(raw.read()) == b"12DsZ"
    raw.send(execute("p", 1) + SYNC)
    assert error_of(raw.read())["C"] == "34000"
    raw.send(query("BEGIN") + bind("p", "s") + execute("p", 1) + SYNC)
    assert tags(raw.read()) == b"CZ"
    assert tags(raw.read()) == b"2DsZ"
    raw.send(execute("p", 5) + SYNC)
    assert tags(raw.read()) == b"DDCZ"
    raw.send(query("ROLLBACK"))
    assert tags(raw.read()) == b"CZ"


def test_a_flood_of_portals_meets_the_limit(raw):
    raw.send(query("BEGIN") + parse("s", "SELECT 1"))
    raw.send(b"".join(bind(f"p{number}", "s") for number in range(5000)) + SYNC)
    assert tags(raw.read()) == b"CZ"
    messages = raw.read()
    error = error_of(messages)
    assert (error["C"], "too-many-statements" in error["M"]) == ("54000", True)
    raw.send(query("ROLLBACK") + bind("", "s") + SYNC)
    assert tags(raw.read()) == b"CZ"
    assert tags(raw.read()) == b"2Z"


def test_a_name_that_was_deallocated_is_free(raw):
    raw.send(parse("s", "SELECT 1") + parse("d", "DEALLOCATE s"))
    raw.send(bind("", "d") + execute("") + SYNC)
    assert tags(raw.read()) == b"112CZ"
    raw.send(bind("", "s") + SYNC)
    assert error_of(raw.read())["C"] == "26000"
    raw.send(parse("s", "SELECT 2") + bind("", "s") + execute("") + SYNC)
    assert tags(raw.read()) == b"12DCZ"


def test_executions_are_counted_and_preparing_is_not(raw, shop):
    def counted():
        lines = shop.wall.get("metrics")[1].splitlines()
        start = "partywall_statements_total"
        return sum(int(line.split()[-1]) for line in lines if line.startswith(start))

    before = counted()
    raw.send(parse("s", "SELECT id FROM orders") + SYNC)
    raw.read()
    assert counted() == before
    for _ in range(3):
        raw.send(bind("", "s") + execute("", 1) + execute("", 1) + SYNC)
        raw.read()
    assert counted() == before + 3
