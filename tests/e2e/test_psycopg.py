"""psycopg 3: simple, extended and named statements, pipelines, binary, COPY, cancel, transactions."""

import datetime
import decimal
import threading
import uuid

import psycopg
import pytest
from psycopg import pq
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from shop import ACME, GLOBEX
from wall import eventually


def ids(cursor):
    return [row[0] for row in cursor.fetchall()]


def test_each_tenant_sees_its_own(shop):
    seen = {}
    for tenant in (ACME, GLOBEX):
        with shop.connect(tenant) as connection:
            seen[tenant] = connection.execute(
                "SELECT id, name FROM customers ORDER BY id"
            ).fetchall()
    for tenant, rows in seen.items():
        assert rows == [
            (1, f"Ada {tenant.word}"),
            (2, f"Bob {tenant.word}"),
            (3, f"Cleo {tenant.word}"),
        ]


@pytest.mark.parametrize(
    "statement, expected",
    [
        ("SELECT count(*) FROM customers", [(3,)]),
        ("SELECT sum(total)::text FROM orders", [("49.50",)]),
        (
            "SELECT c.id, o.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id ORDER BY 1, 2",
            [(1, 1), (1, 2), (2, 3), (3, None)],
        ),
        (
            "SELECT c.id, count(i.*) FROM customers c JOIN orders o ON o.customer_id = c.id "
            "JOIN items i ON i.order_id = o.id GROUP BY c.id ORDER BY 1",
            [(1, 3), (2, 1)],
        ),
        ("SELECT id FROM orders WHERE id = 1 OR true ORDER BY id", [(1,), (2,), (3,)]),
        (
            "SELECT id FROM customers WHERE id IN (SELECT customer_id FROM orders WHERE status = 'paid')",
            [(1,)],
        ),
        ("WITH big AS (SELECT * FROM orders WHERE total > 10) SELECT count(*) FROM big", [(2,)]),
        (
            "SELECT id FROM customers UNION ALL SELECT id FROM orders ORDER BY 1",
            [(1,), (1,), (2,), (2,), (3,), (3,)],
        ),
        (
            "SELECT order_id, items, total::text FROM order_totals ORDER BY 1",
            [(1, 2, "30.00"), (2, 1, "12.50"), (3, 1, "7.00")],
        ),
        ("SELECT kind, count(*) FROM events GROUP BY 1 ORDER BY 1", [("login", 2), ("order", 1)]),
        ("SELECT count(*) FROM events WHERE at >= '2026-01-01Z'", [(2,)]),
        ("SELECT code FROM plans ORDER BY 1", [("free",), ("pro",)]),
        (
            "SELECT c.id, p.price::text FROM customers c JOIN plans p ON p.code = c.plan_code ORDER BY 1",
            [(1, "49.90"), (2, "0.00")],
        ),
        (
            "SELECT DISTINCT ON (customer_id) id FROM orders ORDER BY customer_id, id DESC",
            [(2,), (3,)],
        ),
        (
            "SELECT id, row_number() OVER (PARTITION BY customer_id ORDER BY id) FROM orders ORDER BY 1",
            [(1, 1), (2, 2), (3, 1)],
        ),
        (
            "SELECT (SELECT count(*) FROM items i WHERE i.order_id = o.id) FROM orders o ORDER BY o.id",
            [(2,), (1,), (1,)],
        ),
        (
            "SELECT o.id FROM orders o, LATERAL (SELECT 1 FROM items i WHERE i.order_id = o.id LIMIT 1) x ORDER BY 1",
            [(1,), (2,), (3,)],
        ),
        ("SELECT EXISTS (SELECT FROM orders WHERE total > 1000)", [(False,)]),
        (
            "TABLE plans ORDER BY code",
            [("free", decimal.Decimal("0.00")), ("pro", decimal.Decimal("49.90"))],
        ),
        ("SELECT 1 + 1, 'it''s', $$dollar$$", [(2, "it's", "dollar")]),
    ],
)
def test_answers_are_those_of_a_private_store(db, statement, expected):
    assert db.execute(statement).fetchall() == expected


def test_values_of_many_types_text_and_binary(db):
    values = (
        7,
        decimal.Decimal("12.34"),
        "ünï \U0001f600",
        True,
        None,
        b"\x00\xff",
        [1, 2, 3],
        datetime.date(2026, 2, 3),
        datetime.timedelta(days=2, seconds=5),
        1.5,
    )
    for binary in (False, True):
        cursor = db.cursor(binary=binary)
        casts = (
            "SELECT %b, %b, %b, %b, %b, %b, %b, %b, %b, %b"
            if binary
            else (
                "SELECT %s::int, %s::numeric, %s::text, %s::bool, %s::text, %s::bytea, %s::int[], %s::date,"
                " %s::interval, %s::float8"
            )
        )
        row = cursor.execute(casts, values).fetchone()
        assert row[0] == 7 and row[2] == values[2] and row[6] == [1, 2, 3] and row[7] == values[7]


