"""The wall itself: what it says that it is, logins, TLS, reloads, drains, and a store that goes away."""

import concurrent.futures
import os
import signal

import bson
import pymongo
import pytest
from block import (
    ACME,
    FIELD,
    GLOBEX,
    POLICY,
    Block,
    free_port,
    id_of,
    tenants_document,
    upstream_url,
)
from opmsg import Link, message
from pymongo.errors import AutoReconnect, ConnectionFailure, OperationFailure
from wall import Wire, eventually

pytestmark = pytest.mark.wall


def client_of(block, wall, tenant=ACME, options="", **more):
    """pymongo's client on another wall's port."""
    door = Block({tenant: wall.port}, {})
    client = pymongo.MongoClient(
        door.url(tenant, options), **({"serverSelectionTimeoutMS": 10000} | more)
    )
    block.clients.append(client)
    return client


def real_addresses():
    url = os.environ["PARTYWALL_MONGO_URL"]
    port = url.rpartition("@")[2].split("/")[0].partition(":")[2]
    return f":{port}"


def test_a_mongos_by_default(block):
    client = block.client()
    hello = client.admin.command("hello")
    assert hello["msg"] == "isdbgrid" and "hosts" not in hello and "setName" not in hello
    assert real_addresses() not in str(hello)
    assert client.topology_description.topology_type_name == "Sharded"
    with Link(block.ports[ACME]) as link:
        assert real_addresses() not in str(link.ask({"isMaster": 1, "$db": "admin"}))


def test_a_replica_set(block, own_wall):
    wall = own_wall(listener='replica_set = { name = "rs0" }').start()
    client = client_of(block, wall, options="&replicaSet=rs0")
    assert client.app.users.count_documents({}) == 6
    assert client.topology_description.topology_type_name == "ReplicaSetWithPrimary"
    assert [server for server in client.nodes] == [("127.0.0.1", wall.port)]
    with client.app.users.watch() as stream:
        client.app.users.insert_one({"_id": "seen"})
        assert stream.next()["documentKey"] == {"_id": "seen"}


def test_a_load_balancer(block):
    client = block.client(loadBalanced=True)
    app = client.app
    app.big.insert_many([{"n": n} for n in range(300)])
    assert sum(1 for _ in app.big.find(batch_size=20)) == 300
    with client.start_session() as session, session.start_transaction():
        app.users.insert_one({"_id": "t"}, session=session)
    assert {"_id": "t"} in block.of()


def test_a_password_over_plain(block):
    url = block.url(options="&authMechanism=PLAIN").replace("authSource=admin", "authSource=$external")
    with pymongo.MongoClient(url, serverSelectionTimeoutMS=10000) as client:
        assert client.app.users.count_documents({}) == 6


@pytest.mark.parametrize("options", ["", "&authMechanism=SCRAM-SHA-256"])
def test_logins_that_do_not_exist_read_as_wrong_passwords(block, options):
    texts = set()
    for login in (ACME.slug, "nobody"):
        url = block.url(password="wrong", options=options).replace(f"//{ACME.slug}:", f"//{login}:")
        with pymongo.MongoClient(url, serverSelectionTimeoutMS=5000) as client:
            with pytest.raises(OperationFailure) as error:
                client.app.users.find_one()
        texts.add((error.value.code, error.value.details["errmsg"]))
    assert texts == {(18, "Authentication failed.")}


def test_without_a_login(block):
    with pymongo.MongoClient("127.0.0.1", block.ports[ACME]) as client:
        with pytest.raises(OperationFailure) as error:
            client.app.users.find_one()
    assert error.value.code == 13


def test_many_clients_at_once(block):
    def work(number):
        tenant = (ACME, GLOBEX)[number % 2]
        with pymongo.MongoClient(block.url(tenant), serverSelectionTimeoutMS=20000) as client:
            names = {user["name"].split()[0] for user in client.app.users.find(batch_size=2)}
            return names == {tenant.word}

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert all(pool.map(work, range(48)))


