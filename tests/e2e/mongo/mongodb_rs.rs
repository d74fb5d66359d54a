//! The Rust driver, as an application. Arguments: the URL and the tenant's word.

use mongodb::bson::{Document, doc};
use mongodb::options::FindOptions;
use mongodb::{Client, Collection};

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("a URL")?;
    let word = arguments.next().ok_or("the tenant's word")?;
    let client = Client::with_uri_str(&url).await?;
    let users: Collection<Document> = client.database("app").collection("users");
    crud(&users, &word).await?;
    cursors(&users).await?;
    transactions(&client, &users).await?;
    changes(&users).await?;
    let refused = client.database("app").run_command(doc! { "shutdown": 1 }).await;
    assert!(refused.is_err());
    println!("all is right");
    Ok(())
}

async fn crud(users: &Collection<Document>, word: &str) -> Result<(), Failure> {
    assert_eq!(users.count_documents(doc! {}).await?, 6);
    let found = users.find_one(doc! { "n": 1 }).await?.ok_or("a user")?;
    assert_eq!(found.get_str("name")?, format!("{word} 1"));
    users.insert_many((0..300).map(|n| doc! { "_id": format!("r{n}"), "r": n })).await?;
    let updated =
        users.update_many(doc! { "r": { "$lt": 100 } }, doc! { "$set": { "s": 1 } }).await?;
    assert_eq!(updated.modified_count, 100);
    let deleted = users.delete_many(doc! { "r": { "$gte": 250 } }).await?;
    assert_eq!(deleted.deleted_count, 50);
    let replaced = users.find_one_and_replace(doc! { "r": 7 }, doc! { "r": -7 }).await?;
    assert!(replaced.is_some());
    Ok(())
}

async fn cursors(users: &Collection<Document>) -> Result<(), Failure> {
    let options = FindOptions::builder().batch_size(20).sort(doc! { "r": 1 }).build();
    let mut cursor = users.find(doc! { "r": { "$exists": true } }).with_options(options).await?;
    let mut count = 0;
    while cursor.advance().await? {
        count += 1;
    }
    assert_eq!(count, 250);
    let group = doc! { "$group": { "_id": null, "n": { "$sum": 1 } } };
    let mut groups = users.aggregate([doc! { "$match": { "s": 1 } }, group]).await?;
    assert!(groups.advance().await?);
    assert_eq!(groups.deserialize_current()?.get_i32("n")?, 99);
    Ok(())
}

async fn transactions(client: &Client, users: &Collection<Document>) -> Result<(), Failure> {
    let mut session = client.start_session().await?;
    session.start_transaction().await?;
    users.insert_one(doc! { "_id": "kept" }).session(&mut session).await?;
    session.commit_transaction().await?;
    session.start_transaction().await?;
    users.insert_one(doc! { "_id": "dropped" }).session(&mut session).await?;
    session.abort_transaction().await?;
    assert_eq!(users.count_documents(doc! { "_id": { "$in": ["kept", "dropped"] } }).await?, 1);
    Ok(())
}

async fn changes(users: &Collection<Document>) -> Result<(), Failure> {
    let mut stream = users.watch().await?;
    users.insert_one(doc! { "_id": "seen" }).await?;
    loop {
        if let Some(event) = stream.next_if_any().await? {
            let key = event.document_key.ok_or("a key")?;
            assert_eq!(key.get_str("_id")?, "seen");
            return Ok(());
        }
    }
}