def test_insert_update_delete_and_what_the_store_then_holds(shop, db):
    new = db.execute(
        "INSERT INTO customers (email, name) VALUES (%s, %s), (%s, %s) RETURNING id, email",
        ("dan@x", "Dan", "eve@x", "Eve"),
    ).fetchall()
    assert [email for _, email in new] == ["dan@x", "eve@x"]
    dan = new[0][0]
    assert db.execute("UPDATE customers SET name = upper(name) WHERE id = %s", [dan]).rowcount == 1
    assert db.execute("UPDATE orders SET status = 'done'").rowcount == 3
    assert db.execute("DELETE FROM items WHERE quantity > 1").rowcount == 2
    held = shop.held
    assert held.rows(ACME, "name", "customers", "id")[-2:] == [("DAN",), ("Eve",)]
    assert set(held.rows(ACME, "status", "orders")) == {("done",)}
    assert held.rows(ACME, "id", "items") == [(1,), (3,)]


def test_insert_from_select_using_and_from(shop, db):
    db.execute(
        "INSERT INTO items (order_id, sku) SELECT id, 'bonus' FROM orders WHERE status = 'open'"
    )
    db.execute(
        "UPDATE orders o SET note = c.name FROM customers c WHERE c.id = o.customer_id AND o.note IS NULL"
    )
    db.execute("DELETE FROM items i USING orders o WHERE o.id = i.order_id AND o.status = 'paid'")
    bonus = shop.held(
        "SELECT order_id FROM items WHERE tenant_id = %s AND sku = 'bonus' ORDER BY 1", ACME.id
    )
    assert bonus == [(2,), (3,)]
    assert shop.held.rows(ACME, "note", "orders", "id")[1] == (f"Ada {ACME.word}",)
    assert (1,) not in shop.held.rows(ACME, "order_id", "items")


def test_upsert_is_per_tenant(shop, db):
    statement = (
        "INSERT INTO customers (email, name) VALUES (%s, %s) "
        "ON CONFLICT (email) DO UPDATE SET name = EXCLUDED.name RETURNING id"
    )
    assert ids(db.execute(statement, (f"ada@{ACME.word}", "Ada the 2nd"))) == [1]
    assert ids(db.execute(statement, ("new@x", "New"))) != [1]
    db.execute(
        "INSERT INTO customers (email, name) VALUES (%s, 'x') ON CONFLICT DO NOTHING",
        [f"bob@{ACME.word}"],
    )
    assert shop.held.rows(ACME, "name", "customers", "id")[:2] == [
        ("Ada the 2nd",),
        (f"Bob {ACME.word}",),
    ]


def test_duplicate_key_and_foreign_key_errors_are_the_stores(db):
    with pytest.raises(psycopg.errors.UniqueViolation):
        db.execute("INSERT INTO customers (email, name) VALUES (%s, 'x')", [f"ada@{ACME.word}"])
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        db.execute("INSERT INTO orders (customer_id) VALUES (77)")
    assert db.execute("SELECT 1").fetchone() == (1,)


def test_named_statements_many_times(db):
    db.prepare_threshold = 1
    for _ in range(3):
        for number in (1, 2, 3):
            row = db.execute("SELECT name FROM customers WHERE id = %s", [number]).fetchone()
            assert row[0].endswith(ACME.word)
    for number in range(150):  # past psycopg's own limit, so that it sends DEALLOCATE or Close
        db.execute(f"SELECT {number} WHERE %s > 0", [number + 1], prepare=True)
    assert db.execute("SELECT count(*) FROM orders", prepare=True).fetchone() == (3,)


def test_pipeline(shop, db):
    with db.pipeline():
        first = db.execute("INSERT INTO customers (email, name) VALUES ('p@x', 'P') RETURNING name")
        counts = [
            db.execute("SELECT count(*) FROM customers WHERE id > %s", [n]) for n in range(20)
        ]
        last = db.execute("SELECT count(*) FROM plans")
    assert first.fetchone() == ("P",) and last.fetchone() == (2,)
    assert [cursor.fetchone()[0] for cursor in counts] == [4, 3, 2] + [1] * 17
    assert len(shop.held.rows(ACME, "id", "customers")) == 4


