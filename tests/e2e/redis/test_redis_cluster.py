"""A cluster behind the wall: to a driver that knows of none it is one server.

Each test runs with two policies: one that leaves a tenant's keys on several nodes, and one whose
literal braces put them on one.
"""

import contextlib
import threading

import pytest
import redis
from cluster import Cluster, is_there, upstream_url
from house import ACME, GLOBEX, TENANTS, RedisWall
from redis.crc import key_slot
from resp import Failed, Raw, request
from wall import Wire, eventually

pytestmark = [
    pytest.mark.wall,
    pytest.mark.skipif(not is_there(), reason="no cluster: run `make e2e`"),
]

POLICIES = {"spread": "tenant:{tenant}:", "braces": "{{tenant}}:"}
POLICY = "version = 1\n[tenant]\nid = 'uuid'\n[redis]\nprefix = '%s'\n"
CROSSSLOT = "CROSSSLOT Keys in request don't hash to the same slot"


class Front:
    """A wall in front of the cluster, and what it shows of it."""

    def __init__(self, cluster, kind, wall, wires):
        self.cluster, self.kind, self.wall, self.wires = cluster, kind, wall, wires

    def prefix(self, tenant=ACME):
        return POLICIES[self.kind].replace("{tenant}", tenant.id).encode()

    def client(self, tenant=ACME, **options):
        options = {"decode_responses": True, "socket_timeout": 20} | options
        login = {"username": tenant.slug, "password": tenant.password}
        return redis.Redis(host="127.0.0.1", port=self.wires[tenant].port, **login, **options)

    def raw(self, tenant=ACME):
        return Raw(self.wires[tenant].port, tenant)

    def slot(self, key, tenant=ACME):
        return key_slot(self.prefix(tenant) + key.encode())

    def keys(self, count, name="key"):
        """Names in different slots where the policy allows it."""
        names = [f"{name}:{number}" for number in range(count)]
        if self.kind == "spread":
            assert len({self.slot(name) for name in names}) > 1
        return names

    def move(self, key):
        """The slot of `key` goes to another node."""
        slot = self.slot(key)
        self.cluster.move(slot, self.cluster.others(self.cluster.owner(slot))[0])


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    folder.chmod(0o755)
    return Cluster(folder)


@pytest.fixture(scope="module", params=POLICIES)
def standing(request, cluster, pytestconfig, tmp_path_factory):
    kind, folder = request.param, tmp_path_factory.mktemp("wall")
    binary, policy = pytestconfig.getoption("--binary"), POLICY % POLICIES[request.param]
    # Whatever a node says of itself is nothing to a tenant.
    ports = {port for node in cluster.nodes for port in (node.port, node.peer_port)}
    addresses = [f":{port}".encode() for port in ports]
    addresses += [node.id.encode() for node in cluster.nodes]
    upstream = upstream_url(cluster.nodes[0])
    with RedisWall(binary, folder, upstream, policy=policy) as wall:
        wires = {
            tenant: Wire(wall.port, (*other.marks, *addresses))
            for tenant, other in zip(TENANTS, reversed(TENANTS))
        }
        yield Front(cluster, kind, wall, wires)
        for wire in wires.values():
            wire.close()


@pytest.fixture
def front(standing, cluster):
    """The cluster as it began; nothing of others, and no node, seen afterwards."""
    cluster.refill({tenant: standing.prefix(tenant) for tenant in TENANTS})
    besides = {n: v for n, v in cluster.all().items() if not n.startswith(standing.prefix())}
    yield standing
    now = {n: v for n, v in cluster.all().items() if not n.startswith(standing.prefix())}
    assert now == besides, "what is not the tenant's changed"
    for tenant, wire in standing.wires.items():
        seen, wire.seen = wire.seen, set()
        assert not seen, f"{tenant.slug} was shown {seen}"
    assert standing.wall.process.poll() is None, standing.wall.log()
    assert "panicked" not in standing.wall.log()


@pytest.fixture(params=[2, 3], ids=["RESP2", "RESP3"])
def r(request, front):
    with front.client(protocol=request.param) as client:
        yield client


def test_each_key_is_on_its_node(front, r):
    for key in front.keys(30):
        assert r.set(key, key) is True
        assert r.get(key) == key
        node = front.cluster.owner(front.slot(key))
        assert node.admin.get(front.prefix() + key.encode()) == key.encode()


