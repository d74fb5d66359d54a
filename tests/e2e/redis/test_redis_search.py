"""RediSearch through the wall: two tenants with indexes, aliases, dictionaries and documents of the
same names. Every reply is compared, byte for byte, with the one that a server without a wall gives to
who has these names alone."""

import struct

import pytest
import redis
from house import ACME, GLOBEX, TENANTS, upstream_url
from resp import Failed, Raw
from wall import eventually

pytestmark = pytest.mark.wall


def packed(*numbers):
    return struct.pack(f"<{len(numbers)}f", *numbers)


VECTOR = packed(2.1, 2.1)
SCHEMA = (
    "title TEXT SORTABLE kind TAG SORTABLE price NUMERIC SORTABLE PREFIX TAG "
    "v VECTOR FLAT 6 TYPE FLOAT32 DIM 2 DISTANCE_METRIC L2"
).split()
JSON_SCHEMA = "$.title AS title TEXT $.kinds[*] AS kinds TAG $.price AS price NUMERIC".split()

SETUP = [
    ["FT.CREATE", "shop", "ON", "HASH", "PREFIX", "2", "doc:", "more:", "STOPWORDS", "1", "PREFIX",
     "SCHEMA", *SCHEMA],
    ["FT.CREATE", "papers", "ON", "JSON", "FILTER", "startswith(@__key, 'paper:') && @price < 3",
     "PREFIX", "1", "paper:", "SCHEMA", *JSON_SCHEMA],
    ["FT.ALIASADD", "front", "shop"],
    ["FT.DICTADD", "words", "lampe", "lamps"],
    ["FT.SYNUPDATE", "shop", "group", "lamp", "light"],
]  # fmt: skip

