"""Fixtures: the house, the wall in front of it.

After each test it is asserted, unasked, that everything in the server that is not the first tenant's
is unchanged, that no byte of the other one came back, and that the wall's log holds nothing of either.

`--direct` runs the same tests without a wall, each tenant on a server of its own.
"""

import os
import shutil
import subprocess

import pytest
from house import (
    ACME,
    GLOBEX,
    TENANTS,
    Held,
    House,
    RedisWall,
    prefix_of,
    private_url,
    stores,
    upstream_url,
)
from wall import Wire

CALM = 5  # seconds within which what is under way has come to its end


def pytest_generate_tests(metafunc):
    if "store_name" in metafunc.fixturenames:
        if not stores():
            raise pytest.UsageError("no Redis: run `make e2e`")
        metafunc.parametrize("store_name", stores(), scope="session")


@pytest.fixture(scope="session")
def standing_house(store_name, pytestconfig, tmp_path_factory):
    """The house that all tests of one server share."""
    url = os.environ[f"PARTYWALL_{store_name}_URL"]
    if pytestconfig.getoption("--direct"):
        urls = {ACME: url, GLOBEX: os.environ[f"PARTYWALL_{store_name}_PRIVATE_URL"]}
        ports = {tenant: private_url(of, tenant) for tenant, of in urls.items()}
        helds = {tenant: Held(of, {tenant: b""}) for tenant, of in urls.items()}
        yield House(store_name, ports, helds)
        return
    held = Held(url, {tenant: prefix_of(tenant) for tenant in TENANTS})
    held.refill()
    folder = tmp_path_factory.mktemp("wall")
    with RedisWall(pytestconfig.getoption("--binary"), folder, upstream_url(store_name)) as wall:
        wires = {
            ACME: Wire(wall.port, (*GLOBEX.marks, b"tenant:" + ACME.id.encode())),
            GLOBEX: Wire(wall.port, (*ACME.marks, b"tenant:" + GLOBEX.id.encode())),
        }
        ports = {tenant: wire.port for tenant, wire in wires.items()}
        house = House(store_name, ports, dict.fromkeys(TENANTS, held), wall)
        house.wires = wires
        yield house
        for wire in wires.values():
            wire.close()


@pytest.fixture
def house(standing_house):
    """The house as it began; and nothing of the other tenant seen or changed afterwards."""
    for held in standing_house.helds.values():
        held.refill()
    wall = standing_house.wall
    before = standing_house.held.besides(ACME)
    log_length = len(wall.log()) if wall else 0
    yield standing_house
    if not wall:
        return
    assert standing_house.held.besides(ACME) == before, "what is not the tenant's changed"
    for tenant, wire in standing_house.wires.items():
        seen, wire.seen = wire.seen, set()
        assert not seen, f"{tenant.slug} was shown {seen}"
    assert wall.process.poll() is None, f"the wall ended:\n{wall.log()}"
    log = wall.log()[log_length:]
    for tenant in TENANTS:
        assert tenant.word not in log and tenant.password not in log, "the log holds a datum"
    assert "panicked" not in log


@pytest.fixture
def own_wall(house, binary, tmp_path):
    """Makes a wall of the test's own; ends it afterwards."""
    walls = []

    def make(upstream=None, **options):
        upstream = upstream or upstream_url(house.name)
        walls.append(RedisWall(binary, tmp_path, upstream, **options))
        return walls[-1]

    yield make
    for wall in walls:
        wall.__exit__()
        assert "panicked" not in wall.log()


@pytest.fixture
def r(house):
    """ACME's client."""
    with house.client() as client:
        yield client


@pytest.fixture(params=[2, 3], ids=["RESP2", "RESP3"])
def either(request, house):
    """ACME's client, in both protocols."""
    with house.client(protocol=request.param) as client:
        yield client


@pytest.fixture(scope="session")
def redis_cli(store_name):
    path = os.environ.get(f"PARTYWALL_{store_name}_CLI") or shutil.which("redis-cli")
    if not path:
        pytest.skip("redis-cli is not installed (package redis-tools)")
    libraries = os.environ.get(f"PARTYWALL_{store_name}_LIBRARIES", "")

    def run(house, *arguments, tenant=ACME, lines="", code=0):
        """Runs redis-cli as a tenant; returns what it printed."""
        command = [path, "-p", str(house.ports[tenant]), "--user", tenant.slug, *arguments]
        environment = os.environ | {"LD_LIBRARY_PATH": libraries, "REDISCLI_AUTH": tenant.password}
        done = subprocess.run(
            command, input=lines, capture_output=True, text=True, timeout=60, env=environment
        )
        assert done.returncode == code, done.stderr + done.stdout
        return done.stdout

    return run
