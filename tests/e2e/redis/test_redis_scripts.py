"""Scripts, wrapped as the wall wraps them, on a shared server; bare, on a private one."""

import hashlib
import os
import re
import subprocess
import urllib.parse
from pathlib import Path

import pytest
from resp import Raw, request
from scripts import FILL, HOSTILE, ORDINARY

PREFIX, OTHER = b"tenant:acme:", b"tenant:globex:"
CANARY = b"canary-of-globex"
STORES = ("REDIS70", "VALKEY91", "STACK74")


def pairs():
    """The stores that have a private one beside them."""
    found = [
        n for n in STORES if {f"PARTYWALL_{n}_URL", f"PARTYWALL_{n}_PRIVATE_URL"} <= {*os.environ}
    ]
    why = pytest.mark.skip(
        reason="no private servers: tests/stores/stores with redis70 redis70-private"
    )
    return found or [pytest.param(None, marks=why)]


class Tape:
    """Reads from a file and keeps what it read."""

    def __init__(self, file):
        self.file, self.kept = file, b""

    def readline(self):
        return self.keep(self.file.readline())

    def read(self, length):
        return self.keep(self.file.read(length))

    def keep(self, data):
        self.kept += data
        return data

    def close(self):
        self.file.close()


class Server(Raw):
    def __init__(self, variable):
        url = urllib.parse.urlsplit(os.environ[variable])
        super().__init__(url.port)
        self.file = Tape(self.file)
        if url.password:
            assert self("AUTH", url.username, url.password) == b"OK"

    def bytes(self, *words):
        """The reply, as it came."""
        self.file.kept = b""
        assert self.send(request(*words)).reply() is not None, "the server hung up"
        return self.file.kept

    def fill(self, prefix, words):
        for command, key, *rest in words:
            if command == "XGROUP":
                self(command, key, prefix + rest[0].encode(), *rest[1:])
            else:
                self(command, prefix + key.encode(), *rest)

    def dump(self, prefix=b""):
        """name -> value, of what begins with `prefix`, which is taken off."""
        keys = [key for key in self("KEYS", "*") if key.startswith(prefix)]
        return {key[len(prefix) :]: self.value(key) for key in keys}

    def value(self, key):
        # A stream holds when its readers read.
        return (
            self("XRANGE", key, "-", "+") if self("TYPE", key) == b"stream" else self("DUMP", key)
        )


class Wrapping:
    """The wall's own wrapping, for one server, and what the wall does with replies."""

    def __init__(self, server, folder, program):
        assert program.exists(), (
            f"{program} is not there: cargo build -p policies --example wrap_script"
        )
        probe = subprocess.run([program], capture_output=True, check=True).stdout
        self.globals = folder / "globals"
        self.globals.write_bytes(b"\n".join(server("EVAL", probe, 0)))
        command = [program, self.globals]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __call__(self, script):
        self.process.stdin.write(b"%d\n" % len(script) + script)
        self.process.stdin.flush()
        length = int(self.process.stdout.readline())
        return self.process.stdout.read(length)

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(10) == 0
        self.process.stdout.close()


class Pair:
    def __init__(self, name, folder, program):
        self.shared = Server(f"PARTYWALL_{name}_URL")
        self.private = Server(f"PARTYWALL_{name}_PRIVATE_URL")
        self.wrapping = Wrapping(self.shared, folder, program)

    def refill(self, protocol):
        for server in (self.shared, self.private):
            server("FLUSHALL")
            server("HELLO", protocol)
        self.private.fill(b"", FILL)
        self.shared.fill(PREFIX, FILL)
        self.shared.fill(OTHER, FILL)
        for key in (OTHER + b"greeting", OTHER + b"secret", b"greeting", CANARY):
            self.shared("SET", key, CANARY)
        self.others = self.strangers()

    def strangers(self):
        return {k: v for k, v in self.shared.dump().items() if not k.startswith(PREFIX)}

    def wrapped(self, script, keys, arguments, command="EVAL"):
        """The raw reply to the script as ACME's, as the wall would pass it on."""
        text = self.wrapping(script)
        if not text:
            return self.shared.bytes("SCRIPT", "LOAD", script)
        keys = [PREFIX + key.encode() for key in keys]
        reply = self.shared.bytes(command, text, len(keys), *keys, *arguments, PREFIX)
        name = hashlib.sha1(text).hexdigest().encode()
        reply = reply.replace(name, hashlib.sha1(script).hexdigest().encode())
        return at_its_end(reply, script)

    def bare(self, script, keys, arguments, command="EVAL"):
        return self.private.bytes(command, script, len(keys), *keys, *arguments)


