// An application with node-redis: `node node_redis.cjs MODULES HOST PORT USER PASSWORD WORD`.
// Prints "all is right" if it was. Run by test_redis_node.py; what it finds is that of house.py.
"use strict";
const assert = require("node:assert/strict");
const { createRequire } = require("node:module");
const [modules, host, port, username, password, word] = process.argv.slice(2);
const { createClient } = createRequire(`${modules}/package.json`)("redis");

async function work(RESP) {
  const client = createClient({ socket: { host, port: Number(port) }, username, password, RESP });
  client.on("error", (error) => console.error(error));
  await client.connect();
  assert.equal(await client.get("greeting"), `hello ${word}`);
  assert.deepEqual({ ...(await client.hGetAll("user:1")) }, { name: word, age: "7" });
  const [set, got] = await client.multi().set("node", String(RESP)).get("node").exec();
  assert.deepEqual([set, got], ["OK", String(RESP)]);
  const values = await Promise.all(Array.from({ length: 100 }, () => client.get("greeting")));
  assert.ok(values.every((value) => value === `hello ${word}`));
  const names = [];
  for await (const page of client.scanIterator({ MATCH: "*e*" })) names.push(...page);
  assert.ok(names.includes("greeting") && names.includes("queue"));
  assert.equal(await client.eval("return KEYS[1]", { keys: ["some:key"] }), "some:key");
  await client.rPush("jobs", "one");
  assert.deepEqual({ ...(await client.blPop("jobs", 5)) }, { key: "jobs", element: "one" });
  const listener = client.duplicate();
  await listener.connect();
  let resolve;
  const heard = new Promise((done) => { resolve = done; });
  await listener.subscribe("news", (message, channel) => resolve([channel, message]));
  assert.equal(await client.publish("news", "hello"), 1);
  assert.deepEqual(await heard, ["news", "hello"]);
  await listener.close();
  await assert.rejects(client.sendCommand(["NOSUCH", "greeting"]));
  assert.equal(await client.get("count"), "10");
  await client.close();
}

work(2).then(() => work(3)).then(() => console.log("all is right"), (error) => {
  console.error(error);
  process.exit(1);
});