def test_replies_of_a_pipeline_stay_in_order(front, r):
    keys = front.keys(200)
    pipe = r.pipeline(transaction=False)
    for key in keys:
        pipe.set(key, f"value of {key}")
        pipe.get(key)
        pipe.strlen(key)
    wanted = [part for key in keys for part in (True, f"value of {key}", len(f"value of {key}"))]
    assert pipe.execute() == wanted


def test_large_values_stay_in_order(front, r):
    keys = front.keys(12)
    for number, key in enumerate(keys):
        r.set(key, str(number) * 400_000)
    pipe = r.pipeline(transaction=False)
    for key in keys:
        pipe.get(key)
    assert pipe.execute() == [str(number) * 400_000 for number in range(len(keys))]


def test_what_is_about_single_keys_is_split(front, r):
    keys = front.keys(50)
    for key in keys[::2]:
        r.set(key, key)
    assert r.mget(keys) == [key if number % 2 == 0 else None for number, key in enumerate(keys)]
    assert r.mget(keys[0], keys[0], "nothing", keys[2]) == [keys[0], keys[0], None, keys[2]]
    assert r.exists(*keys, keys[0]) == 26
    assert r.touch(*keys) == 25
    assert r.delete(*keys[:10]) == 5
    assert r.unlink(*keys) == 20
    assert r.exists(*keys) == 0


def test_what_is_about_several_keys_at_once_is_not(front, r):
    a, b = front.keys(2)
    words = [
        ("MSET", a, 1, b, 2), ("MSETNX", a, 1, b, 2), ("RENAME", a, b), ("SINTER", a, b),
        ("SMOVE", a, b, "x"), ("BITOP", "AND", a, a, b), ("PFMERGE", a, b), ("LMPOP", 2, a, b, "LEFT"),
        ("EVAL", "return KEYS[2]", 2, a, b), ("SUNIONSTORE", a, b), ("COPY", a, b), ("WATCH", a, b),
    ]
    for command in words:
        with front.raw() as raw:
            raw("SET", a, "x") if command[0] in ("RENAME", "COPY") else raw("DEL", a, b)
            reply = raw(*command)
            if front.kind == "spread":
                assert reply == CROSSSLOT, command
            else:
                assert not isinstance(reply, Failed), (command, reply)


def test_a_client_s_own_braces_work(front, r):
    assert r.mset({"{u}:a": 1, "{u}:b": 2}) is True
    assert r.rename("{u}:a", "{u}:c") is True
    assert r.mget("{u}:b", "{u}:c") == ["2", "1"]
    with r.pipeline() as pipe:
        assert pipe.incr("{u}:b").incr("{u}:c").execute() == [3, 2]
    assert r.eval("return redis.call('GET', KEYS[1]) + redis.call('GET', KEYS[2])", 2, "{u}:b", "{u}:c") == 5


def test_the_whole_key_space_is_the_tenants(front, r):
    own = set(r.keys())
    assert own == {"greeting", "count", "queue", "user:1", "tags", "scores", "log"}
    for key in front.keys(300):
        r.set(key, 1)
    own |= set(front.keys(300))
    assert r.dbsize() == len(own)
    assert set(r.keys()) == own and len(r.keys("key:*")) == 300
    assert set(r.scan_iter(count=20)) == own
    assert set(r.scan_iter(match="key:1*", _type="string")) == {key for key in own if key.startswith("key:1")}
    assert {r.randomkey() for _ in range(100)} <= own
    assert r.flushdb() is True
    assert r.dbsize() == 0 and r.randomkey() is None and r.keys() == []


def test_transactions(front, r):
    a, b = front.keys(2)
    with r.pipeline() as pipe:
        assert pipe.set(a, 1).incr(a).get(a).execute() == [True, 2, "2"]
    with front.raw() as raw:
        assert raw("MULTI") == b"OK" and raw("PING") == b"QUEUED"
        assert raw("SET", a, 5) == b"QUEUED"
        second = raw("SET", b, 6)
        done = raw("EXEC")
        if front.kind == "braces":
            assert second == b"QUEUED" and done == [b"PONG", b"OK", b"OK"]
        else:
            # The nodes differ, or only the slots, which the node says when all is there.
            assert second in (CROSSSLOT, b"QUEUED")
            assert done.startswith("EXECABORT" if second == CROSSSLOT else "CROSSSLOT")
            assert raw("GET", a) == b"2" and raw("GET", b) == []
        assert raw("MULTI") == b"OK" and raw("EXEC") == []
        assert raw("MULTI") == b"OK" and raw("DISCARD") == b"OK"
        assert raw("EXEC").startswith("ERR EXEC without MULTI")
        assert raw("MULTI") == b"OK" and raw("CONFIG", "SET", "a", "b").startswith("NOPERM")
        assert raw("SET", a, 7) == b"QUEUED" and raw("EXEC").startswith("EXECABORT")
        assert raw("GET", a) != b"7"