# A line of words, or a list where one of them is not text.
QUERIES = [
    "FT.SEARCH shop *",
    "FT.SEARCH front @kind:{lamp}",
    "FT.SEARCH shop * NOCONTENT",
    "FT.SEARCH shop * RETURN 0",
    "FT.SEARCH shop * LIMIT 0 0",
    "FT.SEARCH shop * NOCONTENT WITHSCORES",
    "FT.SEARCH shop lamp WITHSCORES EXPLAINSCORE",
    "FT.SEARCH shop * WITHSCORES WITHPAYLOADS WITHSORTKEYS SORTBY price DESC",
    "FT.SEARCH shop * WITHSORTKEYS SORTBY price ASC WITHCOUNT LIMIT 1 1",
    "FT.SEARCH shop * RETURN 4 title price __key kind",
    "FT.SEARCH shop * RETURN 7 __key AS key title AS __key price WITHSCORES",
    "FT.SEARCH shop * RETURN 6 title AS k __key AS k",
    "FT.SEARCH shop * RETURN 1 __key RETURN 1 title",
    "FT.SEARCH shop * RETURN 1 WITHSCORES",
    "FT.SEARCH shop * INKEYS 2 doc:1 more:1 NOCONTENT",
    "FT.SEARCH shop * INKEYS 0",
    "FT.SEARCH shop lamp HIGHLIGHT FIELDS 1 title TAGS < > SUMMARIZE FIELDS 1 title LEN 2",
    "FT.SEARCH shop light VERBATIM",
    ["FT.SEARCH", "shop", "@price:[2 3]", "SORTBY", "price"],
    "FT.SEARCH shop * FILTER price 1 2 NOCONTENT SORTBY price",
    "FT.SEARCH shop %lapm% DIALECT 2",
    ["FT.SEARCH", "shop", "*=>[KNN 2 @v $v AS far]", "PARAMS", "2", "v", VECTOR, "SORTBY", "far",
     "RETURN", "2", "title", "far", "DIALECT", "2"],
    ["FT.SEARCH", "shop", "@v:[VECTOR_RANGE $r $v]=>{$YIELD_DISTANCE_AS: far}", "SORTBY", "far", "ASC",
     "PARAMS", "4", "r", "1.5", "v", VECTOR, "DIALECT", "2", "LIMIT", "0", "10"],
    "FT.SEARCH papers *",
    "FT.SEARCH papers @kinds:{a} RETURN 3 $.kinds AS kinds DIALECT 3",
    "FT.SEARCH papers * RETURN 2 __key title DIALECT 3",
    "FT.AGGREGATE shop *",
    "FT.AGGREGATE shop * LOAD 2 @__key @title SORTBY 2 @__key DESC",
    "FT.AGGREGATE shop * LOAD 3 @__key AS k GROUPBY 1 @kind REDUCE TOLIST 1 @k AS keys SORTBY 1 @kind",
    "FT.AGGREGATE shop * LOAD 1 @__key APPLY upper(@__key) AS up FILTER @__key=='doc:2'",
    "FT.AGGREGATE shop * LOAD 1 __key GROUPBY 1 @__key REDUCE COUNT 0 AS n SORTBY 1 @__key",
    "FT.AGGREGATE shop * LOAD 2 @__key @__key LOAD 1 @__key SORTBY 1 @__key LIMIT 0 1",
    "FT.AGGREGATE shop * LOAD *",
    "FT.AGGREGATE shop * GROUPBY 1 @kind REDUCE COUNT 0 AS n REDUCE SUM 1 @price AS s SORTBY 2 @kind DESC",
    "FT.AGGREGATE shop * INKEYS 1 doc:2 LOAD 1 @__key",
    "FT.AGGREGATE papers * LOAD 2 @__key @price SORTBY 2 @price ASC MAX 1",
    "FT.EXPLAIN shop lamp",
    "FT.EXPLAINCLI shop @kind:{lamp}",
    "FT.TAGVALS shop kind",
    "FT.SYNDUMP shop",
    "FT.DICTDUMP words",
    "FT.SPELLCHECK shop lapm TERMS INCLUDE words",
    "FT.SPELLCHECK shop lapme DISTANCE 2 TERMS EXCLUDE words DIALECT 2",
    # Errors.
    "FT.SEARCH nothere *",
    "FT.SEARCH shop",
    "FT.SEARCH",
    "FT.SEARCH shop * INKEYS 9 doc:1",
    "FT.SEARCH shop * INKEYS -1 doc:1",
    "FT.SEARCH shop * SORTBY __key",
    "FT.AGGREGATE nothere *",
    "FT.AGGREGATE shop * GROUPBY 1 @__key REDUCE COUNT 0",
    "FT.PROFILE nothere SEARCH QUERY *",
    "FT.PROFILE shop BOTH QUERY *",
    "FT.EXPLAIN nothere *",
    "FT.INFO nothere",
    "FT.TAGVALS nothere kind",
    "FT.ALTER nothere SCHEMA ADD n NUMERIC",
    "FT.DROPINDEX nothere",
    "FT.SYNDUMP nothere",
    "FT.DICTDUMP nothere",
    "FT.SPELLCHECK shop a TERMS INCLUDE nothere",
    "FT.CREATE shop SCHEMA t TEXT",
    "FT.CREATE x PREFIX -1 SCHEMA t TEXT",
    "FT.CREATE x PREFIX 1 a ON LIST SCHEMA t TEXT",
    "FT.CREATE x PREFIX 1 aa NOHL",
    "FT.CREATE x",
    "FT.ALIASADD front shop",
    "FT.ALIASADD other nothere",
    "FT.ALIASADD other front",
    "FT.ALIASDEL other",
    "FT.CURSOR READ shop 12345",
    "FT.CURSOR DEL shop 12345",
    "FT.CURSOR READ shop x",
    "FT.CURSOR READ shop",
]  # fmt: skip


def words(line):
    return line.split() if isinstance(line, str) else line


def documents(pipe, word, prefix=b""):
    """The same keys for everyone; the values carry the tenant's word."""
    key = lambda name: prefix + name.encode()  # noqa: E731
    for number, kind in ((1, "lamp"), (2, "lamp"), (3, "card")):
        vector = packed(number, number)
        fields = {"title": f"{kind} {word} {number}", "kind": kind, "price": number, "v": vector}
        pipe.hset(key(f"doc:{number}"), mapping=fields)
        paper = {"title": f"{word} {number}", "kinds": ["a", "b"], "price": number}
        pipe.json().set(key(f"paper:{number}"), "$", paper)
    # A value that looks like a key is a value, and a field may be called as the key is.
    like = "tenant:x:doc:1"
    pipe.hset(key("more:1"), mapping={"title": like, "kind": "x", "price": 9, "id": like, "k": like})
    pipe.hset(key("outside:1"), mapping={"title": "lamp", "kind": "lamp", "price": 1})


def info(raw, index):
    """FT.INFO's pairs, in both protocols."""
    answer = raw("FT.INFO", index)
    return answer if isinstance(answer, dict) else dict(zip(answer[::2], answer[1::2]))


