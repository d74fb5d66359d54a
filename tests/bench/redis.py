#!/usr/bin/env python3
"""What the wall costs in front of Redis: redis-benchmark directly, through HAProxy, twemproxy and Partywall.

Run it with `make bench`. All take turns in every round, so that a busy moment of the machine falls on
each of them; the medians over the rounds count. 50 clients send the same commands: on the way direct
and through the others keys are as they are, and Partywall makes them its tenant's. HAProxy passes
bytes on unread, in one thread; twemproxy reads commands, as a proxy must that looks at keys, over one
connection to the store. Ratios are throughputs, 1.00 being as fast as the direct way. The logins of
the clients count in, and Partywall hashes the password of each.

CPU is what Partywall spent for a command, in its own code and in the kernel.
"""

import argparse
import contextlib
import csv
import os
import subprocess
import sys
import tempfile
import urllib.parse
from pathlib import Path

from common import (
    PASSWORD,
    accepts,
    cpu_seconds,
    cpu_text,
    find,
    free_port,
    keep,
    partywall,
    process,
    take_turns,
    tool,
)

CLIENTS = 50
KEYS = 100_000
SMALL, LARGE = 64, 1_000_000  # bytes of a value
BATCH = 100  # keys of one MGET
FIRST_GUESS = 2_000  # commands, from which it is learned how many fit in the time

RANDOM = ["-r", str(KEYS), "-d", str(SMALL)]
# name -> arguments of redis-benchmark
WORKLOADS = {
    "GET, 64 bytes, -P 1": [*RANDOM, "-t", "get"],
    "SET, 64 bytes, -P 1": [*RANDOM, "-t", "set"],
    "GET, 64 bytes, -P 16": [*RANDOM, "-P", "16", "-t", "get"],
    "SET, 64 bytes, -P 16": [*RANDOM, "-P", "16", "-t", "set"],
    f"MGET of {BATCH} keys": [*RANDOM, "MGET", *["key:__rand_int__"] * BATCH],
    # Without -r, all take the one key that no other workload has.
    "SET, 1 MB": ["-d", str(LARGE), "-t", "set"],
    "GET, 1 MB": ["-d", str(LARGE), "-t", "get"],
}


def haproxy(program, folder, store_port):
    port = free_port()
    (folder / "haproxy.cfg").write_text(
        "global\n  nbthread 1\ndefaults\n  mode tcp\n  timeout connect 5s\n  timeout client 1h\n"
        f"  timeout server 1h\nlisten redis\n  bind 127.0.0.1:{port}\n"
        f"  server store 127.0.0.1:{store_port}\n"
    )
    command = [program, "-db", "-f", str(folder / "haproxy.cfg")]
    return port, process(command, folder, lambda: accepts(port))


def twemproxy(program, folder, store_port, password):
    port = free_port()
    (folder / "nutcracker.yml").write_text(
        f"redis:\n  listen: 127.0.0.1:{port}\n  redis: true\n  redis_auth: {password}\n"
        f"  servers:\n   - 127.0.0.1:{store_port}:1\n"
    )
    command = [program, "-c", str(folder / "nutcracker.yml"), "-o", "/dev/null", "-s", str(free_port())]
    return port, process(command, folder, lambda: accepts(port))


class Route:
    """One way to the store, with a login there."""

    def __init__(self, name, port, login, pid=None):
        self.name, self.port, self.login, self.pid = name, port, login, pid

    def benchmark(self, count, arguments):
        """Runs redis-benchmark once: throughput, and CPU of the process in the middle."""
        before = cpu_seconds(self.pid)
        done = subprocess.run(
            [tool("redis-benchmark", "redis-tools"), "-p", str(self.port), *self.login, "--csv"]
            + ["-c", str(CLIENTS), "-n", str(count), *arguments],
            capture_output=True,
            text=True,
        )
        rows = list(csv.reader(done.stdout.splitlines()))
        if done.returncode or len(rows) < 2 or "ERR" in done.stderr:
            sys.exit(f"bench: {self.name}: {arguments[-1]}:\n{done.stdout}{done.stderr}")
        spent = [after - start for after, start in zip(cpu_seconds(self.pid), before)]
        return {
            "tps": float(rows[-1][1]),
            "own_cpu_us": 1e6 * spent[0] / count,
            "kernel_cpu_us": 1e6 * spent[1] / count,
        }

    def fill(self):
        """Gives nearly every key a value."""
        self.benchmark(5 * KEYS, [*RANDOM, "-P", "16", "-t", "set"])
        self.benchmark(CLIENTS, WORKLOADS["SET, 1 MB"])