def test_watched_keys(front, r):
    (key,) = front.keys(30)[-1:]
    r.set(key, 1)
    with r.pipeline() as pipe, front.client() as other:
        pipe.watch(key)
        value = int(pipe.get(key))
        pipe.multi()
        pipe.set(key, value + 1)
        assert pipe.execute() == [True]
        pipe.watch(key)
        other.set(key, 10)
        pipe.multi()
        pipe.set(key, 3)
        with pytest.raises(redis.WatchError):
            pipe.execute()
        pipe.watch(key)
        pipe.unwatch()
        other.set(key, 11)
        pipe.multi()
        pipe.get(key)
        assert pipe.execute() == ["11"]


def test_blocking_commands_hold_up_what_follows(front, r):
    queue, other = front.keys(2)
    with front.raw() as raw:
        raw.send(request("BLPOP", queue, 20) + request("SET", other, "behind") + request("GET", other))
        eventually(lambda: waiting(front, queue), "the client waits")
        assert r.get(other) is None
        r.rpush(queue, "item")
        assert raw.reply() == [queue.encode(), b"item"]
        assert raw.reply() == b"OK" and raw.reply() == b"behind"


def test_a_client_that_leaves_waits_no_more(front):
    for queue in front.keys(3):
        with front.raw() as raw:
            raw.send(request("BLPOP", queue, 0) + request("SET", queue, 1))
            eventually(lambda queue=queue: waiting(front, queue), "the client waits")
        eventually(lambda queue=queue: not waiting(front, queue), "nobody waits")
        assert front.cluster.owner(front.slot(queue)).admin.exists(front.prefix() + queue.encode()) == 0


def waiting(front, key):
    node = front.cluster.owner(front.slot(key))
    return int(node.admin.info("clients")["blocked_clients"])


def test_scripts(front, r):
    a, b = front.keys(2)
    call = r.register_script("redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])")
    for key in front.keys(20):
        assert call(keys=[key], args=[key]) == key
    assert r.script_exists(call.sha) == [True]
    with r.pipeline() as pipe:
        pipe.get(a)
        pipe.evalsha(call.sha, 1, a, "again")
        assert pipe.execute()[1] == "again"
    with front.client() as fresh, fresh.pipeline() as pipe:
        pipe.evalsha(call.sha, 1, b, "fresh")
        assert pipe.execute() == ["fresh"]
    if front.kind == "braces":
        assert r.eval("return {redis.call('GET', ARGV[1]), redis.call('GET', ARGV[2])}", 0, a, b) == ["again", "fresh"]
        assert set(r.eval("return redis.call('KEYS', 'key:*')", 0)) == set(front.keys(20))
    else:
        with pytest.raises(redis.ResponseError):
            r.eval("return redis.call('KEYS', '*')", 0)
    assert r.eval("return 1", 0) == 1
    with pytest.raises(redis.exceptions.NoScriptError):
        r.evalsha("0" * 40, 0)


def test_a_script_that_does_not_end_is_killed_where_it_runs(front):
    key = front.keys(5)[-1]
    with Raw(front.wires[ACME].port, ACME, timeout=60) as raw:
        assert "killed" in raw("EVAL", "while true do redis.call('GET', KEYS[1]) end", 1, key)
        assert raw("SET", key, 1) == b"OK"


def test_channels(front, r):
    with r.pubsub() as heard:
        heard.subscribe("news", "other")
        heard.psubscribe("n*")
        for _ in range(3):
            assert heard.get_message(timeout=5)["type"] in ("subscribe", "psubscribe")
        assert r.pubsub_numsub("news") == [("news", 1)]
        assert r.publish("news", "extra") == 2
        got = {heard.get_message(timeout=5)["type"] for _ in range(2)}
        assert got == {"message", "pmessage"}
        with front.client(GLOBEX) as globex:
            assert globex.publish("news", GLOBEX.word) == 0
        heard.unsubscribe()
        heard.punsubscribe()
        for _ in range(3):
            assert heard.get_message(timeout=5)["type"].endswith("unsubscribe")
        assert heard.get_message() is None


