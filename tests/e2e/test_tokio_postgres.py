"""tokio-postgres: the program beside this file, built with the other tests."""

import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def program(pytestconfig):
    path = Path(pytestconfig.getoption("--rust-client")).resolve()
    if not path.exists():
        pytest.fail(f"{path} is not there; run `make e2e`")
    return path


def test_application(shop, program):
    done = subprocess.run([program, shop.url()], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "all is right\n"), done.stderr
    assert shop.held("SELECT count(*) FROM orders WHERE note = 'lost'") == [(0,)]
