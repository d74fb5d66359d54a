"""The second wall: users of the server's own, one for each tenant, as `generate acl` prints them."""

import hashlib
import hmac
import os
import subprocess
import urllib.parse

import pytest
import redis
from house import ACME, GLOBEX, TENANTS, prefix_of, tenants_document, upstream_url
from resp import Raw

pytestmark = pytest.mark.wall

USERS = 'upstream_user = "tenant-{tenant}"'


def user_of(tenant):
    return f"tenant-{tenant.id}"


def password_of(house, tenant):
    """As the wall derives it from the service's password."""
    secret = urllib.parse.unquote(urllib.parse.urlsplit(upstream_url(house.name)).password)
    return hmac.new(secret.encode(), user_of(tenant).encode(), hashlib.sha256).hexdigest()


def generated(wall):
    command = [wall.binary, "generate", "acl", "--settings", wall.settings]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def apply(house, lines):
    """Has the server run `lines` as an administrator's redis-cli sends them."""
    url = urllib.parse.urlsplit(os.environ[f"PARTYWALL_{house.name}_URL"])
    with Raw(url.port) as admin:
        assert admin("AUTH", "default", urllib.parse.unquote(url.password)) == b"OK"
        for line in lines.splitlines():
            assert admin.send(line.encode() + b"\r\n").reply() == b"OK", line


def checked(wall):
    command = [wall.binary, "check", "--settings", wall.settings]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture
def users(house, own_wall):
    """A wall that is not running yet; nobody's users are left afterwards."""
    wall = own_wall(listener=USERS)
    house.held.admin.execute_command("ACL", "DELUSER", *map(user_of, TENANTS))
    yield wall
    house.held.admin.execute_command("ACL", "DELUSER", *map(user_of, TENANTS))


@pytest.fixture
def second_wall(house, users):
    """The same, with the users in place."""
    apply(house, generated(users))
    with users:
        yield users


def tenant_client(wall, tenant=ACME, **options):
    login = {"username": tenant.slug, "password": tenant.password, "decode_responses": True}
    return redis.Redis(host="127.0.0.1", port=wall.port, **login, **options)


def direct(house, tenant):
    """A connection past the wall, as the tenant's user."""
    raw = Raw(urllib.parse.urlsplit(upstream_url(house.name)).port)
    assert raw("AUTH", user_of(tenant), password_of(house, tenant)) == b"OK"
    return raw


def test_what_is_printed_has_no_secret(house, users):
    lines = generated(users)
    for tenant in TENANTS:
        assert password_of(house, tenant) not in lines
        (line,) = [line for line in lines.splitlines() if user_of(tenant) in line]
        assert f"~tenant:{tenant.id}:* " in line and " -@all " in line
        assert all(other.id not in line for other in TENANTS if other is not tenant)


def test_a_suspended_tenant_has_a_user_that_is_off(house, users):
    text = tenants_document().replace(
        f'slug = "{GLOBEX.slug}"', f'slug = "{GLOBEX.slug}"\nactive = false', 1
    )
    (users.folder / "tenants.toml").write_text(text)
    lines = generated(users).splitlines()
    assert f"ACL SETUSER {user_of(GLOBEX)} reset" in lines
    apply(house, "\n".join(lines))
    assert "off" in str(house.held.admin.acl_getuser(user_of(GLOBEX))["flags"])


