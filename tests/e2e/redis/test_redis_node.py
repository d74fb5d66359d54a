"""ioredis with BullMQ, and node-redis: the programs beside this file."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from house import ACME, GLOBEX


@pytest.fixture(scope="module")
def modules():
    folder = os.environ.get("PARTYWALL_NODE", "")
    if not shutil.which("node") or not Path(folder, "node_modules").is_dir():
        pytest.skip("Node is not installed, or `make setup` found no npm")
    return folder


def run(house, modules, program, tenant=ACME):
    script = Path(__file__).with_name(program)
    door = [modules, "127.0.0.1", str(house.ports[tenant]), tenant.slug, tenant.password, tenant.word]
    done = subprocess.run(["node", script, *door], capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stdout) == (0, "all is right\n"), done.stderr


def test_ioredis_and_bullmq(house, modules):
    run(house, modules, "ioredis.cjs")
    held = house.of()
    assert held[b"count"] == b"19" and b"bull:jobs:meta" in held
    assert len(held[b"bull:jobs:completed"]) == 32 and len(held[b"bull:jobs:failed"]) == 1


def test_two_tenants_have_a_queue_of_the_same_name(house, modules):
    before = house.of(GLOBEX)
    run(house, modules, "ioredis.cjs")
    assert house.of(GLOBEX) == before


def test_node_redis(house, modules):
    run(house, modules, "node_redis.cjs")
    assert house.of()[b"node"] == b"3"
