"""What a hostile client sends, as drivers would not. After each, what the store holds is looked at: the
fixture asserts that all but ACME's is as before, and that no byte of the other tenant came back."""

import bson
import pymongo
import pytest
from block import ACME, FIELD, GLOBEX, Block, id_of
from opmsg import Link, message

pytestmark = pytest.mark.wall

W, OTHER = ACME.word, GLOBEX.word
THEIRS = id_of(GLOBEX)


@pytest.fixture
def link(block):
    with Link(block.ports[ACME], ACME) as link:
        yield link


def rows(reply):
    """The documents of a cursor's first batch."""
    assert reply["ok"] == 1, reply
    return reply["cursor"]["firstBatch"]


FILTERS = [
    {FIELD: THEIRS},
    {"$or": [{FIELD: THEIRS}, {"n": {"$gte": 0}}]},
    {"$nor": [{"n": 100}]},
    {"$and": [{"$or": [{FIELD: {"$ne": 0}}, {}]}]},
    {FIELD: {"$exists": True}},
    {FIELD: None},
    {FIELD: {"$in": [THEIRS, None]}},
    {FIELD: {"$ne": id_of(ACME)}},
    {FIELD: {"$type": "binData"}},
    {f"{FIELD}.0": THEIRS},
    {"$expr": {"$ne": [f"${FIELD}", id_of(ACME)]}},
    {"$expr": {"$eq": [f"${FIELD}", THEIRS]}},
    {"$jsonSchema": {"required": [FIELD]}},
    {"$comment": "x", "_id": {"$regex": f"^{OTHER[:3]}"}},
    {"$where": "true"},
    {"$alwaysTrue": 1},
]


@pytest.mark.parametrize("filter", FILTERS, ids=lambda each: str(list(each))[:60])
def test_filters_that_ask_for_others(link, filter):
    mine = {f"{W}-{n}" for n in range(6)}
    find = link.ask({"find": "users", "filter": filter, "$db": "app"})
    if find["ok"] == 1:
        assert {row["_id"] for row in rows(find)} <= mine
    else:
        assert find["code"] in (13, 2, 9), find
    count = link.ask({"count": "users", "query": filter, "$db": "app"})
    if count["ok"] == 1:
        assert count["n"] <= 6
    distinct = link.ask({"distinct": "users", "key": "_id", "query": filter, "$db": "app"})
    if distinct["ok"] == 1:
        assert set(distinct["values"]) <= mine
    for deletes in ([{"q": filter, "limit": 0}],):
        reply = link.ask({"delete": "orders", "deletes": deletes, "$db": "app"})
        assert reply["ok"] == 0 or reply["n"] <= 9
    reply = link.ask(
        {"update": "users", "updates": [{"q": filter, "u": {"$set": {"x": 1}}, "multi": True}], "$db": "app"}
    )
    assert reply["ok"] == 0 or reply["n"] <= 6


PIPELINES = [
    [{"$lookup": {"from": "users", "pipeline": [], "as": "all"}}],
    [{"$lookup": {"from": "users", "localField": "x", "foreignField": "x", "as": "all"}}],
    [{"$lookup": {"from": {"db": "app", "coll": "users"}, "pipeline": [], "as": "all"}}],
    [{"$facet": {"a": [{"$lookup": {"from": "users", "pipeline": [], "as": "all"}}]}}],
    [{"$facet": {"a": [{"$unionWith": "users"}]}}],
    [{"$unionWith": "users"}],
    [{"$unionWith": {"coll": "users", "pipeline": [{"$unionWith": "orders"}]}}],
    [{"$unionWith": {"coll": "users", "pipeline": [{"$lookup": {"from": "orders", "pipeline": [], "as": "o"}}]}}],
    [{"$graphLookup": {"from": "tree", "startWith": 0, "connectFromField": "n",
                       "connectToField": "parent", "as": "all"}}],
    [{"$group": {"_id": None, "all": {"$push": "$$ROOT"}}}],
    [{"$sample": {"size": 100}}],
    [{"$match": {}}, {"$redact": "$$KEEP"}],
    [{"$collStats": {"count": {}}}],
    [{"$indexStats": {}}],
    [{"$currentOp": {}}],
    [{"$listSessions": {}}],
    [{"$planCacheStats": {}}],
    [{"$changeStream": {"allChangesForCluster": True}}],
    [{"$documents": [{"a": 1}]}],
    [{"$lookup": {"from": "system.views", "pipeline": [], "as": "v"}}],
    [{"$_internalInhibitOptimization": {}}],
]


@pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda each: str(each)[:70])
def test_pipelines_see_the_tenants_own(link, pipeline):
    for target in ("users", 1):
        reply = link.ask({"aggregate": target, "pipeline": pipeline, "cursor": {}, "$db": "app"})
        assert reply["ok"] == 0 or OTHER not in str(reply), reply
    reply = link.ask({"aggregate": "users", "pipeline": pipeline, "cursor": {}, "$db": "admin"})
    assert reply["ok"] == 0


WRITES = [
    {"insert": "users", "documents": [{"_id": "x", FIELD: THEIRS}]},
    {"insert": "users", "documents": [{"_id": "x", FIELD: [id_of(ACME), THEIRS]}]},
    {"insert": "users", "documents": [{"_id": "x", FIELD: None}]},
    {"insert": "users", "documents": [{"_id": "x", FIELD: {"$eq": THEIRS}}]},
    {"insert": "plans", "documents": [{"_id": "x"}]},
    {"insert": "system.js", "documents": [{"_id": "x", "value": 1}]},
    {"update": "users", "updates": [{"q": {}, "u": {"$set": {FIELD: THEIRS}}}]},
    {"update": "users", "updates": [{"q": {}, "u": {"$unset": {FIELD: 1}}}]},
    {"update": "users", "updates": [{"q": {}, "u": {"$rename": {FIELD: "was"}}}]},
    {"update": "users", "updates": [{"q": {}, "u": {"$rename": {"name": FIELD}}}]},
    {"update": "users", "updates": [{"q": {}, "u": {"$set": {f"{FIELD}.x": 1}}}]},
    {"update": "users", "updates": [{"q": {}, "u": {"$currentDate": {FIELD: True}}}]},
    {"update": "users", "updates": [{"q": {"_id": "u"}, "u": {"$setOnInsert": {FIELD: THEIRS}}, "upsert": True}]},
    {"update": "users", "updates": [{"q": {FIELD: THEIRS, "_id": "u"}, "u": {"$set": {"a": 1}}, "upsert": True}]},
    {"update": "users", "updates": [{"q": {"$and": [{FIELD: THEIRS}], "_id": "u"}, "u": {"$set": {"a": 1}}, "upsert": True}]},
    {"update": "users", "updates": [{"q": {"_id": "u"}, "u": {FIELD: THEIRS, "a": 1}, "upsert": True}]},
    {"update": "users", "updates": [{"q": {}, "u": [{"$set": {FIELD: THEIRS}}]}]},
    {"update": "users", "updates": [{"q": {}, "u": [{"$replaceWith": {"_id": "$_id", FIELD: THEIRS}}]}]},
    {"update": "users", "updates": [{"q": {}, "u": [{"$unset": FIELD}]}]},
    {"findAndModify": "users", "query": {}, "update": {"$set": {FIELD: THEIRS}}},
    {"aggregate": "users", "pipeline": [{"$merge": "orders"}], "cursor": {}},
    {"aggregate": "users", "pipeline": [{"$merge": {"into": {"db": "other", "coll": "x"}}}], "cursor": {}},
    {"aggregate": "users", "pipeline": [{"$out": "orders"}], "cursor": {}},
    {"drop": "users"},
    {"dropDatabase": 1},
    {"create": "v", "viewOn": "users", "pipeline": []},
    {"collMod": "users", "validator": {}},
    {"createIndexes": "users", "indexes": [{"key": {"n": 1}, "name": "n", "unique": True}]},
    {"dropIndexes": "users", "index": "*"},
    {"mapReduce": "users", "map": "function(){}", "reduce": "function(){}", "out": {"replace": "orders"}},
    {"convertToCapped": "users", "size": 1},
]


@pytest.mark.parametrize("command", WRITES, ids=lambda each: str(each)[:80])
def test_writes_stay_with_the_tenant(link, block, command):
    reply = link.ask(command | {"$db": "app"})
    held = block.held.all().values()
    mine = [row for row in held if row.get(FIELD) == id_of(ACME)]
    assert reply["ok"] == 0 or "writeErrors" in reply or len(mine) >= 20, reply
    # Whatever it answered: nothing of the tenant's has gone to another, nor to nobody.
    assert not [row for row in mine if row.get("was")]
    assert len(mine) in (20, 21)


