#!/usr/bin/env python3
"""What the wall costs in front of MongoDB: the same finds directly, through HAProxy and Partywall.

Run it with `make bench-mongo`. The store is a stub whose answers are there already, as a real one would
be the slowest by far; stub and clients are one small program, `mongo_load.rs`. All take turns in every
round; the medians over the rounds count. HAProxy passes bytes on unread, in one thread. Ratios are
throughputs, 1.00 being as fast as the direct way.

CPU is what Partywall spent for a command, in its own code and in the kernel.
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
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
)

CONNECTIONS = 8
# name -> the collection of the stub, and connections
WORKLOADS = {
    "find, 1 kB": ("small", CONNECTIONS),
    "find, 1 kB, alone": ("small", 1),
    "find, 16 MB": ("large", CONNECTIONS),
}


class Route:
    """One way to the stub, with a login there."""

    def __init__(self, name, port, login=(), pid=None):
        self.name, self.port, self.login, self.pid = name, port, login, pid

    def load(self, program, workload, seconds):
        """Asks for some seconds: throughput, and CPU of the process in the middle."""
        collection, connections = WORKLOADS[workload]
        before = cpu_seconds(self.pid)
        command = [program, "load", self.port, collection, connections, seconds, *self.login]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"bench: {self.name}: {workload}:\n{done.stderr}")
        rate = float(done.stdout)
        spent = [after - start for after, start in zip(cpu_seconds(self.pid), before)]
        count = max(rate * seconds, 1)
        return {
            "tps": rate,
            "own_cpu_us": 1e6 * spent[0] / count,
            "kernel_cpu_us": 1e6 * spent[1] / count,
        }


def haproxy(program, folder, store_port):
    port = free_port()
    (folder / "haproxy.cfg").write_text(
        "global\n  nbthread 1\ndefaults\n  mode tcp\n  timeout connect 5s\n  timeout client 1h\n"
        f"  timeout server 1h\nlisten mongo\n  bind 127.0.0.1:{port}\n"
        f"  server store 127.0.0.1:{store_port}\n"
    )
    command = [program, "-db", "-f", str(folder / "haproxy.cfg")]
    return port, process(command, folder, lambda: accepts(port))


def show(results):
    names = list(next(iter(results.values())))
    print(f"\n{'':20}{'per second':>{11 * len(names)}}   ratio to direct      CPU us, own+kernel")
    print(f"{'':20}{''.join(f'{name:>11}' for name in names)}   {''.join(f'{name:>11}' for name in names[1:])}")
    for workload, by_route in results.items():
        direct = by_route["direct"]["tps"]
        rates = "".join(f"{by_route[name]['tps']:>11,.1f}" for name in names)
        ratios = "".join(f"{by_route[name]['tps'] / direct:>11.2f}" for name in names[1:])
        print(f"{workload:20}{rates}   {ratios}   {cpu_text(by_route['partywall']):>18}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, default="target/release/partywall")
    parser.add_argument("--seconds", type=float, default=3, help="of each run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--json", type=Path, default="target/bench-mongo.json", help="where the figures go"
    )
    arguments = parser.parse_args()
    program = arguments.binary.resolve().with_name("mongo_load")
    with (
        tempfile.TemporaryDirectory(prefix="partywall-bench-") as name,
        contextlib.ExitStack() as stack,
    ):
        folder = Path(name)
        folder.chmod(0o755)
        port = free_port()
        command = [str(program), "stub", str(port)]
        stack.enter_context(process(command, folder, lambda: accepts(port)))
        routes = [Route("direct", port)]
        path = find("haproxy")
        if path:
            middle, running = haproxy(path, folder, port)
            routes.append(Route("haproxy", middle, (), stack.enter_context(running)))
        else:
            print("bench: without haproxy: the package haproxy is not installed")
        policy = '[mongo]\nfield = "tenant_id"'
        upstream = f"mongodb://127.0.0.1:{port}/"
        middle, running = partywall(folder, arguments.binary.resolve(), "mongo", policy, upstream)
        login = ("acme", PASSWORD)
        routes.append(Route("partywall", middle, login, stack.enter_context(running)))
        workloads = {
            name: lambda route, name=name: route.load(program, name, arguments.seconds)
            for name in WORKLOADS
        }
        results = take_turns(routes, workloads, arguments.rounds)
    show(results)
    keep(results, arguments.json)


if __name__ == "__main__":
    main()
