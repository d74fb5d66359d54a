// Mongoose, as an application. Arguments: modules, URL, the tenant's word.
"use strict";
const [modules, url, word] = process.argv.slice(2);
const mongoose = require(`${modules}/node_modules/mongoose`);
const assert = require("node:assert");

const Author = mongoose.model("Author", new mongoose.Schema({ name: { type: String, index: true } }));
const Book = mongoose.model(
  "Book",
  new mongoose.Schema(
    { title: String, author: { type: mongoose.Schema.Types.ObjectId, ref: "Author" }, tags: [String] },
    { timestamps: true },
  ),
);

async function main() {
  await mongoose.connect(url, { serverSelectionTimeoutMS: 10000, autoIndex: false, autoCreate: false });
  const author = await Author.create({ name: word });
  await Book.create([{ title: "a", author, tags: ["x"] }, { title: "b", author }]);
  const found = await Book.findOne({ title: "a" }).populate("author");
  assert.equal(found.author.name, word);
  found.tags.push("y");
  found.title = "c";
  await found.save();
  assert.deepEqual((await Book.findById(found._id)).tags.slice(), ["x", "y"]);
  await Book.findOneAndUpdate({ title: "new" }, { title: "new" }, { upsert: true });
  await Book.bulkWrite([
    { updateOne: { filter: { title: "b" }, update: { $set: { title: "B" } } } },
    { insertOne: { document: { title: "d" } } },
  ]);
  const joined = await Book.aggregate([
    { $match: { title: "c" } },
    { $lookup: { from: "authors", localField: "author", foreignField: "_id", as: "who" } },
  ]);
  assert.equal(joined[0].who[0].name, word);
  await mongoose.connection.transaction(async (session) => {
    await Book.create([{ title: "t" }], { session });
  });
  let count = 0;
  for await (const _book of Book.find().cursor({ batchSize: 2 })) count++;
  assert.equal(count, 5);
  // A document that is read and written back whole must stay whose it is.
  const raw = await Book.collection.findOne({ title: "d" });
  await Book.collection.replaceOne({ _id: raw._id }, { ...raw, title: "D" });
  await Book.deleteOne({ title: "t" });
  assert.deepEqual((await Book.distinct("title")).sort(), ["B", "D", "c", "new"]);
  await mongoose.disconnect();
}

main().then(
  () => console.log("all is right"),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