def test_a_connection_with_subscriptions_is_closed_to_keys_and_opens_again(front):
    key, other = front.keys(2)
    with front.raw() as raw:
        assert raw("SUBSCRIBE", "news") == [b"subscribe", b"news", 1]
        assert raw("GET", key).startswith("ERR Can't execute 'get'")
        assert raw("MULTI").startswith("ERR Can't execute 'multi'")
        assert raw("PING", "x") == [b"pong", b"x"]
        raw.send(request("UNSUBSCRIBE") + request("SET", key, 1) + request("SET", other, 2))
        assert raw.reply() == [b"unsubscribe", b"news", 0]
        assert raw.reply() == b"OK" and raw.reply() == b"OK"
        assert raw("MGET", key, other) == [b"1", b"2"]


def test_what_one_node_tells_of_is_for_tenants_on_one_node(front):
    node = front.cluster.owner(front.slot("watched"))
    node("CONFIG", "SET", "notify-keyspace-events", "KEA")
    words = [
        ("SSUBSCRIBE", "shard"), ("SUBSCRIBE", "__keyspace@0__:watched"), ("CLIENT", "TRACKING", "ON"),
        ("WAIT", 0, 1), ("FT._LIST",),
    ]
    for command in words:
        with front.raw() as raw:
            raw("HELLO", 3)
            reply = raw(*command)
            if front.kind == "spread":
                assert isinstance(reply, Failed) and "several nodes" in reply, command
            else:
                assert not isinstance(reply, Failed) or "unknown command" in reply, command
    if front.kind == "braces":
        with front.raw() as raw, front.client() as other:
            assert raw("HELLO", 3)[b"mode"] == b"standalone"
            raw("SUBSCRIBE", "__keyspace@0__:watched")
            assert raw("CLIENT", "TRACKING", "ON") == b"OK"
            assert raw("GET", "watched") == []
            other.set("watched", 1)
            got = [raw.reply() for _ in range(2)]
            assert [b"message", b"__keyspace@0__:watched", b"set"] in got
            assert [b"invalidate", [b"watched"]] in got


def test_it_looks_like_one_server(front, r):
    assert "cluster_enabled:0" in str(r.execute_command("INFO")) or r.info()["cluster_enabled"] == 0
    for command in (("CLUSTER", "SLOTS"), ("CLUSTER", "INFO"), ("CLUSTER", "NODES"), ("READONLY",), ("ASKING",)):
        with pytest.raises(redis.ResponseError, match="cluster support disabled"):
            r.execute_command(*command)


def test_a_moved_slot_is_followed(front, r):
    keys = front.keys(5)
    for key in keys:
        r.set(key, key)
    for key in keys:
        front.move(key)
        assert r.get(key) == key and r.mget(keys) == keys
        assert r.dbsize() == 12


def test_a_slot_that_moves_is_served_from_both_nodes(front, r):
    here, there, new = "{t}here", "{t}there", "{t}new"
    r.mset({here: 1, there: 2})
    slot = front.slot(here)
    target = front.cluster.others(front.cluster.owner(slot))[0]
    source = front.cluster.begin(slot, target)
    words = ["MIGRATE", "127.0.0.1", target.peer_port, front.prefix() + there.encode(), 0, 5000]
    source(*words, "AUTH2", "default", target.password)
    try:
        assert r.get(here) == "1" and r.get(there) == "2" and r.get(new) is None
        assert r.set(new, 3) is True and r.incr(new) == 4 and r.incr(there) == 3
        assert r.eval("return redis.call('INCR', KEYS[1])", 1, there) == 4
        with front.raw() as raw:
            # Some here and some there: no node can answer before the slot has moved.
            raw.send(request("MGET", here, there))
            front.cluster.end(slot, source, target)
            assert raw.reply() == [b"1", b"4"]
    finally:
        front.cluster.end(slot, source, target)
    assert r.mget(here, there, new) == ["1", "4", "4"]


def test_a_transaction_goes_with_its_slot(front, r):
    key = "{t}counter"
    r.set(key, 1)
    with front.raw() as raw:
        assert raw("MULTI") == b"OK" and raw("INCR", key) == b"QUEUED"
        front.move(key)
        assert raw("INCR", key) == b"QUEUED"
        assert raw("EXEC") == [2, 3]
        assert raw("WATCH", key) == b"OK"
        front.move(key)
        assert raw("MULTI") == b"OK" and raw("INCR", key) == b"QUEUED"
        # As if it had changed.
        assert raw("EXEC") == []
        assert raw("MULTI") == b"OK" and raw("INCR", key) == b"QUEUED" and raw("EXEC") == [4]


