"""A cluster of three nodes, each with a third of the slots, and slots that move."""

import os
import urllib.parse
from pathlib import Path

import redis
from house import TENANTS, fill
from redis.crc import key_slot
from wall import eventually

NODES = ("REDIS70_NODE1", "REDIS70_NODE2", "REDIS70_NODE3")
SLOTS = 16384


def is_there():
    return all(f"PARTYWALL_{name}_URL" in os.environ for name in NODES)


class Node:
    """One node, asked directly."""

    def __init__(self, name):
        self.name = name
        self.url = urllib.parse.urlsplit(os.environ[f"PARTYWALL_{name}_URL"])
        self.port, self.password = self.url.port, urllib.parse.unquote(self.url.password)
        self.bus = int(os.environ[f"PARTYWALL_{name}_BUS"])
        # What the nodes call each other by, and move keys to.
        tls = os.environ.get(f"PARTYWALL_{name}_TLS_URL")
        self.peer_port = urllib.parse.urlsplit(tls).port if tls else self.port
        self.admin = redis.Redis.from_url(self.url.geturl())
        self.id = self.admin.execute_command("CLUSTER", "MYID").decode()

    def __call__(self, *words):
        return self.admin.execute_command(*words)

    def info(self):
        info = self("CLUSTER", "INFO")
        if isinstance(info, dict):
            return info
        return dict(line.split(":", 1) for line in info.decode().split())

    def is_ok(self, nodes):
        info = self.info()
        return info["cluster_state"] == "ok" and int(info["cluster_known_nodes"]) == nodes

    def epoch(self):
        return self.info()["cluster_current_epoch"]


class Cluster:
    """Three nodes that know each other."""

    def __init__(self, folder):
        self.nodes = [Node(name) for name in NODES]
        self.authorities = self.trust_each_other(folder)
        first = self.nodes[0]
        if not first.is_ok(len(self.nodes)):
            for number, node in enumerate(self.nodes):
                node("CONFIG", "SET", "cluster-node-timeout", 5000)
                low = SLOTS * number // len(self.nodes)
                high = SLOTS * (number + 1) // len(self.nodes) - 1
                node("CLUSTER", "ADDSLOTSRANGE", low, high)
                first("CLUSTER", "MEET", "127.0.0.1", node.peer_port, node.bus)
        for node in self.nodes:
            # One account for all nodes, as a cluster has it.
            node("ACL", "SETUSER", "partywall", "resetpass", f">{first.password}")
            eventually(lambda node=node: node.is_ok(len(self.nodes)), f"{node.name} is in the cluster")

    def trust_each_other(self, folder):
        """Each node knows the certificates of all; None where they have none."""
        files = [os.environ.get(f"PARTYWALL_{name}_CA") for name in NODES]
        if not all(files):
            return None
        path = folder / "authorities.pem"
        path.write_text("".join(Path(file).read_text() for file in files))
        for node in self.nodes:
            node("CONFIG", "SET", "tls-ca-cert-file", str(path))
        return path

    def owner(self, slot):
        """The node that has `slot`, by its own account."""
        for node in self.nodes:
            for low, high, *rest in self.slots_of(node):
                if low <= slot <= high and rest[0][1] == node.port:
                    return node
        raise AssertionError(f"slot {slot} is nobody's")

    def slots_of(self, node):
        node.admin.set_response_callback("CLUSTER SLOTS", lambda reply, **_: reply)
        return node("CLUSTER SLOTS")

    def others(self, node):
        return [other for other in self.nodes if other is not node]

    def begin(self, slot, target):
        """From now on keys of `slot` may go from its owner to `target`. Gives the owner."""
        source = self.owner(slot)
        target("CLUSTER", "SETSLOT", slot, "IMPORTING", source.id)
        source("CLUSTER", "SETSLOT", slot, "MIGRATING", target.id)
        return source

    def carry(self, slot, source, target, most=1000):
        """Carries some keys of `slot` over. Gives how many there were."""
        keys = source("CLUSTER", "GETKEYSINSLOT", slot, most)
        if keys:
            words = ["MIGRATE", "127.0.0.1", target.peer_port, "", 0, 5000]
            source(*words, "AUTH2", "default", target.password, "KEYS", *keys)
        return len(keys)

    def end(self, slot, source, target):
        """The slot is `target`'s."""
        while self.carry(slot, source, target):
            pass
        for node in (target, source, *self.nodes):
            node("CLUSTER", "SETSLOT", slot, "NODE", target.id)
        # A slot that goes on before all have heard of it may be claimed by two nodes.
        eventually(lambda: len({node.epoch() for node in self.nodes}) == 1, "all nodes agree")

    def move(self, slot, target):
        source = self.begin(slot, target)
        self.end(slot, source, target)

    def refill(self, prefixes):
        """Both tenants' keys, and keys of nobody; gives what is not the first one's."""
        for node in self.nodes:
            node.admin.flushall()
        for tenant, prefix in prefixes.items():
            self.write(prefix, tenant.word)
        for prefix in (b"", b"tenant:", b"{" + TENANTS[1].id.encode() + b"}x"):
            self.write(prefix, TENANTS[1].word)

    def write(self, prefix, word):
        pipe = Routed(self)
        fill(pipe, prefix, word)

    def all(self):
        """name -> DUMP, of all nodes."""
        found = {}
        for node in self.nodes:
            for name in node.admin.keys("*"):
                found[name] = node.admin.dump(name)
        return found


class Routed:
    """What a pipeline of redis-py is to `fill`: each command goes to the node of its key."""

    def __init__(self, cluster):
        self.cluster = cluster

    def __getattr__(self, command):
        def run(key, *words, **options):
            node = self.cluster.owner(key_slot(key))
            return getattr(node.admin, command)(key, *words, **options)

        return run


def upstream_url(node):
    url = urllib.parse.urlsplit(os.environ[f"PARTYWALL_{node.name}_SERVICE_URL"])
    login = url.netloc.rpartition("@")[0]
    return f"redis://{login}@127.0.0.1:{url.port}/0"
