"""redis-py: the commands of an application, pipelines, transactions, scripts, locks, subscriptions."""

import asyncio
import threading

import pytest
import redis
import redis.asyncio
from house import ACME, GLOBEX, TENANTS
from redis.cache import CacheConfig


def test_each_tenant_sees_its_own(house, either):
    assert either.get("greeting") == f"hello {ACME.word}"
    assert either.lrange("queue", 0, -1) == [f"first {ACME.word}", "second", "tenant:x:third"]
    assert either.hgetall("user:1") == {"name": ACME.word, "age": "7"}
    assert either.smembers("tags") == {ACME.word, "red", "blue"}
    with house.client(GLOBEX) as other:
        assert other.get("greeting") == f"hello {GLOBEX.word}"


def test_what_is_written_is_the_tenants(house, either):
    assert either.set("new", "value", ex=100)
    assert either.mset({"a": "1", "b": "2", "": "empty name", "tenant:x:y": "z"})
    assert either.mget("a", "b", "c", "tenant:x:y") == ["1", "2", None, "z"]
    assert either.incrby("count", 5) == 15
    assert either.rename("a", "renamed")
    assert either.delete("b", "nothing") == 1
    assert either.sinterstore("common", ["tags", "tags"]) == 3
    assert either.bitop("AND", "bits", "greeting", "greeting") > 0
    held = house.of()
    assert held[b"new"] == b"value" and held[b"renamed"] == b"1" and held[b""] == b"empty name"
    assert held[b"count"] == b"15" and held[b"tenant:x:y"] == b"z" and b"b" not in held
    assert held[b"common"] == {ACME.word.encode(), b"red", b"blue"}
    assert house.held.admin.ttl(house.held.prefixes[ACME] + b"new") > 0


def test_binary_names_and_values(house):
    with house.client(decode_responses=False) as raw:
        name, value = bytes(range(256)), bytes(reversed(range(256))) * 5
        assert raw.set(name, value) and raw.get(name) == value
        assert name in raw.keys("*") and name in set(raw.scan_iter())
    assert house.of()[name] == value


def test_a_large_value(house, r):
    value = "x" * (8 << 20)
    assert r.set("large", value) and r.get("large") == value
    assert len(house.of()[b"large"]) == len(value)


def test_the_key_space(house, either):
    names = {name.decode() for name in house.of()}
    assert set(either.keys("*")) == names == set(either.scan_iter(count=3))
    assert either.dbsize() == len(names)
    assert set(either.scan_iter(match="user:*")) == {"user:1"}
    assert set(either.scan_iter(_type="list")) == {"queue"}
    assert either.randomkey() in names
    assert either.keys(f"*{GLOBEX.id}*") == [] == list(either.scan_iter(match="tenant:*"))
    assert either.exists(f"tenant:{GLOBEX.id}:greeting") == 0


def test_flushing_is_ones_own(house, either):
    assert either.flushdb() and either.dbsize() == 0 and house.of() == {}
    assert either.set("again", "1") and either.flushall() and house.of() == {}
    assert len(house.of(GLOBEX)) == 7


def test_keys_in_replies(house, either):
    either.rpush("q2", "tenant:y:value")
    assert either.blpop(["q1", "q2"], timeout=1) in (["q2", "tenant:y:value"], ("q2", "tenant:y:value"))
    assert either.execute_command("LMPOP", 1, "queue", "LEFT") == ["queue", [f"first {ACME.word}"]]
    popped = either.bzpopmin(["scores"], timeout=1)
    assert list(popped) == ["scores", ACME.word, 1.0]
    answer = either.xread({"log": "0"})
    entries = [("1-1", {"said": ACME.word})]
    assert answer in ([["log", entries]], {"log": [entries]}, {"log": entries})
    either.xgroup_create("log", "workers", id="0")
    answer = either.xreadgroup("workers", "me", {"log": ">"})
    assert answer in ([["log", entries]], {"log": [entries]}, {"log": entries})
    with pytest.raises(redis.ResponseError, match="NOGROUP No such key 'none'") as error:
        either.xreadgroup("workers", "me", {"none": ">"})
    assert "tenant:" not in str(error.value)