def create(raw, *command):
    """Makes an index, and waits for the look at what was there before: without an order of its own, a
    search answers in the order in which documents were seen."""
    assert raw(*command) == b"OK", command
    eventually(lambda: info(raw, command[1])[b"indexing"] == 0, "what was there is indexed")


def await_indexed(ask):
    """Until both indexes hold what they will."""
    for index, many in (("shop", 4), ("papers", 2)):

        def holds():
            answer = ask("FT.SEARCH", index, "*", "LIMIT", "0", "0")
            return (answer[b"total_results"] if isinstance(answer, dict) else answer[0]) == many

        eventually(holds, f"{index} holds {many}")


@pytest.fixture
def stack(house):
    """A house whose server has the modules, without indexes and dictionaries."""
    if house.name != "STACK74":
        pytest.skip("Redis with its modules only")
    clear(house)
    yield house
    clear(house)


def clear(house):
    admin = house.held.admin
    for index in admin.execute_command("FT._LIST"):
        admin.execute_command("FT.DROPINDEX", index)
    for prefix in (b"", *house.held.prefixes.values()):
        try:
            terms = admin.execute_command("FT.DICTDUMP", prefix + b"words")
            admin.execute_command("FT.DICTDEL", prefix + b"words", *terms)
        except redis.ResponseError:
            pass


@pytest.fixture(params=[2, 3], ids=["RESP2", "RESP3"])
def filled(request, stack):
    """Connections of both tenants, and of one without a wall that has the same without a prefix."""
    port = int(upstream_url(stack.name).rpartition(":")[2].partition("/")[0])
    admin = stack.held.admin
    password = admin.connection_pool.connection_kwargs["password"]
    with (
        Raw(stack.ports[ACME], ACME) as acme,
        Raw(stack.ports[GLOBEX], GLOBEX) as globex,
        Raw(port) as alone,
    ):
        alone("AUTH", "default", password)
        for raw in (acme, globex, alone):
            raw("HELLO", request.param)
            for line in SETUP:
                if line[0] == "FT.CREATE":
                    create(raw, *line)
                else:
                    assert not isinstance(raw(*line), Failed), line
        names = admin.keys("*")
        for tenant in TENANTS:
            with stack.client(tenant) as client:
                documents(client, tenant.word)
        documents(admin, ACME.word)
        for raw in (acme, globex, alone):
            await_indexed(raw)
        yield acme, globex, alone
        own = tuple(stack.held.prefixes.values())
        admin.delete(*(n for n in admin.keys("*") if n not in names and not n.startswith(own)))
        with stack.client(GLOBEX) as client:
            client.delete(*(f"{kind}:{n}" for kind in ("doc", "paper") for n in (1, 2, 3)))
            client.delete("more:1", "outside:1")


def test_replies_are_those_of_a_server_of_ones_own(filled):
    acme, globex, alone = filled
    for line in QUERIES:
        assert acme(*words(line)) == alone(*words(line)), line
        other = str(globex(*words(line)))
        assert ACME.word not in other and "tenant:" + GLOBEX.id not in other, line


def test_a_profile_shows_the_same_results(filled):
    acme, _, alone = filled
    for query in (
        "FT.PROFILE shop SEARCH QUERY *",
        "FT.PROFILE front SEARCH LIMITED QUERY lamp WITHSCORES RETURN 2 __key title",
        "FT.PROFILE shop AGGREGATE QUERY * LOAD 1 @__key SORTBY 1 @__key",
    ):
        ours, theirs = acme(*query.split()), alone(*query.split())
        if isinstance(ours, dict):
            assert ours[b"results"] == theirs[b"results"]
        else:
            assert ours[0] == theirs[0]


