"""A PostgreSQL of our own: started, awaited, stopped; its data in a throw-away folder."""

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

from common import IS_ROOT, PYTHON, STATE, Unusable, postgres_tree, run

RUNNING = STATE / "running"
FOLDER_PREFIX = "partywall-store-"

NOBODY = 65534  # PostgreSQL refuses to run as root; this id needs no entry in /etc/passwd
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 15


@dataclass
class Store:
    """One running server. `process` is None when an earlier call of this script started it."""

    name: str
    folder: Path
    port: int
    password: str
    auth: str
    tls: bool
    pid: int = 0
    process: subprocess.Popen | None = None

    def environment(self):
        prefix = f"PARTYWALL_{self.name.upper()}"
        password = urllib.parse.quote(self.password)
        variables = {
            f"{prefix}_URL": f"postgres://postgres:{password}@127.0.0.1:{self.port}/postgres",
            f"{prefix}_FOLDER": str(self.folder),
            f"{prefix}_PID": str(self.pid),
            f"{prefix}_AUTH": self.auth,
        }
        if self.tls:
            variables[f"{prefix}_CA"] = str(self.folder / "ca.pem")
        return variables

    def save(self):
        RUNNING.mkdir(parents=True, exist_ok=True)
        lines = [f"{key}={value}\n" for key, value in self.environment().items()]
        (RUNNING / f"{self.name}.env").write_text("".join(lines))

    @classmethod
    def load(cls, name):
        """The store that `start` left running, or None."""
        path = RUNNING / f"{name}.env"
        if not path.is_file():
            return None
        pairs = (line.split("=", 1) for line in path.read_text().splitlines())
        values = {key.removeprefix(f"PARTYWALL_{name.upper()}_"): value for key, value in pairs}
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

    def is_running(self):
        return self.postmaster()[:1] == [str(self.pid)] and Path(f"/proc/{self.pid}").exists()

    def is_ready(self):
        return self.postmaster()[7:8] == ["ready"]

    def postmaster(self):
        """The lines of PostgreSQL's own pid file: the pid is the first, the state the eighth."""
        with contextlib.suppress(OSError):
            return [
                line.strip()
                for line in (self.folder / "data/postmaster.pid").read_text().splitlines()
            ]
        return []

    def await_ready(self):
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self.is_ready():
            ended = self.process.poll() is not None if self.process else not self.is_running()
            if ended or time.monotonic() > deadline:
                log = (self.folder / "log").read_text(errors="replace")[-2000:]
                raise Unusable(f"{self.name} did not start:\n{log}")
            time.sleep(0.02)

    def stop(self):
        """Ends it, gently at first, and removes its folder."""
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
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


def as_owner(folder, *prefix):
    """The start of a command line that runs as who owns the data, and that user's environment."""
    command = ["setpriv", *prefix]
    if IS_ROOT:
        command += [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    return (command if command[1:] else []), environment


def launch(name, auth="scram", tls=False, dies_with_us=False, port=0, password=""):
    """Makes an empty store in a new folder and starts it."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    folder.chmod(0o711)
    store = Store(
        name, folder, port or free_port(), password or secrets.token_urlsafe(12), auth, tls
    )
    try:
        start_postgres(store, dies_with_us)
        store.await_ready()
    except BaseException:
        if store.process:
            store.stop()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return store


def start_postgres(store, dies_with_us):
    folder, data = store.folder, store.folder / "data"
    tree = reachable(postgres_tree(store.name), folder)
    lock = hold(folder)
    data.mkdir(mode=0o700)
    (folder / "password").touch(0o600)
    (folder / "password").write_text(store.password)
    if store.tls:
        make_certificate(folder)
    if IS_ROOT:
        for path in folder.iterdir():
            os.chown(path, NOBODY, NOBODY)
    owner, environment = as_owner(folder)
    method = {"scram": "scram-sha-256"}.get(store.auth, store.auth)
    run(
        [
            *owner,
            tree / "bin/initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            method,
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            f"--pwfile={folder / 'password'}",
        ],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": store.port,
        "unix_socket_directories": "",
        "fsync": "off",
        "max_connections": 200,
    }
    if store.tls:
        settings |= {
            "ssl": "on",
            "ssl_cert_file": folder / "server.crt",
            "ssl_key_file": folder / "server.key",
        }
    arguments = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    owner, environment = as_owner(folder, *(["--pdeathsig=INT"] if dies_with_us else []))
    with open(folder / "log", "wb") as log:
        store.process = subprocess.Popen(
            [*owner, tree / "bin/postgres", "-D", data, *arguments],
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=[lock],
        )
    os.close(lock)
    store.pid = store.process.pid


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


def reachable(tree, folder):
    """`tree`, or a copy in `folder` when the server's user may not enter a folder above it."""
    if not tree.is_dir():
        raise Unusable("no stores here yet: run `make setup`")
    if not IS_ROOT or all(parent.stat().st_mode & 0o001 for parent in tree.parents):
        return tree
    copy = folder / "postgres"
    shutil.copytree(tree, copy, symlinks=True)
    return copy


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
