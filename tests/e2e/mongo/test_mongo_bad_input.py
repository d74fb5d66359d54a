"""Frames and documents that are none, and clients that come and go. The wall answers as a server
would, or ends the connection; and goes on serving."""

import struct

import bson
import pytest
from block import ACME
from opmsg import OP_COMPRESSED, OP_QUERY, Link, message, nested, raw

pytestmark = pytest.mark.wall


@pytest.fixture
def link(block):
    with Link(block.ports[ACME], ACME) as link:
        yield link


@pytest.fixture(autouse=True)
def still_serves(block):
    yield
    with Link(block.ports[ACME], ACME) as link:
        assert link.ask({"count": "users", "$db": "app"})["n"] == 6


CLOSED = {
    "length 0": struct.pack("<iiii", 0, 1, 0, 2013),
    "length 15": struct.pack("<iiii", 15, 1, 0, 2013),
    "negative length": struct.pack("<iiii", -1, 1, 0, 2013),
    "too long": struct.pack("<iiii", 48_000_001, 1, 0, 2013),
    "OP_INSERT": raw(b"\0" * 20, op_code=2002),
    "OP_KILL_CURSORS": raw(b"\0" * 20, op_code=2007),
    "OP_REPLY": raw(b"\0" * 20, op_code=1),
    "OP_COMPRESSED": raw(struct.pack("<iiB", 2013, 5, 0) + b"\0" * 5, op_code=OP_COMPRESSED),
    "unknown operation": raw(b"", op_code=4711),
    "unknown flag": message({"ping": 1, "$db": "app"}, flags=4),
    "wrong checksum": message({"ping": 1, "$db": "app"}, flags=1),
    "section of kind 2": raw(struct.pack("<I", 0) + b"\2" + bson.encode({"a": 1})),
    "sequence past the end": raw(
        struct.pack("<I", 0) + b"\0" + bson.encode({"insert": "users", "$db": "app"})
        + b"\1" + struct.pack("<i", 1000) + b"documents\0"
    ),
    "body past the end": raw(struct.pack("<I", 0) + b"\0" + struct.pack("<i", 1000)),
    "a query": raw(struct.pack("<i", 0) + b"app.users\0" + struct.pack("<ii", 0, 0) + bson.encode({}), op_code=OP_QUERY),
    "a query of a command": raw(
        struct.pack("<i", 0) + b"app.$cmd\0" + struct.pack("<ii", 0, -1) + bson.encode({"dropDatabase": 1}),
        op_code=OP_QUERY,
    ),
    "noise": bytes(range(256)),
}


@pytest.mark.parametrize("bytes_", CLOSED.values(), ids=CLOSED.keys())
def test_frames_that_end_the_connection(link, bytes_):
    link.send(bytes_)
    assert link.is_closed()


@pytest.mark.parametrize("bytes_", CLOSED.values(), ids=CLOSED.keys())
def test_the_same_before_a_login(block, bytes_):
    with Link(block.ports[ACME]) as link:
        link.send(bytes_)
        assert link.is_closed()


ANSWERED = {
    "two bodies": (raw(struct.pack("<I", 0) + (b"\0" + bson.encode({"ping": 1, "$db": "a"})) * 2), 40430),
    "no body": (raw(struct.pack("<I", 0)), 40587),
    "no database": (message({"ping": 1}), 40571),
    "a database that is none": (message({"ping": 1, "$db": "a b"}), 73),
    "no command": (message({}), 9),
    "text that is not UTF-8": (message(b"\x12\0\0\0\x02ping\0\x03\0\0\0\xff\xfe\0\0"), 22),
    "nested 10,000 deep": (message(nested(10_000)), None),
    "nested 300 deep in a sequence": (
        message({"insert": "users", "$db": "app"}, sequences=[("documents", [nested(300)])]), None),
    "a boolean of 2": (message(b"\x0c\0\0\0\x08ping\0\x02\0"), 22),
}


@pytest.mark.parametrize("case", ANSWERED.values(), ids=ANSWERED.keys())
def test_messages_that_are_answered(link, case):
    bytes_, code = case
    link.send(bytes_)
    to, reply = link.reply()
    assert to == 1 and reply["ok"] == 0, reply
    assert code is None or reply["code"] == code, reply
    assert link.ask({"ping": 1, "$db": "app"})["ok"] == 1


def test_a_message_in_pieces(link):
    link.number = 5
    for byte in message({"ping": 1, "$db": "app"}, 5):
        link.send(bytes([byte]))
    assert link.reply() == (5, {"ok": 1.0})


def test_half_a_message(block):
    for cut in (1, 15, 16, 20, 30):
        with Link(block.ports[ACME], ACME) as link:
            link.send(message({"ping": 1, "$db": "app"})[:cut])


def test_messages_without_waiting(link):
    link.send(b"".join(message({"find": "users", "filter": {"n": n}, "$db": "app"}, 10 + n) for n in range(6)))
    link.send(message({"nonsense": 1, "$db": "app"}, 16) + message({"ping": 1, "$db": "app"}, 17))
    for n in range(6):
        to, reply = link.reply()
        assert to == 10 + n and [row["n"] for row in reply["cursor"]["firstBatch"]] == [n]
    assert link.reply()[1]["code"] == 59
    assert link.reply() == (17, {"ok": 1.0})


def test_48_megabytes(link, block):
    """As much as a server takes, in documents of which each is large, and more than it takes."""
    text = "x" * 15_000_000
    documents = [{"_id": n, "text": text} for n in range(3)]
    reply = link.ask({"insert": "large", "$db": "app"}, sequences=[("documents", documents)])
    assert reply["ok"] == 1 and reply["n"] == 3, reply
    sizes = [len(row["text"]) for row in block.of(collection="large")]
    assert sizes == [len(text)] * 3
    got = link.ask({"find": "large", "filter": {"_id": 1}, "$db": "app"})
    assert len(got["cursor"]["firstBatch"][0]["text"]) == len(text)
    too_long = [{"_id": 9, "text": "x" * 17_000_000}]
    refused = link.ask({"insert": "large", "$db": "app"}, sequences=[("documents", too_long)])
    assert refused["ok"] == 0
    assert len(block.of(collection="large")) == 3


def test_lengths_that_promise_much_and_bring_nothing(block):
    """A header reserves nothing: forty clients that announce 48 MB each cost no 2 GB."""
    pid = block.wall.process.pid
    links = [Link(block.ports[ACME], ACME) for _ in range(40)]
    for link in links:
        link.send(struct.pack("<iiii", 48_000_000, 1, 0, 2013) + b"\0" * 100)
    with Link(block.ports[ACME], ACME) as link:
        assert link.ask({"ping": 1, "$db": "app"})["ok"] == 1
    with open(f"/proc/{pid}/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    assert peak < 600_000, f"{peak} kB"
    for link in links:
        link.socket.close()