def test_what_an_index_is(filled):
    acme, globex, alone = filled

    for index in ("shop", "papers", "front"):
        ours, theirs = info(acme, index), info(alone, index)
        for name in (b"index_name", b"index_options", b"attributes", b"num_docs", b"Index Errors"):
            assert ours[name] == theirs[name], name
        definition = ours[b"index_definition"], theirs[b"index_definition"]
        assert definition[0] == definition[1] and b"tenant:" not in str(ours).encode()
    acme("HSET", "doc:1", "v", "short")
    alone("HSET", "doc:1", "v", "short")
    for name in (b"Index Errors", b"field statistics"):
        assert info(acme, "shop")[name] == info(alone, "shop")[name]
    assert b"doc:1" in str(info(acme, "shop")[b"Index Errors"]).encode()
    # The index of a tenant that gives no prefix is over all that the tenant has, and nothing else.
    acme("FT.CREATE", "all", "SCHEMA", "title", "TEXT")
    prefixes = info(acme, "all")[b"index_definition"]
    prefixes = prefixes[b"prefixes"] if isinstance(prefixes, dict) else prefixes[3]
    assert prefixes == [b""]
    hashes = [b"doc:1", b"doc:2", b"doc:3", b"more:1", b"outside:1", b"user:1"]

    def keys():
        answer = acme("FT.SEARCH", "all", "*", "NOCONTENT")
        found = [r[b"id"] for r in answer[b"results"]] if isinstance(answer, dict) else answer[1:]
        return sorted(found) == hashes

    eventually(keys, "the tenant's hashes and no others")
    assert sorted(acme("FT._LIST")) == [b"all", b"papers", b"shop"]
    assert sorted(globex("FT._LIST")) == [b"papers", b"shop"]


def test_the_store_holds_what_each_tenant_named(stack, filled):
    acme, globex, _ = filled
    held = stack.held
    indexes = set(held.admin.execute_command("FT._LIST"))
    for prefix in held.prefixes.values():
        assert {prefix + b"shop", prefix + b"papers"} <= indexes
        assert held.admin.execute_command("FT.DICTDUMP", prefix + b"words") == [b"lampe", b"lamps"]
    assert acme("FT.DICTDEL", "words", "lamps") == 1
    assert globex("FT.DICTDUMP", "words") == [b"lampe", b"lamps"]
    assert acme("FT.ALIASDEL", "front") == b"OK"
    assert not isinstance(globex("FT.SEARCH", "front", "*"), Failed)
    # DD deletes the documents of the index: the tenant's, and no other's.
    assert acme("FT.DROPINDEX", "shop", "DD") == b"OK"
    assert not {b"doc:1", b"more:1"} & stack.of().keys() and b"outside:1" in stack.of()
    assert b"doc:1" in stack.of(GLOBEX) and held.admin.exists("doc:1", "more:1") == 2
    assert not isinstance(globex("FT.SEARCH", "shop", "*"), Failed)


def rows(answer):
    return answer[b"results"] if isinstance(answer, dict) else answer[1:]


def test_cursors_are_ones_own(stack, filled):
    acme, globex, _ = filled
    query = "FT.AGGREGATE shop * LOAD 1 @__key SORTBY 1 @__key WITHCURSOR COUNT 2".split()
    first, cursor = acme(*query)
    assert cursor and len(rows(first)) == 2
    for index in ("shop", "papers", "nothere"):
        assert globex("FT.CURSOR", "READ", index, cursor) == "Cursor not found"
        assert globex("FT.CURSOR", "DEL", index, cursor) == "Cursor does not exist"
    assert isinstance(globex("FT.CURSOR", "GC", "shop", cursor), Failed)
    # Any connection of the tenant reads it.
    with Raw(stack.ports[ACME], ACME) as again:
        second, behind = again("FT.CURSOR", "READ", "shop", cursor, "COUNT", "1")
        assert behind == cursor and "doc:3" in str(second) and "tenant:" not in str(second)
    while cursor:
        _, cursor = acme("FT.CURSOR", "READ", "shop", cursor)
    # In a transaction, too.
    acme("MULTI"), acme(*query)
    [[_, cursor]] = acme("EXEC")
    assert globex("FT.CURSOR", "READ", "shop", cursor) == "Cursor not found"
    assert acme("FT.CURSOR", "DEL", "shop", cursor) == b"OK"
    assert acme("FT.CURSOR", "READ", "shop", cursor) == "Cursor not found"