def test_sort_by_and_get(house, either):
    either.mset({"weight:red": 2, "weight:blue": 1, "data:red": "R", "data:blue": "B"})
    either.srem("tags", ACME.word)
    assert either.sort("tags", by="weight:*", get=["#", "data:*"]) == ["blue", "B", "red", "R"]
    assert either.sort("tags", alpha=True, store="sorted") == 2
    assert house.of()[b"sorted"] == [b"blue", b"red"]


def test_pipelines(house, either):
    pipe = either.pipeline(transaction=False)
    for number in range(500):
        pipe.set(f"n{number}", number).get(f"n{number}")
    pipe.lpush("greeting", "wrong type").get("greeting")
    answers = pipe.execute(raise_on_error=False)
    assert answers[:1000:2] == [True] * 500 and answers[1:1000:2] == [str(n) for n in range(500)]
    assert isinstance(answers[1000], redis.ResponseError) and "WRONGTYPE" in str(answers[1000])
    assert answers[1001] == f"hello {ACME.word}"
    assert sum(name.startswith(b"n") for name in house.of()) == 500


def test_transactions(house, either):
    with either.pipeline() as pipe:
        assert pipe.incr("count").get("count").hgetall("user:1").execute() == [
            11,
            "11",
            {"name": ACME.word, "age": "7"},
        ]
    with either.pipeline() as pipe:
        pipe.watch("count")
        assert pipe.get("count") == "11"
        with house.client() as second:
            second.incr("count")
        pipe.multi()
        pipe.set("count", "lost")
        with pytest.raises(redis.WatchError):
            pipe.execute()
    assert house.of()[b"count"] == b"12"


def test_what_others_write_breaks_no_watch(house, r):
    with r.pipeline() as pipe, house.client(GLOBEX) as other:
        pipe.watch("fresh")
        other.set("fresh", "theirs")
        pipe.multi()
        pipe.set("fresh", "mine")
        assert pipe.execute() == [True]
        assert other.getdel("fresh") == "theirs"
    assert house.of()[b"fresh"] == b"mine"


@pytest.mark.wall
def test_a_refusal_aborts_the_transaction(house, r):
    with r.pipeline() as pipe:
        pipe.set("count", "lost").execute_command("CONFIG", "REWRITE")
        with pytest.raises(redis.RedisError):
            pipe.execute()
    assert house.of()[b"count"] == b"10" and r.get("count") == "10"


@pytest.mark.wall
@pytest.mark.parametrize(
    "command",
    ["CONFIG SET maxmemory 1", "MONITOR", "DEBUG SLEEP 0", "SHUTDOWN NOSAVE", "SWAPDB 0 1",
     "REPLICAOF NO ONE", "ACL LIST", "CLIENT KILL TYPE normal", "MIGRATE h 1 k 0 1", "SYNC",
     "FUNCTION FLUSH", "CONFIG REWRITE", "SELECT 1", "MOVE greeting 1", "NOSUCH greeting"],
)
def test_what_is_closed(house, r, command):
    with pytest.raises(redis.RedisError) as error:
        r.execute_command(*command.split())
    assert "tenant:" not in str(error.value)
    assert r.get("greeting") == f"hello {ACME.word}", "the connection is in step"


def test_scripts(house, either):
    script = either.register_script(
        "redis.call('SET', KEYS[1], ARGV[1]) return {KEYS[1], redis.call('GET', KEYS[1])}"
    )
    assert script(keys=["made"], args=["tenant:x:value"]) == ["made", "tenant:x:value"]
    assert either.eval("return redis.call('GET', 'gre' .. 'eting')", 0) == f"hello {ACME.word}"
    other_name = f"tenant:{GLOBEX.id}:greeting"
    assert either.eval(f"return redis.call('GET', '{other_name}')", 0) is None
    assert either.script_exists(script.sha) == [True]
    assert either.script_flush() and either.script_exists(script.sha) == [False]
    assert script(keys=["made"], args=["again"]) == ["made", "again"]
    assert house.of()[b"made"] == b"again"


