"""The promise as a test: a tenant behind the wall cannot tell the shared server from a private one.

    oracle.py --binary PARTYWALL [--commands N] [--seed S] [--layout field|collection|database]

Generated commands run as tenant A through the wall on a shared server, where B keeps documents that
look the same, and directly on a private server, which holds A's alone. Replies must be equal, or
refused, which is counted; the collections must be equal; B's must be as they were; and no word of
B's may come back, in replies or errors.

Needs PARTYWALL_MONGO_URL, …_SERVICE_URL and PARTYWALL_MONGO_PRIVATE_URL (`make oracle-mongo`).
"""

import argparse
import collections
import os
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).absolute().parent
for folder in ("e2e", "e2e/mongo"):
    sys.path.insert(0, str(HERE.parents[1] / folder))

import bson  # noqa: E402
import pymongo  # noqa: E402
from block import ACME, BY_NAME, FIELD, GLOBEX, POLICY, MongoWall, id_of, private_login, upstream_url  # noqa: E402
from compare import canonical, stripped, summary  # noqa: E402
from generate import COLLECTIONS, Generator  # noqa: E402
from hostile import attacks  # noqa: E402
from wall import Wire  # noqa: E402

LOOK_EVERY = 200  # commands between two looks at what the servers hold


class Side:
    """One tenant's application on one server."""

    def __init__(self, port, tenant):
        login = f"{tenant.slug}:{tenant.password}"
        url = f"mongodb://{login}@127.0.0.1:{port}/app?authSource=admin&directConnection=true"
        self.client = pymongo.MongoClient(url, retryWrites=False, serverSelectionTimeoutMS=20000)

    def run(self, command):
        """A reply, and all documents of its cursor."""
        name = next(iter(command))
        database = self.client["admin" if name in ("bulkWrite", "listDatabases") else "app"]
        try:
            reply = dict(database.command(command))
            documents = self.drain(reply)
        except pymongo.errors.OperationFailure as error:
            return dict(error.details or {"ok": 0, "code": error.code}), []
        except (bson.errors.InvalidDocument, pymongo.errors.PyMongoError) as error:
            return {"ok": 0, "code": type(error).__name__}, []
        return reply, documents

    def drain(self, reply):
        cursor = reply.get("cursor")
        if not isinstance(cursor, dict):
            return []
        documents = list(cursor.get("firstBatch", []))
        database, _, collection = cursor["ns"].partition(".")
        number = cursor["id"]
        while number:
            more = self.client[database].command(
                {"getMore": bson.Int64(number), "collection": collection}
            )
            documents += more["cursor"]["nextBatch"]
            number = more["cursor"]["id"]
        return documents


class Servers:
    """What the two servers hold, asked past the wall."""

    def __init__(self, layout):
        self.layout = layout
        self.shared = pymongo.MongoClient(os.environ["PARTYWALL_MONGO_URL"])
        self.private = pymongo.MongoClient(os.environ["PARTYWALL_MONGO_PRIVATE_URL"])

    def clear(self):
        for client in (self.shared, self.private):
            for name in client.list_database_names():
                if name not in ("admin", "config", "local"):
                    client.drop_database(name)

    def place(self, tenant, collection):
        """The shared server's collection for a tenant's."""
        if self.layout == "database":
            return self.shared[f"{tenant.id}~app"][collection]
        if self.layout == "collection":
            return self.shared["app"][f"{tenant.id}~{collection}"]
        return self.shared["app"][collection]

    def fill(self, seed):
        """A's documents on both, and B's look-alikes on the shared one."""
        generator = Generator(seed)
        for collection in COLLECTIONS:
            documents = [generator.document() for _ in range(12)]
            self.private["app"][collection].insert_many([dict(one) for one in documents])
            bears = {FIELD: id_of(ACME)} if self.layout == "field" else {}
            self.place(ACME, collection).insert_many([one | bears for one in documents])
            bears = {FIELD: id_of(GLOBEX)} if self.layout == "field" else {}
            word = {"word": GLOBEX.word}
            others = [one | bears | word | {"_id": "b" + one["_id"][1:]} for one in documents]
            self.place(GLOBEX, collection).insert_many(others)

    def held_by(self, tenant):
        """collection -> documents as text, of a tenant on the shared server."""
        mine = {FIELD: id_of(tenant)} if self.layout == "field" else {}
        return {
            collection: sorted(
                canonical(stripped(document, FIELD))
                for document in self.place(tenant, collection).find(mine)
            )
            for collection in COLLECTIONS
        }

    def held_privately(self):
        return {
            collection: sorted(canonical(one) for one in self.private["app"][collection].find())
            for collection in COLLECTIONS
        }


