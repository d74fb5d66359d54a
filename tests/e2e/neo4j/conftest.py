"""Fixtures: the graph, the wall in front of it.

After each test it is asserted, unasked, that everything in the server that is not the first tenant's
is unchanged, that no byte of the other one came back, and that the wall's log holds nothing of either.
"""

import os
import shutil
from pathlib import Path

import pytest
from graph import ACME, GLOBEX, TENANTS, Graph, GraphWall, Held, stores, upstream_url
from wall import Wire

HERE = Path(__file__).parent


def pytest_generate_tests(metafunc):
    if "graph_store" in metafunc.fixturenames:
        if not stores():
            raise pytest.UsageError("no Neo4j: run `make e2e`")
        ids = [f"{name}-{strategy}" for name, strategy in stores()]
        metafunc.parametrize("graph_store", stores(), ids=ids, scope="session")


def pytest_collection_modifyitems(config, items):
    for item in items:
        if HERE in Path(item.fspath).parents:
            item.add_marker(pytest.mark.wall)
            if config.getoption("--direct"):
                item.add_marker(pytest.mark.skip(reason="--direct: there is no wall"))


@pytest.fixture(scope="session")
def standing_graph(graph_store, pytestconfig, tmp_path_factory):
    """The graph that all tests of one server and strategy share."""
    name, strategy = graph_store
    held = Held(name, strategy)
    held.run("CREATE INDEX person_email IF NOT EXISTS FOR (p:Person) ON (p.email)")
    held.refill()
    folder = tmp_path_factory.mktemp("wall")
    binary = pytestconfig.getoption("--binary")
    with GraphWall(binary, folder, upstream_url(name), strategy) as wall:
        wires = {
            ACME: Wire(wall.port, GLOBEX.marks),
            GLOBEX: Wire(wall.port, ACME.marks),
        }
        ports = {tenant: wire.port for tenant, wire in wires.items()}
        graph = Graph(name, strategy, ports, held, wall)
        graph.wires = wires
        yield graph
        for wire in wires.values():
            wire.close()
    held.close()


@pytest.fixture
def graph(standing_graph):
    """The graph as it began; and nothing of the other tenant seen or changed afterwards."""
    held, wall = standing_graph.held, standing_graph.wall
    held.refill()
    before = held.besides(ACME)
    log_length = len(wall.log())
    yield standing_graph
    assert held.besides(ACME) == before, "what is not the tenant's changed"
    for tenant, wire in standing_graph.wires.items():
        seen, wire.seen = wire.seen, set()
        assert not seen, f"{tenant.slug} was shown {seen}"
    assert wall.process.poll() is None, f"the wall ended:\n{wall.log()}"
    log = wall.log()[log_length:]
    for tenant in TENANTS:
        assert tenant.word not in log and tenant.password not in log, "the log holds a datum"
    assert "panicked" not in log


@pytest.fixture
def own_wall(graph, binary, tmp_path):
    """Makes a wall of the test's own; ends it afterwards."""
    walls = []

    def make(upstream=None, strategy=None, **options):
        upstream = upstream or upstream_url(graph.name)
        walls.append(GraphWall(binary, tmp_path, upstream, strategy or graph.strategy, **options))
        return walls[-1]

    yield make
    for wall in walls:
        wall.__exit__()
        assert "panicked" not in wall.log()


@pytest.fixture
def session(graph):
    """ACME's session, as an application opens it."""
    with graph.driver() as driver, driver.session() as session:
        yield session


@pytest.fixture(scope="session")
def node_modules():
    folder = os.environ.get("PARTYWALL_NODE", "")
    if not shutil.which("node") or not Path(folder, "node_modules/neo4j-driver").is_dir():
        pytest.skip("Node is not installed, or `make setup` found no npm")
    return folder