def test_an_error_inside_a_pipeline_spares_what_stood_before(shop, db):
    with pytest.raises(psycopg.errors.DivisionByZero), db.pipeline() as pipeline:
        db.execute("INSERT INTO orders (customer_id) VALUES (1)")
        pipeline.sync()
        db.execute("SELECT 1 / 0")
        db.execute("INSERT INTO orders (customer_id) VALUES (2)")
    assert db.execute("SELECT count(*) FROM orders").fetchone() == (4,)
    assert len(shop.held.rows(ACME, "id", "orders")) == 4


def test_executemany_and_returning(shop, db):
    cursor = db.cursor()
    cursor.executemany(
        "INSERT INTO items (order_id, sku, quantity) VALUES (%s, %s, %s)",
        [(1, f"sku{n}", n) for n in range(50)],
    )
    assert cursor.rowcount == 50
    assert db.execute("SELECT sum(quantity) FROM items WHERE sku LIKE 'sku%%'").fetchone() == (
        1225,
    )
    assert len(shop.held.rows(ACME, "id", "items")) == 54


def test_json_arrays_and_dict_rows(db):
    db.execute(
        "UPDATE items SET attributes = %s, tags = %s WHERE id = 2", (Jsonb({"a": [1]}), ["x", "y"])
    )
    cursor = db.cursor(row_factory=dict_row)
    row = cursor.execute(
        "SELECT attributes -> 'a' AS a, tags, 'y' = ANY(tags) AS has FROM items WHERE id = 2"
    )
    assert row.fetchone() == {"a": [1], "tags": ["x", "y"], "has": True}


def test_transactions_commit_roll_back_and_savepoints(shop):
    with shop.connect() as connection:
        connection.execute("UPDATE orders SET note = 'kept' WHERE id = 1")
        connection.commit()
        connection.execute("UPDATE orders SET note = 'lost' WHERE id = 2")
        connection.rollback()
        with connection.transaction():
            with pytest.raises(psycopg.errors.DivisionByZero), connection.transaction():
                connection.execute("UPDATE orders SET note = 'inner' WHERE id = 3")
                connection.execute("SELECT 1 / 0")
            connection.execute("UPDATE orders SET status = 'outer' WHERE id = 3")
    assert shop.held.rows(ACME, "note, status", "orders", "id") == [
        ("kept", "paid"),
        (None, "open"),
        (f"gift {ACME.word}", "outer"),
    ]


def test_isolation_levels_read_only_and_settings(shop):
    with shop.connect() as connection:
        connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        connection.read_only = True
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("DELETE FROM items")
        connection.rollback()
        connection.execute("SET LOCAL statement_timeout = '5s'")
        assert connection.execute("SHOW statement_timeout").fetchone() == ("5s",)
    with shop.connect(options="-c statement_timeout=7s", application_name="till") as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("7s",)
        assert connection.execute("SHOW application_name").fetchone() == ("till",)


@pytest.mark.wall
def test_a_refusal_outside_a_transaction_leaves_the_connection_usable(shop, db):
    for statement in (
        "SELECT * FROM settings",
        "DROP TABLE orders",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY orders TO STDOUT",
        "SELECT 1; DROP TABLE orders",
        "LISTEN x",
        "DO $$BEGIN END$$",
    ):
        for parameters in (None, ()):
            with pytest.raises(psycopg.errors.InsufficientPrivilege) as refusal:
                db.execute(statement, parameters)
            text = refusal.value.diag.message_primary
            assert text.startswith("partywall: ") and text.endswith("]"), text
            assert db.info.transaction_status == pq.TransactionStatus.IDLE
            assert db.execute("SELECT count(*) FROM orders").fetchone() == (3,)
    assert shop.held("SELECT count(*) FROM orders WHERE tenant_id = %s", ACME.id) == [(3,)]


@pytest.mark.wall
@pytest.mark.parametrize("parameters", [None, ()], ids=["simple", "extended"])
def test_a_refusal_inside_a_transaction_fails_it_on_both_sides(shop, parameters):
    with shop.connect() as connection:
        connection.execute("UPDATE orders SET note = 'lost' WHERE id = 1", parameters)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM settings", parameters)
        assert connection.info.transaction_status == pq.TransactionStatus.INERROR
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            connection.execute("SELECT 1", parameters)
        busy = "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND usename = 'partywall'"
        assert ("idle in transaction (aborted)",) in shop.held(busy)
        connection.commit()  # a commit of a failed transaction is a rollback
        assert connection.info.transaction_status == pq.TransactionStatus.IDLE
        assert connection.execute("SELECT note FROM orders WHERE id = 1").fetchone() == (
            f"first {ACME.word}",
        )
    assert shop.held.rows(ACME, "note", "orders", "id")[0] == (f"first {ACME.word}",)