def test_tls_on_both_sides(block, own_wall, tmp_path):
    folder = os.environ["PARTYWALL_MONGO_TLS_FOLDER"]
    upstream = upstream_url(store="MONGO_TLS", more=f"&tlsCAFile={folder}/ca.pem")
    listener = f'tls = {{ certificate = "{folder}/server.crt", key = "{folder}/server.key" }}'
    wall = own_wall(upstream.replace("127.0.0.1", "localhost"), listener=listener).start()
    client = client_of(block, wall, options=f"&tls=true&tlsCAFile={folder}/ca.pem")
    client.app.users.insert_one({"_id": "tls"})
    assert client.app.users.find_one({"_id": "tls"})
    with pymongo.MongoClient(
        Block({ACME: wall.port}, {}).url(options="&tls=true"), serverSelectionTimeoutMS=1500
    ) as stranger:
        with pytest.raises(ConnectionFailure):
            stranger.app.users.find_one()
    with Link(wall.port) as plain:
        plain.send(message({"hello": 1, "$db": "admin"}))
        assert plain.is_closed()
    other = own_wall(upstream.replace(f"&tlsCAFile={folder}/ca.pem", "")).launch()
    eventually(lambda: other.probe("ready") == 503, "an unknown authority is none")


def test_a_withdrawn_login(block, own_wall):
    wall = own_wall().start()
    client, other = client_of(block, wall), client_of(block, wall, GLOBEX)
    assert client.app.users.count_documents({}) == 6
    assert other.app.users.count_documents({}) == 7
    text = tenants_document().replace(
        f'slug = "{ACME.slug}"\n', f'slug = "{ACME.slug}"\nactive = false\n', 1
    )
    (wall.folder / "tenants.toml").write_text(text)
    wall.process.send_signal(signal.SIGHUP)

    def refused():
        try:
            client.app.users.find_one()
        except OperationFailure as error:
            return error.code == 18
        except ConnectionFailure:
            return False

    eventually(refused, "the login is withdrawn")
    assert other.app.users.count_documents({}) == 7


def test_another_policy(block, own_wall):
    wall = own_wall().start()
    client = client_of(block, wall)
    assert client.app.plans.count_documents({}) == 2
    (wall.folder / "policy.toml").write_text(POLICY.replace('shared = ["app.plans"]', ""))
    wall.process.send_signal(signal.SIGHUP)
    eventually(lambda: client.app.plans.count_documents({}) == 0, "no longer shared")
    (wall.folder / "policy.toml").write_text("version = 1")
    wall.process.send_signal(signal.SIGHUP)

    def closed():
        try:
            client.app.users.find_one()
        except OperationFailure as error:
            return "policy-unusable" in str(error)

    eventually(closed, "deny all")
    (wall.folder / "policy.toml").write_text(POLICY)
    wall.process.send_signal(signal.SIGHUP)
    eventually(lambda: wall.is_ready(), "mended")
    assert client.app.users.count_documents({}) == 6


def test_a_drain_lets_what_is_begun_end(block, own_wall):
    wall = own_wall().start()
    client = client_of(block, wall, retryReads=False)
    with Link(wall.port, ACME) as link:
        begun = {"lsid": {"id": bson.Binary(b"1" * 16, 4)},
                 "txnNumber": bson.Int64(1), "autocommit": False}
        first = {"insert": "users", "documents": [{"_id": "drained"}], "$db": "app", "startTransaction": True}
        assert link.ask(first | begun)["ok"] == 1
        assert client.app.users.find_one()
        wall.process.terminate()
        # Whoever is idle goes; the transaction goes on.
        eventually(lambda: wall.probe("ready") != 200, "it drains")
        assert link.ask({"commitTransaction": 1, "$db": "admin"} | begun)["ok"] == 1
        assert link.is_closed()
    assert wall.process.wait(20) == 0
    assert {"_id": "drained"} in block.of()