def test_slots_move_under_load(front):
    """Four clients count, while the slots of their counters go round. No reply is lost or another's."""
    names = front.keys(8, "counter")
    rounds, ended, wrong = 6, threading.Event(), []
    counted = [dict.fromkeys(names, 0) for _ in range(4)]

    def count(number):
        mine = counted[number]
        try:
            with front.client(socket_timeout=30) as client:
                while not ended.is_set():
                    pipe = client.pipeline(transaction=False)
                    for name in names:
                        pipe.incr(f"{name}:{number}")
                        pipe.echo(name)
                        pipe.get(f"{name}:{number}")
                    replies = pipe.execute()
                    for place, name in enumerate(names):
                        mine[name] += 1
                        wanted = [mine[name], name, str(mine[name])]
                        got = replies[3 * place : 3 * place + 3]
                        if got != wanted:
                            wrong.append((number, name, got, wanted))
                            return
                    key = f"{names[0]}:{number}"
                    with client.pipeline() as pipe:
                        got = pipe.incrby(key, 0).get(key).execute()
                        if got != [mine[names[0]], str(mine[names[0]])]:
                            wrong.append((number, "transaction", got, mine[names[0]]))
        except Exception as error:  # whatever a thread meets fails the test
            wrong.append((number, repr(error)))

    threads = [threading.Thread(target=count, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    with contextlib.ExitStack() as stack:
        stack.callback(lambda: ([ended.set()], [thread.join() for thread in threads]))
        for _ in range(rounds):
            for slot in {front.slot(f"{name}:{number}") for name in names[:2] for number in range(4)}:
                target = front.cluster.others(front.cluster.owner(slot))[0]
                source = front.cluster.begin(slot, target)
                while front.cluster.carry(slot, source, target, most=1):
                    pass
                front.cluster.end(slot, source, target)
    assert not wrong, wrong
    for number, mine in enumerate(counted):
        assert mine[names[0]] > 0
        for name in names:
            node = front.cluster.owner(front.slot(f"{name}:{number}"))
            assert node.admin.get(front.prefix() + f"{name}:{number}".encode()) == str(mine[name]).encode()


def test_another_tenant_s_keys_are_on_the_same_nodes_and_not_seen(front):
    """Names that would lead out of the prefix, and words that would lead past the wall."""
    foreign = front.prefix(GLOBEX).decode() + "greeting"
    with front.raw() as raw:
        for command in (
            ("GET", foreign), ("MGET", foreign, "{" + GLOBEX.id + "}greeting"), ("DEL", foreign),
            ("EVAL", "return redis.call('GET', KEYS[1])", 1, foreign),
            ("SCAN", 281474976710656 * 2 + 7, "COUNT", 1000), ("SCAN", 2**64 - 1), ("KEYS", "*" + GLOBEX.word + "*"),
            ("EVAL", "return redis.error_reply('MOVED 1 127.0.0.1:1')", 1, "k"),
            ("EVAL", "return redis.error_reply('ASK 1 10.9.8.7:1')", 1, "k"),
            ("EVAL", "return redis.error_reply('TRYAGAIN')", 1, "k"),
            ("MIGRATE", "127.0.0.1", 1, "greeting", 0, 10), ("CLUSTER", "GETKEYSINSLOT", front.slot("greeting", GLOBEX), 10),
        ):
            assert raw(*command) is not None, command
        assert raw("GET", "greeting") == f"hello {ACME.word}".encode()


def test_nodes_are_reached_in_tls(front, tmp_path):
    if not front.cluster.authorities:
        pytest.skip("the nodes have no TLS: run the stores with --tls")
    node = front.cluster.nodes[0]
    plain = upstream_url(node)
    upstream = plain.replace("redis://", "rediss://").replace(f":{node.port}/", f":{node.peer_port}/")
    upstream += f"?ssl_ca_certs={front.cluster.authorities}"
    policy = POLICY % POLICIES[front.kind]
    with RedisWall(front.wall.binary, tmp_path, upstream, policy=policy) as wall:
        with Raw(wall.port, ACME) as raw:
            for key in front.keys(20):
                assert raw("SET", key, key) == b"OK" and raw("GET", key) == key.encode()
            front.move("key:0")
            assert raw("GET", "key:0") == b"key:0"


def test_check_knows_the_cluster(front, tmp_path):
    import subprocess

    command = [front.wall.binary, "check", "--settings", front.wall.settings]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "cluster of 3" in done.stdout
    assert ("several nodes" in done.stdout) == (front.kind == "spread")
