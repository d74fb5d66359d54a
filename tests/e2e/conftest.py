"""Fixtures: a store of each major, a shop in it, the wall in front of it.

Every test of `shop` begins with the same rows. After each it is asserted, unasked, that the other
tenant's rows in the store are unchanged, that no byte of them came back to the first tenant, and
that the wall's log holds nothing of either.

`--direct` runs the same tests without a wall, each tenant on a private store of its own: a check of
the tests themselves, and of the promise that the two look alike.
"""

import os
import shutil
import signal
from pathlib import Path

import psycopg
import pytest
import shop as shops
from shop import ACME, GLOBEX, TENANTS
from wall import Wall, Wire, conninfo, upstream_url

TEST_SECONDS_MAX = 120


def pytest_addoption(parser):
    parser.addoption("--binary", default="target/debug/partywall", help="the partywall to test")
    parser.addoption("--rust-client", default="target/debug/examples/tokio_postgres",
                     help="the program of test_tokio_postgres.py")
    parser.addoption("--direct", action="store_true", help="no wall; private stores instead")


def pytest_configure(config):
    config.addinivalue_line("markers", "wall: the test is about the wall itself")


def majors():
    return [name for name in ("PG17", "PG15") if f"PARTYWALL_{name}_URL" in os.environ]


def pytest_collection_modifyitems(config, items):
    if not majors() and any("store_url" in getattr(item, "fixturenames", ()) for item in items):
        raise pytest.UsageError("no store: run `make e2e`, or `tests/stores/stores with pg17 -- …`")
    if config.getoption("--direct"):
        skip = pytest.mark.skip(reason="--direct: there is no wall")
        for item in items:
            if item.get_closest_marker("wall"):
                item.add_marker(skip)


@pytest.fixture(scope="session")
def binary(pytestconfig):
    path = Path(pytestconfig.getoption("--binary")).resolve()
    if not path.exists():
        pytest.fail(f"{path} is not there; run `make build`")
    return path


@pytest.fixture(scope="session", params=majors())
def store_url(request):
    """The superuser's URL of one store."""
    return os.environ[f"PARTYWALL_{request.param}_URL"]


class Shop:
    """A shop with two tenants, as applications see it and as its store holds it."""

    def __init__(self, ports, databases, helds, wall=None):
        self.ports, self.databases, self.helds, self.wall = ports, databases, helds, wall

    def url(self, tenant=ACME, password=None):
        """What `tenant`'s application connects to."""
        password = tenant.password if password is None else password
        return conninfo(self.ports[tenant], tenant.slug, password, self.databases[tenant])

    def connect(self, tenant=ACME, **options):
        return psycopg.connect(self.url(tenant), connect_timeout=10, **options)

    @property
    def held(self):
        """What the store holds, of ACME."""
        return self.helds[ACME]


@pytest.fixture(scope="session")
def standing_shop(store_url, pytestconfig, tmp_path_factory):
    """The shop that all tests of one store share."""
    if pytestconfig.getoption("--direct"):
        urls = {t: shops.create(store_url, f"private_{t.slug}", [t]) for t in TENANTS}
        port = psycopg.conninfo.conninfo_to_dict(store_url)["port"]
        helds = {t: shops.Held(url) for t, url in urls.items()}
        yield Shop({t: port for t in TENANTS}, {t: f"private_{t.slug}" for t in TENANTS}, helds)
        return
    url = shops.create(store_url, "shop", TENANTS)
    held = shops.Held(url)
    held.refill(TENANTS)
    folder = tmp_path_factory.mktemp("wall")
    with Wall(pytestconfig.getoption("--binary"), folder, upstream_url(url)) as wall:
        wires = {ACME: Wire(wall.port, GLOBEX.marks), GLOBEX: Wire(wall.port, ACME.marks)}
        shop = Shop(
            {t: wire.port for t, wire in wires.items()},
            dict.fromkeys(TENANTS, "shop"),
            dict.fromkeys(TENANTS, held),
            wall,
        )
        shop.wires, shop.store_url = wires, url
        yield shop
        for wire in wires.values():
            wire.close()


@pytest.fixture
def shop(standing_shop):
    """The shop, as full as ever; and nothing of the other tenant seen or changed afterwards."""
    for tenant in TENANTS:
        mine = [tenant] if standing_shop.wall is None else TENANTS
        standing_shop.helds[tenant].refill(mine)
    before = standing_shop.helds[GLOBEX].digest(GLOBEX)
    log_length = len(standing_shop.wall.log()) if standing_shop.wall else 0
    yield standing_shop
    assert standing_shop.helds[GLOBEX].digest(GLOBEX) == before, "the other tenant's rows changed"
    if standing_shop.wall:
        for tenant, wire in standing_shop.wires.items():
            assert not wire.seen, f"{tenant.slug} was shown bytes of another tenant"
        assert standing_shop.wall.process.poll() is None, "the wall ended"
        log = standing_shop.wall.log()[log_length:]
        for tenant in TENANTS:
            assert tenant.word not in log and tenant.password not in log, "the log holds a datum"
        assert "panicked" not in log


@pytest.fixture
def own_wall(shop, binary, tmp_path):
    """Makes a wall of the test's own in front of the shop's store; ends it afterwards."""
    walls = []

    def make(upstream=None, **options):
        walls.append(Wall(binary, tmp_path, upstream or upstream_url(shop.store_url), **options))
        return walls[-1]

    yield make
    for wall in walls:
        wall.__exit__()
        assert "panicked" not in wall.log()


@pytest.fixture(autouse=True)
def no_test_hangs():
    def too_long(_number, _frame):
        raise TimeoutError(f"the test is still running after {TEST_SECONDS_MAX} s")

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(TEST_SECONDS_MAX)
    yield
    signal.alarm(0)


@pytest.fixture
def db(shop):
    """ACME's connection, as psycopg opens it."""
    with shop.connect(autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def psql():
    path = shutil.which("psql")
    if not path:
        pytest.skip("psql is not installed (package postgresql-client)")
    return path
