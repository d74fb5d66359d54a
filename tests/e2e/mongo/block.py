"""A block of flats: two tenants in one MongoDB, what each keeps there, and what the server then holds.

Both keep documents with the same contents in collections with the same names, and each tenant's texts
carry its word, so that what crosses the wall is seen. Beside them stand documents of nobody, and
databases that are closed.
"""

import os
import urllib.parse
import uuid

import bson
import pymongo
from shop import ACME, GLOBEX, TENANTS, verifier
from wall import Wall, free_port

POLICY = """
version = 1
[tenant]
id = "uuid"
[mongo]
field = "tenant_id"
shared = ["app.plans"]
"""

BY_NAME = """
version = 1
[tenant]
id = "uuid"
[mongo]
layout = "{layout}"
"""

FIELD = "tenant_id"


def id_of(tenant):
    """A tenant's id as its documents bear it."""
    return bson.Binary.from_uuid(uuid.UUID(tenant.id))


def tenants_document():
    parts = []
    for tenant in TENANTS:
        parts.append(f'[[tenant]]\nid = "{tenant.id}"\nslug = "{tenant.slug}"\n')
    for tenant in TENANTS:
        parts.append(
            f'[[login]]\nname = "{tenant.slug}"\ntenants = ["{tenant.slug}"]\n'
            f'verifier = "{verifier(tenant.password)}"\n'
        )
    return "\n".join(parts)


class MongoWall(Wall):
    """A wall with one listener for MongoDB in front of `upstream`."""

    def __init__(
        self, binary, folder, upstream, policy=POLICY, tenants=None, listener="", extra=""
    ):
        super().__init__(binary, folder, upstream, policy=policy, tenants=tenants)
        (folder / "tenants.toml").write_text(tenants or tenants_document())
        self.settings.write_text(
            'policy = "policy.toml"\ntenants = "tenants.toml"\n'
            + extra
            + f'\n[[listener]]\nprotocol = "mongo"\nlisten = "127.0.0.1:{self.port}"\n'
            f'upstream = "{upstream}"\n{listener}\n[admin]\nlisten = "127.0.0.1:{self.admin}"\n'
        )


def upstream_url(port=None, more="", store="MONGO"):
    """The service's own login on the store, and perhaps another port."""
    url = urllib.parse.urlsplit(os.environ[f"PARTYWALL_{store}_SERVICE_URL"])
    login = url.netloc.rpartition("@")[0]
    return f"mongodb://{login}@127.0.0.1:{port or url.port}/?{url.query}{more}"


def documents_of(word):
    """collection -> documents, of what a tenant has when a test begins."""
    user = lambda n: {"_id": f"{word}-{n}", "n": n, "name": f"{word} {n}"}  # noqa: E731
    return {
        "users": [user(n) | {"team": "red" if n % 2 else "blue", "tags": ["x", n]} for n in range(6)],
        "orders": [
            {"_id": f"{word}-o{n}", "user": f"{word}-{n % 3}", "total": 10 * n, "note": word}
            for n in range(9)
        ],
        "tree": [
            {"_id": f"{word}-t{n}", "n": n, "parent": n - 1, "of": word} for n in range(5)
        ],
    }


class Held:
    """What a server holds, asked directly, past the wall. `bears` is whether documents bear ids."""

    def __init__(self, url, tenants, bears=True):
        self.admin = pymongo.MongoClient(url, serverSelectionTimeoutMS=20000)
        self.tenants, self.bears, self.full = tenants, bears, None

    def refill(self):
        """Back to what every test begins with."""
        if self.full is not None and self.all() == self.full:
            return
        for name in self.databases():
            if name != "app":
                self.admin.drop_database(name)
        app = self.admin.app
        for name in app.list_collection_names():
            # Emptied, and not dropped: that is the slower.
            if name in ("users", "orders", "tree", "plans"):
                app[name].delete_many({})
                if len(app[name].index_information()) > 1:
                    app[name].drop_indexes()
            else:
                app.drop_collection(name)
        for tenant in self.tenants:
            bears = {FIELD: id_of(tenant)} if self.bears else {}
            for name, documents in documents_of(tenant.word).items():
                app[name].insert_many([document | bears for document in documents])
        app.plans.insert_many([{"_id": "free", "price": 0}, {"_id": "full", "price": 9}])
        if len(self.tenants) > 1:
            word = GLOBEX.word
            # Of nobody: without the field, with null, with the other's id in another form.
            app.users.insert_many(
                [
                    {"_id": "nobody-0", "name": word},
                    {"_id": "nobody-1", "name": word, FIELD: None},
                    {"_id": "nobody-2", "name": word, FIELD: GLOBEX.id},
                    {"_id": "of-globex", "name": word, FIELD: id_of(GLOBEX)},
                ]
            )
        self.full = self.all()

    def databases(self):
        names = self.admin.list_database_names()
        return [name for name in names if name not in ("admin", "config", "local")]

    def all(self):
        """(database, collection, _id as text) -> document, of everything."""
        held = {}
        for database in self.databases():
            for collection in self.admin[database].list_collection_names():
                for document in self.admin[database][collection].find():
                    held[database, collection, repr(document["_id"])] = document
        return held

    def of(self, tenant, collection="users", database="app"):
        """A tenant's documents in a collection, without its field, by `_id`."""
        mine = {FIELD: id_of(tenant)} if self.bears else {}
        documents = self.admin[database][collection].find(mine).sort("_id")
        return [{k: v for k, v in document.items() if k != FIELD} for document in documents]

    def besides(self, tenant):
        """Everything that is not this tenant's."""
        return {k: v for k, v in self.all().items() if v.get(FIELD) != id_of(tenant)}

    def connections(self):
        """How many connections of the service are open."""
        operations = self.admin.admin.command("currentOp", {"$all": True})["inprog"]
        return sum("partywall" in str(one.get("effectiveUsers", "")) for one in operations)


class Block:
    """The tenants' doors, and what is behind the wall."""

    def __init__(self, ports, helds, wall=None):
        self.ports, self.helds, self.wall = ports, helds, wall
        self.clients = []

    def url(self, tenant=ACME, options="", password=None):
        """What a tenant's application connects to."""
        login = ":".join(
            urllib.parse.quote(part, safe="")
            for part in (tenant.slug, tenant.password if password is None else password)
        )
        return f"mongodb://{login}@127.0.0.1:{self.ports[tenant]}/app?authSource=admin{options}"

    def client(self, tenant=ACME, **options):
        """pymongo's client, as an application makes it; closed after the test."""
        usual = {"serverSelectionTimeoutMS": 10000, "timeoutMS": None, "socketTimeoutMS": 60000}
        client = pymongo.MongoClient(self.url(tenant), **(usual | options))
        self.clients.append(client)
        return client

    def close(self):
        while self.clients:
            self.clients.pop().close()

    @property
    def held(self):
        return self.helds[ACME]

    def of(self, tenant=ACME, collection="users"):
        """What the server holds of a tenant."""
        return self.helds[tenant].of(tenant, collection)


def private_login(url, tenant):
    """Gives a tenant a login on a server of its own."""
    with pymongo.MongoClient(url) as client:
        client.admin.command("createUser", tenant.slug, pwd=tenant.password, roles=["root"])
    return urllib.parse.urlsplit(url).port


__all__ = ["ACME", "GLOBEX", "TENANTS", "Block", "Held", "MongoWall", "free_port"]
