"""asyncpg: everything extended and binary, type introspection, a pool that resets its connections."""

import asyncio
import datetime
import decimal
import uuid

import asyncpg
import pytest
from shop import ACME


@pytest.fixture
def run(shop):
    """Runs a coroutine function with one connection of ACME's."""

    def run(function, **options):
        async def main():
            connection = await asyncpg.connect(shop.url(), **options)
            try:
                return await function(connection)
            finally:
                await connection.close()

        return asyncio.run(main())

    return run


def test_fetch_with_parameters(run):
    async def work(c):
        assert (
            await c.fetchval(
                "SELECT count(*) FROM customers WHERE id = ANY($1::bigint[])", [1, 3, 9]
            )
            == 2
        )
        row = await c.fetchrow("SELECT * FROM orders WHERE id = $1", 2)
        assert row["total"] == decimal.Decimal("12.50") and row["tenant_id"] == uuid.UUID(ACME.id)
        assert await c.fetch("SELECT 1 WHERE false") == []

    run(work)


def test_prepared_statement_and_its_description(run):
    async def work(c):
        statement = await c.prepare("SELECT id, name, created FROM customers WHERE id = $1")
        assert [a.name for a in statement.get_attributes()] == ["id", "name", "created"]
        assert [p.name for p in statement.get_parameters()] == ["int8"]
        for number in (1, 2, 3, 1):
            assert (await statement.fetchrow(number))["name"].endswith(ACME.word)
        assert await statement.fetchrow(99) is None

    run(work)


def test_types_that_asyncpg_must_look_up(run):
    async def work(c):
        assert await c.fetchval("SELECT tags FROM items WHERE id = 1") == [ACME.word, "red"]
        assert await c.fetchval("SELECT attributes FROM items WHERE id = 3") == '{"size": 4}'
        assert await c.fetchval("SELECT ROW(1, 'a')") == (1, "a")
        record = await c.fetchval(
            "SELECT c FROM customers c WHERE id = 1"
        )  # a composite: introspection
        assert record["email"] == f"ada@{ACME.word}"
        assert await c.fetchval("SELECT int4range(1, 4)") is not None

    run(work)


def test_executemany_and_transactions(run, shop):
    async def work(c):
        async with c.transaction():
            await c.executemany(
                "INSERT INTO events (at, kind, body) VALUES ($1, $2, $3)",
                [
                    (datetime.datetime(2026, 3, n, tzinfo=datetime.UTC), "bulk", str(n))
                    for n in range(1, 21)
                ],
            )
        with pytest.raises(asyncpg.DivisionByZeroError):
            async with c.transaction():
                await c.execute("DELETE FROM events")
                await c.execute("SELECT 1/0")
        async with c.transaction():
            try:
                async with c.transaction():
                    await c.execute("DELETE FROM items")
                    raise KeyError
            except KeyError:
                pass
            await c.execute("UPDATE orders SET note = $1", "noted")

    run(work)
    assert len(shop.held.rows(ACME, "at", "events")) == 23
    assert set(shop.held.rows(ACME, "note", "orders")) == {("noted",)}
    assert len(shop.held.rows(ACME, "id", "items")) == 4


def test_many_statements_without_parameters(run, shop):
    async def work(c):
        assert (
            await c.execute(
                "UPDATE orders SET note = 'a'; UPDATE orders SET note = 'b' WHERE id = 1"
            )
        ) == "UPDATE 1"

    run(work)
    assert shop.held.rows(ACME, "note", "orders", "id") == [("b",), ("a",), ("a",)]


def test_cursor(run):
    async def work(c):
        async with c.transaction():
            rows = [
                row["n"]
                async for row in c.cursor("SELECT n FROM generate_series(1, 120) n", prefetch=50)
            ]
            assert rows == list(range(1, 121))
            cursor = await c.cursor("SELECT id FROM orders ORDER BY id")
            assert (await cursor.fetchrow())["id"] == 1
            assert [r["id"] for r in await cursor.fetch(5)] == [2, 3]

    run(work)


def test_server_settings_and_statement_timeout(run):
    async def work(c):
        assert await c.fetchval("SHOW application_name") == "till"
        await c.execute("SET statement_timeout = '4s'")
        assert await c.fetchval("SHOW statement_timeout") == "4s"
        await c.reset()
        assert await c.fetchval("SHOW statement_timeout") == "0"

    run(work, server_settings={"application_name": "till"})


def test_timeout_cancels_and_the_connection_goes_on(run):
    async def work(c):
        await c.execute("SET statement_timeout = '60s'")  # so that a failure holds up no other test
        slow = "SELECT count(*) FROM " + ", ".join(f"items i{n}" for n in range(16))
        with pytest.raises(asyncio.TimeoutError):
            await c.fetchval(slow, timeout=0.3)
        assert await c.fetchval("SELECT count(*) FROM items") == 4

    run(work)


def test_pool_with_many_workers(shop):
    async def main():
        async with asyncpg.create_pool(shop.url(), min_size=2, max_size=5) as pool:

            async def work(n):
                async with pool.acquire() as c:
                    await c.execute("SET application_name = 'busy'")
                    await c.execute(
                        "INSERT INTO items (order_id, sku, quantity) VALUES (1, 'pool', $1)", n
                    )
                    return await c.fetchval("SELECT count(*) FROM customers")

            assert set(await asyncio.gather(*map(work, range(40)))) == {3}

    asyncio.run(main())
    assert len(shop.held.rows(ACME, "id", "items")) == 44


@pytest.mark.wall
def test_refusals_keep_the_connection_in_step(run, shop):
    async def work(c):
        for _ in range(3):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"(?m)^partywall: .*\]$"):
                await c.fetch("SELECT * FROM settings WHERE key = $1", "secret")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await c.execute("DROP TABLE orders")
            assert await c.fetchval("SELECT count(*) FROM orders") == 3
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with c.transaction():
                await c.execute("DELETE FROM items")
                await c.fetch("SELECT * FROM settings")
        assert await c.fetchval("SELECT count(*) FROM items") == 4

    run(work)
    assert len(shop.held.rows(ACME, "id", "items")) == 4
