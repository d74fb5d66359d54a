"""How the wall logs in at the store: each of PostgreSQL's password methods, and none at all."""

import contextlib
import urllib.parse
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from shop import ACME, SERVICE
from wall import conninfo, eventually

pytestmark = pytest.mark.wall

PASSWORD = "a password: /%#?"

# How pg_hba.conf calls the method, and how the role's password is kept for it.
METHODS = {
    "scram": ("scram-sha-256", "scram-sha-256"),
    "md5": ("md5", "md5"),
    "cleartext": ("password", "scram-sha-256"),
    "trust": ("trust", "scram-sha-256"),
}


@contextlib.contextmanager
def rule(store, line):
    """`line` is the first of the store's pg_hba.conf, and in force."""
    path = Path(store.execute("SHOW hba_file").fetchone()[0])
    before = path.read_text()
    put(store, path, line + "\n" + before)
    try:
        yield
    finally:
        put(store, path, before)


def put(store, path, rules):
    """Writes the file, and waits until the store has read it."""
    loaded = "SELECT pg_conf_load_time()"
    before = store.execute(loaded).fetchone()
    path.write_text(rules)
    store.execute("SELECT pg_reload_conf()")
    eventually(lambda: store.execute(loaded).fetchone() != before, "the store has reloaded")


@pytest.fixture(params=METHODS)
def login(shop, request):
    """A role that the store lets in by one method alone: the method's name, and the URL."""
    method, kept = METHODS[request.param]
    role = f"by_{request.param}"
    with psycopg.connect(shop.store_url, autocommit=True) as store:
        name = sql.Identifier(role)
        service = sql.Identifier(SERVICE[0])
        store.execute(sql.SQL("SET password_encryption = {}").format(kept))
        store.execute(
            sql.SQL("CREATE ROLE {} LOGIN IN ROLE {} PASSWORD {}").format(name, service, PASSWORD)
        )
        try:
            with rule(store, f"host all {role} 127.0.0.1/32 {method}"):
                yield request.param, role, urllib.parse.urlsplit(shop.store_url)
        finally:
            store.execute(sql.SQL("DROP ROLE {}").format(name))


def url(login, password):
    _, role, store = login
    secret = "" if password is None else ":" + urllib.parse.quote(password, safe="")
    return f"postgres://{role}{secret}@127.0.0.1:{store.port}{store.path}"


def test_the_wall_logs_in(login, own_wall, shop):
    wall = own_wall(url(login, None if login[0] == "trust" else PASSWORD)).start()
    for tenant in shop.ports:
        with psycopg.connect(conninfo(wall.port, tenant.slug, tenant.password)) as connection:
            assert connection.execute("SELECT count(*) FROM customers").fetchone() == (3,)
    assert PASSWORD not in wall.log()


@pytest.mark.parametrize("login", ["scram", "md5", "cleartext"], indirect=True)
def test_a_wrong_password_is_told_to_the_log_alone(login, own_wall, shop):
    wall = own_wall(url(login, "wrong")).launch()
    eventually(lambda: wall.probe("live") == 200, "the wall listens")
    with pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect(conninfo(wall.port, ACME.slug, ACME.password), connect_timeout=10)
    assert login[1] not in str(refused.value)