ATTACKS = [
    "FT.CREATE evil PREFIX 0 SCHEMA title TEXT",
    "FT.CREATE evil PREFIX 1 {theirs} SCHEMA title TEXT",
    "FT.CREATE evil PREFIX -1 SCHEMA title TEXT",
    "FT.CREATE evil PREFIX 0x1 a {theirs} SCHEMA title TEXT",
    "FT.CREATE evil PREFIX 1.0 {theirs} SCHEMA title TEXT",
    "FT.CREATE evil PREFIX 01 {theirs} SCHEMA title TEXT",
    "FT.CREATE evil PREFIX 18446744073709551617 {theirs} SCHEMA title TEXT",
    "FT.CREATE evil PREFIX 99 {theirs} SCHEMA title TEXT",
    "FT.CREATE evil PREFIX 1 a PREFIX 1 {theirs} SCHEMA title TEXT",
    "FT.CREATE evil PREFIX 1 a PREFIX 0 SCHEMA title TEXT",
    "FT.CREATE evil STOPWORDS 3 PREFIX 1 a SCHEMA title TEXT",
    "FT.CREATE evil SCHEMA title TEXT PREFIX 1 {theirs}",
    "FT.CREATE evil LANGUAGE PREFIX SCHEMA title TEXT",
    "FT.CREATE evil FILTER 1==1 SCHEMA title TEXT",
    "FT.CREATE evil FILTER startswith(@__key,'') SCHEMA __key TEXT title TEXT",
    "FT.CREATE evil SCHEMA __key AS k TAG title TEXT",
    "FT._CREATEIFNX evil SCHEMA title TEXT",
    "FT.ADD {theirs}shop doc:1 1 FIELDS title x",
    "FT.GET {theirs}shop doc:1",
    "FT.SEARCH {theirs}shop *",
    "FT.SEARCH shop * INKEYS 1 {theirs}doc:1",
    "FT.SEARCH shop * INKEYS 1 x{theirs}doc:1",
    "FT.SEARCH shop * LOAD 1 @__key",
    "FT.SEARCH shop * WITHCURSOR COUNT 1",
    "FT.SEARCH shop * SORTBY @__key",
    "FT.SEARCH shop * RETURN 1 @__key",
    "FT.SEARCH shop @__key:{{doc}} DIALECT 2",
    "FT.AGGREGATE {theirs}shop * LOAD *",
    "FT.AGGREGATE shop * LOAD 3 @__key AS x.y",
    "FT.AGGREGATE shop * LOAD 3 @__key AS x),'a",
    "FT.AGGREGATE shop * APPLY @__key AS x",
    "FT.AGGREGATE shop * SORTBY 1 @__key",
    "FT.AGGREGATE shop * LOAD 1 @__key DIALECT 4",
    "FT.PROFILE {theirs}shop SEARCH QUERY *",
    "FT.PROFILE shop SEARCH QUERY * INKEYS 1 {theirs}doc:1",
    "FT.ALIASADD shopalias {theirs}shop",
    "FT.ALIASUPDATE front {theirs}shop",
    "FT.DROPINDEX {theirs}shop DD",
    "FT.ALTER {theirs}shop SCHEMA ADD x TEXT",
    "FT.INFO {theirs}shop",
    "FT.SPELLCHECK {theirs}shop x",
    "FT.SPELLCHECK shop TERMS INCLUDE {theirs}words",
    "FT.SPELLCHECK shop x DISTANCE 1 TERMS INCLUDE {theirs}words",
    "FT.SPELLCHECK shop x TERMS INCLUDE TERMS INCLUDE {theirs}words",
    "FT.DICTDUMP {theirs}words",
    "FT.DICTDEL {theirs}words lampe",
    "FT.TAGVALS {theirs}shop kind",
    "FT.SYNDUMP {theirs}shop",
    "FT.CONFIG GET *",
    "FT.DEBUG DUMP_TERMS {theirs}shop",
    "FT.CURSOR GC shop 0",
]


def test_attacks(stack, filled):
    """What each asks for is another tenant's. Errors repeat what was asked: so not through the wire
    that looks for the other's names."""
    _, globex, _ = filled
    theirs = stack.held.prefixes[GLOBEX]
    before = [globex(*words(line)) for line in QUERIES]
    with Raw(stack.wall.port, ACME) as acme:
        attack_all(acme, theirs)
    assert [globex(*words(line)) for line in QUERIES] == before
    for index in stack.held.admin.execute_command("FT._LIST"):
        assert index in (b"shop", b"papers") or index.startswith(tuple(stack.held.prefixes.values()))


def attack_all(acme, theirs):
    for attack in ATTACKS:
        answer = acme(*attack.format(theirs=theirs.decode()).split())
        # An error repeats what it was asked for.
        said = str(answer).replace(theirs.decode(), "")
        assert GLOBEX.word not in said and "tenant:" not in said, attack
        assert acme("PING") == b"PONG", attack
        if not isinstance(acme("FT.INFO", "evil"), Failed):
            for query in ("*", GLOBEX.word, "hello"):
                found = str(acme("FT.SEARCH", "evil", query))
                assert GLOBEX.word not in found, attack
            assert acme("FT.DROPINDEX", "evil") == b"OK"


