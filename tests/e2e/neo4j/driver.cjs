// An application with neo4j-driver: `node driver.cjs MODULES URL USER PASSWORD WORD`.
// Prints "all is right" if it was. Run by test_neo4j_node.py; what it finds is that of graph.py.
"use strict";
const assert = require("node:assert/strict");
const { createRequire } = require("node:module");
const [modules, url, user, password, word] = process.argv.slice(2);
const neo4j = createRequire(`${modules}/package.json`)("neo4j-driver");

const PEOPLE = "MATCH (p:Person) RETURN p.name AS name ORDER BY name";
const names = (result) => result.records.map((record) => record.get("name"));
const all = ["Ada", "Bob", "Eve"].map((name) => `${name} ${word}`);

async function application(driver) {
  await driver.verifyConnectivity();
  const info = await driver.getServerInfo();
  assert.ok(info.agent.startsWith("Neo4j/"));
  const { records } = await driver.executeQuery(PEOPLE, {}, { database: "neo4j" });
  assert.deepEqual(names({ records }), all);
  const session = driver.session();
  await session.executeWrite((tx) => tx.run("CREATE (:Node {at: datetime(), n: $n})", { n: neo4j.int(7) }));
  const made = await session.executeRead((tx) => tx.run("MATCH (n:Node) RETURN n.n AS n, n.at AS at"));
  assert.equal(made.records[0].get("n").toNumber(), 7);
  assert.ok(neo4j.isDateTime(made.records[0].get("at")));
  await session.close();
}

async function pipelined(driver) {
  const sessions = Array.from({ length: 12 }, () => driver.session({ fetchSize: 50 }));
  const results = await Promise.all(
    sessions.map((session) => session.run("UNWIND range(1, 500) AS n RETURN n")),
  );
  assert.ok(results.every((result) => result.records.length === 500));
  await Promise.all(sessions.map((session) => session.close()));
}

async function refused(driver) {
  const session = driver.session();
  const tx = session.beginTransaction();
  await tx.run("CREATE (:Lost)");
  await assert.rejects(tx.run("SHOW USERS"), /partywall: /);
  await assert.rejects(tx.commit());
  assert.deepEqual(names(await session.run(PEOPLE)), all);
  await assert.rejects(session.run("RETURN 1 / 0"), { code: "Neo.ClientError.Statement.ArithmeticError" });
  assert.deepEqual(names(await session.run(PEOPLE)), all);
  await session.close();
  const wrong = neo4j.driver(url, neo4j.auth.basic(user, "guess"));
  await assert.rejects(wrong.verifyConnectivity(), { code: "Neo.ClientError.Security.Unauthorized" });
  await wrong.close();
}

async function main() {
  for (const scheme of ["bolt", "neo4j"]) {
    const driver = neo4j.driver(url.replace("bolt", scheme), neo4j.auth.basic(user, password));
    try {
      await application(driver);
      await pipelined(driver);
      await refused(driver);
      await driver.executeQuery("MATCH (n:Node) DETACH DELETE n");
    } finally {
      await driver.close();
    }
  }
  console.log("all is right");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
