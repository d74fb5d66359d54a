//! An application with tokio-postgres: `tokio_postgres URL`. Ends with 0 if all it saw was right.
//!
//! Run by test_tokio_postgres.py through the wall; the rows are those of shop.py.

use tokio_postgres::types::Type;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let url = std::env::args().nth(1).expect("a URL");
    let (mut client, connection) = tokio_postgres::connect(&url, NoTls).await.expect("connects");
    let link = tokio::spawn(connection);
    simple(&client).await;
    prepared(&client).await;
    pipelined(&client).await;
    refused(&mut client).await;
    cancelled(&client).await;
    drop(client);
    link.await.expect("the link's task").expect("the link");
    println!("all is right");
}

async fn simple(client: &Client) {
    let messages = client.simple_query("SELECT id FROM customers ORDER BY id; SELECT 1").await;
    let rows = messages.expect("answers").into_iter();
    let ids: Vec<String> = rows
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })
        .collect();
    assert_eq!(ids, ["1", "2", "3", "1"]);
}

async fn prepared(client: &Client) {
    let text = "SELECT name, total FROM orders o JOIN customers c ON c.id = o.customer_id \
                WHERE o.id = $1 OR $2";
    let statement = client.prepare(text).await.expect("prepares");
    assert_eq!(statement.params(), [Type::INT8, Type::BOOL]);
    assert_eq!(statement.columns()[0].name(), "name");
    let all = client.query(&statement, &[&1i64, &true]).await.expect("answers");
    let count: i64 =
        client.query_one("SELECT count(*) FROM orders", &[]).await.expect("answers").get(0);
    assert_eq!(all.len() as i64, count, "an injected OR true shows the tenant's own rows");
    let inserted = "INSERT INTO customers (id, email, name) VALUES ($1, $2, $3) \
                    ON CONFLICT (email) DO UPDATE SET name = excluded.name RETURNING id, name";
    let row = client.query_one(inserted, &[&77i64, &"t@x", &"Tokio"]).await.expect("inserts");
    assert_eq!((row.get(0), row.get(1)), (77i64, "Tokio"));
    let row = client.query_one(inserted, &[&78i64, &"t@x", &"Again"]).await.expect("updates");
    assert_eq!((row.get(0), row.get(1)), (77i64, "Again"));
    let gone = client.execute("DELETE FROM customers WHERE id = $1", &[&77i64]).await;
    assert_eq!(gone.expect("deletes"), 1);
}

/// Many statements under way at once on one connection.
async fn pipelined(client: &Client) {
    let queries = (0..20i32).map(|n| async move {
        let row = client.query_one("SELECT $1::int4 + count(*)::int4 FROM plans", &[&n]).await;
        row.expect("answers").get::<_, i32>(0)
    });
    let mut sums = Vec::new();
    for query in queries.collect::<Vec<_>>() {
        sums.push(query.await);
    }
    assert_eq!(sums, (2..22).collect::<Vec<i32>>());
}

/// A refusal inside a transaction fails it on both sides.
async fn refused(client: &mut Client) {
    let transaction = client.transaction().await.expect("begins");
    transaction.execute("UPDATE orders SET note = 'lost'", &[]).await.expect("updates");
    let refusal = transaction.query("SELECT * FROM settings", &[]).await.expect_err("is refused");
    let refusal = refusal.as_db_error().expect("an answer of the wire");
    assert_eq!(refusal.code().code(), "42501");
    assert!(refusal.message().ends_with("[relation-not-allowed]"), "{refusal}");
    let failed = transaction.query("SELECT 1", &[]).await.expect_err("has failed");
    assert_eq!(failed.code().map(|code| code.code()), Some("25P02"));
    transaction.rollback().await.expect("rolls back");
    let lost = "SELECT count(*) FROM orders WHERE note = 'lost'";
    assert_eq!(client.query_one(lost, &[]).await.expect("answers").get::<_, i64>(0), 0);
}

async fn cancelled(client: &Client) {
    let token = client.cancel_token();
    let slow = "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b";
    let query = client.query(slow, &[]);
    let cancel = async {
        // Asked again until it meets the running query.
        loop {
            token.cancel_query(NoTls).await.expect("the wall takes it");
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = query => {
            let error = answer.expect_err("is cancelled");
            assert_eq!(error.code().map(|code| code.code()), Some("57014"));
        }
        () = cancel => {}
    }
}
