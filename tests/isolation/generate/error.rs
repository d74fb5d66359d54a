//! Statements that are wrong: both databases must say so in the same words.

use super::reading;
use crate::choice::Choices;
use crate::session::Statement;

/// Each is wrong by itself, or reveals values in its error when it is led to the wrong rows.
const WRONG: &[&str] = &[
    "SELECT nope FROM orders",
    "SELECT o.nope FROM orders o",
    "SELECT id FROM orders, items",
    "SELECT orders.id FROM orders o",
    "SELECT o.id FROM orders o, items o",
    "SELECT id, count(*) FROM items GROUP BY sku",
    "SELECT name, count(*) FROM customers GROUP BY id",
    "SELECT status FROM orders GROUP BY id",
    "SELECT count(*) FROM orders WHERE count(*) > 1",
    "SELECT rank() OVER () FROM orders WHERE rank() OVER () > 1",
    "SELECT max(sum(total)) FROM orders",
    "SELECT id FROM orders WHERE id = 'x'",
    "SELECT id FROM orders WHERE total = 'many'",
    "SELECT id + status FROM orders",
    "SELECT id FROM orders WHERE placed > 'soonish'",
    "SELECT 1 / (id - 3) FROM orders ORDER BY id",
    "SELECT id FROM orders WHERE 1 / (id - 3) > 0 ORDER BY id",
    "SELECT body::int FROM notes WHERE id = 1",
    "SELECT (SELECT id FROM orders) FROM customers",
    "SELECT id FROM orders LIMIT -1",
    "SELECT id FROM orders OFFSET -2",
    "SELECT id FROM orders LIMIT 'x'",
    "SELECT 1 UNION SELECT status FROM orders",
    "SELECT id, status FROM orders UNION SELECT id FROM items",
    "SELECT * FROM orders o JOIN items i USING (nope)",
    "SELECT * FROM orders o JOIN items i ON o.id",
    "SELECT id FROM orders WHERE status",
    "SELECT id FROM orders HAVING status = 'new'",
    "SELECT DISTINCT status FROM orders ORDER BY id",
    "SELECT DISTINCT ON (status) id FROM orders ORDER BY id",
    "SELECT id FROM orders ORDER BY 4",
    "SELECT id FROM orders FOR UPDATE OF items",
    "SELECT count(*) FROM orders FOR UPDATE",
    "SELECT id FROM orders UNION SELECT id FROM items FOR UPDATE",
    "SELECT DISTINCT id FROM orders FOR SHARE",
    "WITH x AS (SELECT 1) SELECT * FROM x FOR UPDATE OF x",
    "WITH x AS (SELECT id FROM orders), x AS (SELECT 1) SELECT 1",
    "WITH x(a, b) AS (SELECT id FROM orders) SELECT * FROM x",
    "SELECT * FROM orders AS o(a, b, c, d, e, f, g, h, i)",
    "SELECT * FROM (SELECT id FROM orders) AS q(a, b)",
    "SELECT o.id FROM orders o, (SELECT o.id) q",
    "SELECT * FROM orders o FULL JOIN items i ON o.id > i.order_id",
    "SELECT lower(1, 2) FROM orders",
    "SELECT lower(id) FROM orders",
    "SELECT sum(status) FROM orders",
    "SELECT CAST(status AS int) FROM orders WHERE id = 1",
    "SELECT 'x'::mood FROM notes",
    "SELECT doc::text::int FROM notes WHERE id = 3",
    "SELECT payload -> 'n' + 1 FROM events",
    "SELECT numbers[status] FROM notes, orders",
    "SELECT CASE WHEN id THEN 1 END FROM orders",
    "SELECT id FROM orders WHERE id IN (SELECT id, status FROM orders)",
    "SELECT id FROM orders WHERE (id, status) = (1, 'a', 2)",
    "INSERT INTO orders (id, nope) VALUES (1, 2)",
    "INSERT INTO orders (id, id) VALUES (1, 2)",
    "INSERT INTO orders (id) VALUES (1)",
    "INSERT INTO orders (id, total) VALUES (901, 'lots')",
    "INSERT INTO orders (id, total) VALUES (902, -5000000)",
    "INSERT INTO orders (id, status) VALUES (903, NULL)",
    "INSERT INTO orders (id) VALUES (NULL)",
    "INSERT INTO orders (id, total) VALUES (904)",
    "INSERT INTO orders (id) VALUES (905, 1)",
    "INSERT INTO orders (id, customer_id) VALUES (906, 999)",
    "INSERT INTO items (id, order_id) VALUES (907, 998)",
    "INSERT INTO items (id, order_id, amount) VALUES (908, 1, 5)",
    "INSERT INTO customers (id, name, email) VALUES (909, 'x', 'c1@shop.test')",
    "INSERT INTO customers (id, name, email) VALUES (910, 'x', repeat('x', 81))",
    "INSERT INTO orders (id) SELECT id FROM orders",
    "INSERT INTO orders (id) VALUES (911) ON CONFLICT (status) DO NOTHING",
    "INSERT INTO orders (id) VALUES (912), (912) ON CONFLICT (id) DO UPDATE SET status = 'x'",
    "INSERT INTO orders (id) VALUES (913) RETURNING nope",
    "UPDATE orders SET nope = 1",
    "UPDATE orders SET id = NULL WHERE id = 1",
    "UPDATE orders SET total = total * 1e9 WHERE id = 1",
    "UPDATE orders SET status = 'a', status = 'b'",
    "UPDATE orders SET customer_id = 997 WHERE id = 2",
    "UPDATE orders SET id = 2 WHERE id = 1",
    "UPDATE items SET amount = 1",
    "UPDATE items SET qty = 'x'",
    "UPDATE orders o SET o.status = 'x'",
    "DELETE FROM orders WHERE nope",
    "DELETE FROM customers WHERE id = 2",
    "DELETE FROM orders o USING orders o",
    "DELETE FROM orders WHERE id",
    "INSERT INTO events (id, day) VALUES (914, 'someday')",
    "INSERT INTO events_late (id, day) VALUES (915, '2024-01-01')",
    "UPDATE events_late SET day = '2024-01-02' WHERE id = 3",
    "SELECT sqrt(-id) FROM orders WHERE id = 1",
    "SELECT ARRAY[1, 'x']",
    "SELECT FROM orders ORDER BY id LIMIT 2",
    "SELECT current_setting('nope')",
    "SELEC id FROM orders",
    "SELECT id FROM orders WHERE",
    "SELECT 'open",
    "SELECT \"open",
    "SELECT /* open",
    "SELECT (1",
    "",
    ";",
    ";;",
    "-- nothing",
];

