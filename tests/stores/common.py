"""What installing and running stores share: places, processes, problems."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from versions import JAVA_DRIVER, POSTGRES

ROOT = Path(__file__).resolve().parents[2]
STATE = Path(os.environ.get("PARTYWALL_STORES") or ROOT / ".stores").resolve()
PYTHON = STATE / "python/bin/python"
NODE = STATE / "node"
JARS = STATE / "java" / JAVA_DRIVER.rpartition(":")[2]
MONGO = STATE / "mongo"
IS_ROOT = os.geteuid() == 0


class Unusable(Exception):
    """What is wrong, and what to do about it, for a person to read."""


def say(text):
    print(f"stores: {text}", file=sys.stderr, flush=True)


def postgres_tree(name):
    return STATE / "postgres" / POSTGRES[name][0]


def run(command, **options):
    """Runs `command` to its end; should we be interrupted, ends it with all it started."""
    child = subprocess.Popen([str(part) for part in command], start_new_session=True, **options)
    try:
        code = child.wait()
    except BaseException:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        raise
    if code != 0:
        raise Unusable(f"`{Path(str(command[0])).name}` failed with exit code {code}")


def output(command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
