"""redis-rs: the program beside this file, built with the other tests."""

import subprocess
from pathlib import Path

import pytest
from house import ACME


@pytest.fixture
def program(pytestconfig):
    path = Path(pytestconfig.getoption("--rust-client")).resolve().with_name("redis_rs")
    if not path.exists():
        pytest.fail(f"{path} is not there; run `make e2e`")
    return path


def test_application(house, program):
    door = [house.url(), ACME.word]
    done = subprocess.run([program, *door], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "all is right\n"), done.stderr
    assert b"rust" not in house.of() and len(house.of()) == 7
