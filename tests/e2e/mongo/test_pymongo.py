"""pymongo, as applications use it. Each test also asserts on what the server then holds."""

import gridfs
import pymongo
import pytest
from block import ACME, FIELD, GLOBEX
from pymongo import DeleteOne, InsertOne, ReplaceOne, UpdateMany, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure

W = ACME.word
COUNT = {"$group": {"_id": None, "n": {"$sum": 1}}}


def test_reads_see_the_tenants_documents_and_no_others(app):
    assert [user["n"] for user in app.users.find().sort("n")] == list(range(6))
    assert app.users.find_one({"_id": f"{GLOBEX.word}-1"}) is None
    assert app.users.find_one({"n": 3})["name"] == f"{W} 3"
    assert app.users.count_documents({}) == app.users.estimated_document_count() == 6
    assert app.users.count_documents({"$or": [{"n": 1}, {"n": {"$gte": 4}}]}) == 3
    assert sorted(app.users.distinct("team")) == ["blue", "red"]
    assert [u["n"] for u in app.users.find({"tags": "x"}, {"n": 1, "_id": 0}).sort("n", -1).limit(2)] == [5, 4]
    assert [u["n"] for u in app.users.find({}, sort=[("n", 1)], skip=4)] == [4, 5]


def test_inserts(app, block):
    assert app.users.insert_one({"_id": "new", "n": 9}).inserted_id == "new"
    many = app.users.insert_many([{"n": n} for n in range(100, 130)])
    assert len(many.inserted_ids) == 30
    assert len(block.of()) == 6 + 31
    with pytest.raises(DuplicateKeyError):
        app.users.insert_one({"_id": f"{W}-1"})
    assert len(block.of()) == 37


def test_an_id_that_another_tenant_has_tells_nothing_of_it(app, block):
    if not block.wall:
        pytest.skip("a private server has no other")
    with pytest.raises(DuplicateKeyError):
        app.users.insert_one({"_id": "of-globex"})
    with pytest.raises(DuplicateKeyError):
        app.users.update_one({"_id": "of-globex"}, {"$set": {"n": 1}}, upsert=True)
    assert len(block.of()) == 6


def test_updates(app, block):
    assert app.users.update_one({"n": 1}, {"$set": {"a": 1}, "$inc": {"n": 10}}).modified_count == 1
    assert app.users.update_many({}, {"$set": {"seen": True}}).matched_count == 6
    assert app.users.replace_one({"n": 2}, {"n": 2, "new": True}).modified_count == 1
    assert app.users.update_one({"n": 3}, [{"$set": {"twice": {"$multiply": ["$n", 2]}}}]).modified_count == 1
    upserted = app.users.update_one({"_id": "up", "n": 50}, {"$set": {"b": 2}}, upsert=True)
    assert upserted.upserted_id == "up"
    app.users.replace_one({"_id": "rep"}, {"n": 60}, upsert=True)
    app.users.update_one(
        {"n": 4}, {"$set": {"tags.$[tag]": "y"}}, array_filters=[{"tag": "x"}]
    )
    held = {user["_id"]: user for user in block.of()}
    assert held[f"{W}-1"]["n"] == 11 and held[f"{W}-1"]["a"] == 1
    assert held[f"{W}-2"] == {"_id": f"{W}-2", "n": 2, "new": True}
    assert held[f"{W}-3"]["twice"] == 6 and held[f"{W}-4"]["tags"] == ["y", 4]
    assert held["up"] == {"_id": "up", "n": 50, "b": 2} and held["rep"] == {"_id": "rep", "n": 60}


def test_find_and_modify(app, block):
    after = pymongo.ReturnDocument.AFTER
    assert app.users.find_one_and_update({"n": 1}, {"$inc": {"n": 100}}, return_document=after)["n"] == 101
    assert app.users.find_one_and_delete({"n": 2})["name"] == f"{W} 2"
    assert app.users.find_one_and_replace({"n": 3}, {"z": 1})["n"] == 3
    assert app.users.find_one_and_update({"_id": f"{GLOBEX.word}-1"}, {"$set": {"n": 0}}) is None
    new = app.users.find_one_and_update({"_id": "q"}, {"$set": {"n": 7}}, upsert=True, return_document=after)
    assert new["n"] == 7
    assert len(block.of()) == 6


def test_deletes(app, block):
    assert app.users.delete_one({"n": 0}).deleted_count == 1
    assert app.users.delete_many({"team": "red"}).deleted_count == 3
    assert app.users.delete_many({"_id": f"{GLOBEX.word}-1"}).deleted_count == 0
    assert [user["n"] for user in block.of()] == [2, 4]
    assert app.orders.delete_many({}).deleted_count == 9


