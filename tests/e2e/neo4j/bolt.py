"""Raw Bolt, for what no driver would send."""

import contextlib
import socket
import struct

MAGIC = bytes.fromhex("6060B017")
TAGS = {
    "HELLO": 0x01, "GOODBYE": 0x02, "RESET": 0x0F, "RUN": 0x10, "BEGIN": 0x11, "COMMIT": 0x12,
    "ROLLBACK": 0x13, "DISCARD": 0x2F, "PULL": 0x3F, "TELEMETRY": 0x54, "ROUTE": 0x66,
    "LOGON": 0x6A, "LOGOFF": 0x6B, "SUCCESS": 0x70, "RECORD": 0x71, "IGNORED": 0x7E,
    "FAILURE": 0x7F,
}  # fmt: skip
NAMES = {tag: name for name, tag in TAGS.items()}
ALL = {"n": -1}


def pack(value):
    match value:
        case None:
            return b"\xc0"
        case bool():
            return b"\xc3" if value else b"\xc2"
        case int():
            return b"\xcb" + struct.pack(">q", value)
        case float():
            return b"\xc1" + struct.pack(">d", value)
        case str():
            data = value.encode()
            return b"\xd2" + struct.pack(">I", len(data)) + data
        case bytes():  # already packed
            return value
        case list():
            return b"\xd6" + struct.pack(">I", len(value)) + b"".join(map(pack, value))
        case dict():
            pairs = b"".join(pack(key) + pack(item) for key, item in value.items())
            return b"\xda" + struct.pack(">I", len(value)) + pairs
    raise TypeError(value)


class Unpacker:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def size(self, marker, first):
        return self.number((">B", ">H", ">I")[marker - first])

    def value(self):
        marker = self.number(">B")
        low = marker & 0x0F
        match marker:
            case _ if marker < 0x80:
                return marker
            case _ if marker < 0x90:
                return self.take(low).decode()
            case _ if marker < 0xA0:
                return [self.value() for _ in range(low)]
            case _ if marker < 0xB0:
                return {self.value(): self.value() for _ in range(low)}
            case _ if marker < 0xC0:
                return (self.number(">B"), [self.value() for _ in range(low)])
            case 0xC0:
                return None
            case 0xC1:
                return self.number(">d")
            case 0xC2 | 0xC3:
                return marker == 0xC3
            case 0xC8 | 0xC9 | 0xCA | 0xCB:
                return self.number((">b", ">h", ">i", ">q")[marker - 0xC8])
            case 0xCC | 0xCD | 0xCE:
                return self.take(self.size(marker, 0xCC))
            case 0xD0 | 0xD1 | 0xD2:
                return self.take(self.size(marker, 0xD0)).decode()
            case 0xD4 | 0xD5 | 0xD6:
                return [self.value() for _ in range(self.size(marker, 0xD4))]
            case 0xD8 | 0xD9 | 0xDA:
                return {self.value(): self.value() for _ in range(self.size(marker, 0xD8))}
        assert marker >= 0xF0, hex(marker)
        return marker - 256


def body(name, *fields):
    return bytes([0xB0 | len(fields), TAGS[name]]) + b"".join(map(pack, fields))


def chunked(data, size=0xFFFF):
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(struct.pack(">H", len(part)) + part for part in parts) + b"\0\0"


def message(name, *fields, size=0xFFFF):
    return chunked(body(name, *fields), size)


def run(statement, parameters=None, extra=None):
    return message("RUN", statement, parameters or {}, extra or {})


PULL = message("PULL", ALL)
RESET = message("RESET")


class Raw:
    """A socket that speaks Bolt 5.8, or another version."""

    def __init__(self, port, tenant=None, version=(5, 8)):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.version = version
        if tenant:
            self.handshake()
            auth = {"scheme": "basic", "principal": tenant.slug, "credentials": tenant.password}
            agents = {"user_agent": "raw/1", "bolt_agent": {"product": "raw/1"}}
            if version < (5, 1):
                self.send(message("HELLO", agents | auth | {"patch_bolt": ["utc"]}))
            else:
                self.send(message("HELLO", agents) + message("LOGON", auth))
                assert self.read()[0] == "SUCCESS"
            name, said = self.read()
            assert name == "SUCCESS", said

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def handshake(self):
        major, minor = self.version
        self.send(MAGIC + bytes([0, 0, minor, major]) + bytes(12))
        answer = self.exactly(4)
        assert answer == bytes([0, 0, minor, major]), answer

    def send(self, data):
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(data)
        return self

    def exactly(self, count):
        data = b""
        while len(data) < count:
            try:
                more = self.socket.recv(count - len(data))
            except ConnectionResetError:
                more = b""
            if not more:
                return None
            data += more
        return data

    def read(self):
        """The next message as (name, field), or None at the end of the connection."""
        data = b""
        while True:
            head = self.exactly(2)
            if head is None:
                return None
            size = struct.unpack(">H", head)[0]
            if size:
                data += self.exactly(size)
            elif data:
                tag, fields = Unpacker(data).value()
                return NAMES[tag], fields[0] if fields else None

    def until(self, *names):
        """All messages up to one of these; the last is None at the end of the connection."""
        found = []
        while True:
            found.append(self.read())
            if found[-1] is None or found[-1][0] in names:
                return found

    def rows(self, statement, parameters=None):
        """The rows of a statement that works."""
        self.send(run(statement, parameters) + PULL)
        name, said = self.read()
        assert name == "SUCCESS", said
        found = self.until("SUCCESS", "FAILURE")
        assert found[-1][0] == "SUCCESS", found[-1]
        return [row for _, row in found[:-1]]

    def failure(self):
        """The next message, a FAILURE: its code and message."""
        name, said = self.read()
        assert name == "FAILURE", (name, said)
        return said.get("neo4j_code", said.get("code")), said["message"]

    def recover(self):
        """Sends RESET and reads to its SUCCESS."""
        self.send(RESET)
        assert self.until("SUCCESS")[-1] == ("SUCCESS", {})