def at_its_end(reply, script):
    """An error at the wrapper's `end` is one at the script's."""
    lines = len(re.findall(rb"\r\n|\n\r|\n|\r", script)) + 1
    ours = rb"user_script:%d: (.*) near 'end'" % (lines + 1)
    return re.sub(ours, rb"user_script:%d: \1 near '<eof>'" % lines, reply)


@pytest.fixture(scope="module", params=pairs())
def pair(request, pytestconfig, tmp_path_factory):
    program = Path(pytestconfig.getoption("--binary")).resolve().parent / "examples/wrap_script"
    pair = Pair(request.param, tmp_path_factory.mktemp("scripts"), program)
    yield pair
    pair.wrapping.close()


def text(script):
    return script if isinstance(script, bytes) else script.encode("latin-1")


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize(
    ("script", "keys", "arguments"), [c[1:] for c in ORDINARY], ids=[c[0] for c in ORDINARY]
)
def test_as_on_a_private_server(pair, script, keys, arguments, protocol):
    pair.refill(protocol)
    script = text(script)
    for _ in range(2):
        bare, wrapped = pair.bare(script, keys, arguments), pair.wrapped(script, keys, arguments)
        assert wrapped == bare
        assert pair.shared.dump(PREFIX) == pair.private.dump()
    assert pair.strangers() == pair.others


@pytest.mark.parametrize("script", [c[1] for c in HOSTILE], ids=[c[0] for c in HOSTILE])
def test_nothing_is_seen_or_left(pair, script):
    pair.refill(2)
    before = pair.wrapped(LEFT, [], [])
    for argument in (OTHER + b"greeting", CANARY, b"greeting"):
        reply = pair.wrapped(text(script), ["greeting"], [argument])
        shown = reply.replace(argument, b"")
        assert CANARY not in shown, "another's value"
        assert OTHER not in shown and PREFIX not in shown, "a prefix"
    assert pair.shared("PING") == b"PONG"
    assert pair.strangers() == pair.others
    assert pair.wrapped(LEFT, [], []) == before, "something was left behind"
    assert not pair.wrapped(b"return 1", [], []).startswith(b"-")


# What scripts could have changed for those that come after them.
LEFT = b"""
local all = {('x'):upper(), string.format('%s', 'x'), cjson.encode({{{{1}}}}),
  #cjson.encode({1 / 3}),
  tostring(pcall(cjson.encode, {[1000] = 1})), tostring(pcall(cjson.decode, '[NaN]')),
  tostring(getmetatable('').__add), tostring(pcall(function() return nonesuch end)),
  type(redis.call)}
for _, library in ipairs({string, table, math, bit, struct, cmsgpack, coroutine}) do
  local names = {}
  for name, value in pairs(library) do names[#names + 1] = name .. type(value) end
  table.sort(names)
  all[#all + 1] = table.concat(names, ' ')
end
return all
"""


def test_a_script_that_only_reads_cannot_write(pair):
    pair.refill(2)
    for script in (
        b"return redis.call('set', 'a', 1)",
        b"return redis.call('flushall')",
        b"return redis.call('get', KEYS[1])",
    ):
        bare = pair.bare(script, ["greeting"], [], "EVAL_RO")
        assert pair.wrapped(script, ["greeting"], [], "EVAL_RO") == bare
    assert pair.shared.dump(PREFIX) == pair.private.dump()


def test_what_is_not_open_says_so(pair):
    pair.refill(2)
    for call in ("'info'", "'select', 1", "'copy', 'a', 'b', 'db', 1", "'client', 'list'"):
        reply = pair.wrapped(text(f"return redis.call({call})"), [], [])
        own = reply.startswith(b"-NOPERM partywall: ") and b"[command-not-allowed]" in reply
        assert own or b"not allowed from script" in reply, reply
