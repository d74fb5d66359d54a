"""TLS on both sides: the listener's certificate as clients check it, the store's as the wall does."""

import os

import psycopg
import pytest
import trustme

from shop import ACME
from wall import conninfo, eventually, upstream_url

pytestmark = pytest.mark.wall


@pytest.fixture
def served(shop, own_wall, tmp_path):
    """A wall with TLS on its listener, and a function that connects to it."""
    authority = trustme.CA()
    leaf = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    leaf.private_key_pem.write_to_path(tmp_path / "key.pem")
    (tmp_path / "chain.pem").write_bytes(b"".join(part.bytes() for part in leaf.cert_chain_pems))
    tls = 'tls = { certificate = "chain.pem", key = "key.pem" }'
    wall = own_wall(upstream_url(shop.store_url), listener=tls).start()

    def connect(**options):
        options = {"sslrootcert": str(tmp_path / "ca.pem"), "connect_timeout": 10} | options
        plain = conninfo(wall.port, ACME.slug, ACME.password)
        return psycopg.connect(plain, autocommit=True, **options)

    return connect


@pytest.mark.parametrize(
    "options",
    [
        {"sslmode": "verify-full"},
        {"sslmode": "verify-full", "channel_binding": "require"},
        {"sslmode": "require", "sslnegotiation": "direct"},
        {"sslmode": "disable"},
    ],
    ids=str,
)
def test_a_listener_with_tls(served, options):
    with served(**options) as connection:
        assert connection.pgconn.ssl_in_use == (options["sslmode"] != "disable")
        assert connection.execute("SELECT count(*) FROM customers").fetchone() == (3,)


def test_a_client_that_trusts_another_authority_stays_away(served, tmp_path):
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        served(sslmode="verify-full", sslrootcert=str(tmp_path / "other.pem"))


def test_a_listener_without_tls_says_so(shop):
    with pytest.raises(psycopg.OperationalError, match="does not support SSL"):
        psycopg.connect(conninfo(shop.wall.port, ACME.slug, ACME.password), sslmode="require")


@pytest.fixture
def store_authority(store_url):
    """The file with the authority of a store that speaks TLS."""
    for name, value in os.environ.items():
        if name.startswith("PARTYWALL_PG") and value == store_url:
            path = os.environ.get(name.removesuffix("_URL") + "_CA")
            return path or pytest.skip("the store was started without --tls")


def test_an_upstream_with_tls(shop, own_wall, store_authority):
    query = f"?sslmode=verify-full&sslrootcert={store_authority}"
    wall = own_wall(upstream_url(shop.store_url) + query).start()
    with psycopg.connect(conninfo(wall.port, ACME.slug, ACME.password)) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (3,)
        encrypted = (
            "SELECT bool_and(s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)"
            " WHERE a.usename = 'partywall' AND a.state = 'idle in transaction'"
        )
        assert shop.held(encrypted) == [(True,)]


def test_an_upstream_with_a_certificate_of_another_authority(
    shop, own_wall, store_authority, tmp_path
):
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    query = f"?sslmode=verify-full&sslrootcert={tmp_path / 'other.pem'}"
    wall = own_wall(upstream_url(shop.store_url) + query).launch()
    eventually(lambda: "certificate" in wall.log(), "it says what is wrong")
    assert wall.process.poll() is not None or wall.probe("ready") != 200
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(conninfo(wall.port, ACME.slug, ACME.password), connect_timeout=10)