def test_names_do_not_break_the_lists_of_others(filled):
    acme, globex, _ = filled
    for name in (b"a\r\n+OK", b"a\n$1\r\nx", b"\r", b"a\0b"):
        schema = ("SCHEMA", "t", "TEXT")
        assert isinstance(acme("FT.CREATE", name, *schema), Failed), name
        assert isinstance(acme("FT.CREATE", "fine", "PREFIX", "1", name, *schema), Failed)
        assert isinstance(acme("FT.ALIASADD", name, "shop"), Failed)
        assert sorted(globex("FT._LIST")) == [b"papers", b"shop"]
        assert globex("PING") == b"PONG"


def test_as_langchain_asks(filled):
    """Embeddings in hashes, nearest neighbours with a filter, options in any case and order."""
    acme, _, alone = filled
    notes = (
        "FT.CREATE notes ON HASH PREFIX 1 doc:notes SCHEMA content TEXT WEIGHT 1 source TAG SEPARATOR , "
        "page NUMERIC content_vector VECTOR HNSW 6 TYPE FLOAT32 DIM 2 DISTANCE_METRIC COSINE"
    ).split()
    kept = []
    for raw, word in ((acme, ACME.word), (alone, ACME.word)):
        assert isinstance(raw("FT.INFO", "notes"), Failed)
        create(raw, *notes)
        for page in range(4):
            fields = ["content", f"{word} {page}", "source", "a,b" if page % 2 else "a", "page", page]
            raw("HSET", f"doc:notes:{page}", *fields, "content_vector", packed(1, page))
        count = ("FT.SEARCH", "notes", "*", "NOCONTENT", "LIMIT", "0", "0")
        eventually(lambda raw=raw: "4" in str(raw(*count)).replace("format", ""), "indexed")
        knn = "(@source:{b} @page:[0 3])=>[KNN 3 @content_vector $vector AS distance]"
        found = raw(
            "FT.SEARCH", "notes", knn, "RETURN", 3, "content", "distance", "page", "SORTBY", "distance",
            "ASC", "DIALECT", 2, "LIMIT", 0, 3, "params", 2, "vector", packed(1, 1),
        )  # fmt: skip
        kept.append((found, raw("FT.DROPINDEX", "notes", "DD")))
    assert kept[0] == kept[1] and kept[0][1] == b"OK"
    assert "doc:notes:1" in str(kept[0][0]) and "doc:notes:3" in str(kept[0][0])


def test_as_redis_om_asks(filled):
    """Models in JSON, an index for each, tags between bars."""
    acme, globex, alone = filled
    customers = (
        "FT.CREATE :shop.Customer:index ON JSON PREFIX 1 :shop.Customer: SCHEMA $.pk AS pk TAG SEPARATOR | "
        "$.name AS name TAG SEPARATOR | $.name AS name_fts TEXT $.age AS age NUMERIC SORTABLE"
    ).split()
    queries = [
        ["FT.SEARCH", ":shop.Customer:index", "(@name:{Ann\\ Lee})", "LIMIT", 0, 1000],
        ["FT.SEARCH", ":shop.Customer:index", "((@age:[(20 +inf]) (@name_fts:(lee|lou)))", "SORTBY", "age",
         "desc", "LIMIT", 0, 10],
        ["FT.SEARCH", ":shop.Customer:index", "*", "LIMIT", 0, 1],
        ["FT.AGGREGATE", ":shop.Customer:index", "*", "GROUPBY", 0, "REDUCE", "AVG", 1, "@age", "AS", "a"],
    ]  # fmt: skip
    people = (("1", "Ann Lee", 31), ("2", "Lou", 40), ("3", "Ann", 20))
    for raw in (acme, globex, alone):
        create(raw, *customers)
        for pk, name, age in people:
            model = f'{{"pk":"{pk}","name":"{name}","age":{age}}}'
            assert raw("JSON.SET", f":shop.Customer:{pk}", ".", model) == b"OK"
        eventually(lambda raw=raw: "Ann Lee" in str(raw(*queries[0])), "indexed")
        eventually(lambda raw=raw: len(rows(raw(*queries[1]))) in (2, 4), "indexed")
    for query in queries:
        assert acme(*query) == alone(*query) == globex(*query), query
    globex("DEL", *(f":shop.Customer:{pk}" for pk, _, _ in people))
