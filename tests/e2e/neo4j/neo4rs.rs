//! An application with neo4rs: `neo4rs URL USER PASSWORD WORD`. Ends with 0 if all it saw was right.
//!
//! Run by test_neo4j_programs.py through the wall; what it finds is that of graph.py.

use neo4rs::{ConfigBuilder, Graph, query};

const PEOPLE: &str = "MATCH (p:Person) RETURN p.name AS name ORDER BY name";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("URL USER PASSWORD WORD");
    let (url, user, password, word) = (next(), next(), next(), next());
    let config = |password: &str| {
        let config = ConfigBuilder::default().uri(&url).user(&user).password(password);
        config.fetch_size(2).build().expect("a configuration")
    };
    let graph = Graph::connect(config(&password)).await.expect("connects");
    let all: Vec<String> =
        ["Ada", "Bob", "Eve"].iter().map(|name| format!("{name} {word}")).collect();
    assert_eq!(names(&graph).await, all);
    writes(&graph).await;
    refused(&graph).await;
    assert_eq!(names(&graph).await, all);
    let wrong = Graph::connect(config("guess")).await.expect("connects when it is used");
    assert!(wrong.run(query("RETURN 1")).await.is_err(), "a wrong password lets nobody in");
    println!("all is right");
}

async fn names(graph: &Graph) -> Vec<String> {
    let mut rows = graph.execute(query(PEOPLE)).await.expect("answers");
    let mut names = Vec::new();
    while let Some(row) = rows.next().await.expect("goes on") {
        names.push(row.get("name").expect("a name"));
    }
    names
}

async fn writes(graph: &Graph) {
    let made = query("CREATE (n:Rust {at: $at, tags: $tags}) RETURN n.at AS at");
    let made = made.param("at", 1_i64 << 40).param("tags", vec!["a", "b"]);
    let mut rows = graph.execute(made).await.expect("creates");
    let row = rows.next().await.expect("answers").expect("a row");
    assert_eq!(row.get::<i64>("at").expect("a number"), 1 << 40);
    drop(rows);
    let mut transaction = graph.start_txn().await.expect("begins");
    transaction.run(query("MATCH (n:Rust) SET n.seen = true")).await.expect("sets");
    transaction.commit().await.expect("commits");
    graph.run(query("MATCH (n:Rust {seen: true}) DETACH DELETE n")).await.expect("deletes");
}

async fn refused(graph: &Graph) {
    let mut transaction = graph.start_txn().await.expect("begins");
    transaction.run(query("CREATE (:Lost)")).await.expect("creates");
    let error = transaction.run(query("SHOW USERS")).await.expect_err("is refused");
    assert!(format!("{error:?}").contains("partywall: "), "{error:?}");
    drop(transaction);
    let mut rows =
        graph.execute(query("MATCH (n:Lost) RETURN count(n) AS n")).await.expect("answers");
    let row = rows.next().await.expect("goes on").expect("a row");
    assert_eq!(row.get::<i64>("n").expect("a number"), 0);
}
