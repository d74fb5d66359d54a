"""Node's driver and Mongoose: the programs beside this file."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from block import ACME


@pytest.fixture(scope="module")
def modules():
    folder = os.environ.get("PARTYWALL_NODE", "")
    if not shutil.which("node") or not Path(folder, "node_modules/mongodb").is_dir():
        pytest.skip("Node is not installed, or `make setup` found no npm")
    return folder


def run(block, modules, program):
    script = Path(__file__).with_name(program)
    command = ["node", script, modules, block.url(), ACME.word]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stdout) == (0, "all is right\n"), done.stderr


def test_node_driver(block, modules):
    run(block, modules, "node_mongodb.cjs")
    held = {user["_id"]: user for user in block.of()}
    assert {"n1", "n3", "n4", "n5"} <= set(held) and "n2" not in held
    assert held["n1"] == {"_id": "n1", "n": 11, "a": 1}


def test_mongoose(block, modules):
    run(block, modules, "mongoose.cjs")
    titles = sorted(book["title"] for book in block.of(collection="books"))
    assert titles == ["B", "D", "c", "new"]
    assert [author["name"] for author in block.of(collection="authors")] == [ACME.word]