def test_a_store_that_goes_away(block, own_wall):
    """Within a transaction, while idle, and while a cursor is open; and comes back."""
    store = Wire(int(real_addresses()[1:]))
    wall = own_wall(upstream_url(store.port)).start()
    client = client_of(block, wall, serverSelectionTimeoutMS=3000)
    app = client.app
    with client.start_session() as session:
        session.start_transaction()
        app.users.insert_one({"_id": "lost"}, session=session)
        store.cut()
        with pytest.raises((OperationFailure, AutoReconnect)) as error:
            app.users.insert_one({"_id": "lost too"}, session=session)
        assert error.value.has_error_label("TransientTransactionError"), error.value
        session.abort_transaction()
    with pytest.raises((OperationFailure, ConnectionFailure)) as error:
        app.users.find_one()
    if isinstance(error.value, OperationFailure):
        assert "the store cannot be reached" in str(error.value)
    store.mend()
    assert app.users.count_documents({}) == 6
    assert not [user for user in block.of() if "lost" in user["_id"]]
    # While a reply is owed: the request hears what became of it, by label, and is tried again.
    with Link(wall.port, ACME) as link:
        link.send(message({"aggregate": "users", "pipeline": [{"$changeStream": {}}], "cursor": {}, "$db": "app"}, 7))
        cursor = link.reply()[1]["cursor"]["id"]
        link.send(message({"getMore": cursor, "collection": "users", "maxTimeMS": 30000, "$db": "app"}, 8))
        eventually(lambda: wall.probe("live") == 200, "it is sent")
        store.cut()
        to, reply = link.reply()
        assert (to, reply["code"]) == (8, 6) and "cannot be reached" in reply["errmsg"]
        assert link.is_closed()
    store.mend()
    assert app.users.insert_one({"_id": "again"}).acknowledged
    store.close()


def test_a_store_that_is_down(block, own_wall):
    wall = own_wall(upstream_url(free_port())).launch()
    eventually(lambda: wall.probe("live") == 200, "it lives")
    assert wall.probe("ready") == 503
    client = client_of(block, wall, retryReads=False, serverSelectionTimeoutMS=2000)
    with pytest.raises(OperationFailure) as error:
        client.app.users.find_one()
    assert error.value.code == 6 and "the store cannot be reached" in str(error.value)


def test_validate(block, own_wall):
    """Only what carries the tenant's id itself passes."""
    wall = own_wall(listener='mode = "validate"').start()
    users = client_of(block, wall).app.users
    mine = {FIELD: id_of(ACME)}
    assert users.count_documents(mine) == 6
    users.insert_one({"_id": "v"} | mine)
    assert users.delete_one({"_id": "v"} | mine).deleted_count == 1
    for refused in (
        lambda: users.find_one({}),
        lambda: users.insert_one({"_id": "w"}),
        lambda: users.update_many({}, {"$set": {"x": 1}}),
        lambda: list(users.aggregate([{"$match": mine}, {"$unionWith": "orders"}])),
        lambda: users.find_one({"$or": [mine, {}]}),
        lambda: users.find_one({FIELD: id_of(GLOBEX)}),
    ):
        with pytest.raises(OperationFailure) as error:
            refused()
        assert error.value.code == 13
    assert len(block.of()) == 6


def test_observe(block, own_wall):
    """Everything passes as it is, and the log says what would not."""
    wall = own_wall(listener='mode = "observe"').start()
    users = client_of(block, wall).app.users
    assert users.count_documents({}) > 6
    assert list(users.aggregate([{"$indexStats": {}}]))
    observed = lambda: 'verdict="observe"} 1' in wall.get("metrics")[1]  # noqa: E731
    eventually(observed, "it is counted")
    assert any("observe" in str(line) for line in wall.log_lines())


def test_metrics(block, own_wall):
    wall = own_wall().start()
    client = client_of(block, wall)
    client.app.users.find_one()
    with pytest.raises(OperationFailure):
        client.app.command("dropDatabase")
    text = wall.get("metrics")[1]
    assert 'partywall_statements_total{protocol="mongo",verdict="reject"} 1' in text
    assert 'partywall_rejections_total{protocol="mongo"' in text
    assert 'partywall_upstream_up{protocol="mongo"' in text
    refused = [line for line in wall.log_lines() if "reason" in str(line)]
    assert any(ACME.slug in str(line) for line in refused)