class Findings:
    def __init__(self):
        self.counts, self.refused = collections.Counter(), collections.Counter()
        self.different, self.leaked = [], []

    def judge(self, command, shared, private):
        (reply, documents), (other, others) = shared, private
        text = str(reply.get("errmsg", ""))
        if not reply.get("ok") and text.startswith("partywall: "):
            self.counts["refused"] += 1
            self.refused[text.rpartition("[")[2].rstrip("]")] += 1
            return False
        one = summary(command, reply, documents, FIELD)
        two = summary(command, other, others, FIELD)
        if one == two:
            self.counts["equal"] += 1
            self.counts["errors"] += not reply.get("ok")
            return True
        self.counts["different"] += 1
        self.different.append((command, one, two))
        return True


def run(binary, port, commands, seed, layout):
    servers = Servers(layout)
    servers.clear()
    servers.fill(seed)
    findings, generator = Findings(), Generator(seed + 1)
    generator.last = 12 * len(COLLECTIONS)
    policy = POLICY if layout == "field" else BY_NAME.format(layout=layout)
    others = servers.held_by(GLOBEX)
    with (
        tempfile.TemporaryDirectory() as folder,
        MongoWall(binary, pathlib.Path(folder), upstream_url(), policy) as wall,
    ):
        wire = Wire(wall.port, [GLOBEX.word.encode()])
        shared, private = Side(wire.port, ACME), Side(port, ACME)
        for number in range(commands):
            command = generator.command(owns_collections=layout != "field")
            before = findings.counts["refused"]
            # What is refused is not asked of the other: it would change what is held there.
            reply = shared.run(command)
            text = str(reply[0].get("errmsg", ""))
            other = ({}, []) if text.startswith("partywall: ") else private.run(command)
            findings.judge(command, reply, other)
            if findings.counts["refused"] > before and len(findings.refused) < 40:
                findings.refused[f"  {next(iter(command))}: {text[:90]}"] += 1
            note_leaks(wire, command, findings)
            if number % LOOK_EVERY == LOOK_EVERY - 1:
                look(servers, others, findings, number)
        look(servers, others, findings, commands)
        if layout == "field":
            attack(shared, wire, findings, seed, commands // 5)
            if servers.held_by(GLOBEX) != others:
                findings.leaked.append(("attacks", "the other tenant's documents changed"))
        wire.close()
    return findings


def attack(shared, wire, findings, seed, count):
    """Attacks, of which nothing is compared: what they do to A's own documents is A's business."""
    hostile = attacks(seed, id_of(ACME), id_of(GLOBEX))
    for _ in range(count):
        command = next(hostile)
        reply, _ = shared.run(command)
        text = str(reply.get("errmsg", ""))
        outcome = "refused" if text.startswith("partywall: ") else "answered"
        findings.counts[f"attacks {outcome}"] += 1
        note_leaks(wire, command, findings)


def note_leaks(wire, command, findings):
    if wire.seen:
        findings.leaked.append((command, set(wire.seen)))
        wire.seen.clear()


def look(servers, others, findings, number):
    """Compares what the servers hold."""
    mine, private = servers.held_by(ACME), servers.held_privately()
    for collection in COLLECTIONS:
        if mine[collection] != private[collection]:
            findings.counts["contents different"] += 1
            here, there = set(mine[collection]), set(private[collection])
            pair = (sorted(here - there)[:3], sorted(there - here)[:3])
            findings.different.append((f"contents of {collection} after {number}", *pair))
    if servers.held_by(GLOBEX) != others:
        findings.leaked.append((f"after {number} commands", "the other tenant's documents changed"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--commands", type=int, default=int(os.environ.get("ORACLE_COMMANDS", 1000)))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("ORACLE_SEED", 1)))
    parser.add_argument("--layout", choices=["field", "collection", "database"], action="append")
    arguments = parser.parse_args()
    failed = False
    port = private_login(os.environ["PARTYWALL_MONGO_PRIVATE_URL"], ACME)
    for layout in arguments.layout or ["field", "collection", "database"]:
        began = time.monotonic()
        # Schema commands, which only these layouts have, take the store longest.
        count = arguments.commands if layout == "field" else arguments.commands // 4
        findings = run(arguments.binary, port, count, arguments.seed, layout)
        for command, one, two in findings.different[:8]:
            print(f"different: {command}\n  wall:    {str(one)[:1500]}\n  private: {str(two)[:1500]}")
        for command, what in findings.leaked[:8]:
            print(f"leaked: {command}\n  {what}")
        print(
            f"{layout}: {count} commands, seed {arguments.seed}: {dict(findings.counts)}, "
            f"different {len(findings.different)}, leaked {len(findings.leaked)}, "
            f"{time.monotonic() - began:.0f} s; refused: {dict(findings.refused)}"
        )
        failed |= bool(findings.different or findings.leaked)
    sys.exit(failed)


if __name__ == "__main__":
    main()
