"""Programs with other drivers, beside this file: those for JavaScript, Go and Java."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from graph import ACME

HERE = Path(__file__).parent


def check(graph, command):
    url = f"bolt://127.0.0.1:{graph.ports[ACME]}"
    door = [url, ACME.slug, ACME.password, ACME.word]
    done = subprocess.run([*command, *door], capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stdout) == (0, "all is right\n"), done.stderr
    assert graph.held.names(ACME) == ["Ada", "Bob", "Eve", "Shop"]


def test_javascript(graph, node_modules):
    check(graph, ["node", HERE / "driver.cjs", node_modules])


@pytest.fixture(scope="module")
def go_program(tmp_path_factory):
    if not shutil.which("go"):
        pytest.skip("Go is not installed")
    path = tmp_path_factory.mktemp("go") / "application"
    build = ["go", "build", "-o", path, "."]
    done = subprocess.run(build, cwd=HERE / "go", capture_output=True, text=True, timeout=110)
    if done.returncode:
        pytest.skip(f"the Go driver cannot be built here: {done.stderr.strip().splitlines()[-1]}")
    return path


def test_go(graph, go_program):
    check(graph, [go_program])


def test_java(graph):
    """Java runs a program of one file as it is, with a compiler at hand."""
    jars = Path(os.environ.get("PARTYWALL_JARS", "/none"))
    if not shutil.which("javac") or not jars.is_dir():
        pytest.skip("there is no Java compiler, or `make setup` found no driver")
    check(graph, ["java", "-cp", f"{jars}/*", HERE / "Application.java"])
