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
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
from common import (
    PASSWORD,
    TENANTS,
    accepts,
    cpu_seconds,
    cpu_text,
    free_port,
    keep,
    partywall,
    process,
    take_turns,
    tool,
)

ROWS = 50_000  # of each tenant
STREAM_ROWS = 100_000

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


def wall(folder, store_port, binary):
    upstream = f"postgres://acme:{PASSWORD}@127.0.0.1:{store_port}/bench"
    return partywall(folder, binary, "postgres", '[postgres]\ncolumn = "tenant_id"', upstream)


class Route:
    """One way to the store."""

    def __init__(self, name, port, pid=None):
        self.name, self.pid = name, pid
        self.url = f"postgresql://acme:{PASSWORD}@127.0.0.1:{port}/bench?sslmode=disable"
        self.scope = "" if name == "partywall" else OWN

    def select(self, pgbench, folder, mode, clients, seconds):
        """Runs pgbench once: throughput, latency and CPU of the process in the middle."""
        script = folder / f"{self.name}.sql"
        script.write_text(f"\\set id random(1, {ROWS})\n{SELECT.format(self.scope)};\n")
        before = cpu_seconds(self.pid)
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
        spent = [after - start for after, start in zip(cpu_seconds(self.pid), before)]
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
            before, begun = cpu_seconds(self.pid), time.monotonic()
            result = connection.pgconn.exec_(STREAM.format(where).encode())
            seconds = time.monotonic() - begun
            assert result.ntuples == STREAM_ROWS, result.error_message
        spent = [after - start for after, start in zip(cpu_seconds(self.pid), before)]
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
    return take_turns(routes, workloads, arguments.rounds)


def show(results):
    names = ["direct", "pgbouncer", "partywall"]
    print(f"\n{'':28}{'per second':>30}   {'partywall to':>18}   {'CPU us, own+kernel':>24}")
    print(
        f"{'':28}{''.join(f'{name:>10}' for name in names)}   {'direct':>8}{'pgbouncer':>10}   "
        f"{'pgbouncer':>12}{'partywall':>12}"
    )
    for workload, by_route in results.items():
        direct, bouncer, wall = (by_route[name] for name in names)
        cpu = "".join(cpu_text(each).rjust(12) for each in (bouncer, wall))
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
            ("partywall", wall(folder, store_port, arguments.binary.resolve())),
        ):
            routes.append(Route(label, port, stack.enter_context(running)))
        results = measure(routes, arguments, folder)
    show(results)
    keep(results, arguments.json)


if __name__ == "__main__":
    main()
