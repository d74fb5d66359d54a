"""Commands as applications send them, and pipelines of them, at random but the same for one seed.

Values come from small pools, so that filters match. Every `_id` of a tenant begins with its letter:
ids that the application chooses itself would not be unique to a tenant by field.
"""

import datetime
import random
import re

import bson

COLLECTIONS = [f"c{n}" for n in range(8)]
FIELDS = ["a", "b", "c", "d", "e", "f"]
DAY = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
WORDS = ["red", "blue", "green", "Red", "", "blu", "naïve", "x" * 40]


class Generator:
    def __init__(self, seed, letter="a"):
        self.random, self.letter, self.last = random.Random(seed), letter, 0

    def pick(self, *choices):
        return self.random.choice(choices)

    def chance(self, share):
        return self.random.random() < share

    def scalar(self):
        r = self.random
        return self.pick(
            lambda: r.randrange(-3, 9),
            lambda: r.randrange(-3, 9),
            lambda: float(r.randrange(0, 5)) + r.choice([0.0, 0.5]),
            lambda: r.choice(WORDS),
            lambda: r.choice(WORDS),
            lambda: r.choice([True, False]),
            lambda: None,
            lambda: DAY + datetime.timedelta(days=r.randrange(5)),
            lambda: bson.Int64(r.randrange(5)),
            lambda: bson.Decimal128(str(r.randrange(5))),
            lambda: bson.Binary(bytes([r.randrange(3)])),
            lambda: bson.ObjectId(f"{r.randrange(4):024x}"),
        )()

    def value(self, depth=2):
        if depth and self.chance(0.15):
            return [self.value(depth - 1) for _ in range(self.random.randrange(4))]
        if depth and self.chance(0.15):
            names = self.random.sample(["x", "y", "z"], self.random.randrange(1, 3))
            return {name: self.value(depth - 1) for name in names}
        return self.scalar()

    def path(self):
        field = self.pick(*FIELDS)
        return f"{field}.{self.pick('x', 'y', '0')}" if self.chance(0.15) else field

    def identity(self, new=False):
        if new:
            self.last += 1
            return f"{self.letter}{self.last}"
        return f"{self.letter}{self.random.randrange(1, max(self.last, 1) + 3)}"

    def document(self, new=True):
        fields = self.random.sample(FIELDS, self.random.randrange(1, 6))
        return {"_id": self.identity(new)} | {field: self.value() for field in fields}

    # Filters.

    def condition(self):
        r = self.random
        return self.pick(
            self.scalar,
            self.scalar,
            lambda: {self.pick("$gt", "$gte", "$lt", "$lte", "$ne", "$eq"): self.scalar()},
            lambda: {"$gte": r.randrange(3), "$lt": r.randrange(3, 9)},
            lambda: {self.pick("$in", "$nin"): [self.scalar() for _ in range(r.randrange(4))]},
            lambda: {"$exists": self.chance(0.5)},
            lambda: {"$type": self.pick("string", "int", "array", "object", "null", "number")},
            lambda: {"$size": r.randrange(4)},
            lambda: {"$all": [self.scalar()]},
            lambda: {"$elemMatch": {"$gt": r.randrange(4)}},
            lambda: {"$elemMatch": {"x": self.scalar()}},
            lambda: {"$not": {"$gt": r.randrange(5)}},
            lambda: {"$mod": [2, r.randrange(2)]},
            lambda: {"$regex": self.pick("^r", "e", "d$"), "$options": self.pick("", "i")},
            lambda: re.compile(self.pick("re", "^b")),
        )()

    def filter(self, depth=2):
        if depth and self.chance(0.2):
            clauses = [self.filter(depth - 1) for _ in range(self.random.randrange(1, 4))]
            return {self.pick("$and", "$or", "$nor"): clauses}
        if self.chance(0.08):
            return {"$expr": self.expression(2, total=self.chance(0.7))}
        if self.chance(0.15):
            return {"_id": self.identity()}
        filter_ = {self.path(): self.condition() for _ in range(self.random.randrange(0, 3))}
        if depth == 2 and self.chance(0.1):
            filter_["$or"] = [self.filter(0), self.filter(0)]
        return filter_

    # Expressions.

    def expression(self, depth=2, total=False):
        r = self.random
        if depth <= 0:
            return self.pick(f"${self.path()}", f"${self.path()}", r.randrange(5), {"$literal": "$a"})
        inner = lambda: self.expression(depth - 1, total)  # noqa: E731
        sure = [
            lambda: {self.pick("$eq", "$ne", "$gt", "$lt", "$cmp"): [inner(), inner()]},
            lambda: {self.pick("$and", "$or"): [inner(), inner()]},
            lambda: {"$not": [inner()]},
            lambda: {"$cond": [inner(), inner(), inner()]},
            lambda: {"$ifNull": [inner(), inner()]},
            lambda: {"$type": inner()},
            lambda: {"$isArray": [inner()]},
        ]
        more = [
            lambda: {"$add": [r.randrange(5), {"$ifNull": [f"${self.path()}", 0]}]},
            lambda: {"$multiply": [inner(), 2]},
            lambda: {"$concat": [{"$toString": r.randrange(4)}, "-"]},
            lambda: {"$toString": f"${self.pick('a', 'b')}"},
            lambda: {"$size": {"$cond": [{"$isArray": "$c"}, "$c", []]}},
            lambda: {"$arrayElemAt": [[1, 2, 3], r.randrange(3)]},
            lambda: {"$filter": {"input": [1, 2, 3], "as": "i", "cond": {"$gt": ["$$i", 1]}}},
            lambda: {"$map": {"input": [1, 2], "as": "i", "in": {"$add": ["$$i", 1]}}},
            lambda: {"$let": {"vars": {"v": inner()}, "in": ["$$v", "$a"]}},
            lambda: {"$mergeObjects": ["$$ROOT", {"z": 1}]},
            lambda: {"$substrCP": ["abcdef", 0, r.randrange(4)]},
            lambda: {"$switch": {"branches": [{"case": inner(), "then": 1}], "default": 0}},
        ]
        return r.choice(sure if total else sure + more)()

    # Updates.

    def update(self):
        r = self.random
        operators = {}
        for field in r.sample(FIELDS, r.randrange(1, 4)):
            operator, value = self.pick(
                lambda: ("$set", self.value()),
                lambda: ("$set", self.value()),
                lambda: ("$unset", ""),
                lambda: ("$inc", r.randrange(5)),
                lambda: ("$mul", 2),
                lambda: ("$min", r.randrange(5)),
                lambda: ("$max", r.randrange(5)),
                lambda: ("$push", self.scalar()),
                lambda: ("$push", {"$each": [1, 2], "$slice": -3}),
                lambda: ("$addToSet", self.scalar()),
                lambda: ("$pull", self.scalar()),
                lambda: ("$pull", {"$gte": r.randrange(5)}),
                lambda: ("$pop", self.pick(1, -1)),
                lambda: ("$setOnInsert", self.scalar()),
                lambda: ("$rename", field + "_"),
            )()
            operators.setdefault(operator, {})[field] = value
        if self.chance(0.12):
            return [{"$set": {"f": self.expression(1, total=True)}}, {"$unset": "e"}]
        if self.chance(0.15):
            document = self.document(new=False)
            del document["_id"]
            return document
        return operators

    def update_statement(self):
        statement = {"q": self.filter(1), "u": self.update()}
        if self.chance(0.2):
            statement |= {"q": {"_id": self.identity()}, "upsert": True}
        elif not isinstance(statement["u"], list) and not self.is_replacement(statement["u"]):
            statement["multi"] = self.chance(0.4)
            if not statement["multi"]:
                statement["q"] = {"_id": self.identity()}
        else:
            statement["q"] = {"_id": self.identity()}
        return statement

    @staticmethod
    def is_replacement(update):
        return not next(iter(update), "$").startswith("$")

    # Pipelines.

    def pipeline(self, depth=3, writes=False):
        stages = [self.stage(depth) for _ in range(self.random.randrange(1, 5))]
        if writes and self.chance(0.08):
            stages.append({"$out": self.pick("o1", "o2")})
        return stages

    def stage(self, depth):
        r = self.random
        sort = {self.pick(*FIELDS): self.pick(1, -1), "_id": 1}
        choices = [
            lambda: {"$match": self.filter(1)},
            lambda: {"$match": self.filter(1)},
            lambda: {"$project": {field: 1 for field in r.sample(FIELDS, 3)}},
            lambda: {"$project": {"a": 1, "n": self.expression(1)}},
            lambda: {"$addFields": {"n": self.expression(2)}},
            lambda: {"$set": {"m": self.expression(1, total=True)}},
            lambda: {"$unset": self.pick(*FIELDS)},
            lambda: {"$sort": sort},
            lambda: {"$group": {"_id": f"${self.path()}", "n": {"$sum": 1}}},
            lambda: {"$group": {"_id": None, "n": {"$sum": 1}, "m": {"$max": f"${self.path()}"}}},
            lambda: {"$count": "n"},
            lambda: {"$unwind": {"path": f"${self.pick(*FIELDS)}"}},
            lambda: {"$sortByCount": f"${self.path()}"},
            lambda: {"$replaceRoot": {"newRoot": {"$mergeObjects": [{"a": 1}, "$$ROOT"]}}},
            lambda: {"$redact": {"$cond": [self.expression(1, total=True), "$$KEEP", "$$PRUNE"]}},
        ]
        if depth > 0:
            other, field = self.pick(*COLLECTIONS), self.pick(*FIELDS)
            inner = lambda: self.pipeline(depth - 1)  # noqa: E731
            by_fields = {"localField": field, "foreignField": field}
            choices += [
                lambda: {"$lookup": {"from": other, "as": "j"} | by_fields},
                lambda: {"$lookup": {"from": other, "as": "j", "pipeline": inner()}},
                lambda: {
                    "$lookup": {
                        "from": other,
                        "let": {"v": f"${field}"},
                        "pipeline": [{"$match": {"$expr": {"$eq": ["$a", "$$v"]}}}, *inner()],
                        "as": "j",
                    }
                },
                lambda: {"$unionWith": other},
                lambda: {"$unionWith": {"coll": other, "pipeline": inner()}},
                lambda: {"$facet": {"x": inner(), "y": [{"$count": "n"}]}},
            ]
        return r.choice(choices)()

    # Commands.

    def command(self, owns_collections=False):
        r, collection = self.random, self.pick(*COLLECTIONS)
        sort = {self.pick(*FIELDS): self.pick(1, -1), "_id": 1}
        find = {"find": collection, "filter": self.filter()}
        if self.chance(0.4):
            find |= {"sort": sort, "limit": r.randrange(1, 9), "skip": r.randrange(3)}
        if self.chance(0.3):
            find["projection"] = {field: 1 for field in r.sample(FIELDS, 2)}
        if self.chance(0.2):
            find["batchSize"] = r.randrange(1, 5)
        choices = [
            (6, lambda: find),
            (2, lambda: {"count": collection, "query": self.filter()}),
            (1, lambda: {"count": collection}),
            (2, lambda: {"distinct": collection, "key": self.path(), "query": self.filter(1)}),
            (
                8,
                lambda: {
                    "aggregate": collection,
                    "pipeline": self.pipeline(writes=owns_collections),
                    "cursor": {"batchSize": r.randrange(1, 9)} if self.chance(0.3) else {},
                },
            ),
            (
                4,
                lambda: {
                    "insert": collection,
                    "documents": [self.document() for _ in range(r.randrange(1, 4))],
                    "ordered": self.chance(0.8),
                },
            ),
            (
                4,
                lambda: {
                    "update": collection,
                    "updates": [self.update_statement() for _ in range(r.randrange(1, 3))],
                },
            ),
            (
                1,
                lambda: {
                    "delete": collection,
                    "deletes": [{"q": {"_id": self.identity()}, "limit": self.pick(0, 1)}],
                },
            ),
            (0.3, lambda: {"delete": collection, "deletes": [{"q": self.filter(), "limit": 0}]}),
            (2, lambda: self.find_and_modify(collection)),
            (1, lambda: self.bulk_write()),
        ]
        if owns_collections:
            key = self.pick(*FIELDS)
            choices += [
                (0.5, lambda: {"createIndexes": collection, "indexes": [{"key": {key: 1}, "name": f"{key}_1"}]}),
                (0.3, lambda: {"dropIndexes": collection, "index": f"{key}_1"}),
                (0.2, lambda: {"drop": self.pick(*COLLECTIONS, "o1")}),
                (0.3, lambda: {"create": self.pick("o2", "o3", collection)}),
                (0.5, lambda: {"listCollections": 1, "nameOnly": True}),
                (0.5, lambda: {"listIndexes": collection}),
            ]
        weights = [weight for weight, _ in choices]
        return r.choices([make for _, make in choices], weights)[0]()

    def find_and_modify(self, collection):
        command = {"findAndModify": collection, "query": {"_id": self.identity()}}
        if self.chance(0.3):
            return command | {"remove": True}
        command["update"] = self.update()
        if self.chance(0.3):
            command["upsert"] = True
        return command | {"new": self.chance(0.5)}

    def bulk_write(self):
        operations = [
            {"insert": 0, "document": self.document()},
            {"update": 1, "filter": {"_id": self.identity()}, "updateMods": {"$set": {"a": self.scalar()}}},
            {"delete": 0, "filter": {"_id": self.identity()}},
        ]
        self.random.shuffle(operations)
        spaces = self.random.sample(COLLECTIONS, 2)
        return {"bulkWrite": 1, "ops": operations, "nsInfo": [{"ns": f"app.{name}"} for name in spaces]}
