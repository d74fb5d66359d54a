"""A house with two tenants in one Redis: what each keeps there, and what the server then holds.

Both keep the same names, and each tenant's values carry its word, so that what crosses the wall is
seen. Beside them stand keys of nobody: outside of every prefix, near a tenant's, in another database.
"""

import os
import urllib.parse

import redis
from shop import ACME, GLOBEX, TENANTS, verifier
from wall import Wall, free_port

POLICY = """
version = 1
[tenant]
id = "uuid"
[redis]
prefix = "tenant:{tenant}:"
"""

STORES = ("REDIS70", "VALKEY91", "STACK74")


def stores():
    return [name for name in STORES if f"PARTYWALL_{name}_URL" in os.environ]


def prefix_of(tenant):
    return f"tenant:{tenant.id}:".encode()


def tenants_document():
    parts = []
    for tenant in TENANTS:
        parts.append(f'[[tenant]]\nid = "{tenant.id}"\nslug = "{tenant.slug}"\n')
    for tenant in TENANTS:
        parts.append(
            f'[[login]]\nname = "{tenant.slug}"\ntenants = ["{tenant.slug}"]\n'
            f'verifier = "{verifier(tenant.password)}"\n'
        )
    return "\n".join(parts)


class RedisWall(Wall):
    """A wall with one listener for Redis in front of `upstream`."""

    def __init__(
        self, binary, folder, upstream, tenants=None, listener="", extra="", policy=POLICY
    ):
        super().__init__(binary, folder, upstream, policy=policy, tenants=tenants)
        (folder / "tenants.toml").write_text(tenants or tenants_document())
        self.settings.write_text(
            'policy = "policy.toml"\ntenants = "tenants.toml"\n'
            + extra
            + f'\n[[listener]]\nprotocol = "resp"\nlisten = "127.0.0.1:{self.port}"\n'
            f'upstream = "{upstream}"\n{listener}\n[admin]\nlisten = "127.0.0.1:{self.admin}"\n'
        )


def upstream_url(name, port=None):
    """The service's own login on a store, and perhaps another port."""
    url = urllib.parse.urlsplit(os.environ[f"PARTYWALL_{name}_SERVICE_URL"])
    login = url.netloc.rpartition("@")[0]
    return f"redis://{login}@127.0.0.1:{port or url.port}/0"


def fill(pipe, prefix, word):
    """What a tenant has when a test begins."""
    key = lambda name: prefix + name.encode()  # noqa: E731
    pipe.set(key("greeting"), f"hello {word}")
    pipe.set(key("count"), 10)
    pipe.rpush(key("queue"), f"first {word}", "second", "tenant:x:third")
    pipe.hset(key("user:1"), mapping={"name": word, "age": "7"})
    pipe.sadd(key("tags"), word, "red", "blue")
    pipe.zadd(key("scores"), {word: 1, "b": 2, "c": 3})
    pipe.xadd(key("log"), {"said": word}, id="1-1")


class Held:
    """What a server holds, asked directly, past the wall."""

    def __init__(self, url, prefixes):
        self.admin, self.prefixes = redis.Redis.from_url(url), prefixes

    def refill(self):
        """Back to what every test begins with."""
        pipe = self.admin.pipeline(transaction=False)
        pipe.flushall()
        for tenant, prefix in self.prefixes.items():
            fill(pipe, prefix, tenant.word)
        if len(self.prefixes) > 1:
            near = prefix_of(ACME)[:-1] + b"0:"
            for prefix in (b"", b"tenant:", near, GLOBEX.id.encode()):
                fill(pipe, prefix, GLOBEX.word)
            pipe.execute_command("SELECT", 1)
            fill(pipe, prefix_of(GLOBEX), GLOBEX.word)
            fill(pipe, b"", GLOBEX.word)
            pipe.execute_command("SELECT", 0)
        pipe.execute()

    def all(self):
        """name -> DUMP, of everything in database 0."""
        names = sorted(self.admin.keys("*"))
        pipe = self.admin.pipeline(transaction=False)
        for name in names:
            pipe.type(name)
        return {name: self.value(name, kind) for name, kind in zip(names, pipe.execute())}

    def value(self, name, kind):
        """A value as Python has it; equal when the keys are."""
        match kind:
            case b"string":
                return self.admin.get(name)
            case b"list":
                return self.admin.lrange(name, 0, -1)
            case b"hash":
                return self.admin.hgetall(name)
            case b"set":
                return self.admin.smembers(name)
            case b"zset":
                return self.admin.zrange(name, 0, -1, withscores=True)
            case b"stream":
                return self.admin.xrange(name)
            case _:
                return self.admin.dump(name)

    def of(self, tenant):
        """name without the prefix -> value, of one tenant."""
        prefix = self.prefixes[tenant]
        return {
            name[len(prefix) :]: value
            for name, value in self.all().items()
            if name.startswith(prefix)
        }

    def besides(self, tenant):
        """Everything that is not this tenant's."""
        prefix = self.prefixes[tenant]
        return {n: v for n, v in self.all().items() if not n.startswith(prefix) or not prefix}

    def connections(self):
        """How many connections of the service are open."""
        return sum(client["user"] == "partywall" for client in self.admin.client_list())


class House:
    """The tenants' doors, and what is behind the wall."""

    def __init__(self, name, ports, helds, wall=None):
        self.name, self.ports, self.helds, self.wall = name, ports, helds, wall

    def login(self, tenant=ACME):
        return {"username": tenant.slug, "password": tenant.password}

    def client(self, tenant=ACME, **options):
        """redis-py, as an application makes it."""
        options = {"decode_responses": True, "socket_timeout": 20} | options
        return redis.Redis(host="127.0.0.1", port=self.ports[tenant], **self.login(tenant), **options)

    def url(self, tenant=ACME):
        login = ":".join(urllib.parse.quote(part, safe="") for part in self.login(tenant).values())
        return f"redis://{login}@127.0.0.1:{self.ports[tenant]}/0"

    def of(self, tenant=ACME):
        """What the server holds of a tenant."""
        return self.helds[tenant].of(tenant)

    @property
    def held(self):
        return self.helds[ACME]


def private_url(url, tenant):
    """Gives a tenant a login on a server of its own."""
    admin = redis.Redis.from_url(url)
    words = ("SETUSER", tenant.slug, "reset", "on", ">" + tenant.password, "~*", "&*", "+@all")
    admin.execute_command("ACL", *words)
    return urllib.parse.urlsplit(url).port


__all__ = ["ACME", "GLOBEX", "TENANTS", "Held", "House", "RedisWall", "free_port"]