def test_bulk_writes(app, block):
    result = app.users.bulk_write(
        [
            InsertOne({"_id": "b1", "n": 1}),
            UpdateOne({"_id": "b1"}, {"$set": {"n": 2}}),
            UpdateMany({"team": "red"}, {"$set": {"team": "green"}}),
            ReplaceOne({"_id": "b2"}, {"n": 3}, upsert=True),
            DeleteOne({"n": 0}),
        ]
    )
    assert (result.inserted_count, result.modified_count, result.deleted_count) == (1, 4, 1)
    held = {user["_id"]: user for user in block.of()}
    assert held["b1"] == {"_id": "b1", "n": 2} and held["b2"] == {"_id": "b2", "n": 3}
    with pytest.raises(BulkWriteError) as error:
        app.users.bulk_write([InsertOne({"_id": "b1"}), InsertOne({"_id": "b3"})], ordered=False)
    assert error.value.details["nInserted"] == 1 and len(error.value.details["writeErrors"]) == 1
    assert len(block.of()) == 8


def test_bulk_write_of_the_client(block):
    client = block.client()
    result = client.bulk_write(
        [
            InsertOne(namespace="app.users", document={"_id": "c1", "n": 1}),
            UpdateOne(namespace="app.users", filter={"_id": "c1"}, update={"$set": {"n": 2}}),
            DeleteOne(namespace="app.orders", filter={"total": 0}),
        ],
        verbose_results=True,
    )
    assert (result.inserted_count, result.modified_count, result.deleted_count) == (1, 1, 1)
    assert {"_id": "c1", "n": 2} in block.of() and len(block.of(collection="orders")) == 8


def test_cursors_of_many_batches(app):
    app.big.insert_many([{"n": n, "text": "x" * 100} for n in range(1000)])
    assert sum(1 for _ in app.big.find(batch_size=50)) == 1000
    assert [d["n"] for d in app.big.find(batch_size=7).sort("n").limit(100)] == list(range(100))
    assert len(list(app.big.aggregate([{"$match": {}}], batchSize=100))) == 1000
    cursor = app.big.find(batch_size=10)
    next(cursor)
    cursor.close()
    exhaust = app.big.find(batch_size=10, cursor_type=pymongo.CursorType.EXHAUST)
    assert sum(1 for _ in exhaust) == 1000


def test_many_cursors_on_many_connections(block):
    app = block.client(maxPoolSize=8).app
    app.big.insert_many([{"n": n} for n in range(200)])
    cursors = [app.big.find(batch_size=20) for _ in range(8)]
    assert all(len([next(cursor) for _ in range(200)]) == 200 for cursor in cursors)


def test_aggregations(app):
    teams = app.users.aggregate(
        [{"$group": {"_id": "$team", "sum": {"$sum": "$n"}}}, {"$sort": {"_id": 1}}]
    )
    assert list(teams) == [{"_id": "blue", "sum": 6}, {"_id": "red", "sum": 9}]
    joined = list(
        app.users.aggregate(
            [
                {"$match": {"n": {"$lt": 3}}},
                {"$lookup": {"from": "orders", "localField": "_id", "foreignField": "user", "as": "orders"}},
                {"$sort": {"n": 1}},
                {"$project": {"n": 1, "orders": {"$size": "$orders"}, "_id": 0}},
            ]
        )
    )
    assert joined == [{"n": 0, "orders": 3}, {"n": 1, "orders": 3}, {"n": 2, "orders": 3}]
    inner = {
        "from": "orders",
        "let": {"id": "$_id"},
        "pipeline": [{"$match": {"$expr": {"$eq": ["$user", "$$id"]}}}, COUNT],
        "as": "orders",
    }
    counted = list(app.users.aggregate([{"$sort": {"n": 1}}, {"$limit": 1}, {"$lookup": inner}]))
    assert counted[0]["orders"] == [{"_id": None, "n": 3}]
    union = app.users.aggregate([{"$unionWith": {"coll": "orders"}}, {"$count": "n"}])
    assert list(union) == [{"n": 15}]
    facets = next(
        app.users.aggregate(
            [{"$facet": {"red": [{"$match": {"team": "red"}}, COUNT], "all": [COUNT]}}]
        )
    )
    assert facets == {"red": [{"_id": None, "n": 3}], "all": [{"_id": None, "n": 6}]}


def test_graphs(app):
    stage = {
        "from": "tree",
        "startWith": "$parent",
        "connectFromField": "parent",
        "connectToField": "n",
        "as": "above",
    }
    found = list(app.tree.aggregate([{"$match": {"n": 3}}, {"$graphLookup": stage}]))
    assert sorted(node["n"] for node in found[0]["above"]) == [0, 1, 2]
    assert {node["of"] for node in found[0]["above"]} == {W}