def measure(routes, arguments):
    """workload -> route -> medians. Every route runs as many commands as take `seconds` directly."""
    direct = routes[0]
    counts = {}
    for name, options in WORKLOADS.items():
        counts[name] = FIRST_GUESS
        for seconds in (arguments.seconds / 4, arguments.seconds):
            rate = direct.benchmark(counts[name], options)["tps"]
            counts[name] = max(int(rate * seconds), CLIENTS)
    workloads = {
        name: lambda route, name=name: route.benchmark(counts[name], WORKLOADS[name])
        for name in WORKLOADS
    }
    return take_turns(routes, workloads, arguments.rounds)


def show(results):
    names = list(next(iter(results.values())))
    others = names[1:]
    width = 11 * len(names)
    heads = f"{'per second':>{width}}   {'ratio to direct':>{11 * len(others)}}"
    print(f"\n{'':22}{heads}   CPU us, own+kernel")
    print(
        f"{'':22}{''.join(f'{name:>11}' for name in names)}   "
        f"{''.join(f'{name:>11}' for name in others)}   {'partywall':>18}"
    )
    for workload, by_route in results.items():
        direct = by_route["direct"]["tps"]
        rates = "".join(f"{by_route[name]['tps']:>11,.0f}" for name in names)
        ratios = "".join(f"{by_route[name]['tps'] / direct:>11.2f}" for name in others)
        print(f"{workload:22}{rates}   {ratios}   {cpu_text(by_route['partywall']):>18}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, default="target/release/partywall")
    parser.add_argument("--seconds", type=float, default=3, help="of each run on the way direct")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--json", type=Path, default="target/bench-redis.json", help="where the figures go"
    )
    arguments = parser.parse_args()
    if "PARTYWALL_REDIS70_URL" not in os.environ:
        sys.exit("bench: no store: run `make bench`")
    store = urllib.parse.urlsplit(os.environ["PARTYWALL_REDIS70_URL"])
    password = urllib.parse.unquote(store.password)
    service = os.environ["PARTYWALL_REDIS70_SERVICE_URL"]
    with (
        tempfile.TemporaryDirectory(prefix="partywall-bench-") as name,
        contextlib.ExitStack() as stack,
    ):
        folder = Path(name)
        folder.chmod(0o755)
        own = ["-a", password]
        routes = [Route("direct", store.port, own)]
        for label, program, package, make in (
            ("haproxy", "haproxy", "haproxy", lambda it: haproxy(it, folder, store.port)),
            (
                "twemproxy",
                "nutcracker",
                "nutcracker",
                lambda it: twemproxy(it, folder, store.port, password),
            ),
        ):
            path = find(program)
            if not path:
                print(f"bench: without {label}: the package {package} is not installed")
                continue
            port, running = make(path)
            routes.append(Route(label, port, own, stack.enter_context(running)))
        policy = '[redis]\nprefix = "tenant:{tenant}:"'
        port, running = partywall(folder, arguments.binary.resolve(), "resp", policy, service)
        login = ["--user", "acme", "-a", PASSWORD]
        routes.append(Route("partywall", port, login, stack.enter_context(running)))
        routes[0].fill()
        routes[-1].fill()
        results = measure(routes, arguments)
    show(results)
    keep(results, arguments.json)


if __name__ == "__main__":
    main()
