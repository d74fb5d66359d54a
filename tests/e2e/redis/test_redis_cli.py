"""redis-cli, as a person uses it."""

import pytest
from house import ACME, GLOBEX


def test_lines_through_a_pipe(house, redis_cli):
    lines = 'GET greeting\nSET "a \\x01 b" \'single "quoted"\'\nKEYS a*\nLRANGE queue 0 -1\n'
    out = redis_cli(house, "--no-auth-warning", lines=lines)
    assert f"hello {ACME.word}" in out and "a \x01 b" in out and "tenant:x:third" in out
    assert house.of()[b"a \x01 b"] == b'single "quoted"'


@pytest.mark.parametrize("protocol", [[], ["-3"]])
def test_arguments(house, redis_cli, protocol):
    assert redis_cli(house, *protocol, "GET", "greeting").strip() == f"hello {ACME.word}"
    assert "age" in redis_cli(house, *protocol, "HGETALL", "user:1")
    assert redis_cli(house, *protocol, "GET", "greeting", tenant=GLOBEX).strip() == (
        f"hello {GLOBEX.word}"
    )


def test_scan(house, redis_cli):
    names = {name.decode() for name in house.of()}
    assert set(redis_cli(house, "--scan").split()) == names
    assert redis_cli(house, "--scan", "--pattern", "user*").split() == ["user:1"]


def test_big_keys(house, redis_cli):
    out = redis_cli(house, "--bigkeys")
    assert "Sampled 7 keys" in out and "queue" in out


def test_a_script_from_a_file(house, redis_cli, tmp_path):
    script = tmp_path / "script.lua"
    script.write_text("return {KEYS[1], ARGV[1], redis.call('GET', KEYS[1])}")
    out = redis_cli(house, "--eval", str(script), "greeting", ",", "argument")
    assert out.split("\n")[:3] == ["greeting", "argument", f"hello {ACME.word}"]


def test_a_mass_of_lines(house, redis_cli):
    """`--pipe` sends RESP and waits for as many replies."""
    commands = "".join(
        f"*3\r\n$3\r\nSET\r\n$5\r\nm{number:04}\r\n$1\r\nx\r\n" for number in range(1000)
    )
    out = redis_cli(house, "--pipe", lines=commands)
    assert "errors: 0, replies: 1000" in out
    assert sum(name.startswith(b"m0") for name in house.of()) == 1000


@pytest.mark.wall
def test_a_wrong_password(house, redis_cli):
    out = redis_cli(house, "-a", "guess", "--no-auth-warning", "GET", "greeting")
    assert "WRONGPASS" in out or "NOAUTH" in out and ACME.word not in out