# Commands of each class, and the reply where it is not the point that one comes at all.
COMMANDS = [
    ("PING", b"PONG"), ("ECHO a", b"a"), ("SET k v", b"OK"), ("GET k", b"v"), ("MSET a 1 b 2", b"OK"),
    ("MGET a b", [b"1", b"2"]), ("DEL a b", 2), ("EXPIRE k 100", 1), ("TYPE k", b"string"),
    ("OBJECT ENCODING k", b"embstr"), ("COPY k k2 DB 0", 1), ("RENAME k2 k3", b"OK"),
    ("RPUSH l 3 1 2", 3), ("SORT l", [b"1", b"2", b"3"]), ("SORT l BY nosort", ...),
    ("SORT_RO l LIMIT 0 1", [b"1"]), ("SORT l STORE l2", 3), ("BLPOP l 1", [b"l", b"3"]),
    ("LMPOP 1 l LEFT", [b"l", [b"1"]]), ("HSET h f v", 1), ("HGETALL h", ...), ("HSCAN h 0", ...),
    ("SADD s x y", 2), ("SINTERCARD 1 s", 2), ("ZADD z 1 m", 1), ("ZUNION 1 z", [b"m"]),
    ("XADD x 1-1 f v", b"1-1"), ("XREAD STREAMS x 0", ...), ("XGROUP CREATE x g 0", b"OK"),
    ("XREADGROUP GROUP g c STREAMS x >", ...), ("XINFO STREAM x", ...), ("PFADD p a", 1),
    ("GEOADD geo 1 2 here", 1), ("GEORADIUS geo 1 2 9 km", [b"here"]), ("BITCOUNT k", ...),
    ("MEMORY USAGE k", ...), ("DUMP k", ...), ("SCAN 0 COUNT 1000", ...), ("DBSIZE", ...),
    ("KEYS k", [b"k"]), ("RANDOMKEY", ...), ("SELECT 0", b"OK"), ("INFO server", ...),
    ("INFO keyspace", ...), ("TIME", ...), ("COMMAND COUNT", ...), ("COMMAND GETKEYS GET k", [b"k"]),
    ("CONFIG GET maxmemory", ...), ("ACL WHOAMI", ACME.slug.encode()), ("ACL CAT", ...),
    ("ACL GENPASS", ...), ("LASTSAVE", ...), ("LOLWUT", ...), ("WAIT 0 1", 0), ("ROLE", ...),
    ("CLIENT ID", ...), ("CLIENT SETNAME n", b"OK"), ("CLIENT GETNAME", b"n"), ("CLIENT INFO", ...),
    ("CLIENT LIST", ...), ("CLIENT NO-EVICT ON", b"OK"), ("CLIENT TRACKINGINFO", ...),
    ("CLIENT UNBLOCK 1", 0), ("CLIENT KILL ID 1", 0), ("PUBLISH c m", 0), ("SPUBLISH c m", 0),
    ("PUBSUB CHANNELS", ...), ("PUBSUB NUMSUB c", ...), ("PUBSUB NUMPAT", ...),
    ("SCRIPT FLUSH", b"OK"), ("XINFO HELP", ...),
    ("OBJECT HELP", ...), ("CONFIG HELP", ...), ("MULTI", b"OK"), ("SET t 1", b"QUEUED"),
    ("KEYS t", b"QUEUED"), ("INFO server", b"QUEUED"), ("EXEC", ...), ("WATCH k", b"OK"),
    ("UNWATCH", b"OK"), ("CLIENT TRACKING ON BCAST", ...), ("SUBSCRIBE c", ...),
    ("SUBSCRIBE __keyspace@0__:k", ...), ("SUBSCRIBE __keyevent@0__:del", ...),
    ("PSUBSCRIBE c*", ...), ("UNSUBSCRIBE c", ...), ("SSUBSCRIBE c", ...),
]  # fmt: skip


def test_commands_of_every_class_work(second_wall):
    with Raw(second_wall.port, ACME) as raw:
        for command, expected in COMMANDS:
            reply = raw(*command.split())
            if type(reply).__name__ == "Failed" and command == "CLIENT TRACKING ON BCAST":
                continue  # RESP2 wants a redirection
            assert type(reply).__name__ != "Failed", (command, reply)
            if expected is not ...:
                assert reply == expected, command
            if command == "EXEC":
                assert [type(each).__name__ for each in reply].count("Failed") == 0, reply


def test_scripts_and_sweeps_work(house, second_wall):
    with tenant_client(second_wall) as r:
        names = {name.decode() for name in house.of()}
        assert set(r.keys("*")) == names == set(r.scan_iter()) and r.dbsize() == len(names)
        script = (
            "redis.call('SET', 'built', redis.call('RANDOMKEY')) "
            "return {redis.call('GET', KEYS[1]), redis.call('DBSIZE'), redis.call('TYPE', 'built').ok, "
            "#redis.call('SCAN', '0', 'COUNT', 1000)[2]}"
        )
        assert r.eval(script, 1, "greeting") == [
            f"hello {ACME.word}", len(names) + 1, "string", len(names) + 1,
        ]  # fmt: skip
        assert r.evalsha(r.script_load("return redis.call('GET', 'count')"), 0) == "10"
        with pytest.raises(redis.ResponseError):
            r.eval("return redis.call('CONFIG', 'SET', 'maxmemory', '1')", 0)
        assert r.eval("return redis.call('FLUSHDB')", 0) in (b"OK", "OK", True)
        r.set("again", 1)
        r.flushdb()
        assert r.dbsize() == 0
    assert house.of() == {}


def test_pushes_come(second_wall):
    with tenant_client(second_wall) as r, r.pubsub(ignore_subscribe_messages=True) as pubsub:
        pubsub.subscribe("c")
        pubsub.psubscribe("n*")
        assert next(filter(None, (pubsub.get_message(timeout=1) for _ in range(2))), None) is None
        assert r.publish("c", "one") == 1 and r.publish("news", "two") == 1
        got = [m["data"] for m in (pubsub.get_message(timeout=5) for _ in range(2)) if m]
        assert got == ["one", "two"]


