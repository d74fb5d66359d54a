"""RedisJSON and RediSearch on Redis Stack: documents and indexes of the same names, one's own each."""

import pytest
import redis
from house import ACME, GLOBEX, TENANTS
from redis.commands.search.aggregation import AggregateRequest
from redis.commands.search.field import NumericField, TagField, TextField, VectorField
from redis.commands.search.index_definition import IndexDefinition, IndexType
from redis.commands.search.query import Query
from redis.commands.search.reducers import count
from wall import eventually


@pytest.fixture
def stack(house):
    if house.name != "STACK74":
        pytest.skip("Redis with its modules only")
    for held in house.helds.values():
        for index in held.admin.execute_command("FT._LIST"):
            held.admin.execute_command("FT.DROPINDEX", index)
    return house


FIELDS = [TextField("title"), TagField("kind"), NumericField("price")]


def fill(client, word):
    """Three documents of a shop, in hashes; the words of two tenants differ."""
    for number, kind in ((1, "lamp"), (2, "lamp"), (3, "card")):
        fields = {"title": f"{kind} {word} {number}", "kind": kind, "price": number}
        client.hset(f"doc:{number}", mapping=fields)
    client.hset("other:1", mapping={"title": f"outside {word}", "kind": "lamp", "price": 9})


def found(answer):
    return sorted(document.id for document in answer.docs)


def await_count(index, query, many):
    eventually(lambda: index.search(Query(query).no_content()).total == many, "it is indexed")


def test_json(stack):
    with stack.client() as r, stack.client(GLOBEX) as other:
        for tenant, client in ((ACME, r), (GLOBEX, other)):
            client.json().set("doc", "$", {"who": tenant.word, "n": [1, 2], "tenant:x:y": 1})
        assert r.json().get("doc", "$.who") == [ACME.word]
        assert r.json().mget(["doc", "none"], "$.n[0]") == [[1], None]
        assert r.json().numincrby("doc", "$.n[0]", 4) == [5]
        assert r.json().arrappend("doc", "$.n", 3) == [3]
        assert r.json().objkeys("doc", "$") == [["who", "n", "tenant:x:y"]]
        assert r.json().mset([("a", "$", 1), ("b", "$", 2)])
        assert r.json().type("doc", "$.n") in (["array"], [["array"]])
        assert r.json().delete("a") == 1
        names = stack.of().keys()
        assert {b"doc", b"b"} <= names and b"a" not in names
        assert stack.held.admin.json().get(stack.held.prefixes[ACME] + b"doc")["n"] == [5, 2, 3]
        other.delete("doc")


@pytest.mark.parametrize("protocol", [2, 3])
def test_time_series(stack, protocol):
    """TS.INFO names the series that a series is made of, and those that are made of it."""
    with stack.client(protocol=protocol) as r:
        for name in ("raw", "hourly"):
            r.execute_command("TS.CREATE", name)
        r.execute_command("TS.CREATERULE", "raw", "hourly", "AGGREGATION", "avg", 3600000)
        r.execute_command("TS.ADD", "raw", 1000, 1)
        shown = repr((r.execute_command("TS.INFO", "raw"), r.execute_command("TS.INFO", "hourly")))
        assert "'hourly'" in shown and "'raw'" in shown and stack.held.prefixes[ACME].decode() not in shown
        assert {b"raw", b"hourly"} <= stack.of().keys()


@pytest.mark.parametrize("prefixes", [["doc:"], None, ["doc:", "other:"]])
def test_an_index_holds_ones_own(stack, prefixes):
    """Without a PREFIX an index is over every key that there is: to a tenant, over every key of its."""
    with stack.client() as r, stack.client(GLOBEX) as other:
        for tenant, client in ((ACME, r), (GLOBEX, other)):
            fill(client, tenant.word)
            options = {"prefix": prefixes} if prefixes else {}
            definition = IndexDefinition(index_type=IndexType.HASH, **options)
            assert client.ft("shop").create_index(FIELDS, definition=definition)
        index = r.ft("shop")
        outside = [] if prefixes == ["doc:"] else ["other:1"]
        known = [] if prefixes else ["user:1"]  # a hash that house.py made
        await_count(index, "@kind:{lamp}", 2 + len(outside))
        assert found(index.search("@kind:{lamp}")) == ["doc:1", "doc:2", *outside]
        assert found(index.search("*")) == ["doc:1", "doc:2", "doc:3", *outside, *known]
        assert index.search(GLOBEX.word).total == 0
        assert found(index.search(Query("card").return_fields("title"))) == ["doc:3"]
        query = Query("*").sort_by("price", asc=False).paging(0, 1)
        assert found(index.search(query)) == (["other:1"] if outside else ["doc:3"])
        query = Query("*").limit_ids("doc:1", f"tenant:{GLOBEX.id}:doc:2", "doc:3")
        assert found(index.search(query)) == ["doc:1", "doc:3"]
        request = AggregateRequest("*").load("@__key").group_by("@__key", count().alias("many"))
        keys = {row[row.index("__key") + 1] for row in index.aggregate(request).rows}
        assert keys == {"doc:1", "doc:2", "doc:3", *outside, *known}
        request = AggregateRequest("@kind:{lamp|card}").group_by("@kind", count().alias("many"))
        rows = sorted(tuple(row) for row in index.aggregate(request).rows)
        assert rows[0] == ("kind", "card", "many", "1")
        r.delete("doc:1")
        await_count(index, "@kind:{lamp}", 1 + len(outside))
        assert other.ft("shop").search("*").total == 3 + len(outside + known)
        for tenant, client in ((ACME, r), (GLOBEX, other)):
            client.ft("shop").dropindex(delete_documents=bool(prefixes))
        assert bool(prefixes) != any(name.startswith(b"doc:") for name in stack.of())
        other.delete("other:1", "doc:1", "doc:2", "doc:3")


