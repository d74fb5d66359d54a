"""Neo4j Community as a store: the jars come from Maven Central, the data folder is new at every start.

It has one user, `neo4j`, who may do everything: this edition has no other rights.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
from functools import cache
from pathlib import Path

from common import STATE, Unusable, run
from store import Left, Store, make_certificate
from versions import NEO4J

# Small enough that several fit on a laptop; the heap of a first start alone takes half of it.
HEAP = "512m"
JAVA_OPTIONS = [
    f"-Xms{HEAP}",
    f"-Xmx{HEAP}",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.net.preferIPv4Stack=true",
    "-Dfile.encoding=UTF-8",
    "-Dlog4j2.disable.jmx=true",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "--enable-native-access=ALL-UNNAMED",
    *(
        f"--add-opens=java.base/{package}=ALL-UNNAMED"
        for package in ("java.io", "java.nio", "java.util.concurrent", "sun.nio.ch")
    ),
]

# The transaction log is not made in advance (an empty store then has 2 MB, not 517), a stop does not
# wait for quiet, and nothing is sent to anybody. A name that the server does not know stops its start.
SETTINGS = """
server.config.strict_validation.enabled=true
server.default_listen_address=127.0.0.1
server.default_advertised_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
dbms.security.auth_enabled={auth}
dbms.usage_report.enabled=false
client.allow_telemetry=false
server.bolt.telemetry.enabled=false
server.memory.pagecache.size=32m
db.tx_log.preallocate=false
db.tx_log.rotation.size=16m
db.shutdown_transaction_end_timeout=1s
internal.dbms.bolt.netty_server_shutdown_timeout=5s
"""
SETTINGS_OF_5 = "internal.dbms.bolt.netty_server_shutdown_quiet_period=0\n"
SETTINGS_OF_2026 = """
internal.dbms.bolt.netty_server_shutdown_quiet_period_duration=0s
dbms.fleet_manager.enabled=false
server.fleet_discovery.enabled=false
"""
SETTINGS_OF_TLS = """
server.bolt.tls_level=OPTIONAL
dbms.ssl.policy.bolt.enabled=true
dbms.ssl.policy.bolt.base_directory={folder}
dbms.ssl.policy.bolt.private_key=server.key
dbms.ssl.policy.bolt.public_certificate=server.crt
dbms.ssl.policy.bolt.client_auth=NONE
"""


class Neo4j(Store):
    STOP = (signal.SIGTERM,)
    START_SECONDS_MAX = 240  # five on an idle machine

    def url(self, password):
        return f"bolt://neo4j:{password}@127.0.0.1:{self.port}/neo4j"

    def is_running(self):
        with contextlib.suppress(OSError):
            return f"--home-dir={self.folder}\0" in Path(f"/proc/{self.pid}/cmdline").read_text()
        return False

    def is_ready(self):
        """It says so on a line of its own; Bolt is open just before."""
        with contextlib.suppress(OSError):
            return re.search(r" Started\.$", (self.folder / "log").read_text(), re.M) is not None
        return False

    def start_server(self, lock, dies_with_us):
        folder, (_, oldest_java, main_class) = self.folder, NEO4J[self.kind]
        java, jars = java_of(oldest_java), tree_of(self.kind)
        if java is None:
            raise Left(f"{self.name} needs Java {oldest_java} or later, which is not here")
        if not jars.is_dir():
            raise Unusable("no stores here yet: run `make setup`")
        if self.tls:
            make_certificate(folder)
        (folder / "conf").mkdir()
        (folder / "conf/neo4j.conf").write_text(self.settings())
        classes = ["-cp", f"{jars}/*"]
        if self.auth != "trust":
            environment = os.environ | {"NEO4J_HOME": str(folder), "NEO4J_CONF": f"{folder}/conf"}
            admin = ["org.neo4j.cli.AdminTool", "dbms", "set-initial-password", self.password]
            start = [java, "-Xmx128m", "-XX:TieredStopAtLevel=1", *classes]
            run([*start, *admin], env=environment, stdout=subprocess.DEVNULL)
        owner = ["setpriv", "--pdeathsig=TERM"] if dies_with_us else []
        home = [f"--home-dir={folder}", f"--config-dir={folder}/conf", "--console-mode"]
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
        self.spawn([*owner, java, *JAVA_OPTIONS, *classes, main_class, *home], environment, lock)

    def settings(self):
        auth = str(self.auth != "trust").lower()
        text = SETTINGS.format(port=self.port, auth=auth)
        text += SETTINGS_OF_5 if NEO4J[self.kind][0].startswith("5.") else SETTINGS_OF_2026
        return text + (SETTINGS_OF_TLS.format(folder=self.folder) if self.tls else "")


def tree_of(name):
    """The folder with the jars of this store."""
    return STATE / "neo4j" / NEO4J[name][0]


@cache
def java_of(oldest):
    """The program of the oldest Java that is here and not older than `oldest`, or None."""
    places = [shutil.which("java"), *Path("/usr/lib/jvm").glob("*/bin/java")]
    if "JAVA_HOME" in os.environ:
        places.append(Path(os.environ["JAVA_HOME"], "bin/java"))
    found = {}
    for place in filter(None, places):
        said = subprocess.run([place, "-version"], capture_output=True, text=True).stderr
        if version := re.search(r'version "(\d+)', said):
            found.setdefault(int(version[1]), str(place))
    return next((found[version] for version in sorted(found) if version >= oldest), None)
