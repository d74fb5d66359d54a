"""OP_MSG by hand, for what no driver would send."""

import base64
import socket
import struct

import bson

MORE_TO_COME, CHECKSUM, EXHAUST_ALLOWED = 2, 1, 1 << 16
OP_MSG, OP_QUERY, OP_COMPRESSED, OP_REPLY = 2013, 2004, 2012, 1


def message(body, number=1, flags=0, sequences=(), op_code=OP_MSG):
    """A whole message. `body` and each document of `sequences` are documents or their bytes."""
    sections = b"\0" + document(body)
    for name, documents in sequences:
        content = name.encode() + b"\0" + b"".join(document(each) for each in documents)
        sections += b"\1" + struct.pack("<i", len(content) + 4) + content
    return raw(struct.pack("<I", flags) + sections, number, op_code)


def raw(content, number=1, op_code=OP_MSG):
    return struct.pack("<iiii", 16 + len(content), number, 0, op_code) + content


def document(value):
    return value if isinstance(value, bytes) else bson.encode(value)


class Link:
    """A connection to a port; with a login, one that is let in."""

    def __init__(self, port, tenant=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.number = 0
        if tenant:
            login = f"\0{tenant.slug}\0{tenant.password}".encode()
            done = self.ask({"saslStart": 1, "mechanism": "PLAIN", "payload": login, "$db": "$external"})
            assert done["done"], done

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def ask(self, body, **options):
        """Sends a command and gives its reply."""
        self.number += 1
        self.send(message(body, self.number, **options))
        to, reply = self.reply()
        assert to == self.number, (to, reply)
        return reply

    def reply(self):
        """The number that the next reply answers, and its document."""
        length, _, to, op_code = struct.unpack("<iiii", self.exactly(16))
        content = self.exactly(length - 16)
        at = {OP_MSG: 5, OP_REPLY: 20}[op_code]
        return to, bson.decode(content[at:])

    def exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(min(count - len(data), 1 << 20))
            if not piece:
                raise EOFError(data)
            data += piece
        return data

    def is_closed(self):
        """Whether the other end closes now, without another byte."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True


def nested(depth):
    """A document nested so deep."""
    inner = b"\x05\0\0\0\0"
    for _ in range(depth):
        content = b"\x03a\0" + inner + b"\0"
        inner = struct.pack("<i", len(content) + 4) + content
    return inner


__all__ = ["Link", "base64", "message", "nested", "raw"]
