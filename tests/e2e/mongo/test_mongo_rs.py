"""The Rust driver: the program beside this file, built with the other tests."""

import subprocess
from pathlib import Path

import pytest
from block import ACME


@pytest.fixture
def program(pytestconfig):
    path = Path(pytestconfig.getoption("--rust-client")).resolve().with_name("mongodb_rs")
    if not path.exists():
        pytest.fail(f"{path} is not there; run `make e2e`")
    return path


def test_application(block, program):
    command = [program, block.url(), ACME.word]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stdout) == (0, "all is right\n"), done.stderr
    ids = {user["_id"] for user in block.of()}
    assert {"kept", "seen", "r249"} <= ids and not {"dropped", "r250"} & ids
    assert len(ids) == 6 + 250 + 2
