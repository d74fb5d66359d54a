"""go-redis: the program in the folder beside this file."""

import shutil
import subprocess
from pathlib import Path

import pytest
from house import ACME


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    if not shutil.which("go"):
        pytest.skip("Go is not installed")
    path = tmp_path_factory.mktemp("go") / "application"
    build = ["go", "build", "-o", path, "."]
    folder = Path(__file__).with_name("go")
    done = subprocess.run(build, cwd=folder, capture_output=True, text=True, timeout=110)
    if done.returncode:
        pytest.skip(f"go-redis cannot be built here: {done.stderr.strip().splitlines()[-1]}")
    return path


def test_application(house, program):
    door = [f"127.0.0.1:{house.ports[ACME]}", ACME.slug, ACME.password, ACME.word]
    done = subprocess.run([program, *door], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "all is right\n"), done.stderr
    assert b"go" not in house.of() and len(house.of()) == 7
