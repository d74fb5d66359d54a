// Node's own driver, as an application. Arguments: modules, URL, the tenant's word.
"use strict";
const [modules, url, word] = process.argv.slice(2);
const { MongoClient, GridFSBucket } = require(`${modules}/node_modules/mongodb`);
const assert = require("node:assert");

async function main() {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 10000 });
  const app = client.db("app");
  const users = app.collection("users");
  assert.equal(await users.countDocuments(), 6);
  assert.equal((await users.findOne({ n: 2 })).name, `${word} 2`);
  await users.insertMany([{ _id: "n1", n: 10 }, { _id: "n2", n: 11 }]);
  assert.equal((await users.updateMany({ n: { $gte: 10 } }, { $inc: { n: 1 } })).modifiedCount, 2);
  const after = await users.findOneAndUpdate({ _id: "n1" }, { $set: { a: 1 } }, { returnDocument: "after" });
  assert.deepEqual([after.n, after.a], [11, 1]);
  assert.equal((await users.find({}, { batchSize: 2 }).sort({ _id: 1 }).toArray()).length, 8);
  const done = await users.bulkWrite([
    { insertOne: { document: { _id: "n3" } } },
    { updateOne: { filter: { _id: "n3" }, update: { $set: { n: 1 } } } },
    { deleteOne: { filter: { _id: "n2" } } },
  ]);
  assert.deepEqual([done.insertedCount, done.modifiedCount, done.deletedCount], [1, 1, 1]);
  const joined = await users
    .aggregate([
      { $match: { n: 0 } },
      { $lookup: { from: "orders", localField: "_id", foreignField: "user", as: "orders" } },
    ])
    .toArray();
  assert.equal(joined[0].orders.length, 3);
  await client.withSession((session) =>
    session.withTransaction(async () => {
      await users.insertOne({ _id: "n4" }, { session });
      assert.ok(await users.findOne({ _id: "n4" }, { session }));
    }),
  );
  const stream = users.watch();
  const event = stream.next();
  // The stream is open when its first answer is there.
  await new Promise((resolve) => stream.once("resumeTokenChanged", resolve));
  await users.insertOne({ _id: "n5" });
  assert.equal((await event).documentKey._id, "n5");
  await stream.close();
  const bucket = new GridFSBucket(app);
  await new Promise((resolve, reject) =>
    bucket.openUploadStream("f").on("finish", resolve).on("error", reject).end(Buffer.alloc(600000, 7)),
  );
  const chunks = [];
  for await (const chunk of bucket.openDownloadStreamByName("f")) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).length, 600000);
  await assert.rejects(app.command({ shutdown: 1 }));
  await client.close();
}

main().then(
  () => console.log("all is right"),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
