"""MongoDB's stand-in as a store: SecantusDB, which speaks the same wire.

No registry has MongoDB's own server. SecantusDB is GPL: it runs as a process of its own, in an
environment of its own, and nothing of ours is linked with it.

The URL is the administrator's. `…_SERVICE_URL` is the login that a proxy would have in production,
with the same password: all databases are open to it, users and the server itself are not. The port
speaks either TLS or none, so `--tls` counts for names that end with `-tls` alone.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.parse
from pathlib import Path

from common import MONGO, PYTHON, Unusable, run, say
from store import Store, make_certificate
from versions import MONGO_PACKAGES

ADMIN, SERVICE = "root", "partywall"

CREATE_USERS = """
import sys, pymongo
SERVICE = ["readWriteAnyDatabase", "dbAdminAnyDatabase", "clusterMonitor"]
port, password = sys.argv[1:]
with pymongo.MongoClient("127.0.0.1", int(port), directConnection=True) as client:
    for user, roles in (("root", ["root"]), ("partywall", SERVICE)):
        client.admin.command("createUser", user, pwd=password, roles=roles)
"""


class Mongo(Store):
    STOP = (signal.SIGTERM,)

    def url(self, password):
        return self.url_of(ADMIN, password)

    def url_of(self, user, password):
        login = f"{user}:{password}"
        tls = "&tls=true" if self.tls else ""
        return f"mongodb://{login}@127.0.0.1:{self.port}/?authSource=admin&directConnection=true{tls}"

    def more(self):
        """The service's login."""
        url = self.url_of(SERVICE, urllib.parse.quote(self.password))
        return {"SERVICE_URL": url.replace("&directConnection=true", "")}

    def is_running(self):
        """Its data folder stands in its command line."""
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{self.pid}/cmdline").read_bytes().split(b"\0")
            return str(self.folder / "data").encode() in words
        return False

    def is_ready(self):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        return False

    def start_server(self, lock, dies_with_us):
        if not MONGO.is_dir():
            raise Unusable("no stores here yet: run `make setup`")
        self.tls = self.tls and self.name.endswith("-tls")
        if self.tls:
            make_certificate(self.folder)
        # Users are made while it lets everybody in; what it then keeps outlives that process.
        self.serve([], lock, dies_with_us)
        self.await_ready()
        run([PYTHON, "-c", CREATE_USERS, str(self.port), self.password])
        if self.auth == "trust" and not self.tls:
            return
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        files = [f"--tls-cert-file={self.folder / 'server.crt'}",
                 f"--tls-key-file={self.folder / 'server.key'}"]
        options = [] if self.auth == "trust" else ["--auth"]
        self.serve(options + (files if self.tls else []), lock, dies_with_us)

    def serve(self, options, lock, dies_with_us):
        owner = ["setpriv", "--pdeathsig=TERM"] if dies_with_us else []
        place = ["--host", "127.0.0.1", "--port", self.port, "--storage-path", self.folder / "data"]
        command = [*owner, MONGO / "bin/python", "-m", "secantus", *place, *options]
        environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
        self.spawn([*command, "--log-level", "WARNING"], environment, lock)


def install_mongo():
    """An environment for it, made anew when a pinned version changes, with its faults mended."""
    stamp, wanted = MONGO / "packages", MONGO_PACKAGES + repr(FAULTS)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    say("fetching SecantusDB with pip")
    shutil.rmtree(MONGO, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(MONGO)], stdout=subprocess.DEVNULL)
    requirements = MONGO / "requirements.txt"
    requirements.write_text(MONGO_PACKAGES)
    pip = [MONGO / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    run([*pip, "-r", requirements])
    package = next(MONGO.glob("lib/python3*/site-packages/secantus"))
    for name, wrong, right in FAULTS:
        text = (package / name).read_text()
        if text.count(wrong) != 1:
            raise Unusable(f"{name} of SecantusDB is not the file that is pinned")
        (package / name).write_text(text.replace(wrong, right))
    stamp.write_text(wanted)


# Where it does otherwise than MongoDB, and tenants would meet each other by its fault alone.
FAULTS = [
    # What the wall knows the mended one by.
    (
        "commands.py",
        '"secantusVersion": secantus.__version__,',
        '"secantusVersion": secantus.__version__ + "+restrictSearchWithMatch",',
    ),
    # $graphLookup took no notice of restrictSearchWithMatch.
    (
        "aggregate.py",
        "foreign = ctx.storage.find_matching(ctx.db_name, from_coll, {})\n\n    def _walk",
        "restriction = spec.get('restrictSearchWithMatch') or {}\n"
        "    foreign = ctx.storage.find_matching(ctx.db_name, from_coll, restriction)\n\n    def _walk",
    ),
]