ADMIN = [
    {"applyOps": [{"op": "d", "ns": "app.users", "o": {"_id": f"{OTHER}-1"}}]},
    {"renameCollection": "app.users", "to": "app.mine"},
    {"listDatabases": 1, "filter": {"name": "local"}},
    {"getLog": "global"},
    {"currentOp": 1},
    {"killAllSessions": []},
    {"usersInfo": 1},
    {"createUser": "x", "pwd": "y", "roles": ["root"]},
    {"getCmdLineOpts": 1},
    {"replSetGetStatus": 1},
    {"shutdown": 1},
    {"fsync": 1},
    {"bulkWrite": 1, "ops": [{"delete": 0, "filter": {}, "multi": True}], "nsInfo": [{"ns": "app.plans"}]},
    {"bulkWrite": 1, "ops": [{"insert": 0, "document": {"_id": "x", FIELD: THEIRS}}], "nsInfo": [{"ns": "app.users"}]},
    {"bulkWrite": 1, "ops": [{"insert": 0, "document": {"_id": "x"}}], "nsInfo": [{"ns": "admin.system.users"}]},
]


@pytest.mark.parametrize("command", ADMIN, ids=lambda each: str(each)[:60])
def test_commands_about_the_server(link, command):
    reply = link.ask(command | {"$db": "admin"})
    if "listDatabases" in command:
        assert reply["databases"] == []
    elif command.get("bulkWrite"):
        assert reply["ok"] == 0 or reply["nErrors"] == 1 or reply.get("nDeleted") == 0, reply
    else:
        assert reply["ok"] == 0, reply


@pytest.mark.parametrize("database", ["admin", "local", "config"])
def test_databases_of_the_server(link, database):
    for command in ({"find": "system.users"}, {"find": "oplog.rs"}, {"insert": "x", "documents": [{}]}):
        assert link.ask(command | {"$db": database})["ok"] == 0
    assert not link.ask({"listCollections": 1, "$db": database}).get("cursor", {}).get("firstBatch")


def test_names_that_stand_twice(link):
    """Readers differ in which of the two they see."""

    def twice(first, second):
        names = bson.encode(first)[4:-1] + bson.encode(second)[4:-1]
        return (len(names) + 5).to_bytes(4, "little") + names + b"\0"

    bodies = [
        twice({"find": "users", "filter": {FIELD: id_of(ACME)}}, {"filter": {}, "$db": "app"}),
        twice({"find": "users", "$db": "app"}, {"$db": "admin"}),
        twice({"insert": "users", "$db": "app"}, {"insert": "plans", "documents": [{"_id": "x"}]}),
    ]
    for number, body in enumerate(bodies, 50):
        link.send(message(body, number))
        to, reply = link.reply()
        assert (to, reply["ok"]) == (number, 0), reply
    # The tenant field twice, within a document.
    document = twice({"_id": "x", FIELD: id_of(ACME)}, {FIELD: THEIRS})
    link.send(message({"insert": "users", "$db": "app"}, 60, sequences=[("documents", [document])]))
    assert link.reply()[1]["ok"] == 0


def test_two_commands_in_one(link):
    """The first name is the command, whatever else is there."""
    reply = link.ask({"insert": "users", "documents": [{"_id": "y"}], "find": "plans", "$db": "app"})
    assert reply["ok"] == 0
    reply = link.ask({"ping": 1, "find": "users", "filter": {}, "$db": "app"})
    assert "cursor" not in reply


def test_sequences_in_places_where_servers_differ(link):
    """A filter or a pipeline beside the body is ignored by some servers, and run by others."""
    for number, (command, name, documents) in enumerate(
        [
            ({"aggregate": "users", "cursor": {}}, "pipeline", [{"$match": {}}]),
            ({"find": "users"}, "filter", [{FIELD: id_of(ACME)}]),
            ({"delete": "users", "deletes": []}, "deletes", [{"q": {}, "limit": 0}]),
            ({"delete": "users"}, "q", [{}]),
        ],
        70,
    ):
        link.send(message(command | {"$db": "app"}, number, sequences=[(name, documents)]))
        assert link.reply()[1]["ok"] == 0
    both = [("documents", [{"_id": "a"}]), ("documents", [{"_id": "b", FIELD: THEIRS}])]
    link.send(message({"insert": "users", "$db": "app"}, 80, sequences=both))
    assert link.reply()[1]["code"] == 40431


