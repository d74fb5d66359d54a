#!/usr/bin/env python3
"""Two tenants of a small shop share four stores: what Partywall does for them, as a story.

Run it with `make demo`. Each step checks what it shows; the exit code is 1 when a check failed.
Afterwards everything stays up until Ctrl-C, or ends at once with --once.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.parse
import urllib.request
from pathlib import Path
from string import Template

import neo4j
import psycopg
import pymongo
import redis

HERE = Path(__file__).resolve().parent
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COLUMNS = 100
WAIT_SECONDS_MAX = 20

PASSWORDS = {"acme": "acme-secret", "globex": "globex-secret"}  # tenant and login -> password


def load_shop(store_url):
    """Makes the database `shop` with the rows of both tenants. Returns the application's URL."""
    with psycopg.connect(store_url, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS shop WITH (FORCE)")
        admin.execute("DROP ROLE IF EXISTS shop_app")
        admin.execute("CREATE DATABASE shop")
    with psycopg.connect(store_url, dbname="shop") as owner:
        owner.execute((HERE / "shop.sql").read_text())
        return f"postgresql://shop_app:shop-secret@127.0.0.1:{owner.info.port}/shop"


def empty_cache(store_url, service_url):
    """Empties the Redis that both share. Returns the application's URL."""
    redis.Redis.from_url(store_url).flushall()
    return service_url


def fill_documents(store_url, service_url):
    """Puts the notes of both tenants into one MongoDB. Returns the application's URL."""
    with pymongo.MongoClient(store_url) as admin:
        admin.drop_database("shop")
        for tenant in PASSWORDS:
            notes = [{"_id": f"{tenant}-{n}", "by": tenant, "n": n} for n in range(2)]
            tags = [{"_id": f"{tenant}-tag-{n}", "note": n, "text": f"{tenant}'s"} for n in range(2)]
            for name, documents in (("notes", notes), ("tags", tags)):
                bear = [document | {"tenant_id": tenant} for document in documents]
                admin.shop[name].insert_many(bear)
    return service_url


def load_graph(store_url):
    """Makes a graph of both tenants' people. Returns the wall's own URL."""
    with graph_driver(store_url) as driver:
        driver.execute_query("MATCH (n) DETACH DELETE n")
        for tenant in PASSWORDS:
            driver.execute_query(
                f"CREATE (:Person:Tenant_{tenant} {{name: 'Ada of {tenant}'}})-[:KNOWS]->"
                f"(:Person:Tenant_{tenant} {{name: 'Bob of {tenant}'}})")
    return store_url


def graph_driver(url):
    """Neo4j's driver, for a URL with a login in it."""
    parts = urllib.parse.urlsplit(url)
    login = (parts.username, urllib.parse.unquote(parts.password))
    return neo4j.GraphDatabase.driver(f"bolt://{parts.hostname}:{parts.port}", auth=login)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(condition):
    """Waits until `condition` is true, but not for ever."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)


class Wall:
    """A Partywall with its documents in `folder`. `upstream`, `cache`, `documents` and `graph`
    are its own logins to the stores."""

    def __init__(self, binary, folder, upstream, cache, documents, graph):
        self.binary, self.folder, self.upstream = binary.resolve(), Path(folder), upstream
        self.cache, self.documents, self.log = cache, documents, self.folder / "log"
        self.graph, self.graph_port = graph, free_port()
        self.port, self.cache_port, self.document_port = free_port(), free_port(), free_port()
        self.admin = free_port()
        self.urls = {name: f"postgresql://{name}:{password}@127.0.0.1:{self.port}/shop"
                     for name, password in PASSWORDS.items()} | {"direct": upstream}
        self.caches = {name: f"redis://{name}:{password}@127.0.0.1:{self.cache_port}/0"
                       for name, password in PASSWORDS.items()} | {"direct": cache}
        self.collections = {
            name: f"mongodb://{name}:{password}@127.0.0.1:{self.document_port}/?authSource=admin"
            for name, password in PASSWORDS.items()} | {"direct": documents}
        self.graphs = {name: f"bolt://{name}:{password}@127.0.0.1:{self.graph_port}"
                       for name, password in PASSWORDS.items()} | {"direct": graph}
        shutil.copy(HERE / "policy.toml", folder)
        tenants = [f'[[tenant]]\nid = "{name}"\nslug = "{name}"\n' for name in PASSWORDS]
        logins = [self.partywall("login", name, "--tenant", name, stdin=password)
                  for name, password in PASSWORDS.items()]
        (self.folder / "tenants.toml").write_text("\n".join(tenants + logins))
        settings = Template((HERE / "partywall.toml").read_text()).substitute(vars(self))
        (self.folder / "partywall.toml").write_text(settings)

    def partywall(self, *arguments, stdin=""):
        """What a command prints."""
        return subprocess.run([self.binary, *arguments], input=stdin, cwd=self.folder, check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    @contextlib.contextmanager
    def running(self):
        # Ctrl-C reaches it through us alone; the kernel ends it should we be killed.
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig=TERM", self.binary, "run", "--settings", "partywall.toml"],
                cwd=self.folder, stdin=subprocess.DEVNULL, stderr=log, start_new_session=True)
        try:
            eventually(lambda: self.get("/ready") or self.process.poll() is not None)
            if not self.get("/ready"):
                sys.exit(f"demo: the wall does not get ready:\n{self.log.read_text()}")
            yield
        finally:
            self.process.terminate()
            self.process.wait()

    def get(self, path):
        """A page of the admin listener; empty when there is none, or its status is not 200."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        url = f"http://127.0.0.1:{self.admin}{path}"
        with contextlib.suppress(OSError), opener.open(url, timeout=5) as reply:
            return reply.read().decode()
        return ""


def say(text, indent=3, colour=""):
    """Prints `text`, each of its lines wrapped."""
    coloured = colour and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for line in text.splitlines():
        for part in textwrap.wrap(line, COLUMNS - indent, subsequent_indent="  ") or [""]:
            part = f"\033[{colour}m{part}\033[0m" if coloured else part
            print(f"{'':{indent}}{part}", flush=True)


def show_table(columns, rows):
    cells = [[column.name for column in columns]] + [[str(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells)]
    cells.insert(1, ["-" * width for width in widths])
    for line in cells:
        say("  ".join(map(str.ljust, line, widths)).rstrip(), 6)


class Story:
    """The steps, each with its heading as docstring."""

    def __init__(self, wall):
        self.wall, self.failed = wall, 0

    def tell(self):
        """All steps, even after one that failed."""
        say("Two tenants, acme and globex, keep their shop in one PostgreSQL, with one Redis, one MongoDB\n"
            "and one Neo4j beside it. Partywall stands in front of them: the login of an application says\n"
            "whose data it works on. The policy:", 0)
        say((HERE / "policy.toml").read_text())
        say("`direct` is a connection past the wall, with the role that the wall itself uses.", 0)
        for number, step in enumerate(self.steps(), 1):
            say(f"\n{number}. {step.__doc__}", 0, colour="1")
            try:
                step()
            except Exception as error:
                self.check("the step comes to its end", str(error).strip(), "no error")

    def steps(self):
        return (self.own_rows, self.leak, self.injection, self.writes, self.refusals, self.rewritten,
                self.own_keys, self.flush, self.refused_commands,
                self.own_documents, self.joins, self.refused_writes,
                self.own_graph, self.own_writes, self.refused_cypher)

    def check(self, what, found, expected):
        if found == expected:
            return say(f"ok: {what}", colour="32")
        self.failed += 1
        say(f"FAILED: {what}\n   expected {expected}\n   found    {found}", colour="31")

    def run(self, who, statement, shown=True):
        """Runs `statement` as the login `who`, or as `direct`. Returns its rows."""
        if shown:
            say(f"{who}> {statement}", colour="36")
        with psycopg.connect(self.wall.urls[who], autocommit=True) as connection:
            cursor = connection.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
        if shown:
            show_table(cursor.description, rows) if rows else say(cursor.statusmessage, 6)
        return rows

    def held(self, statement):
        """What the store holds: asked directly, in order, and not shown."""
        return sorted(self.run("direct", statement, shown=False))

    def refused(self, who, statement):
        """Runs what the wall should refuse. Returns the reason that the client reads."""
        try:
            self.run(who, statement)
        except psycopg.Error as error:
            say(f"ERROR:  {error}", 6)
            return (error.diag.message_primary or str(error)).rpartition("[")[2].rstrip("]")
        return "none: it was let through"

    def own_rows(self):
        """The same query gives each tenant its own rows"""
        query = "SELECT name, status, total FROM orders o JOIN customers c ON c.id = customer_id"
        for tenant in PASSWORDS:
            rows = self.run(tenant, query)
            own = self.held(f"{query} WHERE o.tenant_id = '{tenant}'")
            self.check(f"the {len(own)} orders of {tenant}, and no other", sorted(rows), own)

    def leak(self):
        """A forgotten WHERE tenant_id = ... leaks on a direct connection, not through the wall"""
        query = "SELECT tenant_id, id, total FROM orders WHERE status = 'open'"
        owners = {row[0] for row in self.run("direct", query)}
        self.check("the direct connection gives away everybody's orders", owners, set(PASSWORDS))
        owners = {row[0] for row in self.run("acme", query)}
        self.check("through the wall come those of acme alone", owners, {"acme"})

    def injection(self):
        """An injection reaches no further than the tenant's own rows"""
        say("The application pastes a visitor's words into its query. Here they are: ' OR true --")
        query = "SELECT id, status, total FROM orders WHERE status = '{}'"
        rows = self.run("direct", query.format("' OR true --"))
        everybodys = self.held("SELECT id, status, total FROM orders")
        self.check("the direct connection gives away every order", sorted(rows), everybodys)
        rows = self.run("acme", query.format("' OR true --"))
        own = self.held("SELECT id, status, total FROM orders WHERE tenant_id = 'acme'")
        self.check("through the wall come those of acme alone", sorted(rows), own)
        rows = self.run("acme", query.format("' UNION SELECT id, name, 0 FROM customers --"))
        own = self.held("SELECT id, name, 0 FROM customers WHERE tenant_id = 'acme'")
        self.check("of another table, too, come acme's rows alone", sorted(rows), own)

    def writes(self):
        """A write gets its tenant, and stays within it where a WHERE was forgotten"""
        foreign = ("SELECT o::text, i::text FROM orders o JOIN items i ON i.order_id = o.id"
                   " WHERE o.tenant_id = 'globex'")
        before = self.held(foreign)
        insert = "INSERT INTO orders (customer_id, total) VALUES (1, 19.90) RETURNING id"
        [(order,)] = self.run("acme", insert)
        rows = self.run("direct", f"SELECT tenant_id, id, total FROM orders WHERE id = {order}")
        self.check("the wall made the new order acme's", [row[0] for row in rows], ["acme"])
        self.run("acme", "UPDATE orders SET status = 'shipped'")
        self.run("acme", "DELETE FROM items")
        rows = self.run("direct", "SELECT o.tenant_id, o.id, status, count(i) AS items FROM orders"
                        " o LEFT JOIN items i ON order_id = o.id GROUP BY 1, 2, 3 ORDER BY 2")
        found = {row[2:] for row in rows if row[0] == "acme"}
        self.check("acme's orders are all shipped, its items gone", found, {("shipped", 0)})
        self.check("nothing of globex has changed", self.held(foreign), before)

    def refusals(self):
        """What cannot be confined is refused, logged and counted"""
        expected = {
            "COPY orders TO STDOUT": "statement-not-allowed",
            "SELECT query_to_xml('TABLE orders', true, true, '')": "function-not-allowed",
            "INSERT INTO customers VALUES (9, 'globex', 'Eve')": "foreign-tenant-value",
        }
        for statement, reason in expected.items():
            self.check(f"the client reads [{reason}]", self.refused("acme", statement), reason)

        def logged():
            lines = self.wall.log.read_text().splitlines()
            return [json.loads(line) for line in lines if '"reason":' in line]
        eventually(lambda: len(logged()) >= len(expected))
        say("The wall's log says of the first, and quotes nothing of the statement:")
        say("\n".join(json.dumps(line) for line in logged()[:1]), 6)
        found = [(line["tenant"], line["reason"]) for line in logged()]
        self.check("one line for each", found, [("acme", reason) for reason in expected.values()])
        name = "partywall_rejections_total"
        lines = [line for line in self.wall.get("/metrics").splitlines() if line.startswith(name)]
        say("Its /metrics count them:")
        say("\n".join(lines), 6)
        once = {f'{name}{{protocol="postgres",reason="{code}"}} 1' for code in expected.values()}
        self.check("each of them once", set(lines), once)

    def rewritten(self):
        """What the store is sent instead, as `partywall explain` shows it"""
        catalog = ["catalog", "--settings", "partywall.toml"]
        explain = ["explain", "--policy", "policy.toml", "--catalog", "catalog.json",
                   "--protocol", "postgres", "--tenant", "acme"]
        say(f"$ partywall {' '.join(catalog)} > catalog.json", colour="36")
        (self.wall.folder / "catalog.json").write_text(self.wall.partywall(*catalog))
        say(f"$ partywall {' '.join(explain)}", colour="36")
        for statement in (
            "SELECT id, total FROM orders WHERE status = '' OR true",
            "SELECT name, o.id FROM customers c LEFT JOIN orders o ON customer_id = c.id",
            "INSERT INTO orders (customer_id, total) VALUES (2, 5) RETURNING tenant_id",
        ):
            instead = json.loads(self.wall.partywall(*explain, stdin=statement))["statement"] or ""
            say(f"{statement}\nbecomes {instead}", 6)
            rows = self.run("acme", statement, shown=False)
            self.check("run directly, it gives the same rows", self.held(instead), sorted(rows))

    def send(self, who, *words):
        """Sends a command to Redis as the login `who`, or as `direct`. Returns its reply."""
        say(f"{who}> {' '.join(words)}", colour="36")
        with redis.Redis.from_url(self.wall.caches[who], decode_responses=True) as connection:
            reply = connection.execute_command(*words)
        if isinstance(reply, list):
            say("\n".join(sorted(reply)), 6)
        else:
            say("OK" if reply is True else "(nil)" if reply is None else str(reply), 6)
        return reply

    def own_keys(self):
        """Redis: the same names, and each tenant has its own keys"""
        for tenant in PASSWORDS:
            for name in "cart:1", "cart:2":
                self.send(tenant, "SET", name, f"of {tenant}")
        stored = [f"tenant:{tenant}:cart:{number}" for tenant in PASSWORDS for number in (1, 2)]
        keys = self.send("direct", "KEYS", "*")
        self.check("the direct connection shows everybody's keys", sorted(keys), sorted(stored))
        for tenant in PASSWORDS:
            keys = self.send(tenant, "KEYS", "*")
            self.check(f"{tenant} sees its own two", sorted(keys), ["cart:1", "cart:2"])
            value = self.send(tenant, "GET", "cart:1")
            self.check("and its own value", value, f"of {tenant}")
        value = self.send("acme", "GET", "tenant:globex:cart:1")
        self.check("the name of a foreign key leads nowhere", value, None)
        script = "return redis.call('GET', 'tenant:globex:' .. 'cart:1')"
        self.check("nor from a script", self.send("acme", "EVAL", script, "0"), None)

    def flush(self):
        """Redis: who empties the store, empties their own part of it"""
        self.send("acme", "FLUSHALL")
        self.check("nothing of acme is left", self.send("acme", "DBSIZE"), 0)
        keys = self.send("direct", "KEYS", "*")
        self.check("all of globex is", sorted(keys), [f"tenant:globex:cart:{i}" for i in (1, 2)])

    def refused_commands(self):
        """Redis: what shows or changes what belongs to all is refused, logged and counted"""
        commands = ["CONFIG", "SET", "maxmemory", "1"], ["MONITOR"], ["FUNCTION", "LIST"]
        for words in commands:
            try:
                self.send("acme", *words)
                reason = "none: it was let through"
            except redis.ResponseError as error:
                say(f"(error) {error}", 6)
                reason = str(error).rpartition("[")[2].rstrip("]")
            self.check("the client reads [command-not-allowed]", reason, "command-not-allowed")

        def logged():
            lines = self.wall.log.read_text().splitlines()
            return [json.loads(line) for line in lines if '"command-not-allowed"' in line]
        eventually(lambda: len(logged()) >= len(commands))
        say("The wall's log says of the first:")
        say(json.dumps(logged()[0]) if logged() else "nothing", 6)
        found = [(line["tenant"], line["protocol"]) for line in logged()]
        self.check("one line for each", found, [("acme", "resp")] * len(commands))
        metric = 'partywall_rejections_total{protocol="resp",reason="command-not-allowed"}'
        counted = f"{metric} {len(commands)}" in self.wall.get("/metrics").splitlines()
        self.check("and /metrics count them", counted, True)


    def ask(self, who, command):
        """Sends a command to MongoDB as the login `who`, or as `direct`. Returns its reply."""
        say(f"{who}> {json.dumps(command)}", colour="36")
        with pymongo.MongoClient(self.wall.collections[who]) as client:
            reply = client.shop.command(command)
        for document in reply.get("cursor", {}).get("firstBatch", []):
            say(str(document), 6)
        return reply

    def found(self, who, command):
        """The documents that a command finds."""
        return self.ask(who, command)["cursor"]["firstBatch"]

    def own_documents(self):
        """MongoDB: a filter that was forgotten finds the tenant's own documents"""
        find = {"find": "notes", "filter": {"$or": [{}, {"tenant_id": "globex"}]}}
        writers = {note["by"] for note in self.found("direct", find)}
        self.check("the direct connection gives away everybody's", writers, set(PASSWORDS))
        for tenant in PASSWORDS:
            writers = {note["by"] for note in self.found(tenant, find)}
            self.check(f"through the wall come those of {tenant} alone", writers, {tenant})

    def joins(self):
        """MongoDB: nor does a $lookup reach further, wherever it stands in a pipeline"""
        join = {"from": "tags", "localField": "n", "foreignField": "note", "as": "tags"}
        inside = [{"$match": {"n": 0}}, {"$lookup": join}]
        command = {"aggregate": "notes", "pipeline": [{"$facet": {"all": inside}}], "cursor": {}}
        texts = lambda who: {  # noqa: E731
            tag["text"] for note in self.found(who, command)[0]["all"] for tag in note["tags"]}
        everybodys = {f"{tenant}'s" for tenant in PASSWORDS}
        self.check("the direct connection joins everybody's tags", texts("direct"), everybodys)
        self.check("through the wall it joins acme's alone", texts("acme"), {"acme's"})

    def refused_writes(self):
        """MongoDB: a write stays with its tenant, and what would lead elsewhere is refused"""
        self.ask("acme", {"insert": "notes", "documents": [{"_id": "new", "by": "acme"}]})
        [note] = self.found("direct", {"find": "notes", "filter": {"_id": "new"}})
        self.check("the wall made the new note acme's", note["tenant_id"], "acme")
        self.ask("acme", {"delete": "notes", "deletes": [{"q": {}, "limit": 0}]})
        owners = [note["tenant_id"] for note in self.found("direct", {"find": "notes"})]
        self.check("acme's notes are gone, those of globex are not", owners, ["globex"] * 2)
        for command in (
            {"update": "tags", "updates": [{"q": {}, "u": {"$set": {"tenant_id": "globex"}}}]},
            {"aggregate": "tags", "pipeline": [{"$out": "notes"}], "cursor": {}},
            {"dropDatabase": 1},
        ):
            try:
                self.ask("acme", command)
                code = "none: it was let through"
            except pymongo.errors.OperationFailure as error:
                say(f"(error {error.code}) {error.details['errmsg']}", 6)
                code = error.code
            self.check("the client reads Unauthorized", code, 13)


    def cypher(self, who, statement):
        """Runs Cypher as the login `who`, or as `direct`. Returns the rows."""
        say(f"{who}> {statement}", colour="36")
        with graph_driver(self.wall.graphs[who]) as driver:
            rows = [list(record) for record in driver.execute_query(statement).records]
        say("\n".join(", ".join(map(str, row)) for row in rows) or "done", 6)
        return rows

    def own_graph(self):
        """Neo4j: the same statement gives each tenant its own graph"""
        statement = "MATCH (p:Person) RETURN p.name AS name ORDER BY name"
        rows = self.cypher("direct", statement)
        self.check("the direct connection shows everybody", len(rows), 2 * len(PASSWORDS))
        for tenant in PASSWORDS:
            own = [[f"{name} of {tenant}"] for name in ("Ada", "Bob")]
            self.check(f"{tenant} sees its own two", self.cypher(tenant, statement), own)
        statement = "MATCH (n) WHERE n.name = '' OR true RETURN count(n) AS n"
        self.check("an injection reaches no further", self.cypher("acme", statement), [[2]])
        statement = "MATCH (:Person)-[*0..9]-(n) RETURN count(DISTINCT n) AS n"
        self.check("nor does a path of any length", self.cypher("acme", statement), [[2]])

    def own_writes(self):
        """Neo4j: what a tenant makes is its own, and it deletes nothing else"""
        self.cypher("acme", "MERGE (p:Person {name: 'Ada of globex'})")
        labels = "MATCH (p {name: 'Ada of globex'}) UNWIND labels(p) AS l WITH l WHERE l <> 'Person'" \
                 " RETURN l ORDER BY l"
        found = [row[0] for row in self.cypher("direct", labels)]
        self.check("MERGE found nothing of globex and made a node of acme's",
                   found, ["Tenant_acme", "Tenant_globex"])
        self.cypher("acme", "MATCH (n) DETACH DELETE n")
        rows = self.cypher("direct", "MATCH (p:Person) RETURN p.name AS name ORDER BY name")
        self.check("all of globex is left", rows, [["Ada of globex"], ["Bob of globex"]])

    def refused_cypher(self):
        """Neo4j: what shows or changes what belongs to all is refused"""
        for statement in ("SHOW USERS", "LOAD CSV FROM 'file:///etc/passwd' AS l RETURN l",
                          "CREATE (:Person:Tenant_globex)", "CALL dbms.listConnections()"):
            try:
                self.cypher("acme", statement)
                text = "none: it was let through"
            except neo4j.exceptions.ClientError as error:
                say(f"{error.code}: {error.message}", 6)
                text = error.message
            refused = text.startswith("partywall: ") and text.endswith("]")
            self.check("the client reads a refusal", refused, True)


def stay(wall, number):
    """Waits for Ctrl-C, as the step of this number."""
    for each in SIGNALS:
        signal.signal(each, lambda *_: sys.exit(0))
    say(f"\n{number}. Your turn: all of it stays up until Ctrl-C", 0, colour="1")
    for who, url in wall.urls.items():
        say(f"{who:8} psql {url}")
    for who, url in wall.caches.items():
        say(f"{who:8} redis-cli --no-auth-warning -u {url}")
    for who, url in wall.collections.items():
        say(f"{who:8} mongosh '{url}'")
    for who, url in wall.graphs.items():
        say(f"{who:8} {url}")
    say(f"metrics  http://127.0.0.1:{wall.admin}/metrics\nfiles    {wall.folder}")
    sys.exit(f"demo: the wall ended with exit code {wall.process.wait()}:\n{wall.log.read_text()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, default="target/debug/partywall")
    parser.add_argument("--once", action="store_true", help="end after the story")
    arguments = parser.parse_args()
    for number in SIGNALS:
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    names = ("PG17_URL", "REDIS70_URL", "REDIS70_SERVICE_URL", "MONGO_URL", "MONGO_SERVICE_URL",
             "NEO4J526_URL")
    urls = [os.environ.get(f"PARTYWALL_{name}") for name in names]
    if None in urls:
        sys.exit("demo: no stores: run `make demo`")
    for name in [name for name in os.environ if name.startswith("PG") or name == "RUST_LOG"]:
        del os.environ[name]  # a person's own settings are not for this story
    with tempfile.TemporaryDirectory(prefix="partywall-demo-") as folder:
        wall = Wall(arguments.binary, folder, load_shop(urls[0]),
                    empty_cache(*urls[1:3]), fill_documents(*urls[3:5]), load_graph(urls[5]))
        with wall.running():
            story = Story(wall)
            story.tell()
            if story.failed:
                sys.exit(f"demo: {story.failed} checks failed")
            say("\nEvery step showed what it should.", 0)
            if not arguments.once:
                stay(wall, len(story.steps()) + 1)


if __name__ == "__main__":
    main()
