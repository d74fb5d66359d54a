"""A store of our own: started, awaited, stopped; its data in a throw-away folder."""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from common import PYTHON, STATE, Unusable, run

RUNNING = STATE / "running"
FOLDER_PREFIX = "partywall-store-"

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 15


class Left(Exception):
    """Why a store is left out: it asks for what not every machine has."""


@dataclass
class Store:
    """One running server. `process` is None when an earlier call of this script started it.

    What a kind of store adds: `url`, `more`, `start_server`, `is_running`, `is_ready`, `STOP`, and
    perhaps another `START_SECONDS_MAX`.
    """

    START_SECONDS_MAX = START_SECONDS_MAX

    name: str
    folder: Path
    port: int
    password: str
    auth: str
    tls: bool
    pid: int = 0
    process: subprocess.Popen | None = None

    def environment(self):
        prefix = variables_of(self.name)
        variables = {
            "URL": self.url(urllib.parse.quote(self.password)),
            "FOLDER": str(self.folder),
            "PID": str(self.pid),
            "AUTH": self.auth,
        }
        if self.tls:
            variables["CA"] = str(self.folder / "ca.pem")
        variables |= self.more()
        return {f"{prefix}_{key}": value for key, value in variables.items()}

    def more(self):
        """Variables that only this kind of store has."""
        return {}

    def save(self):
        RUNNING.mkdir(parents=True, exist_ok=True)
        lines = [f"{key}={value}\n" for key, value in self.environment().items()]
        (RUNNING / f"{self.name}.env").write_text("".join(lines))

    @property
    def kind(self):
        """Its name without what tells it from another of its kind."""
        return self.name.partition("-")[0]

    @classmethod
    def load(cls, name):
        """The store that `start` left running, or None."""
        path = RUNNING / f"{name}.env"
        if not path.is_file():
            return None
        pairs = (line.split("=", 1) for line in path.read_text().splitlines())
        values = {key.removeprefix(f"{variables_of(name)}_"): value for key, value in pairs}
        url, folder = urllib.parse.urlsplit(values["URL"]), Path(values["FOLDER"])
        store = cls(
            name,
            folder,
            url.port,
            urllib.parse.unquote(url.password),
            values["AUTH"],
            "CA" in values,
            int(values["PID"]),
        )
        return store if store.is_running() else None

    @classmethod
    def launch(
        cls, name, auth="scram", tls=False, dies_with_us=False, port=0, password="", waits=True
    ):
        """Makes an empty store in a new folder and starts it."""
        sweep()
        folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX)).resolve()
        folder.chmod(0o711)
        password = password or "p" + secrets.token_urlsafe(12)  # never an option
        store = cls(name, folder, port or free_port(), password, auth, tls)
        lock = hold(folder)
        try:
            store.start_server(lock, dies_with_us)
            if waits:
                store.await_ready()
        except BaseException:
            if store.process:
                store.stop()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            os.close(lock)
        return store

    def spawn(self, command, environment, lock):
        """Starts the server, whose output goes to the log in its folder."""
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                env=environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=[lock],
            )
        self.pid = self.process.pid

    def await_ready(self):
        deadline = time.monotonic() + self.START_SECONDS_MAX
        while not self.is_ready():
            ended = self.process.poll() is not None if self.process else not self.is_running()
            if ended or time.monotonic() > deadline:
                log = (self.folder / "log").read_text(errors="replace")[-2000:]
                raise Unusable(f"{self.name} did not start:\n{log}")
            time.sleep(0.02)

    def stop(self):
        """Ends it, gently at first, and removes its folder."""
        for number in (*self.STOP, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                if self.process or self.is_running():
                    os.kill(self.pid, number)
            deadline = time.monotonic() + STOP_SECONDS_MAX
            while self.is_alive() and time.monotonic() < deadline:
                time.sleep(0.02)
            if not self.is_alive():
                break
        shutil.rmtree(self.folder, ignore_errors=True)
        if not self.process:
            (RUNNING / f"{self.name}.env").unlink(missing_ok=True)

    def is_alive(self):
        return self.process.poll() is None if self.process else self.is_running()


def variables_of(name):
    """What the names of a store's variables begin with."""
    return f"PARTYWALL_{name.upper().replace('-', '_')}"


def running():
    """The names of all that `start` left running."""
    return sorted(path.stem for path in RUNNING.glob("*.env"))


def hold(folder):
    """Locks `folder`. The server inherits the lock: it stands until its last process ends."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def sweep():
    """Removes folders of servers that ended without us (a killed `with`)."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        with contextlib.suppress(OSError):
            status = folder.lstat()
            if status.st_uid != os.geteuid() or time.time() - status.st_mtime < START_SECONDS_MAX:
                continue
            with open(folder / "lock") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)


def make_certificate(folder):
    code = (
        "import sys, trustme; from pathlib import Path; folder = Path(sys.argv[1])\n"
        "ca = trustme.CA(); leaf = ca.issue_cert('localhost', '127.0.0.1')\n"
        "ca.cert_pem.write_to_path(folder / 'ca.pem')\n"
        "leaf.private_key_pem.write_to_path(folder / 'server.key')\n"
        "chain = b''.join(part.bytes() for part in leaf.cert_chain_pems)\n"
        "(folder / 'server.crt').write_bytes(chain)\n"
        "(folder / 'server.key').chmod(0o600)\n"
    )
    run([PYTHON, "-c", code, folder])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
