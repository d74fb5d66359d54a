"""Commands of an attacker who knows the wall: where the tenant field, or another place, can be named.

Nothing is compared with a private server here, as there the field means nothing; what counts is that
no word of the other tenant comes back, and that nothing of it changes.
"""

import itertools
import random

import bson

OTHER = "c0"


def attacks(seed, own, other):
    """Attacks without end."""
    rng = random.Random(seed)
    while True:
        wanted = rng.choice([other, None, {"$ne": own}, {"$exists": True}, {"$in": [own, other]}])
        wanted = rng.choice([wanted, {"$gt": bson.MinKey()}, {"$nin": [own]}, {"$type": "binData"}])
        filter_ = nested(rng, {"tenant_id": wanted})
        collection = f"c{rng.randrange(8)}"
        yield rng.choice(list(itertools.chain(reads(collection, filter_), writes(collection, filter_, other), sources(collection, filter_, other))))


def nested(rng, filter_):
    """A filter in some place where it holds, or seems to."""
    for _ in range(rng.randrange(3)):
        filter_ = rng.choice(
            [
                {"$or": [filter_, {"a": 1}]},
                {"$and": [filter_]},
                {"$nor": [{"$nor": [filter_]}]},
                {"$or": [{}, filter_]},
            ]
        )
    return filter_


def reads(collection, filter_):
    fails = {"$divide": [1, {"$cond": [{"$eq": ["$word", "x"]}, 1, 0]}]}
    yield {"find": collection, "filter": filter_}
    yield {"count": collection, "query": filter_}
    yield {"distinct": collection, "key": "word", "query": filter_}
    yield {"find": collection, "filter": {"$expr": {"$toInt": "$word"}}}
    yield {"find": collection, "filter": {"$or": [{"$expr": fails}, {"a": {"$exists": True}}]}}
    yield {"find": collection, "projection": {"w": "$$ROOT.word", "tenant_id": 0}, "filter": filter_}
    yield {"find": collection, "filter": filter_, "min": {"_id": "b"}, "max": {"_id": "c"}, "hint": {"_id": 1}}
    yield {"find": f"system.{collection}", "filter": filter_}
    yield {"aggregate": collection, "pipeline": [{"$project": {"word": 1}}, {"$match": {"$expr": {"$toInt": "$word"}}}], "cursor": {}}
    yield {"explain": {"find": collection, "filter": filter_}, "verbosity": "executionStats"}


def sources(collection, filter_, other):
    """Pipelines that read elsewhere."""
    everything = [{"$match": filter_}]
    by_fields = {"localField": "a", "foreignField": "a", "as": "j"}
    stages = [
        {"$lookup": {"from": OTHER, "pipeline": everything, "as": "j"}},
        {"$lookup": {"from": OTHER, "pipeline": [], "as": "j"}},
        {"$lookup": {"from": OTHER, **by_fields}},
        {"$lookup": {"from": {"db": "app", "coll": OTHER}, **by_fields}},
        {"$unionWith": {"coll": OTHER, "pipeline": everything}},
        {"$unionWith": OTHER},
        {"$facet": {"x": [{"$unionWith": OTHER}], "y": [{"$lookup": {"from": OTHER, **by_fields}}]}},
        {"$graphLookup": {"from": OTHER, "startWith": "$a", "connectFromField": "a", "connectToField": "a", "as": "g"}},
        {"$merge": {"into": OTHER, "whenMatched": "replace"}},
        {"$out": OTHER},
        {"$set": {"tenant_id": other}},
        {"$unset": "tenant_id"},
        {"$replaceWith": {"_id": "$_id"}},
        {"$collStats": {"count": {}}},
        {"$indexStats": {}},
    ]
    for one, two in itertools.product(stages, stages[:8]):
        yield {"aggregate": collection, "pipeline": [one, two], "cursor": {}}
    yield {"aggregate": 1, "pipeline": [{"$documents": [{}]}, {"$unionWith": OTHER}], "cursor": {}}


def writes(collection, filter_, other):
    yield {"insert": collection, "documents": [{"_id": "stolen", "tenant_id": other}]}
    yield {"insert": collection, "documents": [{"_id": "stolen", "tenant_id": [other]}]}
    for update in (
        {"$set": {"tenant_id": other}},
        {"$set": {"tenant_id.x": 1}},
        {"$unset": {"tenant_id": ""}},
        {"$rename": {"tenant_id": "t"}},
        {"$rename": {"word": "tenant_id"}},
        {"$setOnInsert": {"tenant_id": other}},
        {"$set": {"word": "mine"}},
        [{"$set": {"tenant_id": other}}],
        [{"$replaceWith": {"tenant_id": other}}],
        {"tenant_id": other},
        {"word": "mine"},
    ):
        multi = not isinstance(update, list) and next(iter(update)).startswith("$")
        yield {"update": collection, "updates": [{"q": filter_, "u": update, "multi": multi}]}
        yield {"update": collection, "updates": [{"q": {"_id": "b1"}, "u": update}]}
        yield {"findAndModify": collection, "query": filter_ | {"_id": "b2"}, "update": update}
    yield {"delete": collection, "deletes": [{"q": filter_ | {"word": {"$exists": True}}, "limit": 0}]}
    yield {"delete": collection, "deletes": [{"q": {"_id": "b1"}, "limit": 1}]}
    yield {"drop": collection}
    yield {"renameCollection": f"app.{collection}", "to": "app.gone"}
