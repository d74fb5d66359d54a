"""Tenants kept apart by the names of their collections, or of their databases: each creates, indexes and
drops what is its own, and sees the names that it gave."""

import gridfs
import pytest
from block import ACME, GLOBEX
from opmsg import Link
from pymongo.errors import DuplicateKeyError, OperationFailure

pytestmark = pytest.mark.wall


def test_each_has_its_own(named):
    for tenant in (ACME, GLOBEX):
        client = named.client(tenant)
        app = client.app
        assert sorted(app.list_collection_names()) == ["orders", "users"]
        assert client.list_database_names() == ["app"]
        assert {user["name"] for user in app.users.find()} == {tenant.word}
        assert app.users.count_documents({}) == app.users.estimated_document_count() == 6
        assert "tenant_id" not in app.users.find_one()
        joined = app.users.aggregate(
            [{"$lookup": {"from": "orders", "localField": "n", "foreignField": "n", "as": "o"}}, {"$sort": {"n": 1}}]
        )
        assert [len(user["o"]) for user in joined] == [1, 1, 1, 0, 0, 0]


def test_the_same_ids_and_unique_keys(named):
    mine, theirs = named.client().app.users, named.client(GLOBEX).app.users
    for users in (mine, theirs):
        users.create_index("n", unique=True, name="by_n")
        assert users.index_information()["by_n"]["unique"]
        with pytest.raises(DuplicateKeyError) as error:
            users.insert_one({"n": 1})
        assert "app.users" in str(error.value.details)
        assert ACME.id not in str(error.value.details) and GLOBEX.id not in str(error.value.details)
    mine.drop_index("by_n")
    assert "by_n" not in mine.index_information() and "by_n" in theirs.index_information()


def test_schemas_are_the_tenants_own(named):
    app, theirs = named.client().app, named.client(GLOBEX).app
    app.create_collection("notes")
    app.notes.insert_one({"_id": 1, "t": "x"})
    app.create_collection("seen", viewOn="notes", pipeline=[{"$match": {"t": "x"}}])
    assert list(app.seen.find()) == [{"_id": 1, "t": "x"}]
    app.notes.rename("papers")
    assert sorted(app.list_collection_names()) == ["orders", "papers", "seen", "users"]
    app.users.aggregate([{"$match": {"n": {"$lt": 2}}}, {"$out": "few"}])
    assert app.few.count_documents({}) == 2
    app.users.aggregate([{"$merge": {"into": "few"}}])
    assert app.few.count_documents({}) == 6
    app.drop_collection("users")
    assert app.users.count_documents({}) == 0 and theirs.users.count_documents({}) == 6
    try:
        named.client().drop_database("app")
    except OperationFailure:
        # Where tenants share a database, it is not one tenant's to drop.
        for name in app.list_collection_names():
            app.drop_collection(name)
    assert app.list_collection_names() == []
    assert sorted(theirs.list_collection_names()) == ["orders", "users"]


def test_change_streams_transactions_and_files(named):
    client = named.client()
    app = client.app
    with app.users.watch() as stream:
        named.client(GLOBEX).app.users.insert_one({"_id": "theirs"})
        with client.start_session() as session, session.start_transaction():
            app.users.insert_one({"_id": "mine"}, session=session)
        event = stream.next()
    assert event["documentKey"] == {"_id": "mine"} and event["ns"] == {"db": "app", "coll": "users"}
    bucket = gridfs.GridFSBucket(app)
    bucket.upload_from_stream("f", b"x" * 300_000)
    assert len(bucket.open_download_stream_by_name("f").read()) == 300_000
    app.big.insert_many([{"n": n} for n in range(300)])
    assert sum(1 for _ in app.big.find(batch_size=20)) == 300


@pytest.mark.parametrize("name", [GLOBEX.id, GLOBEX.id.replace("-", ""), GLOBEX.slug], ids=str)
def test_names_that_look_like_anothers(named, name):
    """A name is the tenant's own, whatever it begins with."""
    client = named.client()
    with Link(named.ports[ACME], ACME) as link:
        for database, collection in ((f"{name}_app", "users"), ("app", f"{name}_users"), ("app", f"{name}.users")):
            reply = link.ask({"find": collection, "$db": database})
            assert reply["ok"] == 0 or reply["cursor"]["firstBatch"] == []
    with pytest.raises(OperationFailure):
        client.admin.command("renameCollection", "app.users", to=f"{name}_app.users")
        client.admin.command("renameCollection", "app.users", to="admin.users")
    assert named.client(GLOBEX).app.users.count_documents({}) == 6
    # The server has said the very names that the client did.
    named.wires[ACME].seen.clear()


def test_nothing_of_the_server(named):
    client = named.client()
    for database in ("admin", "local", "config"):
        with pytest.raises(OperationFailure):
            client[database].x.insert_one({})
        with pytest.raises(OperationFailure):
            client.drop_database(database)
    for command in ("serverStatus", "shutdown", "usersInfo", "currentOp"):
        with pytest.raises(OperationFailure):
            client.admin.command(command)
    with pytest.raises(OperationFailure):
        client.app.users.aggregate([{"$out": {"db": "admin", "coll": "x"}}])
