"""What the benchmarks of all stores share: processes in the middle, turns, medians."""

import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

TENANTS = {
    "acme": "6f9619ff-8b86-4011-b42d-00c04fc964ff",
    "globex": "0c1d6f6e-54f5-4a5c-9d0b-6f2f3a8b7c11",
}
PASSWORD = "bench-secret"
NOBODY = 65534
WAIT_SECONDS_MAX = 20


def find(name):
    """The path of a program; None where it is not installed."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return (str(places[-1]) if places else None) or shutil.which(
        name, path=f"{os.environ['PATH']}:/usr/sbin"
    )


def tool(name, package):
    """The path of a program, or the end with the package to install."""
    return find(name) or sys.exit(
        f"bench: {name} is not installed; please install the package {package}"
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(condition, what):
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"bench: not within {WAIT_SECONDS_MAX} s: {what}")
        time.sleep(0.02)


def accepts(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextlib.contextmanager
def process(command, folder, ready):
    """A process in the middle, for as long as the block lasts."""
    with open(folder / f"{Path(command[0]).name}.log", "wb") as log:
        # The kernel ends it should we be killed.
        owner = (
            [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
            if os.geteuid() == 0
            else []
        )
        child = subprocess.Popen(
            ["setpriv", "--pdeathsig=TERM", *owner, *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        eventually(lambda: ready() or child.poll() is not None, f"{command[0]} is ready")
        if child.poll() is not None:
            sys.exit(f"bench: {command[0]} did not start:\n{Path(log.name).read_text()}")
        yield child.pid
    finally:
        child.terminate()
        child.wait()


def partywall(folder, binary, protocol, policy, upstream):
    """The port of a wall in front of `upstream` with the login acme, and its process."""
    port, admin = free_port(), free_port()
    login = subprocess.run(
        [binary, "login", "acme", "--tenant", "acme"],
        input=PASSWORD,
        text=True,
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    tenant = f'[[tenant]]\nid = "{TENANTS["acme"]}"\nslug = "acme"\n'
    (folder / "tenants.toml").write_text(tenant + login)
    (folder / "policy.toml").write_text(f'version = 1\n[tenant]\nid = "uuid"\n{policy}\n')
    (folder / "partywall.toml").write_text(
        f'policy = "policy.toml"\ntenants = "tenants.toml"\n[[listener]]\nprotocol = "{protocol}"\n'
        f'listen = "127.0.0.1:{port}"\nupstream = "{upstream}"\n'
        f'[admin]\nlisten = "127.0.0.1:{admin}"\n'
    )

    def ready():
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with (
            contextlib.suppress(OSError),
            opener.open(f"http://127.0.0.1:{admin}/ready", timeout=5),
        ):
            return True
        return False

    run_binary = shutil.copy(binary, folder)  # where the unprivileged user may read it
    return port, process(
        [run_binary, "run", "--settings", str(folder / "partywall.toml")], folder, ready
    )


def cpu_seconds(pid):
    """(own code, kernel) of a process so far; nothing for none."""
    if pid is None:
        return 0.0, 0.0
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return tuple(int(ticks) / os.sysconf("SC_CLK_TCK") for ticks in fields[11:13])


def take_turns(routes, workloads, rounds):
    """workload -> route -> medians over the rounds, in which another route begins each time."""
    samples = {workload: {route.name: [] for route in routes} for workload in workloads}
    for round_number in range(rounds):
        turn = round_number % len(routes)
        for workload, run in workloads.items():
            for route in routes[turn:] + routes[:turn]:
                samples[workload][route.name].append(run(route))
        print(f"bench: round {round_number + 1} of {rounds} done", file=sys.stderr, flush=True)
    return {
        workload: {
            name: {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            for name, runs in by_route.items()
        }
        for workload, by_route in samples.items()
    }


def cpu_text(figures):
    """CPU of one transaction, own code and kernel."""
    return "{own_cpu_us:.1f}+{kernel_cpu_us:.1f}".format(**figures)


def keep(results, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=2) + "\n")
    print(f"\nThe figures are in {path}.")
