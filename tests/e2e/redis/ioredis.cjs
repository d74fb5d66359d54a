// An application with ioredis and BullMQ: `node ioredis.cjs MODULES HOST PORT USER PASSWORD WORD`.
// Prints "all is right" if it was. Run by test_redis_node.py; what it finds is that of house.py.
"use strict";
const assert = require("node:assert/strict");
const { createRequire } = require("node:module");
const [modules, host, port, username, password, word] = process.argv.slice(2);
const load = createRequire(`${modules}/package.json`);
const { Redis } = load("ioredis");
const { Queue, Worker, QueueEvents } = load("bullmq");

const options = { host, port: Number(port), username, password, maxRetriesPerRequest: null };

async function commands(redis) {
  assert.equal(await redis.get("greeting"), `hello ${word}`);
  assert.deepEqual(await redis.hgetall("user:1"), { name: word, age: "7" });
  assert.deepEqual(await redis.multi().incr("count").get("count").exec(), [[null, 11], [null, "11"]]);
  const pipeline = redis.pipeline();
  for (let number = 0; number < 200; number += 1) pipeline.set(`n${number}`, number);
  const answers = await pipeline.exec();
  assert.ok(answers.every(([error, answer]) => error === null && answer === "OK"));
  const names = [];
  for await (const page of redis.scanStream({ match: "n*", count: 50 })) names.push(...page);
  assert.equal(new Set(names).size, 200);
  redis.defineCommand("twice", { numberOfKeys: 1, lua: "return {KEYS[1], redis.call('incrby', KEYS[1], ARGV[1] * 2)}" });
  assert.deepEqual(await redis.twice("count", 4), ["count", 19]);
  await assert.rejects(redis.call("NOSUCH", "greeting"));
  assert.equal(await redis.getBuffer("greeting").then(String), `hello ${word}`);
}

async function subscriptions(redis) {
  const listener = new Redis(options);
  const heard = new Promise((resolve) => listener.on("pmessage", (...message) => resolve(message)));
  await listener.psubscribe("news.*");
  assert.equal(await redis.publish("news.today", "tenant:x:y"), 1);
  assert.deepEqual(await heard, ["news.*", "news.today", "tenant:x:y"]);
  listener.disconnect();
}

// BullMQ makes names inside its scripts, from a base that is a key and from what it packed in ARGV.
async function queue() {
  const jobs = new Queue("jobs", { connection: options });
  const events = new QueueEvents("jobs", { connection: options });
  await events.waitUntilReady();
  let attempts = 0;
  const work = async (job) => {
    if (job.name === "fails") throw new Error("on purpose");
    if (job.name === "second try" && (attempts += 1) === 1) throw new Error("once");
    await job.updateProgress(50);
    return job.data.number * 2;
  };
  const worker = new Worker("jobs", work, { connection: options, concurrency: 5 });
  const added = [];
  for (let number = 0; number < 30; number += 1) added.push(await jobs.add("doubled", { number }));
  added.push(await jobs.add("delayed", { number: 100 }, { delay: 50 }));
  added.push(await jobs.add("second try", { number: 101 }, { attempts: 2, priority: 3 }));
  const results = await Promise.all(added.map((job) => job.waitUntilFinished(events, 20000)));
  assert.deepEqual(results, added.map((job) => job.data.number * 2));
  const fails = await jobs.add("fails", {});
  await assert.rejects(fails.waitUntilFinished(events, 20000), /on purpose/);
  const counts = await jobs.getJobCounts("completed", "failed", "waiting");
  assert.deepEqual(counts, { completed: 32, failed: 1, waiting: 0 });
  await worker.close();
  await events.close();
  await jobs.close();
}

async function main() {
  const redis = new Redis(options);
  await commands(redis);
  await subscriptions(redis);
  await queue();
  redis.disconnect();
  console.log("all is right");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