def test_scripts_are_ones_own(house, r):
    with house.client(GLOBEX) as other:
        sha = other.script_load("return 'theirs'")
        assert r.script_exists(sha) == [False]
        with pytest.raises(redis.exceptions.NoScriptError):
            r.evalsha(sha, 0)
        r.script_flush()
        assert other.evalsha(sha, 0) == "theirs"


def test_locks(house, r):
    """The same name is two locks to two tenants, and one to two clients of one."""
    with house.client() as second, house.client(GLOBEX) as other:
        lock = r.lock("door", timeout=30)
        assert lock.acquire(blocking=False)
        assert not second.lock("door", timeout=30).acquire(blocking=False)
        theirs = other.lock("door", timeout=30)
        assert theirs.acquire(blocking=False)
        assert lock.extend(10) and lock.owned() and b"door" in house.of()
        lock.release()
        assert theirs.owned()
        theirs.release()
    assert b"door" not in house.of()


def listen(pubsub, count):
    """The next messages, without confirmations."""
    messages = []
    while len(messages) < count:
        message = pubsub.get_message(ignore_subscribe_messages=True, timeout=10)
        assert message, f"only {messages}"
        messages.append((message["type"], message["pattern"], message["channel"], message["data"]))
    return messages


def test_publish_and_subscribe(house, either):
    with house.client(GLOBEX) as other, either.pubsub() as pubsub:
        pubsub.subscribe("news", "tenant:x:news")
        pubsub.psubscribe("n*", "[x]y*")
        for _ in range(4):
            assert pubsub.get_message(timeout=10)["channel"] in ("news", "tenant:x:news", "n*", "[x]y*")
        assert other.publish("news", f"of {GLOBEX.word}") == 0
        with house.client() as second:
            assert second.publish("news", "hello") == 2
            assert second.publish("tenant:x:news", "odd") == 1
            assert second.pubsub_channels() == ["news", "tenant:x:news"] or set(
                second.pubsub_channels()
            ) == {"news", "tenant:x:news"}
            assert second.pubsub_numsub("news", "none") == [("news", 1), ("none", 0)]
        got = listen(pubsub, 3)
        assert set(got[:2]) == {
            ("message", None, "news", "hello"),
            ("pmessage", "n*", "news", "hello"),
        }
        assert got[2] == ("message", None, "tenant:x:news", "odd")
        assert other.pubsub_channels() == []
        pubsub.unsubscribe()
        pubsub.punsubscribe()


def test_many_messages_in_order(house, r):
    with r.pubsub() as pubsub, house.client() as second:
        pubsub.subscribe("stream")
        assert pubsub.get_message(timeout=10)["type"] == "subscribe"
        pipe = second.pipeline(transaction=False)
        for number in range(2000):
            pipe.publish("stream", number)
        assert pipe.execute() == [1] * 2000
        assert [message[3] for message in listen(pubsub, 2000)] == [str(n) for n in range(2000)]


def test_blocking_reads_wake_up(house, r):
    """A blocked client gets what its own tenant brings, not what another one does."""
    got = []
    thread = threading.Thread(target=lambda: got.append(r.blpop(["jobs"], timeout=15)))
    thread.start()
    with house.client(GLOBEX) as other, house.client() as second:
        other.rpush("jobs", "theirs")
        second.rpush("jobs", "mine")
        thread.join(15)
        assert [list(pair) for pair in got] == [["jobs", "mine"]]
        assert other.lpop("jobs") == "theirs"


def test_client_side_caching(house):
    if house.name != "STACK74":
        pytest.skip("redis-py caches with Redis 7.4 or later only")
    with house.client(protocol=3, cache_config=CacheConfig()) as cached, house.client() as second:
        assert cached.get("greeting") == f"hello {ACME.word}" == cached.get("greeting")
        assert len(cached.get_cache().collection) == 1
        second.set("greeting", "changed")
        for _ in range(1000):
            if cached.get("greeting") == "changed":
                break
        assert cached.get("greeting") == "changed"


