"""Fixtures: the block, the wall in front of it.

After each test it is asserted, unasked, that everything in the server that is not the first tenant's
is unchanged, that no byte of the other one came back, and that the wall's log holds nothing of either.

`--direct` runs the same tests without a wall, each tenant on a server of its own.
"""

import os

import pytest
from block import ACME, BY_NAME, GLOBEX, TENANTS, Block, Held, MongoWall, private_login, upstream_url
from wall import Wire


def pytest_collection_modifyitems(items):
    here = os.path.dirname(__file__)
    mine = [item for item in items if str(item.path).startswith(here)]
    if mine and "PARTYWALL_MONGO_URL" not in os.environ:
        raise pytest.UsageError("no MongoDB: run `make e2e`")


def block_behind(wall, held):
    """The block, with wires that watch what comes back to each tenant."""
    wires = {ACME: Wire(wall.port, GLOBEX.marks), GLOBEX: Wire(wall.port, ACME.marks)}
    ports = {tenant: wire.port for tenant, wire in wires.items()}
    block = Block(ports, dict.fromkeys(TENANTS, held), wall)
    block.wires = wires
    return block


@pytest.fixture(scope="session")
def standing_block(pytestconfig, tmp_path_factory):
    """The block that all tests share."""
    url = os.environ["PARTYWALL_MONGO_URL"]
    if pytestconfig.getoption("--direct"):
        urls = {ACME: url, GLOBEX: os.environ["PARTYWALL_MONGO_PRIVATE_URL"]}
        ports = {tenant: private_login(of, tenant) for tenant, of in urls.items()}
        helds = {tenant: Held(of, [tenant], bears=False) for tenant, of in urls.items()}
        yield Block(ports, helds)
        return
    held = Held(url, TENANTS)
    held.refill()
    folder = tmp_path_factory.mktemp("wall")
    with MongoWall(pytestconfig.getoption("--binary"), folder, upstream_url()) as wall:
        block = block_behind(wall, held)
        yield block
        for wire in block.wires.values():
            wire.close()


@pytest.fixture
def block(standing_block):
    """The block as it began; and nothing of the other tenant seen or changed afterwards."""
    for held in standing_block.helds.values():
        held.refill()
    wall = standing_block.wall
    before = standing_block.held.besides(ACME) if wall else None
    log_length = len(wall.log()) if wall else 0
    yield standing_block
    standing_block.close()
    if not wall:
        return
    assert standing_block.held.besides(ACME) == before, "what is not the tenant's changed"
    for tenant, wire in standing_block.wires.items():
        seen, wire.seen = wire.seen, set()
        assert not seen, f"{tenant.slug} was shown {seen}"
    assert wall.process.poll() is None, f"the wall ended:\n{wall.log()}"
    log = wall.log()[log_length:]
    for tenant in TENANTS:
        assert tenant.word not in log and tenant.password not in log, "the log holds a datum"
    assert "panicked" not in log


@pytest.fixture
def own_wall(block, binary, tmp_path):
    """Makes a wall of the test's own; ends it afterwards."""
    walls = []

    def make(upstream=None, **options):
        walls.append(MongoWall(binary, tmp_path, upstream or upstream_url(), **options))
        return walls[-1]

    yield make
    block.close()
    for wall in walls:
        wall.__exit__()
        assert "panicked" not in wall.log()


@pytest.fixture(scope="session", params=["collection", "database"])
def standing_named(request, pytestconfig, tmp_path_factory):
    """A block whose tenants are kept apart by names."""
    folder = tmp_path_factory.mktemp(request.param)
    policy = BY_NAME.format(layout=request.param)
    with MongoWall(pytestconfig.getoption("--binary"), folder, upstream_url(), policy) as wall:
        block = block_behind(wall, Held(os.environ["PARTYWALL_MONGO_URL"], [], bears=False))
        yield block
        for wire in block.wires.values():
            wire.close()


@pytest.fixture
def named(standing_named):
    """The same, empty; and nothing of the other tenant seen afterwards."""
    held = standing_named.held
    for database in held.databases():
        held.admin.drop_database(database)
    for tenant in TENANTS:
        app = standing_named.client(tenant).app
        for name, documents in [("users", 6), ("orders", 3)]:
            app[name].insert_many([{"_id": n, "n": n, "name": tenant.word} for n in range(documents)])
    yield standing_named
    standing_named.close()
    for tenant, wire in standing_named.wires.items():
        seen, wire.seen = wire.seen, set()
        assert not seen, f"{tenant.slug} was shown {seen}"
    for database in held.databases():
        held.admin.drop_database(database)


@pytest.fixture
def app(block):
    """ACME's database."""
    return block.client().app
