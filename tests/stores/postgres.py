"""PostgreSQL as a store: its cluster is made anew at every start."""

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

from common import IS_ROOT, Unusable, postgres_tree, run
from store import Store, make_certificate

NOBODY = 65534  # PostgreSQL refuses to run as root; this id needs no entry in /etc/passwd


class Postgres(Store):
    STOP = (signal.SIGINT, signal.SIGQUIT)

    def url(self, password):
        return f"postgres://postgres:{password}@127.0.0.1:{self.port}/postgres"

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

    def start_server(self, lock, dies_with_us):
        folder, data = self.folder, self.folder / "data"
        tree = reachable(postgres_tree(self.kind), folder)
        data.mkdir(mode=0o700)
        (folder / "password").touch(0o600)
        (folder / "password").write_text(self.password)
        if self.tls:
            make_certificate(folder)
        give_to_owner(folder)
        owner, environment = as_owner(folder)
        method = {"scram": "scram-sha-256"}.get(self.auth, self.auth)
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
            "port": self.port,
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": 200,
        }
        if self.tls:
            settings |= {
                "ssl": "on",
                "ssl_cert_file": folder / "server.crt",
                "ssl_key_file": folder / "server.key",
            }
        arguments = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        owner, environment = as_owner(folder, *(["--pdeathsig=INT"] if dies_with_us else []))
        self.spawn([*owner, tree / "bin/postgres", "-D", data, *arguments], environment, lock)


def as_owner(folder, *prefix):
    """The start of a command line that runs as who owns the data, and that user's environment."""
    command = ["setpriv", *prefix]
    if IS_ROOT:
        command += [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    return (command if command[1:] else []), environment


def give_to_owner(folder):
    """Makes what is in `folder` the data's owner's."""
    if IS_ROOT:
        for path in folder.iterdir():
            os.chown(path, NOBODY, NOBODY)


def reachable(tree, folder):
    """`tree`, or a copy in `folder` when the server's user may not enter a folder above it."""
    if not tree.is_dir():
        raise Unusable("no stores here yet: run `make setup`")
    if not IS_ROOT or all(parent.stat().st_mode & 0o001 for parent in tree.parents):
        return tree
    copy = folder / tree.name
    shutil.copytree(tree, copy, symlinks=True)
    return copy
