"""pymongo's asynchronous client, and Beanie on top of it."""

import asyncio

from beanie import Document, Indexed, init_beanie
from block import ACME, FIELD
from pymongo import AsyncMongoClient

W = ACME.word


def test_asynchronous_client(block):
    async def application():
        client = AsyncMongoClient(block.url(), serverSelectionTimeoutMS=10000, maxPoolSize=10)
        app = client.app
        assert await app.users.count_documents({}) == 6

        async def one(n):
            await app.users.insert_one({"_id": f"a{n}", "n": n})
            return (await app.users.find_one({"_id": f"a{n}"}))["n"]

        assert await asyncio.gather(*(one(n) for n in range(40))) == list(range(40))
        assert len([user async for user in app.users.find(batch_size=7)]) == 46
        async with client.start_session() as session:
            async with await session.start_transaction():
                await app.users.insert_one({"_id": "tx"}, session=session)
        async with await app.users.watch() as stream:
            await app.users.insert_one({"_id": "seen"})
            assert (await stream.next())["documentKey"] == {"_id": "seen"}
        await client.close()

    asyncio.run(application())
    assert len(block.of()) == 6 + 40 + 2


class Note(Document):
    title: Indexed(str)
    body: str = ""
    stars: int = 0

    class Settings:
        name = "notes"


def test_beanie(block):
    async def application():
        client = AsyncMongoClient(block.url(), serverSelectionTimeoutMS=10000)
        await init_beanie(database=client.app, document_models=[Note])
        for n in range(5):
            await Note(title=f"{W} {n}", stars=n).insert()
        assert await Note.find_all().count() == 5
        note = await Note.find_one(Note.stars == 3)
        note.body = "new"
        await note.save()
        note.body = "newer"
        await note.replace()
        await Note.find(Note.stars > 3).update({"$inc": {Note.stars: 10}})
        assert await Note.find(Note.stars > 10).count() == 1
        await (await Note.find_one(Note.stars == 0)).delete()
        found = await Note.find(Note.stars < 10).sort(-Note.stars).to_list()
        assert [one.stars for one in found] == [3, 2, 1] and found[0].body == "newer"
        groups = [{"$group": {"_id": None, "sum": {"$sum": "$stars"}}}]
        assert (await Note.aggregate(groups).to_list())[0]["sum"] == 20
        await client.close()

    # What Beanie would create, and tenants may not, the operator has made, led by the tenant.
    led = [(FIELD, 1)] if block.wall else []
    block.held.admin.app.notes.create_index([*led, ("title", 1)])
    asyncio.run(application())
    assert len(block.of(collection="notes")) == 4
