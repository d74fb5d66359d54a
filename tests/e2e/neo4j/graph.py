"""A graph of two tenants in one Neo4j: what each keeps there, and what the server then holds.

Both keep the same nodes and relationships, and each tenant's texts carry its word, so that what crosses
the wall is seen. Beside them stand nodes of nobody. A tenant's nodes bear its label, or its property.
"""

import os
import urllib.parse

import neo4j
from shop import ACME, GLOBEX, TENANTS, verifier
from wall import Wall

POLICY = """
version = 1
[tenant]
id = "uuid"
[neo4j]
strategy = "{strategy}"
shared_labels = ["Country"]
{more}
"""

# Each server with the strategies that are tried on it; the second server is slow to start.
STORES = (("NEO4J526", "label"), ("NEO4J526", "property"), ("NEO4J2026", "label"))


def stores():
    return [(name, how) for name, how in STORES if f"PARTYWALL_{name}_URL" in os.environ]


def store_url(name):
    return urllib.parse.urlsplit(os.environ[f"PARTYWALL_{name}_URL"])


def upstream_url(name, port=None):
    """The service's own login on a store, and perhaps another port."""
    url = store_url(name)
    login = url.netloc.rpartition("@")[0]
    return f"bolt://{login}@127.0.0.1:{port or url.port}/neo4j"


def tenants_document(suspended=()):
    parts = []
    for tenant in TENANTS:
        active = str(tenant.slug not in suspended).lower()
        parts.append(f'[[tenant]]\nid = "{tenant.id}"\nslug = "{tenant.slug}"\nactive = {active}\n')
    for tenant in TENANTS:
        parts.append(
            f'[[login]]\nname = "{tenant.slug}"\ntenants = ["{tenant.slug}"]\n'
            f'verifier = "{verifier(tenant.password)}"\n'
        )
    return "\n".join(parts)


class GraphWall(Wall):
    """A wall with one listener for Neo4j in front of `upstream`."""

    def __init__(
        self, binary, folder, upstream, strategy="label", tenants=None, listener="", extra="", more=""
    ):
        policy = POLICY.format(strategy=strategy, more=more)
        super().__init__(binary, folder, upstream, policy=policy, tenants=tenants)
        (folder / "tenants.toml").write_text(tenants or tenants_document())
        self.settings.write_text(
            'policy = "policy.toml"\ntenants = "tenants.toml"\n'
            + extra
            + f'\n[[listener]]\nprotocol = "bolt"\nlisten = "127.0.0.1:{self.port}"\n'
            f'upstream = "{upstream}"\n{listener}\n[admin]\nlisten = "127.0.0.1:{self.admin}"\n'
        )


def owned(tenant, strategy):
    """What makes a node the tenant's, in a pattern: labels and properties."""
    if strategy == "label":
        return f":`Tenant_{tenant.id}`", ""
    return "", f", tenant_id: '{tenant.id}'"


def fill(tenant, strategy):
    """The clause that makes what a tenant has when a test begins."""
    label, key = owned(tenant, strategy)
    word, n = tenant.word, TENANTS.index(tenant)
    return f"""
    CREATE (ada{n}:Person{label} {{name: 'Ada {word}', email: 'ada@example.com', age: 36{key}}}),
           (bob{n}:Person{label} {{name: 'Bob {word}', email: 'bob@example.com', age: 41{key}}}),
           (eve{n}:Person{label} {{name: 'Eve {word}', email: 'eve@example.com', age: 29{key}}}),
           (shop{n}:Company{label} {{name: 'Shop {word}'{key}}}),
           (ada{n})-[:KNOWS {{since: 2020, how: 'at {word}'}}]->(bob{n}),
           (bob{n})-[:KNOWS {{since: 2021}}]->(eve{n}),
           (ada{n})-[:WORKS_AT]->(shop{n}), (bob{n})-[:WORKS_AT]->(shop{n})
    """