def test_the_user_itself_is_kept_to_its_tenant(house, second_wall):
    own, foreign = prefix_of(ACME), prefix_of(GLOBEX)
    with direct(house, ACME) as raw:
        assert raw("GET", own + b"greeting") == f"hello {ACME.word}".encode()
        refused = [
            ("GET", foreign + b"greeting"), ("SET", foreign + b"greeting", "x"),
            ("DEL", foreign + b"greeting"), ("COPY", foreign + b"greeting", own + b"x"),
            ("SORT", own + b"queue", "BY", foreign + b"*"), ("MGET", own + b"a", foreign + b"a"),
            ("SORT", own + b"queue", "BY", "nosort", "GET", foreign + b"*"),
            ("XREAD", "STREAMS", foreign + b"log", "0"), ("GET", "greeting"), ("GET", own[:-1]),
            ("EVAL", "return redis.call('GET', ARGV[1])", 0, foreign + b"greeting"),
            ("EVAL", "return redis.call('GET', KEYS[1])", 1, foreign + b"greeting"),
            ("PUBLISH", foreign + b"c", "x"), ("SUBSCRIBE", foreign + b"c"), ("SSUBSCRIBE", "c"),
            ("SELECT", "1"), ("MOVE", own + b"greeting", "1"), ("SWAPDB", "0", "1"), ("FLUSHALL",),
            ("FLUSHDB",), ("KEYS", "*"), ("DBSIZE",), ("FUNCTION", "LIST"), ("SCRIPT", "FLUSH"),
            ("CONFIG", "SET", "maxmemory", "1"), ("ACL", "LIST"), ("MONITOR",), ("SHUTDOWN",),
            ("ACL", "SETUSER", user_of(ACME), "~*"), ("DEBUG", "OBJECT", own + b"greeting"),
            ("CLIENT", "PAUSE", "1"), ("SLOWLOG", "GET"), ("SAVE",), ("MEMORY", "STATS"),
        ]  # fmt: skip
        for words in refused:
            reply = raw(*words)
            assert type(reply).__name__ == "Failed", (words, reply)
            told = ("NOPERM", "ACL failure", "permission", "can't access")
            assert any(words in reply for words in told), (words, reply)
    with direct(house, GLOBEX) as raw:
        assert raw("GET", foreign + b"greeting") == f"hello {GLOBEX.word}".encode()
        assert type(raw("GET", own + b"greeting")).__name__ == "Failed"


def test_connections_log_in_as_the_tenants_user(house, second_wall):
    with tenant_client(second_wall) as r, tenant_client(second_wall, GLOBEX) as other:
        assert r.get("greeting") == f"hello {ACME.word}"
        assert other.get("greeting") == f"hello {GLOBEX.word}"
        users = {client["user"] for client in house.held.admin.client_list()}
        assert {user_of(ACME), user_of(GLOBEX)} <= users


def test_check_finds_users_that_are_missing_or_loose(house, users):
    assert checked(users).returncode == 3
    apply(house, generated(users))
    done = checked(users)
    assert done.returncode == 0, done.stderr
    house.held.admin.execute_command("ACL", "SETUSER", user_of(ACME), "~tenant:*")
    done = checked(users)
    assert done.returncode == 3 and "not the tenant's" in done.stderr
    assert ACME.slug in done.stderr and GLOBEX.slug not in done.stderr


def test_nobody_is_served_as_a_user_that_is_loose(house, second_wall):
    house.held.admin.execute_command("ACL", "SETUSER", user_of(ACME), "allkeys")
    with tenant_client(second_wall) as r, pytest.raises(redis.ConnectionError):
        r.get("greeting")
    with tenant_client(second_wall, GLOBEX) as other:
        assert other.get("greeting") == f"hello {GLOBEX.word}"


@pytest.mark.parametrize(
    ("listener", "upstream", "what"),
    [
        ('upstream_user = "wall"', None, "must hold `{tenant}` once"),
        ('upstream_user = "{tenant}"', None, "must begin with a word of its own"),
        (f'{USERS}\nmode = "observe"', None, "observe"),
        (USERS, "redis://wall:short@127.0.0.1:1/0", "at least 16"),
        (USERS, "redis://127.0.0.1:1/0", "at least 16"),
    ],
)
def test_settings_that_cannot_be(own_wall, listener, upstream, what):
    wall = own_wall(upstream=upstream, listener=listener)
    command = [wall.binary, "check", "--offline", "--settings", wall.settings]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 3 and what in done.stderr and "short" not in done.stderr
