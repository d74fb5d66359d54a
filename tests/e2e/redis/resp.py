"""Raw RESP, for what no driver would send."""

import contextlib
import socket


class Failed(str):
    """The text of an error reply."""


class Push(list):
    """A push of RESP3."""


def request(*words):
    words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in words)


class Raw:
    """A socket that speaks RESP."""

    def __init__(self, port, tenant=None, timeout=15):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        if tenant:
            assert self("AUTH", tenant.slug, tenant.password) == b"OK"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, data):
        """Sends `data`; that the other side has hung up in between is for `reply` to tell."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(data)
        return self

    def __call__(self, *words):
        return self.send(request(*words)).reply()

    def reply(self):
        """The next reply; None at the end of the connection."""
        try:
            line = self.file.readline()
        except ConnectionResetError:
            line = b""
        if not line:
            return None
        assert line.endswith(b"\r\n"), line
        kind, text = line[:1], line[1:-2]
        match kind:
            case b"+":
                return text
            case b"-":
                return Failed(text.decode())
            case b":":
                return int(text)
            case b"_":
                return []
            case b"$" | b"*" if text == b"-1":
                return []
            case b"$" | b"=":
                body = self.file.read(int(text) + 2)
                assert body[-2:] == b"\r\n", body
                return body[:-2]
            case b"*" | b"~":
                return [self.reply() for _ in range(int(text))]
            case b">":
                return Push(self.reply() for _ in range(int(text)))
            case b"%":
                return {self.reply(): self.reply() for _ in range(int(text))}
            case _:
                return line

    def rest(self):
        """All replies to the end of the connection."""
        return list(iter(self.reply, None))
