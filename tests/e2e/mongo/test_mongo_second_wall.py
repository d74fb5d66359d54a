"""`partywall check` and `partywall generate indexes`, on what the store holds."""

import subprocess

import pytest
from block import ACME, FIELD, GLOBEX, id_of
from bson import json_util
from pymongo.errors import WriteError

pytestmark = pytest.mark.wall


def run(binary, wall, *words):
    command = [binary, *words, "--settings", wall.settings]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.fixture
def shop(block):
    """A database as an application for one customer made it."""
    shop = block.held.admin.shop
    for tenant in (ACME, GLOBEX):
        shop.mails.insert_one({"mail": f"{tenant.slug}@x", "n": 1, FIELD: id_of(tenant)})
        shop.sound.insert_one({"n": 1, FIELD: id_of(tenant)})
    shop.mails.create_index("mail", unique=True)
    shop.mails.create_index("n")
    shop.mails.create_index("at", expireAfterSeconds=60)
    shop.sound.create_index([(FIELD, 1), ("n", 1)], unique=True)
    yield shop
    block.held.admin.drop_database("shop")


def test_check_says_what_goes_not_well_with_tenants(block, own_wall, binary, shop):
    done = run(binary, own_wall(), "check")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("warning")]
    about = lambda place, *words: any(  # noqa: E731
        f" {place}:" in line and all(word in line for word in words) for line in lines
    )
    assert "MongoDB 8" in done.stdout
    assert about("app.users", f"whose `{FIELD}` is no tenant's id")
    assert about("app.users", "`_id` the application chose")
    assert about("app.users", f"no index begins with `{FIELD}`")
    assert about("shop.mails", "the unique index `mail_1` is for all tenants together")
    assert about("shop.mails", "`at_1` deletes every tenant's documents after 60 s")
    assert not any("shop.sound" in line or "app.plans" in line for line in lines), lines
    assert GLOBEX.word not in done.stdout and ACME.word not in done.stdout


def test_what_is_generated_can_be_run_and_mends_it(block, own_wall, binary, shop):
    wall = own_wall()
    done = run(binary, wall, "generate", "indexes")
    assert done.returncode == 0, done.stderr
    commands = [json_util.loads(line) for line in done.stdout.splitlines()]
    admin = block.held.admin
    for command in commands:
        if command["$db"] == "shop":
            database = command.pop("$db")
            assert admin[database].command(command)["ok"] == 1
    indexes = shop.mails.index_information()
    assert indexes[f"{FIELD}_1_mail_1"]["key"] == [(FIELD, 1), ("mail", 1)]
    assert indexes[f"{FIELD}_1_mail_1"]["unique"] and "mail_1" not in indexes
    assert f"{FIELD}_1_n_1" in indexes and f"{FIELD}_1__id_1" in indexes
    for document in ({"mail": "z"}, {"mail": "z", FIELD: None}, {"mail": "z", FIELD: "x"}):
        with pytest.raises(WriteError):
            shop.mails.insert_one(document)
    shop.mails.insert_one({"mail": f"{GLOBEX.slug}@x", FIELD: id_of(ACME)})
    again = run(binary, wall, "generate", "indexes").stdout
    assert '"mails"' not in again
    assert "mail_1" not in run(binary, wall, "check").stdout


def test_a_store_that_cannot_be_looked_at(own_wall, binary):
    wall = own_wall("mongodb://127.0.0.1:1/")
    for words in (["check"], ["generate", "indexes"]):
        done = run(binary, wall, *words)
        assert done.returncode == 1 and "127.0.0.1:1" in done.stderr


def test_settings_without_a_listener_for_it(own_wall, binary):
    wall = own_wall()
    text = wall.settings.read_text().replace('"mongo"', '"resp"').replace("mongodb://", "redis://")
    wall.settings.write_text(text.replace("?authSource=admin", ""))
    (wall.folder / "policy.toml").write_text('version = 1\n[tenant]\nid = "uuid"\n[redis]\nprefix = "{tenant}:"')
    done = run(binary, wall, "generate", "indexes")
    assert done.returncode == 1 and "no MongoDB or Neo4j listener" in done.stderr