def test_cursors_of_others(block, link):
    with Link(block.ports[GLOBEX], GLOBEX) as theirs:
        opened = theirs.ask({"find": "users", "batchSize": 1, "$db": "app"})["cursor"]["id"]
        assert opened
        more = link.ask({"getMore": opened, "collection": "users", "$db": "app"})
        none = link.ask({"getMore": opened ^ 12345, "collection": "users", "$db": "app"})
        assert (more["code"], none["code"]) == (43, 43)
        assert more["errmsg"].replace(str(opened), "") == none["errmsg"].replace(str(opened ^ 12345), "")
        killed = link.ask({"killCursors": "users", "cursors": [opened], "$db": "app"})
        assert killed.get("cursorsNotFound") == [opened] and not killed.get("cursorsKilled")
        left = theirs.ask({"getMore": opened, "collection": "users", "$db": "app"})
        assert len(left["cursor"]["nextBatch"]) == 6
    mine = link.ask({"find": "users", "batchSize": 1, "$db": "app"})["cursor"]["id"]
    assert link.ask({"getMore": mine, "collection": "orders", "$db": "app"})["code"] in (13, 43)
    with Link(block.ports[ACME], ACME) as another:
        assert another.ask({"getMore": mine, "collection": "users", "$db": "app"})["ok"] == 1


def test_a_session_and_a_transaction_of_others(block, link):
    lsid = {"id": bson.Binary(b"0123456789abcdef", 4)}
    with Link(block.ports[GLOBEX], GLOBEX) as theirs:
        begun = {"lsid": lsid, "txnNumber": bson.Int64(1), "autocommit": False}
        first = theirs.ask(
            {"insert": "tree", "documents": [{"_id": "in-tx"}], "$db": "app", "startTransaction": True} | begun
        )
        assert first["ok"] == 1, first
        # The same numbers are another session here: its transaction is none.
        joined = link.ask({"find": "tree", "$db": "app"} | begun)
        assert joined["ok"] == 0 and joined["code"] == 251, joined
        assert link.ask({"abortTransaction": 1, "$db": "admin"} | begun)["ok"] == 0
        assert link.ask({"killSessions": [lsid], "$db": "admin"})["ok"] in (0, 1)
        done = theirs.ask({"abortTransaction": 1, "$db": "admin"} | begun)
        assert done["ok"] == 1, done


def test_writes_nobody_answers(link, block):
    """A refusal of what wants no answer is none; the connection goes on."""
    quiet = {"flags": 2}
    for number, command in enumerate(
        [
            {"insert": "users", "documents": [{"_id": "x", FIELD: THEIRS}]},
            {"delete": "plans", "deletes": [{"q": {}, "limit": 0}]},
            {"dropDatabase": 1},
        ],
        90,
    ):
        link.send(message(command | {"$db": "app", "writeConcern": {"w": 0}}, number, **quiet))
    assert link.ask({"ping": 1, "$db": "app"}) == {"ok": 1.0}
    assert len(block.of()) == 6


def test_errors_tell_nothing_of_others(link):
    """An expression that fails on a document of another tenant's fails not here."""
    for expression in (
        {"$divide": [1, {"$cond": [{"$eq": [f"${FIELD}", THEIRS]}, 0, 1]}]},
        {"$toInt": {"$cond": [{"$eq": [f"${FIELD}", THEIRS]}, "x", "1"]}},
    ):
        reply = link.ask({"find": "users", "filter": {"$expr": {"$gt": [expression, 0]}}, "$db": "app"})
        assert reply["ok"] == 1 and len(rows(reply)) == 6, reply


def test_a_view_of_the_operators(block, own_wall):
    """Its pipeline joins everyone's documents, so nobody is shown what it makes of them."""
    pipeline = [{"$lookup": {"from": "orders", "pipeline": [], "as": "orders"}}]
    admin = block.held.admin.app
    admin.command("create", "report", viewOn="users", pipeline=pipeline)
    wall = own_wall().start()
    with pymongo.MongoClient(Block({ACME: wall.port}, {}).url()) as client:
        for read in (
            lambda: list(client.app.report.find()),
            lambda: client.app.report.count_documents({}),
            lambda: list(client.app.users.aggregate([{"$unionWith": "report"}])),
        ):
            with pytest.raises(pymongo.errors.OperationFailure, match="is a view"):
                read()
        assert client.app.users.count_documents({}) == 6
    admin.drop_collection("report")
