"""What goes wrong: each thing gets a clear error in the right place, and all others go on."""

import os

import pytest
import redis
from house import ACME, GLOBEX, prefix_of, tenants_document, upstream_url
from resp import Failed, Push, Raw, request
from wall import Wire, eventually

pytestmark = pytest.mark.wall

MB = 1 << 20
GREETING = f"hello {ACME.word}".encode()


def works(house, tenant=ACME):
    with Raw(house.ports[tenant], tenant) as raw:
        return raw("GET", "greeting") == f"hello {tenant.word}".encode()


def memory(wall):
    """What the wall holds in memory, in bytes."""
    with open(f"/proc/{wall.process.pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


# ------------------------------------------------------------------------------------- logging in


def test_nothing_without_a_login(house):
    for words in (("GET", "greeting"), ("KEYS", "*"), ("HELLO", "3"), ("SUBSCRIBE", "c"),
                  ("MULTI",), ("EVAL", "return 1", "0"), ("PING",), ("COMMAND",), ("INFO",)):
        with Raw(house.wall.port) as raw:
            answer = raw(*words)
            assert isinstance(answer, Failed) and "NOAUTH" in answer, (words, answer)
            assert raw("AUTH", "acme", ACME.password) == b"OK" and raw("GET", "greeting") == GREETING


@pytest.mark.parametrize(
    "login",
    [("guess",), (ACME.password,), ("default", ACME.password), ("default", ""), ("", ""),
     ("acme", "guess"), ("acme", GLOBEX.password), ("nobody", "x"), ("acme\0", ACME.password),
     ("ACME", ACME.password), ("partywall", "x"), ("acme", ACME.password + "\0")],
)
def test_wrong_logins_look_alike(house, login):
    for words in (("AUTH", *login), ("HELLO", "3", "AUTH", *(login[-2:] if login[1:] else ("default", *login)))):
        with Raw(house.wall.port) as raw:
            answer = raw(*words)
            assert isinstance(answer, Failed) and answer.startswith("WRONGPASS"), (words, answer)
            assert "NOAUTH" in raw("GET", "greeting")
    assert works(house)


def test_another_login_takes_over_or_is_refused(house):
    """Never is a connection both: what one tenant began does not become the other's."""
    with Raw(house.wall.port, ACME) as raw:
        raw("WATCH", "greeting")
        raw("CLIENT", "SETNAME", ACME.word)
        answer = raw("AUTH", "globex", GLOBEX.password)
        if answer == b"OK":
            assert raw("GET", "greeting") == f"hello {GLOBEX.word}".encode()
            assert raw("CLIENT", "GETNAME") in ([], ACME.word.encode())
        else:
            assert isinstance(answer, Failed) and raw("GET", "greeting") in (GREETING, None)
    with Raw(house.wall.port, ACME) as raw:
        assert raw("AUTH", "acme", ACME.password) == b"OK" and raw("GET", "greeting") == GREETING


def test_a_wrong_login_behind_a_right_one(house):
    with Raw(house.wall.port, ACME) as raw:
        assert raw("AUTH", "globex", "guess").startswith("WRONGPASS")
        assert raw("GET", "greeting") in (GREETING, None) or "NOAUTH" in raw("GET", "greeting")


def test_a_login_inside_a_transaction_and_a_pipeline(house):
    with Raw(house.wall.port, ACME) as raw:
        data = [("MULTI",), ("SET", "a", "1"), ("AUTH", "globex", GLOBEX.password),
                ("SET", "b", "2"), ("EXEC",), ("GET", "greeting")]
        raw.send(b"".join(request(*words) for words in data))
        replies = [raw.reply() for _ in data]
    mine, theirs = house.of(ACME), house.of(GLOBEX)
    assert (b"a" in mine) + (b"a" in theirs) <= 1 and b"a" not in theirs, replies
    for name in (b"a", b"b"):
        house.held.admin.delete(prefix_of(GLOBEX) + name)


def test_reset_forgets_the_login(house):
    with Raw(house.wall.port, ACME) as raw:
        assert raw("RESET") == b"RESET"
        assert "NOAUTH" in raw("GET", "greeting")
        assert raw("AUTH", "globex", GLOBEX.password) == b"OK"
        assert raw("GET", "greeting") == f"hello {GLOBEX.word}".encode()


def test_a_tenant_whose_id_is_a_pattern(house, own_wall):
    """Ids are names, not patterns: such a registry is not used."""
    wall = own_wall(tenants=tenants_document().replace(ACME.id, "*")).launch()
    eventually(lambda: wall.process.poll() is not None or wall.is_ready(), "it starts or ends")
    if wall.process.poll() is None:
        with Raw(wall.port) as raw:
            assert isinstance(raw("AUTH", "acme", ACME.password), Failed)


# ------------------------------------------------------------------------------------- the framing


@pytest.mark.parametrize(
    "garbage",
    [
        b"*2\r\n*1\r\n$4\r\nPING\r\n$1\r\na\r\n",
        b"*1\r\n*1\r\n*1\r\n*1\r\n$4\r\nPING\r\n",
        b"*2\r\n$3\r\nGET\r\n$-1\r\n",
        b"*2\r\n$3\r\nGET\r\n*-1\r\n",
        b"*2\r\n$3\r\nGET\r\n:8\r\n",
        b"*2\r\n$3\r\nGET\r\n+greeting\r\n",
        b"*2\r\n$3\r\nGET\r\n_\r\n",
        b"*2\r\n$-3\r\nGET\r\n$8\r\ngreeting\r\n",
        b"*2147483648\r\n",
        b"*99999999999999999999\r\n$4\r\nPING\r\n",
        b"*1048577\r\n$4\r\nPING\r\n",
        b"*+1\r\n$4\r\nPING\r\n",
        b"* 1\r\n$4\r\nPING\r\n",
        b"*1\n$4\nPING\n",
        b"*1\r\n$04\r\nPING\r\n",
        b"*1\r\n$4\r\nPINGxx",
        b"*1\r\n$536870913\r\n",
        b"*2\r\n$3\r\nGET\r\n$1073741824\r\n",
        b"*2\r\n$3\r\nGET\r\n$9223372036854775808\r\n",
        b"*1\r\n$x\r\nPING\r\n",
        b"*x\r\n",
        b"GET 'unbalanced\r\n",
        b'SET a "b"c\r\n',
        b"x" * 70000,
        b"*" * 70000,
        b"*1\r\n$" + b"1" * 70000,
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nSET a b\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_no_request(house, garbage):
    """Before a login and behind one: refused in the protocol's words, and nothing is done."""
    before = house.of()
    for tenant in (None, ACME):
        with Raw(house.wall.port, tenant, timeout=5) as raw:
            raw.send(garbage + b"\r\n" + request("SET", "smuggled", "1"))
            raw.socket.shutdown(1)
            replies = raw.rest()
            wrong = [reply for reply in replies if not isinstance(reply, Failed)]
            # What is one request in spite of its looks may be answered as one.
            assert len(wrong) <= 2, replies
            assert all(ACME.word not in str(reply) for reply in replies)
    after = house.of()
    after.pop(b"smuggled", None)
    assert after.keys() - before.keys() <= {b"a"} and works(house)
    assert memory(house.wall) < 300 * MB


@pytest.mark.parametrize("empty", [b"*0\r\n", b"*-1\r\n", b"\r\n", b"*-10\r\n"])
def test_empty_requests_get_no_reply(house, empty):
    with Raw(house.wall.port, ACME) as raw:
        raw.send(empty * 3 + request("GET", "greeting") + empty + request("ECHO", "end"))
        assert [raw.reply(), raw.reply()] == [GREETING, b"end"]


def test_split_at_every_byte(house):
    words = [("SET", "split", "v" * 20), ("GET", "split"), ("EVAL", "return KEYS", 2, "a", "b"),
             ("MULTI",), ("INCR", "count"), ("EXEC",), ("LRANGE", "queue", 0, -1)]
    data = b"".join(request(*each) for each in words) + b"GET split\r\n"
    wanted = None
    for size in (len(data), 1, 3, 7):
        with Raw(house.wall.port, ACME) as raw:
            for start in range(0, len(data), size):
                raw.send(data[start : start + size])
            replies = [raw.reply() for _ in range(len(words) + 1)]
        replies[5] = None  # the count goes on
        wanted = wanted or replies
        assert replies == wanted and replies[1] == replies[7] == b"v" * 20
    assert house.of()[b"count"] == b"14"


def test_inline_commands(house):
    with Raw(house.wall.port, ACME) as raw:
        raw.send(b'SET "in\\x00line" \'it\\\'s\'\r\nget "in\\x00line"\n  \r\nECHO ""\r\nGET\r\n')
        assert [raw.reply() for _ in range(3)] == [b"OK", b"it's", b""]
        assert isinstance(raw.reply(), Failed)
    assert house.of()[b"in\0line"] == b"it's"


@pytest.mark.parametrize(
    "words",
    [
        ("EVAL", "return 1", 5, "a"),
        ("EVAL", "return 1", -1, "a"),
        ("EVAL", "return 1", "18446744073709551617", "a"),
        ("ZUNION", 9, "a", "b"),
        ("ZUNIONSTORE", "d", 0, "a"),
        ("LMPOP", 4294967297, "queue", "LEFT"),
        ("SINTERCARD", "two", "a", "b"),
        ("BLMPOP", 0, 3, "a", "LEFT"),
        ("MSET", "a"),
        ("MSET", "a", "1", "b"),
        ("XREAD", "STREAMS", "a", "b", "0"),
        ("XREAD", "STREAMS"),
        ("SORT", "queue", "STORE"),
        ("SORT", "queue", "BY"),
        ("GEORADIUS", "g", 1, 1, 1, "km", "STORE"),
        ("BITOP", "NOT", "a"),
        ("OBJECT", "ENCODING"),
        ("XGROUP",),
        ("GET",),
        ("",),
        ("GET greeting",),
        ("\0" * 100,),
        ("MIGRATE", "h", 1, "", 0, 1, "KEYS", "a"),
        ("GET", "x" * (1 << 20)),
    ],
)
def test_lying_counts_and_missing_words(house, words):
    """An error or an empty answer, the same connection goes on, nothing of others moves."""
    with Raw(house.wall.port, ACME) as raw:
        raw.send(request(*words) + request("GET", "greeting"))
        answer, behind = raw.reply(), raw.reply()
        assert (isinstance(answer, Failed) or answer == []) and behind == GREETING
        assert "tenant:" not in str(answer)


def test_a_name_that_the_prefix_makes_too_long(house):
    """The server takes 1 MB: with its prefix the name is longer, and that is not the server's fault."""
    limit = house.held.admin.config_get("proto-max-bulk-len")["proto-max-bulk-len"]
    house.held.admin.config_set("proto-max-bulk-len", MB)
    try:
        with Raw(house.wall.port, ACME) as raw:
            assert raw("GET", "greeting") == GREETING
            answer = raw("SET", "x" * (MB - 10), "value")
            assert answer is None or isinstance(answer, Failed), answer
            assert ACME.id not in str(answer)
        assert works(house) and works(house, GLOBEX)
    finally:
        house.held.admin.config_set("proto-max-bulk-len", limit)


def test_a_gigabyte_is_announced(house):
    """Announced is not sent: nobody makes room for it."""
    before = memory(house.wall)
    raws = [Raw(house.wall.port, ACME) for _ in range(10)]
    for raw in raws:
        raw.send(b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$536870912\r\nabc")
    assert works(house) and memory(house.wall) < before + 100 * MB
    for raw in raws:
        raw.__exit__()
    assert b"a" not in house.of()


# ---------------------------------------------------------------------------------- the connection


def test_quit_and_a_cut_line(house):
    with Raw(house.wall.port, ACME) as raw:
        raw.send(request("SET", "before", "1") + request("QUIT") + request("SET", "behind", "1"))
        assert raw.rest() == [b"OK", b"OK"]
    raw = Raw(house.wall.port, ACME)
    raw.send(request("MULTI") + request("SET", "half", "1") + request("EXEC")[:-5])
    raw.__exit__()
    with Raw(house.wall.port, ACME) as raw:
        raw.send(request("BLPOP", "nothing", "0"))
    eventually(lambda: house.held.connections() <= 2, "the upstream connections are given back")
    assert b"before" in house.of() and not {b"behind", b"half"} & house.of().keys()


def test_a_store_that_goes_away_in_a_transaction(house, own_wall):
    wire = Wire(int(upstream_url(house.name).rpartition(":")[2].split("/")[0]))
    wall = own_wall(upstream_url(house.name, wire.port)).start()
    with Raw(wall.port, ACME) as raw, Raw(wall.port, GLOBEX) as other:
        assert other("GET", "greeting") == f"hello {GLOBEX.word}".encode()
        assert raw("MULTI") == b"OK" and raw("SET", "lost", "1") == b"QUEUED"
        wire.cut()
        for _ in range(3):
            answer = raw("EXEC")
            assert answer is None or isinstance(answer, Failed), answer
        other.rest()
    assert b"lost" not in house.of()
    wire.mend()

    def is_back():
        try:
            with Raw(wall.port, ACME) as raw:
                return raw("GET", "greeting") == GREETING
        except (OSError, AssertionError):
            return False

    eventually(is_back, "the store is reached again")
    wire.close()


def test_a_reply_that_is_cut(house, own_wall):
    """Half a reply is the end of the connection, and no part of the next one's."""
    wire = Wire(int(upstream_url(house.name).rpartition(":")[2].split("/")[0]))
    wall = own_wall(upstream_url(house.name, wire.port)).start()
    house.client().set("large", "y" * MB)
    with Raw(wall.port, ACME) as raw:
        wire.bytes_left = MB // 2
        raw.send(request("GET", "large") + request("GET", "greeting"))
        with pytest.raises(AssertionError):
            raw.reply()
    wire.mend()
    wire.close()


def test_a_slow_reader(house):
    """Who does not read gets cut off or waits; the others do not, and memory has its bounds."""
    with Raw(house.wall.port, ACME) as slow, house.client() as fast, house.client(GLOBEX) as other:
        slow("SUBSCRIBE", "flood")
        piece = "z" * (64 << 10)
        for _ in range(40):
            pipe = fast.pipeline(transaction=False)
            for _ in range(32):
                pipe.publish("flood", piece)
            pipe.execute()
            assert other.get("greeting") == f"hello {GLOBEX.word}"
        assert fast.get("greeting") == f"hello {ACME.word}"
        assert memory(house.wall) < 400 * MB


def test_replies_that_nobody_reads(house):
    house.client().set("large", "y" * MB)
    with Raw(house.wall.port, ACME) as slow:
        slow.socket.settimeout(2)
        try:
            slow.socket.sendall(request("GET", "large") * 300)
        except (TimeoutError, OSError):
            pass
        assert works(house) and works(house, GLOBEX)
        assert memory(house.wall) < 400 * MB


def test_more_replies_than_requests(house):
    """The commands whose replies are not one each: what is behind them is answered rightly."""
    with Raw(house.wall.port, ACME) as raw:
        raw.send(request("CLIENT", "REPLY", "OFF") + request("GET", "greeting") * 5
                 + request("CLIENT", "REPLY", "ON") + request("GET", "count"))
        assert [raw.reply(), raw.reply()] == [b"OK", b"10"]
        raw.send(request("CLIENT", "REPLY", "SKIP") + request("GET", "greeting") + request("GET", "count"))
        assert raw.reply() == b"10"
        raw.send(request("HELLO", "3"))
        assert raw.reply()[b"proto"] == 3
        tracking = ("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "xxx", "PREFIX", "yyy", "PREFIX", "yyy")
        raw.send(request(*tracking) + request("ECHO", "mark") + request("GET", "count"))
        replies = []
        while b"mark" not in replies:
            replies.append(raw.reply())
        assert raw.reply() == b"10" and any(isinstance(reply, Failed) for reply in replies)
        raw.send(request("UNSUBSCRIBE") + request("SUBSCRIBE", "a", "b") + request("UNSUBSCRIBE")
                 + request("GET", "count"))
        replies = [raw.reply() for _ in range(6)]
        assert [type(reply) for reply in replies[:5]] == [Push] * 5 and replies[5] == b"10"


def test_tracking_tells_of_ones_own_keys(house):
    with Raw(house.wall.port, ACME) as raw, house.client() as mine, house.client(GLOBEX) as other:
        raw("HELLO", "3")
        assert raw("CLIENT", "TRACKING", "ON", "BCAST") == b"OK"
        other.set("theirs", "1")
        mine.set("tracked", "1")
        assert raw.reply() == Push([b"invalidate", [b"tracked"]])
        other.delete("theirs")
        assert raw("PING") == b"PONG"
        assert raw("CLIENT", "TRACKING", "OFF") == b"OK"
        assert raw("CLIENT", "TRACKING", "ON") == b"OK" and raw("GET", "greeting") == GREETING
        other.set("greeting", f"hello {GLOBEX.word}")
        assert raw("PING") == b"PONG"
        mine.set("greeting", "changed")
        assert raw.reply() == Push([b"invalidate", [b"greeting"]])
        mine.flushdb()
        while (answer := raw("PING")) != b"PONG":
            assert isinstance(answer, Push)


def test_redis_py_after_a_refusal_in_a_pipeline(house, r):
    pipe = r.pipeline(transaction=False)
    for _ in range(50):
        pipe.get("greeting").execute_command("DEBUG", "SLEEP", "0").get("count")
    answers = pipe.execute(raise_on_error=False)
    assert answers[0::3] == [f"hello {ACME.word}"] * 50 and answers[2::3] == ["10"] * 50
    assert all(isinstance(answer, redis.ResponseError) for answer in answers[1::3])


def test_drain_ends_and_reports_nothing_lost(house, own_wall):
    wall = own_wall().start()
    with Raw(wall.port, ACME) as raw:
        assert raw("SET", "drained", "1") == b"OK"
        wall.process.terminate()
        raw.send(request("GET", "drained"))
        assert raw.reply() in (b"1", None)
    eventually(lambda: wall.process.poll() is not None, "the wall ends", 40)
    assert house.of()[b"drained"] == b"1"


def test_a_script_without_end_is_killed(house):
    """It would stop the server for every tenant."""
    with Raw(house.wall.port) as raw:
        raw("AUTH", "acme", ACME.password)
        answer = raw("EVAL", "while true do end", "0")
        assert isinstance(answer, Failed) and "kill" in answer.lower(), answer
        assert raw("SET", "after", "1") == b"OK"
    with house.client(GLOBEX) as other:
        assert other.ping()
    assert b"after" in house.of().keys()
