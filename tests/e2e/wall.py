"""The binary under test as a process, and the wires that the tests can listen on and cut."""

import contextlib
import json
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request

from shop import SERVICE, TENANTS, verifier

START_SECONDS_MAX = 20

POLICY = """
version = 1
[tenant]
id = "uuid"
[postgres]
column = "tenant_id"
shared = ["public.plans"]
[postgres.tables."public.order_totals"]
column = "tenant_id"
"""


def eventually(condition, what, seconds=START_SECONDS_MAX):
    """Waits for `condition` to become true, and returns what it returned."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.01)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def upstream_url(store_url, port=None):
    """`store_url` with the service's own login, and perhaps another port."""
    parts = urllib.parse.urlsplit(store_url)
    login = ":".join(urllib.parse.quote(part, safe="") for part in SERVICE)
    return f"postgres://{login}@127.0.0.1:{port or parts.port}{parts.path}"


def tenants_document(suspended=()):
    parts = []
    for tenant in TENANTS:
        active = str(tenant.slug not in suspended).lower()
        parts.append(f'[[tenant]]\nid = "{tenant.id}"\nslug = "{tenant.slug}"\nactive = {active}\n')
    for tenant in TENANTS:
        parts.append(
            f'[[login]]\nname = "{tenant.slug}"\ntenants = ["{tenant.slug}"]\n'
            f'verifier = "{verifier(tenant.password)}"\n'
        )
    return "\n".join(parts)


class Wall:
    """One `partywall run`, with its documents in `folder`."""

    def __init__(
        self, binary, folder, upstream, policy=POLICY, tenants=None, extra="", listener=""
    ):
        self.binary, self.folder = binary, folder
        self.port, self.admin = free_port(), free_port()
        self.process = None
        (folder / "policy.toml").write_text(policy)
        (folder / "tenants.toml").write_text(tenants or tenants_document())
        self.settings = folder / "partywall.toml"
        self.settings.write_text(
            'policy = "policy.toml"\ntenants = "tenants.toml"\n'
            + extra
            + f'\n[[listener]]\nprotocol = "postgres"\nlisten = "127.0.0.1:{self.port}"\n'
            f'upstream = "{upstream}"\n{listener}\n[admin]\nlisten = "127.0.0.1:{self.admin}"\n'
        )

    def launch(self, log_to=None):
        """Starts it; its log goes to a file, or to this descriptor."""
        self.log_path = self.folder / "log"
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "run", "--settings", self.settings],
                stdin=subprocess.DEVNULL,
                stdout=log if log_to is None else log_to,
                stderr=log if log_to is None else log_to,
                start_new_session=True,
            )
        return self

    def start(self):
        self.launch()
        eventually(lambda: self.is_ready() or self.process.poll() is not None, "the wall is ready")
        assert self.process.poll() is None, f"the wall ended:\n{self.log()}"
        return self

    def __enter__(self):
        return self.start() if self.process is None else self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def is_ready(self):
        return self.probe("ready") == 200

    def probe(self, path):
        """The HTTP status of a path of the admin listener; 0 when nobody answers."""
        return self.get(path)[0]

    def get(self, path):
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.admin}/{path}", timeout=5
            ) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def log(self):
        return self.log_path.read_text(errors="replace") if self.process else ""

    def log_lines(self):
        """The log's JSON lines."""
        lines = []
        for line in self.log().splitlines():
            with contextlib.suppress(ValueError):
                lines.append(json.loads(line))
        return lines


def conninfo(port, login, password, database="shop"):
    login, password = (urllib.parse.quote(part, safe="") for part in (login, password))
    return f"postgresql://{login}:{password}@127.0.0.1:{port}/{database}?sslmode=disable"


class Wire:
    """A loopback wire to a port: it can be cut, cut in mid-reply, and mended again, and it notes
    which of `forbidden` byte strings came through it from the far end."""

    def __init__(self, port, forbidden=()):
        self.far, self.forbidden, self.seen = port, forbidden, set()
        self.bytes_left = None  # after so many more bytes from the far end, cut
        self.whole = True
        self.pairs = {}  # (near, far) -> how many of its two ways are open
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                if not self.whole:
                    raise OSError("cut")
                far = socket.create_connection(("127.0.0.1", self.far))
            except OSError:
                near.close()
                continue
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.pairs[near, far] = 2
            for way in (False, True):
                threading.Thread(target=self._carry, args=(near, far, way), daemon=True).start()

    def _carry(self, near, far, watched):
        """Carries bytes one way to its end; closes the sockets with the last way."""
        self._pump(*((far, near) if watched else (near, far)), watched)
        with self.lock:
            self.pairs[near, far] -= 1
            if self.pairs[near, far] == 0:
                del self.pairs[near, far]
                near.close()
                far.close()

    def _pump(self, source, sink, watched):
        """The end of one way ends it alone, an error ends both."""
        try:
            tail = b""
            while data := source.recv(65536):
                if watched:
                    tail = self._watch(tail + data)
                    data = self._allowance(data)
                sink.sendall(data)
                if self.bytes_left == 0:
                    self.cut()
                    return
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            for end in (source, sink):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _allowance(self, data):
        """What of `data` may still pass before the cut."""
        if self.bytes_left is None:
            return data
        data = data[: self.bytes_left]
        self.bytes_left -= len(data)
        return data

    def _watch(self, data):
        """Looks for what must not pass; returns the part that the next chunk may complete."""
        self.seen.update(mark for mark in self.forbidden if mark in data)
        return data[-64:]

    def cut(self):
        """Breaks every connection and takes no new one."""
        self.whole = False
        with self.lock:
            for end in (end for pair in self.pairs for end in pair):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self):
        self.bytes_left, self.whole = None, True

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()