# Of nobody, or of everybody; and one that is nearly the first tenant's.
NOBODYS = f"""
CREATE (:Country {{code: 'CH', name: 'Switzerland'}}), (:Country {{code: 'PE', name: 'Peru'}}),
       (:Person {{name: 'Nobody {GLOBEX.word}', email: 'ada@example.com', age: 1}}),
       (:Person:`Tenant_{ACME.id}0` {{name: 'Near {GLOBEX.word}', email: 'ada@example.com',
                                      tenant_id: '{ACME.id}0'}}),
       ({{name: 'Bare {GLOBEX.word}'}})-[:KNOWS]->(:Secret:Tenant_ {{tenant_id: ''}})
"""

NODES = "MATCH (n) RETURN elementId(n), labels(n), properties(n)"
RELATIONSHIPS = """
MATCH (a)-[r]->(b) RETURN elementId(a), elementId(r), elementId(b), type(r), properties(r)
"""


class Held:
    """What a server holds, asked directly, past the wall."""

    def __init__(self, name, strategy):
        url, self.strategy = store_url(name), strategy
        auth = (url.username, urllib.parse.unquote(url.password))
        self.driver = neo4j.GraphDatabase.driver(f"bolt://127.0.0.1:{url.port}", auth=auth)

    def run(self, statement, **parameters):
        """The rows, as lists."""
        with self.driver.session(database="neo4j") as session:
            return session.run(statement, parameters).values()

    def refill(self):
        """Back to what every test begins with."""
        self.run("MATCH (n) DETACH DELETE n")
        self.run("\n".join([*(fill(tenant, self.strategy) for tenant in TENANTS), NOBODYS]))

    def everything(self):
        """Nodes and relationships by their ids, and which nodes are whose."""
        nodes = {i: (sorted(labels), properties) for i, labels, properties in self.run(NODES)}
        return nodes, {r[1]: tuple(map(repr, r)) for r in self.run(RELATIONSHIPS)}

    def is_of(self, tenant, node):
        labels, properties = node
        if self.strategy == "label":
            return f"Tenant_{tenant.id}" in labels
        return properties.get("tenant_id") == tenant.id

    def besides(self, tenant):
        """All nodes that are not this tenant's, and all relationships between such."""
        nodes, relationships = self.everything()
        others = {i: node for i, node in nodes.items() if not self.is_of(tenant, node)}
        near = lambda row: any(repr(i) in (row[0], row[2]) for i in others)  # noqa: E731
        return repr(sorted(others.items())), sorted(r for r in relationships.values() if near(r))

    def of(self, tenant):
        """The tenant's nodes: labels without its own, properties without its own; sorted."""
        nodes, _ = self.everything()
        found = []
        for labels, properties in (n for n in nodes.values() if self.is_of(tenant, n)):
            labels = [label for label in labels if label != f"Tenant_{tenant.id}"]
            properties.pop("tenant_id", None)
            found.append((labels, properties))
        return sorted(found, key=repr)

    def names(self, tenant):
        """The names of the tenant's nodes, without its word."""
        return sorted(str(p.get("name", "")).replace(f" {tenant.word}", "") for _, p in self.of(tenant))

    def close(self):
        self.driver.close()


class Graph:
    """The tenants' doors, and what is behind the wall."""

    def __init__(self, name, strategy, ports, held, wall):
        self.name, self.strategy, self.ports = name, strategy, ports
        self.held, self.wall = held, wall

    def driver(self, tenant=ACME, scheme="bolt", **options):
        """The driver, as an application makes it."""
        url, auth = f"{scheme}://127.0.0.1:{self.ports[tenant]}", (tenant.slug, tenant.password)
        return neo4j.GraphDatabase.driver(url, auth=auth, **options)

    def run(self, statement, tenant=ACME, **parameters):
        """One statement of a tenant, by itself; the rows, as lists."""
        with self.driver(tenant) as driver, driver.session() as session:
            return session.run(statement, parameters).values()


__all__ = ["ACME", "GLOBEX", "TENANTS", "Graph", "GraphWall", "Held"]