def test_the_connection_itself(house, either):
    assert either.ping() and either.echo("tenant:x") == "tenant:x"
    assert either.client_setname("me") and either.client_getname() == "me"
    assert either.client_id() > 0
    assert either.time()[0] > 0
    assert either.command_getkeys("MSET", "a", "1", "b", "2") == ["a", "b"]
    info = either.info("keyspace")
    assert info == {} or info["db0"]["keys"] == 7


def test_every_database_but_the_first_is_closed_or_ones_own(house):
    try:
        with house.client(db=1) as second:
            second.set("greeting", "in one")
            assert second.get("greeting") == "in one"
            second.delete("greeting")
    except redis.RedisError as error:
        assert "tenant:" not in str(error)


def test_two_tenants_at_once(house):
    """Each works on the same names at full speed, and keeps its own."""
    failures = []

    def work(tenant):
        with house.client(tenant) as client:
            for number in range(150):
                pipe = client.pipeline()
                pipe.set("mine", f"{tenant.slug} {number}").get("mine").lpush("l", number).lpop("l")
                answers = pipe.execute()
                if answers != [True, f"{tenant.slug} {number}", 1, str(number)]:
                    failures.append((tenant.slug, answers))

    threads = [threading.Thread(target=work, args=[tenant]) for tenant in TENANTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with house.client(GLOBEX) as other:
        assert other.getdel("mine") == "globex 149"
    assert failures == [] and house.of()[b"mine"] == b"acme 149"


@pytest.mark.parametrize("protocol", [2, 3])
def test_asyncio(house, protocol):
    async def work():
        options = {"decode_responses": True, "protocol": protocol}
        clients = [
            redis.asyncio.Redis(
                host="127.0.0.1", port=house.ports[tenant], **house.login(tenant), **options
            )
            for tenant in TENANTS
        ]
        mine, theirs = clients
        values = await asyncio.gather(*(client.get("greeting") for client in clients * 20))
        assert values == [f"hello {tenant.word}" for tenant in TENANTS] * 20
        async with mine.pipeline(transaction=True) as pipe:
            assert await pipe.set("async", "1").incr("async").execute() == [True, 2]
        async with mine.pubsub() as pubsub:
            await pubsub.subscribe("news")
            assert (await pubsub.get_message(timeout=10))["type"] == "subscribe"
            assert await theirs.publish("news", "no") == 0 and await mine.publish("news", "yes") == 1
            message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=10)
            assert (message["channel"], message["data"]) == ("news", "yes")
        async with mine.lock("door", timeout=10):
            assert await mine.exists("door") == 1
        blocked = asyncio.create_task(mine.blpop(["jobs"], timeout=10))
        await mine.rpush("jobs", "work")
        assert list(await blocked) == ["jobs", "work"]
        for client in clients:
            await client.aclose()

    asyncio.run(work())
    assert house.of()[b"async"] == b"2"


def test_large_replies(house, either):
    """Replies of many reads, each in its place."""
    items = [f"item {number} " + "x" * (number % 50) for number in range(20_000)]
    either.rpush("large", *items)
    names = {f"n{number}": str(number) for number in range(5_000)}
    either.mset(names)
    either.hset("fields", mapping={name: "v" * 200 for name in names})
    pipe = either.pipeline(transaction=False)
    pipe.lrange("large", 0, -1).get("greeting").mget(list(names)).hgetall("fields").get("count")
    answers = pipe.execute()
    assert answers[0] == items and answers[1] == f"hello {ACME.word}" and answers[4] == "10"
    assert answers[2] == list(names.values()) and len(answers[3]) == 5_000
    assert set(either.keys("n*")) == set(names) == set(either.scan_iter("n*", count=500))
    script = "local all = {} for i = 1, 5000 do all[i] = {i, KEYS[1], {'x'}} end return all"
    assert either.eval(script, 1, "large")[4999] == [5000, "large", ["x"]]