def test_names_of_indexes(stack):
    with stack.client() as r, stack.client(GLOBEX) as other:
        for client in (r, other):
            client.ft("shop").create_index(FIELDS)
        assert r.execute_command("FT._LIST") == ["shop"]
        info = str(r.ft("shop").info())
        assert "tenant:" not in info and "shop" in info
        r.ft("shop").aliasadd("front")
        assert found(r.ft("front").search("*")) == ["user:1"]
        other.ft("shop").dropindex()
        assert r.execute_command("FT._LIST") == ["shop"] and other.execute_command("FT._LIST") == []
        with pytest.raises(redis.ResponseError) as error:
            other.ft("shop").search("*")
        assert "tenant:" not in str(error.value)
        with pytest.raises(redis.ResponseError):
            other.ft("front").search("*")
        r.ft("shop").aliasdel("front")
        r.ft("shop").dropindex()


def test_json_documents_and_vectors(stack):
    """As an application with embeddings does: a vector index over JSON, nearest neighbours."""
    import struct

    def packed(*numbers):
        return struct.pack(f"<{len(numbers)}f", *numbers)

    vector = {"TYPE": "FLOAT32", "DIM": 2, "DISTANCE_METRIC": "L2"}
    schema = [
        TextField("$.text", as_name="text"),
        VectorField("$.vector", "FLAT", vector, as_name="vector"),
    ]
    definition = IndexDefinition(prefix=["doc:"], index_type=IndexType.JSON)
    for tenant in TENANTS:
        with stack.client(tenant) as client:
            for number in range(5):
                document = {"text": f"{tenant.word} {number}", "vector": [number, number]}
                client.json().set(f"doc:{number}", "$", document)
            client.ft("vectors").create_index(schema, definition=definition)
    with stack.client() as r:
        await_count(r.ft("vectors"), "*", 5)
        query = Query("*=>[KNN 3 @vector $v AS score]").sort_by("score").dialect(2)
        query = query.return_fields("text", "score")
        answer = r.ft("vectors").search(query, query_params={"v": packed(2.1, 2.1)})
        assert [document.id for document in answer.docs] == ["doc:2", "doc:3", "doc:1"]
        assert all(ACME.word in document.text for document in answer.docs)
    for tenant in TENANTS:
        with stack.client(tenant) as client:
            client.ft("vectors").dropindex(delete_documents=True)


@pytest.mark.wall
@pytest.mark.parametrize(
    "command",
    ["FT.CONFIG SET TIMEOUT 1", "FT.CREATE evil PREFIX 1", "FT.CREATE evil PREFIX 9 a SCHEMA t TEXT",
     "FT.DICTADD d x", "FT.CREATE evil ON HASH FILTER @__key SCHEMA t TEXT", "FT.DEBUG DUMP_INVIDX x",
     "TS.MGET FILTER a=b", "TS.QUERYINDEX a=b", "FT.PROFILE shop SEARCH QUERY *", "GEARS.X"],
)
def test_what_reaches_beyond_a_tenant_is_closed(stack, command):
    with stack.client() as r:
        try:
            answer = r.execute_command(*command.split())
        except redis.RedisError as error:
            answer = error
        assert "tenant:" not in str(answer) and GLOBEX.word not in str(answer)
        assert r.get("greeting") == f"hello {ACME.word}"
    for index in stack.held.admin.execute_command("FT._LIST"):
        assert index.startswith(stack.held.prefixes[ACME]), "an index outside of every tenant"
        stack.held.admin.execute_command("FT.DROPINDEX", index)
