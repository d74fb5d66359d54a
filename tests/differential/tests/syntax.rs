//! Our syntax tree against pg_query's: it holds what was written, all of it, and nothing else.

use differential::lexer::Tokens;
use differential::tree::Tree;
use differential::{corpus, count, ours};

/// Built by hand from what the corpus has little of.
const EXTRA: &[&str] = &[
    "UPDATE t SET (a, b) = (SELECT c, d FROM u WHERE e = $1), f = g(2)",
    "SELECT a NOT /* x */ IN (1, 2), 'b' -- y\n 'c' FROM t NATURAL JOIN u",
    "SELECT U&\"d!0061t\" /* x */ UESCAPE '!' FROM ONLY (s.t) AS x TABLESAMPLE system (1)",
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n FROM t) CYCLE n SET c USING p TABLE t",
    "INSERT INTO t AS x VALUES (DEFAULT) ON CONFLICT (lower(a) COLLATE \"C\") WHERE b DO UPDATE \
     SET a = (SELECT max(c) FROM u) WHERE x.a > $2 RETURNING (SELECT 1 FROM v)",
    "SELECT JSON_ARRAY(SELECT a FROM t), JSON_OBJECT('a': b FORMAT JSON RETURNING text)",
    "SELECT sum(a) FILTER (WHERE b) OVER (w ORDER BY c ROWS 1 PRECEDING) FROM t WINDOW w AS ()",
    "SELECT * FROM ROWS FROM (f(1) AS (a int, b text COLLATE \"C\"), g(2)) WITH ORDINALITY AS x",
    "SELECT a FROM t FOR UPDATE OF t, u NOWAIT FOR SHARE SKIP LOCKED",
    "DELETE FROM t USING u LEFT JOIN (v CROSS JOIN w) AS x (a, b) ON true WHERE t.a = ANY ($1)",
];

#[test]
fn every_admitted_statement_keeps_all_it_holds() {
    let texts: Vec<String> =
        EXTRA.iter().map(|text| (*text).to_owned()).chain(corpus::statements()).collect();
    let answers = ours::answers(&texts);
    let (mut admitted, mut disagreements) = (0, Vec::new());
    for (text, answer) in texts.iter().zip(&answers) {
        // Comments are blanked for both: pg_query stumbles over them.
        let blanked = Tokens::lex_until_error(text).0.without_comments();
        let reference = pg_query::parse(&blanked, 0);
        let disagreement = match (answer["tree"].as_str(), reference) {
            (Some(tree), Ok(reference)) => {
                admitted += 1;
                let ours = count::ours(&Tree::parse(tree));
                let theirs =
                    count::theirs(&Tree::parse(&format!("{:?}", reference.protobuf.stmts)));
                (ours != theirs).then(|| differing(&ours, &theirs))
            }
            // A chain of operators too long for protobuf is not too long for us.
            (Some(_), Err(pg_query::Error::Decode(_))) => None,
            (Some(_), Err(error)) => Some(format!("only we read it: {error}")),
            // libpg_query takes letters behind a parameter, the server does not.
            (None, _) if answer["syntax"] == "trailing junk after parameter" => None,
            (None, Ok(_)) if !answer["syntax"].is_null() => {
                Some(format!("only pg_query reads it: {}", answer["syntax"]))
            }
            (None, _) => None,
        };
        disagreements.extend(disagreement.map(|what| format!("{text:.200}\n  {what}")));
    }
    assert!(admitted > 15_000, "only {admitted} of {} statements were admitted", texts.len());
    assert!(
        disagreements.is_empty(),
        "{} of {admitted}:\n{}",
        disagreements.len(),
        disagreements.iter().take(8).cloned().collect::<Vec<_>>().join("\n")
    );
    println!("{admitted} of {} statements were admitted and hold the same", texts.len());
}

fn differing(ours: &count::Counts, theirs: &count::Counts) -> String {
    let only = |left: &count::Counts, right: &count::Counts| {
        let more = left.iter().filter(|(what, number)| right.get(*what) < Some(number));
        more.map(|(what, number)| format!("{number} x {what}")).collect::<Vec<_>>().join(", ")
    };
    format!("more in ours: [{}]; more in pg_query's: [{}]", only(ours, theirs), only(theirs, ours))
}