@pytest.mark.wall
def test_a_refusal_inside_a_savepoint_is_undone_with_it(shop):
    with shop.connect() as connection:
        connection.execute("UPDATE orders SET note = 'kept' WHERE id = 1")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute("UPDATE orders SET note = 'lost' WHERE id = 2")
            connection.execute("SELECT * FROM settings")
        connection.execute("UPDATE orders SET status = 'kept' WHERE id = 3")
    assert shop.held.rows(ACME, "note, status", "orders", "id") == [
        ("kept", "paid"),
        (None, "open"),
        (f"gift {ACME.word}", "kept"),
    ]


@pytest.mark.wall
def test_a_refusal_inside_a_pipeline_skips_to_the_sync(shop, db):
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.pipeline() as pipeline:
        before = db.execute("INSERT INTO orders (customer_id) VALUES (1) RETURNING customer_id")
        pipeline.sync()
        db.execute("SELECT * FROM settings")
        db.execute("INSERT INTO orders (customer_id) VALUES (2)")
    assert before.fetchone() == (1,)
    assert db.execute("SELECT count(*) FROM orders").fetchone() == (4,)
    assert len(shop.held.rows(ACME, "id", "orders")) == 4


@pytest.mark.wall
def test_another_tenants_value_is_refused_wherever_it_stands(shop, db):
    own, foreign = uuid.UUID(ACME.id), uuid.UUID(GLOBEX.id)
    insert = "INSERT INTO customers (tenant_id, email, name) VALUES ({}, 'm@x', 'M')"
    for statement in (insert, "UPDATE customers SET tenant_id = {} WHERE id = 1"):
        for mark in ("%s", "%b", f"'{foreign}'"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(statement.format(mark), [foreign] if "%" in mark else None)
    assert len(shop.held.rows(ACME, "id", "customers")) == 3
    db.execute(insert.format("%s"), [own])
    count = "SELECT count(*) FROM customers WHERE tenant_id = %s"
    assert db.execute(count, [foreign]).fetchone() == (0,)
    assert len(shop.held.rows(ACME, "id", "customers")) == 4


@pytest.mark.wall
def test_a_refusal_is_logged_once_with_its_reason_and_no_datum(shop, db):
    before = len(shop.wall.log_lines())
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as refusal:
        db.execute("SELECT 'hunter2' FROM settings")
    reason = refusal.value.diag.message_primary.rpartition("[")[2].rstrip("]")
    lines = eventually(
        lambda: [line for line in shop.wall.log_lines()[before:] if reason in str(line)],
        "a log line",
    )
    assert len(lines) == 1 and "hunter2" not in shop.wall.log()
    assert ACME.slug in str(lines[0]) and refusal.value.diag.statement_position


def test_error_positions_are_those_of_the_text_that_was_sent(db):
    for statement, word in [
        ("SELECT nonsense FROM orders WHERE id = 1", "nonsense"),
        (
            "SELECT o.id FROM orders o JOIN items i ON i.order_id = o.id WHERE i.nonsense = 1",
            "i.nonsense",
        ),
        ("SELECT 'ünï', nope(id) FROM orders", "nope"),
        ("UPDATE orders SET nonsense = 1", "nonsense"),
        ("SELECT id FROM", ""),
    ]:
        with pytest.raises(psycopg.Error) as error:
            db.execute(statement)
        position = int(error.value.diag.statement_position) - 1
        assert statement[position:].startswith(word), (statement, position)


def test_cancel(shop, db):
    slow = "SELECT /* slow */ count(*) FROM " + ", ".join(f"items i{n}" for n in range(16))
    runs = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query ~ '^SELECT /. slow'"
    db.execute("SET statement_timeout = '60s'")  # so that a failure holds up no other test

    def cancel():
        eventually(lambda: shop.held(runs), "the slow query runs")
        db.cancel_safe()  # `cancel` would hold the interpreter while our own wire carries it

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(psycopg.errors.QueryCanceled, match="user request"):
        db.execute(slow)
    thread.join()
    assert db.execute("SELECT 1").fetchone() == (1,)


def test_large_result_and_large_parameter(db):
    rows = db.execute("SELECT n, repeat('x', 100) FROM generate_series(1, 20000) n").fetchall()
    assert len(rows) == 20000 and rows[-1] == (20000, "x" * 100)
    big = "é" * 500_000
    assert db.execute("SELECT %s::text", [big]).fetchone() == (big,)


def test_one_connection_for_each_of_many(shop):
    connections = [shop.connect() for _ in range(20)]
    for connection in connections:
        assert connection.execute("SELECT count(*) FROM customers").fetchone() == (3,)
    for connection in connections:
        connection.close()
    mine = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename = ANY(%s)"
    eventually(
        lambda: shop.held(mine, ["partywall", "acme"]) <= [(2,)], "the store's side closes too"
    )
