//! An application with redis-rs: `redis_rs URL WORD`. Ends with 0 if all it saw was right.
//!
//! Run by test_redis_rs.py through the wall; what it finds is that of house.py.

use redis::aio::MultiplexedConnection;
use redis::streams::{StreamReadOptions, StreamReadReply};
use redis::{AsyncCommands, Client, RedisResult, Script};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (url, word) = (arguments.next().expect("a URL"), arguments.next().expect("a word"));
    for protocol in ["resp2", "resp3"] {
        let client = Client::open(format!("{url}?protocol={protocol}")).expect("a client");
        let mut connection = client.get_multiplexed_async_connection().await.expect("connects");
        commands(&mut connection, &word).await;
        transaction(&mut connection).await;
        multiplexed(&connection, &word).await;
        refused(&mut connection, &word).await;
        subscribed(&client, &mut connection).await;
    }
    println!("all is right");
}

async fn commands(connection: &mut MultiplexedConnection, word: &str) {
    let greeting: String = connection.get("greeting").await.expect("answers");
    assert_eq!(greeting, format!("hello {word}"));
    let () = connection.set("rust", "1").await.expect("sets");
    let popped: (String, String) = {
        let _: usize = connection.rpush("jobs", "tenant:x:work").await.expect("pushes");
        connection.blpop("jobs", 5.0).await.expect("pops")
    };
    assert_eq!(popped, ("jobs".to_owned(), "tenant:x:work".to_owned()));
    let options = StreamReadOptions::default().count(1);
    let streams: StreamReadReply =
        connection.xread_options(&["log"], &["0"], &options).await.expect("reads");
    assert_eq!(streams.keys[0].key, "log");
    let mut names: Vec<String> = Vec::new();
    let mut scan = connection.scan_match::<_, String>("*e*").await.expect("scans");
    while let Some(name) = scan.next_item().await {
        names.push(name.expect("a name"));
    }
    drop(scan);
    names.sort();
    assert_eq!(names, ["greeting", "queue", "scores", "user:1"]);
    let script = Script::new("return {KEYS[1], redis.call('STRLEN', KEYS[1])}");
    let made: (String, usize) =
        script.key("greeting").invoke_async(connection).await.expect("runs");
    assert_eq!(made, ("greeting".to_owned(), greeting.len()));
}

async fn transaction(connection: &mut MultiplexedConnection) {
    let mut pipe = redis::pipe();
    pipe.atomic().incr("rust", 4).get("rust").del("rust").ignore();
    let answers: (i64, i64) = pipe.query_async(connection).await.expect("runs");
    assert_eq!(answers, (5, 5));
}

/// Many commands under way at once on one connection.
async fn multiplexed(connection: &MultiplexedConnection, word: &str) {
    let one = |number: u32| {
        let mut connection = connection.clone();
        async move {
            let () = connection.set(format!("n{number}"), number).await.expect("sets");
            let greeting: String = connection.get("greeting").await.expect("answers");
            let back: u32 = connection.get_del(format!("n{number}")).await.expect("answers");
            (back, greeting)
        }
    };
    let tasks: Vec<_> = (0..50).map(|number| tokio::spawn(one(number))).collect();
    for (task, number) in tasks.into_iter().zip(0..) {
        assert_eq!(task.await.expect("ends"), (number, format!("hello {word}")));
    }
}

async fn refused(connection: &mut MultiplexedConnection, word: &str) {
    let refusal: RedisResult<String> =
        redis::cmd("NOSUCH").arg("greeting").query_async(connection).await;
    assert!(refusal.is_err());
    let greeting: String = connection.get("greeting").await.expect("in step");
    assert_eq!(greeting, format!("hello {word}"));
}

async fn subscribed(client: &Client, connection: &mut MultiplexedConnection) {
    let mut listener = client.get_connection().expect("connects");
    let (told, listens) = tokio::sync::oneshot::channel();
    let heard = tokio::task::spawn_blocking(move || {
        let mut subscription = listener.as_pubsub();
        subscription.psubscribe("news.*").expect("subscribes");
        told.send(()).expect("is awaited");
        let message = subscription.get_message().expect("a message");
        (message.get_channel_name().to_owned(), message.get_payload::<String>().expect("text"))
    });
    listens.await.expect("listens");
    let count: usize = connection.publish("news.today", "hello").await.expect("publishes");
    assert_eq!(count, 1);
    assert_eq!(heard.await.expect("ends"), ("news.today".to_owned(), "hello".to_owned()));
}