/// One wrong statement, or a right one that something was done to.
pub(super) fn statements(choices: &mut Choices) -> Vec<Statement> {
    if choices.one_in(3) {
        return vec![damaged(choices)];
    }
    let extended = choices.one_in(2);
    let text = choices.pick(WRONG).to_owned();
    vec![Statement { text, extended, ..Statement::default() }]
}

/// A generated statement without one of its words, or with a word twice.
fn damaged(choices: &mut Choices) -> Statement {
    let mut whole = reading(choices);
    let words: Vec<&str> = whole.text.split(' ').collect();
    let place = choices.below(u32::try_from(words.len()).unwrap_or(1)) as usize;
    let twice = choices.one_in(3);
    let kept: Vec<&str> = words
        .iter()
        .enumerate()
        .flat_map(|(index, word)| {
            let times = if index != place {
                1
            } else if twice {
                2
            } else {
                0
            };
            std::iter::repeat_n(*word, times)
        })
        .collect();
    // Without a word, an order may be another.
    whole.ordered = false;
    whole.text = kept.join(" ");
    if whole.text.contains("LIMIT")
        || whole.text.contains("FETCH")
        || whole.text.contains("DISTINCT ON")
    {
        "SELECT int8 FROM orders".clone_into(&mut whole.text);
    }
    whole
}