def test_transactions(block):
    client = block.client()
    app = client.app
    with client.start_session() as session:
        with session.start_transaction():
            app.users.insert_one({"_id": "t1"}, session=session)
            app.orders.update_one({"total": 0}, {"$set": {"t": 1}}, session=session)
            assert app.users.count_documents({"_id": "t1"}, session=session) == 1
            assert app.users.find_one({"_id": "t1"}) is None
        with pytest.raises(ZeroDivisionError):
            with session.start_transaction():
                app.users.insert_one({"_id": "t2"}, session=session)
                1 / 0
        result = session.with_transaction(
            lambda s: app.users.insert_one({"_id": "t3"}, session=s).inserted_id
        )
        assert result == "t3"
    ids = [user["_id"] for user in block.of()]
    assert "t1" in ids and "t2" not in ids and "t3" in ids


def test_sessions_are_causal(block):
    client = block.client()
    with client.start_session(causal_consistency=True) as session:
        client.app.users.insert_one({"_id": "s1"}, session=session)
        assert client.app.users.find_one({"_id": "s1"}, session=session)
        assert session.cluster_time is not None


def test_change_streams(block):
    client = block.client()
    with client.app.users.watch(full_document="updateLookup") as stream:
        client.app.users.insert_one({"_id": "w1", "n": 1})
        client.app.users.update_one({"_id": "w1"}, {"$set": {"n": 2}})
        others = block.client(GLOBEX).app.users
        others.insert_one({"_id": f"{GLOBEX.word}-w"})
        others.delete_one({"_id": f"{GLOBEX.word}-w"})
        client.app.users.insert_one({"_id": "w2"})
        events = [stream.next() for _ in range(3)]
    assert [event["operationType"] for event in events] == ["insert", "update", "insert"]
    assert [event["fullDocument"]["_id"] for event in events] == ["w1", "w1", "w2"]
    assert events[0]["ns"] == {"db": "app", "coll": "users"}
    with client.app.users.watch(resume_after=events[0]["_id"], full_document="updateLookup") as stream:
        assert stream.next()["operationType"] == "update"


def test_files(block):
    # The two indexes of its specification, which tenants may not create, led by the tenant.
    led = [(FIELD, 1)] if block.wall else []
    admin = block.held.admin.app
    admin["fs.files"].create_index([*led, ("filename", 1), ("uploadDate", 1)])
    admin["fs.chunks"].create_index([*led, ("files_id", 1), ("n", 1)], unique=True)
    bucket = gridfs.GridFSBucket(block.client().app)
    content = bytes(range(256)) * 4096
    bucket.upload_from_stream("report", content, metadata={"kind": "x"})
    assert bucket.open_download_stream_by_name("report").read() == content
    assert [file.filename for file in bucket.find({})] == ["report"]
    other = gridfs.GridFSBucket(block.client(GLOBEX).app)
    assert list(other.find({})) == []
    with pytest.raises(gridfs.NoFile):
        other.open_download_stream_by_name("report")
    for file in list(bucket.find({})):
        bucket.delete(file._id)
    assert block.of(collection="fs.chunks") == []


def test_writes_that_are_not_acknowledged(block):
    client = block.client()
    quiet = client.app.get_collection("users", write_concern=pymongo.WriteConcern(w=0))
    with client.start_session():
        quiet.insert_one({"_id": "quiet"})
        quiet.update_one({"_id": "quiet"}, {"$set": {"n": 1}})
        # The next command on the same connection is run behind them.
        assert client.app.command("ping")["ok"] == 1
    from wall import eventually

    eventually(lambda: {"_id": "quiet", "n": 1} in block.of(), "the writes have come")


def test_names_and_commands(block):
    client = block.client()
    assert "app" in client.list_database_names()
    assert {"users", "orders", "tree"} <= set(client.app.list_collection_names())
    assert "_id_" in client.app.users.index_information()
    assert client.server_info()["version"]
    assert client.admin.command("ping")["ok"] == 1
    assert client.admin.command("hello")["isWritablePrimary"] is True
    users = client.admin.command("connectionStatus")["authInfo"]["authenticatedUsers"]
    assert users[0]["user"] == ACME.slug


def test_unknown_commands(block):
    with pytest.raises(OperationFailure) as error:
        block.client().app.command("frobnicate")
    assert error.value.code == 59


def test_a_wrong_password(block):
    with pymongo.MongoClient(block.url(password="wrong"), serverSelectionTimeoutMS=5000) as client:
        with pytest.raises(OperationFailure) as error:
            client.app.users.find_one()
    assert error.value.code == 18


def test_explain(app):
    plan = app.users.find({"n": 1}).explain()
    assert "queryPlanner" in plan
    assert GLOBEX.word not in str(plan)
