"""Raw frames, for what no driver would send."""

import contextlib
import os
import socket
import struct


def frame(tag, body=b""):
    return tag + struct.pack("!i", len(body) + 4) + body


def query(text):
    return frame(b"Q", (text if isinstance(text, bytes) else text.encode()) + b"\0")


def startup(version=(3, 0), **parameters):
    body = struct.pack("!HH", *version)
    for name, value in parameters.items():
        body += name.encode() + b"\0" + value.encode() + b"\0"
    return struct.pack("!i", len(body) + 5) + body + b"\0"


class Raw:
    """A socket that speaks frames."""

    def __init__(self, sock):
        self.socket = sock
        self.socket.settimeout(20)

    @classmethod
    def logged_in(cls, connection):
        """The socket of a psycopg connection, which did the logging in."""
        return cls(socket.socket(fileno=os.dup(connection.fileno())))

    @classmethod
    def fresh(cls, port):
        return cls(socket.create_connection(("127.0.0.1", port)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """Sends `data`; that the other side has hung up in between is for `read` to tell."""
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

    def message(self):
        """The next message as (tag, body), or None at the end of the connection."""
        head = self.exactly(5)
        return head and (head[:1], self.exactly(struct.unpack("!i", head[1:])[0] - 4))

    def read(self):
        """All messages up to ReadyForQuery or to the end; the last one is None at the end."""
        messages = []
        while True:
            messages.append(self.message())
            if messages[-1] is None or messages[-1][0] == b"Z":
                return messages


def fields(message):
    """The fields of an ErrorResponse."""
    tag, body = message
    assert tag == b"E", message
    parts = (part for part in body.split(b"\0") if part)
    return {chr(part[0]): part[1:].decode() for part in parts}


def error_of(messages):
    """The fields of the one error among `messages`."""
    errors = [message for message in messages if message and message[0] == b"E"]
    assert len(errors) == 1, messages
    return fields(errors[0])
