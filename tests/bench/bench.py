#!/usr/bin/env python3
"""What the wall costs: pgbench directly, through PgBouncer, and through Partywall.

Run it with `make bench`. The three take turns in every round, so that a busy moment of the machine
falls on all of them; the medians over the rounds count. All run the same tenant-scoped select: the
application carries the tenant itself on the way direct and through PgBouncer, and leaves it out
through Partywall, which adds it. Ratios are throughputs, 1.00 being as fast as the other.

CPU is what the process in the middle spent for a transaction, in its own code and in the kernel.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psycopg

TENANTS = {
    "acme": "6f9619ff-8b86-4011-b42d-00c04fc964ff",
    "globex": "0c1d6f6e-54f5-4a5c-9d0b-6f2f3a8b7c11",
}
ROWS = 50_000  # of each tenant
STREAM_ROWS = 100_000
PASSWORD = "bench-secret"
NOBODY = 65534
WAIT_SECONDS_MAX = 20

SCHEMA = f"""
CREATE TABLE accounts (
    tenant_id uuid NOT NULL, id bigint NOT NULL, balance int NOT NULL, filler text NOT NULL,
    PRIMARY KEY (tenant_id, id));
INSERT INTO accounts SELECT t::uuid, n, n % 1000, repeat('x', 80)
    FROM unnest(ARRAY{list(TENANTS.values())}) t, generate_series(1, {ROWS}) n;
CREATE ROLE acme LOGIN PASSWORD '{PASSWORD}';
GRANT SELECT ON accounts TO acme;
VACUUM ANALYZE accounts
"""
SELECT = "SELECT balance FROM accounts WHERE {}id = :id"
OWN = f"tenant_id = '{TENANTS['acme']}' AND "
STREAM = f"SELECT id, balance, filler FROM accounts, generate_series(1, {STREAM_ROWS // ROWS}) {{}}"


def tool(name, package):
    """The path of a program, or the end with the package to install."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = (str(places[-1]) if places else None) or shutil.which(
        name, path=f"{os.environ['PATH']}:/usr/sbin"
    )
    return path or sys.exit(f"bench: {name} is not installed; please install the package {package}")


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


def load(store_url):
    """Makes the database `bench`. Returns the store's port."""
    with psycopg.connect(store_url, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS bench WITH (FORCE)")
        admin.execute("DROP ROLE IF EXISTS acme")
        admin.execute("CREATE DATABASE bench")
    with psycopg.connect(store_url, dbname="bench", autocommit=True) as owner:
        for statement in SCHEMA.split(";"):
            owner.execute(statement)
        return owner.info.port


def pgbouncer(folder, store_port):
    port = free_port()
    (folder / "users.txt").write_text(f'"acme" "{PASSWORD}"\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\nbench = host=127.0.0.1 port={store_port} dbname=bench\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = scram-sha-256\n"
        f"auth_file = {folder}/users.txt\npool_mode = session\nmax_client_conn = 100\n"
        "default_pool_size = 50\nignore_startup_parameters = extra_float_digits\n"
    )
    command = [tool("pgbouncer", "pgbouncer"), str(folder / "pgbouncer.ini")]
    return port, process(command, folder, lambda: accepts(port))


def partywall(folder, store_port, binary):
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
    (folder / "policy.toml").write_text(
        'version = 1\n[tenant]\nid = "uuid"\n[postgres]\ncolumn = "tenant_id"\n'
    )
    (folder / "partywall.toml").write_text(
        'policy = "policy.toml"\ntenants = "tenants.toml"\n[[listener]]\nprotocol = "postgres"\n'
        f'listen = "127.0.0.1:{port}"\nupstream = "postgres://acme:{PASSWORD}@127.0.0.1:{store_port}/bench"\n'
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


class Route:
    """One way to the store."""

    def __init__(self, name, port, pid=None):
        self.name, self.pid = name, pid
        self.url = f"postgresql://acme:{PASSWORD}@127.0.0.1:{port}/bench?sslmode=disable"
        self.scope = "" if name == "partywall" else OWN

    def cpu_seconds(self):
        """(own code, kernel) so far."""
        if self.pid is None:
            return 0.0, 0.0
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return tuple(int(ticks) / os.sysconf("SC_CLK_TCK") for ticks in fields[11:13])

    def select(self, pgbench, folder, mode, clients, seconds):
        """Runs pgbench once: throughput, latency and CPU of the process in the middle."""
        script = folder / f"{self.name}.sql"
        script.write_text(f"\\set id random(1, {ROWS})\n{SELECT.format(self.scope)};\n")
        before = self.cpu_seconds()
        text = subprocess.run(
            [
                pgbench,
                "-n",
                "-M",
                mode,
                "-c",
                str(clients),
                "-j",
                str(min(clients, 2)),
                "-T",
                str(seconds),
                "-f",
                str(script),
                self.url,
            ],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        spent = [after - start for after, start in zip(self.cpu_seconds(), before)]
        count = int(re.search(r"transactions actually processed: (\d+)", text)[1])
        assert re.search(r"failed transactions: 0 ", text), text
        return {
            "tps": float(re.search(r"tps = ([\d.]+)", text)[1]),
            "latency_us": 1000 * float(re.search(r"latency average = ([\d.]+) ms", text)[1]),
            "own_cpu_us": 1e6 * spent[0] / count,
            "kernel_cpu_us": 1e6 * spent[1] / count,
        }

    def stream(self):
        """Reads one large result, undecoded: rows a second, and CPU for a row."""
        where = f"WHERE {OWN.removesuffix(' AND ')}" if self.scope else ""
        with psycopg.connect(self.url, autocommit=True) as connection:
            before, begun = self.cpu_seconds(), time.monotonic()
            result = connection.pgconn.exec_(STREAM.format(where).encode())
            seconds = time.monotonic() - begun
            assert result.ntuples == STREAM_ROWS, result.error_message
        spent = [after - start for after, start in zip(self.cpu_seconds(), before)]
        return {
            "tps": STREAM_ROWS / seconds,
            "latency_us": 1e6 * seconds,
            "own_cpu_us": 1e6 * spent[0] / STREAM_ROWS,
            "kernel_cpu_us": 1e6 * spent[1] / STREAM_ROWS,
        }


def measure(routes, arguments, folder):
    """workload -> route -> medians."""
    pgbench = tool("pgbench", "postgresql (for pgbench)")
    workloads = {
        f"select, {mode}, {clients} client{'s' * (clients > 1)}": lambda route, mode=mode, clients=clients: (
            route.select(pgbench, folder, mode, clients, arguments.seconds)
        )
        for mode in ("prepared", "extended", "simple")
        for clients in (1, 8)
    }
    workloads[f"{STREAM_ROWS:,} rows in one result"] = Route.stream
    samples = {workload: {route.name: [] for route in routes} for workload in workloads}
    for round_number in range(arguments.rounds):
        turn = round_number % len(routes)
        for workload, run in workloads.items():
            for route in routes[turn:] + routes[:turn]:
                samples[workload][route.name].append(run(route))
        print(
            f"bench: round {round_number + 1} of {arguments.rounds} done",
            file=sys.stderr,
            flush=True,
        )
    return {
        workload: {
            name: {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            for name, runs in by_route.items()
        }
        for workload, by_route in samples.items()
    }


def show(results):
    names = ["direct", "pgbouncer", "partywall"]
    print(f"\n{'':28}{'per second':>30}   {'partywall to':>18}   {'CPU us, own+kernel':>24}")
    print(
        f"{'':28}{''.join(f'{name:>10}' for name in names)}   {'direct':>8}{'pgbouncer':>10}   "
        f"{'pgbouncer':>12}{'partywall':>12}"
    )
    for workload, by_route in results.items():
        direct, bouncer, wall = (by_route[name] for name in names)
        cpu = "".join(
            "{own_cpu_us:.1f}+{kernel_cpu_us:.1f}".format(**each).rjust(12)
            for each in (bouncer, wall)
        )
        print(
            f"{workload:28}{direct['tps']:>10,.0f}{bouncer['tps']:>10,.0f}{wall['tps']:>10,.0f}   "
            f"{wall['tps'] / direct['tps']:>8.2f}{wall['tps'] / bouncer['tps']:>10.2f}   {cpu}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, default="target/release/partywall")
    parser.add_argument("--seconds", type=int, default=3, help="of each pgbench run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--json", type=Path, default="target/bench.json", help="where the figures go"
    )
    arguments = parser.parse_args()
    store_url = os.environ.get("PARTYWALL_PG17_URL") or sys.exit(
        "bench: no store: run `make bench`"
    )
    store_port = load(store_url)
    with (
        tempfile.TemporaryDirectory(prefix="partywall-bench-") as name,
        contextlib.ExitStack() as stack,
    ):
        folder = Path(name)
        folder.chmod(0o755)
        routes = [Route("direct", store_port)]
        for label, (port, running) in (
            ("pgbouncer", pgbouncer(folder, store_port)),
            ("partywall", partywall(folder, store_port, arguments.binary.resolve())),
        ):
            routes.append(Route(label, port, stack.enter_context(running)))
        results = measure(routes, arguments, folder)
    show(results)
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(results, indent=2) + "\n")
    print(f"\nThe figures are in {arguments.json}.")


if __name__ == "__main__":
    main()
