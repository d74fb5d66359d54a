//! Writes into, over and by way of another tenant's rows.

use super::Attack;
use crate::runner::Must::{Agree, BeRefused};

pub(super) const ATTACKS: &[Attack] = &[
    (
        BeRefused,
        "INSERT INTO orders (id, tenant_id) VALUES (1, 'b2b2b2b2-0000-4000-8000-00000000000b')",
    ),
    (
        BeRefused,
        "INSERT INTO orders (id, \"tenant_id\") VALUES (1, 'b2b2b2b2-0000-4000-8000-00000000000b')",
    ),
    (
        BeRefused,
        "INSERT INTO orders (id, U&\"tenant\\005fid\") VALUES (1, 'b2b2b2b2-0000-4000-8000-00000000000b')",
    ),
    (
        BeRefused,
        "INSERT INTO orders (id, TENANT_ID) SELECT 1, 'b2b2b2b2-0000-4000-8000-00000000000b'",
    ),
    (BeRefused, "INSERT INTO items VALUES ('b2b2b2b2-0000-4000-8000-00000000000b', 500, 1)"),
    (BeRefused, "INSERT INTO items SELECT 'b2b2b2b2-0000-4000-8000-00000000000b', 500, 1"),
    (
        BeRefused,
        "INSERT INTO items (tenant_id, id, order_id) VALUES ('a1a1a1a1-0000-4000-8000-00000000000a', 501, 1), ('b2b2b2b2-0000-4000-8000-00000000000b', 502, 1)",
    ),
    (BeRefused, "INSERT INTO orders (id, tenant_id) VALUES (1, NULL)"),
    (
        BeRefused,
        "INSERT INTO orders (id, tenant_id) VALUES (1, (SELECT tenant_id FROM orders LIMIT 1))",
    ),
    (
        BeRefused,
        "INSERT INTO orders (id, tenant_id) SELECT id, 'b2b2b2b2-0000-4000-8000-00000000000b' FROM orders",
    ),
    (BeRefused, "INSERT INTO orders (id, tenant_id) VALUES (1, gen_random_uuid())"),
    (
        BeRefused,
        "INSERT INTO orders (tenant_id, id, tenant_id) VALUES ('a1a1a1a1-0000-4000-8000-00000000000a', 1, 'b2b2b2b2-0000-4000-8000-00000000000b')",
    ),
    (
        BeRefused,
        "INSERT INTO orders (id, tenant_id) VALUES (1, 'b2b2b2b2-0000-4000-8000-00000000000b'::text::uuid)",
    ),
    (
        BeRefused,
        "INSERT INTO orders (id, tenant_id) VALUES (1, CASE WHEN true THEN 'b2b2b2b2-0000-4000-8000-00000000000b'::uuid END)",
    ),
    (
        BeRefused,
        "WITH x AS (INSERT INTO orders (id, tenant_id) VALUES (1, 'b2b2b2b2-0000-4000-8000-00000000000b') RETURNING 1) SELECT * FROM x",
    ),
    (
        Agree,
        "INSERT INTO orders (id, status) SELECT 700 + id, status FROM orders ORDER BY id RETURNING *",
    ),
    (Agree, "INSERT INTO orders SELECT * FROM orders WHERE false"),
    (Agree, "INSERT INTO orders (id, status) TABLE vault"),
    (
        Agree,
        "INSERT INTO orders (id, status) VALUES (710, (SELECT string_agg(status, ',' ORDER BY id) FROM orders)) RETURNING status",
    ),
    (Agree, "INSERT INTO orders (id) VALUES (711) RETURNING (SELECT count(*) FROM items)"),
    (
        Agree,
        "INSERT INTO orders (id) VALUES (712) RETURNING orders.*, (SELECT max(sku) FROM items)",
    ),
    (Agree, "INSERT INTO orders AS tenant_id (id) VALUES (713) RETURNING tenant_id"),
    (Agree, "INSERT INTO orders AS o (id, tags[1]) VALUES (714, 'x') RETURNING o.tags"),
    (Agree, "INSERT INTO orders DEFAULT VALUES"),
    (Agree, "INSERT INTO \"Weird Table\" VALUES (715, DEFAULT, 'x')"),
    (
        Agree,
        "INSERT INTO orders VALUES (716, 1, 'x', 1, NULL, '2024-01-01', DEFAULT), (717, 1, 'y', 2, NULL, '2024-01-01', DEFAULT) RETURNING id",
    ),
    (Agree, "INSERT INTO orders (id) SELECT 718 UNION ALL SELECT 719 RETURNING id"),
    (Agree, "INSERT INTO orders (id) (SELECT 720 LIMIT 1) RETURNING id"),
    (Agree, "INSERT INTO orders (id) WITH x AS (SELECT 721 AS n) SELECT n FROM x RETURNING id"),
    (
        Agree,
        "INSERT INTO orders (id, status) SELECT DISTINCT ON (status) 730 + id, status FROM orders ORDER BY status, id RETURNING id",
    ),
    (
        Agree,
        "INSERT INTO orders (id, status) SELECT max(id) + 740, status FROM orders GROUP BY status RETURNING id, status",
    ),
    (
        Agree,
        "INSERT INTO orders (id) SELECT 750 + i.id FROM items i LEFT JOIN notes n USING (id) WHERE i.id < 4 RETURNING id",
    ),
    (Agree, "INSERT INTO orders (id) SELECT generate_series(760, 763) RETURNING id"),
    (
        Agree,
        "INSERT INTO orders (id, total) SELECT 770, sum(total) OVER () FROM orders LIMIT 1 RETURNING total",
    ),
    (Agree, "INSERT INTO notes (id, body) OVERRIDING SYSTEM VALUE VALUES (771, 'x') RETURNING id"),
    // Rows that stand in the way.
    (
        Agree,
        "INSERT INTO orders (id, status) VALUES (1, 'mine') ON CONFLICT (tenant_id, id) DO UPDATE SET status = excluded.status RETURNING *",
    ),
    (
        Agree,
        "INSERT INTO orders (id, status) VALUES (1, 'mine') ON CONFLICT (id) DO UPDATE SET status = orders.status || excluded.status RETURNING *",
    ),
    (
        Agree,
        "INSERT INTO orders (id) SELECT g FROM generate_series(1, 40) g ON CONFLICT DO NOTHING RETURNING id",
    ),
    (
        Agree,
        "INSERT INTO customers (id, name, email) VALUES (3, 'x', 'c1@shop.test') ON CONFLICT (email) DO UPDATE SET name = 'theirs' RETURNING *",
    ),
    (
        Agree,
        "INSERT INTO customers (id, name) SELECT g, 'x' FROM generate_series(1, 12) g ON CONFLICT (id) DO UPDATE SET name = 'theirs' WHERE customers.id > 1 RETURNING id, name",
    ),
    (
        Agree,
        "INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET status = (SELECT max(status) FROM orders) RETURNING status",
    ),
    (
        Agree,
        "INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET status = 'x' WHERE orders.tenant_id <> excluded.tenant_id OR true RETURNING status",
    ),
    (
        Agree,
        "INSERT INTO orders (id) VALUES (1) ON CONFLICT ON CONSTRAINT orders_pkey DO UPDATE SET status = 'x' RETURNING id",
    ),
    (
        Agree,
        "INSERT INTO billing.invoices (number, total) VALUES ('R-1', 1) ON CONFLICT (number) DO UPDATE SET total = excluded.total RETURNING *",
    ),
    (
        BeRefused,
        "INSERT INTO orders (id) VALUES (1) ON CONFLICT (tenant_id, id) DO UPDATE SET tenant_id = 'b2b2b2b2-0000-4000-8000-00000000000b'",
    ),
    (
        BeRefused,
        "INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET (status, tenant_id) = ('x', 'b2b2b2b2-0000-4000-8000-00000000000b')",
    ),
    (Agree, "INSERT INTO orders (id) VALUES (1) ON CONFLICT (id, (status || 'x')) DO NOTHING"),
    (Agree, "INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) WHERE status = 'x' DO NOTHING"),
    // UPDATE.
    (BeRefused, "UPDATE orders SET tenant_id = 'b2b2b2b2-0000-4000-8000-00000000000b'"),
    (BeRefused, "UPDATE orders SET (id, tenant_id) = (1, 'b2b2b2b2-0000-4000-8000-00000000000b')"),
    (
        BeRefused,
        "UPDATE orders SET (id, tenant_id) = ROW(1, 'b2b2b2b2-0000-4000-8000-00000000000b')",
    ),
    (
        BeRefused,
        "UPDATE orders SET (status, tenant_id) = (SELECT 'x', 'b2b2b2b2-0000-4000-8000-00000000000b'::uuid)",
    ),
    (BeRefused, "UPDATE orders SET U&\"tenant\\005fid\" = 'b2b2b2b2-0000-4000-8000-00000000000b'"),
    (BeRefused, "UPDATE billing.invoices SET org_id = NULL"),
    (Agree, "UPDATE orders SET tenant_id = DEFAULT WHERE id = 1"),
    (Agree, "UPDATE orders SET tenant_id = tenant_id"),
    (Agree, "UPDATE orders SET status = 'x' WHERE id = 1 OR true RETURNING id"),
    (Agree, "UPDATE ONLY orders AS o SET status = 'y' RETURNING id"),
    (
        Agree,
        "UPDATE orders o SET status = i.sku FROM items i WHERE i.order_id = o.id AND i.id = 1 RETURNING o.id, i.*",
    ),
    (Agree, "UPDATE orders SET status = (SELECT min(sku) FROM items) RETURNING status"),
    (
        Agree,
        "UPDATE orders o SET total = q.s FROM (SELECT order_id, sum(price) s FROM items GROUP BY 1) q WHERE q.order_id = o.id RETURNING o.id, q.s",
    ),
    (
        Agree,
        "UPDATE orders SET status = 'z' FROM items RIGHT JOIN notes ON items.id = notes.id WHERE orders.id = notes.id AND items.id < 3 RETURNING orders.id",
    ),
    (
        Agree,
        "WITH u AS (UPDATE orders SET status = 'w' RETURNING *) SELECT count(*), min(status) FROM u",
    ),
    (Agree, "UPDATE parents SET label = 'x' RETURNING *"),
    (Agree, "UPDATE rich_customers SET name = 'rich' RETURNING id"),
    (Agree, "UPDATE events SET day = day + 60 WHERE id = 3 RETURNING day"),
    (BeRefused, "UPDATE plans SET price = 0"),
    (BeRefused, "UPDATE vault SET secret = 'x'"),
    (BeRefused, "UPDATE all_orders SET status = 'x'"),
    (BeRefused, "UPDATE orders SET status = 'x' WHERE CURRENT OF c"),
    // DELETE and the rest.
    (Agree, "DELETE FROM items WHERE true OR id = 1"),
    (Agree, "DELETE FROM ONLY parents RETURNING *"),
    (Agree, "DELETE FROM notes USING items RETURNING notes.id"),
    (Agree, "DELETE FROM notes n USING notes m WHERE n.id = m.id AND EXISTS (SELECT FROM items)"),
    (Agree, "WITH d AS (DELETE FROM events RETURNING *) SELECT count(*) FROM d"),
    (
        Agree,
        "WITH d AS (DELETE FROM billing.invoices RETURNING *) INSERT INTO notes (id, body) SELECT 900 + total, number FROM d WHERE paid ON CONFLICT DO NOTHING RETURNING body",
    ),
    (BeRefused, "DELETE FROM plans"),
    (BeRefused, "DELETE FROM vault"),
    (BeRefused, "DELETE FROM order_copy"),
    (BeRefused, "TRUNCATE orders CASCADE"),
    (BeRefused, "MERGE INTO orders o USING items i ON true WHEN MATCHED THEN DELETE"),
    (BeRefused, "DROP TABLE orders CASCADE"),
    (BeRefused, "ALTER TABLE orders DROP COLUMN tenant_id"),
    (BeRefused, "ALTER TABLE orders DISABLE TRIGGER ALL"),
    (BeRefused, "CREATE RULE r AS ON SELECT TO orders DO INSTEAD SELECT * FROM vault"),
    (BeRefused, "CREATE TRIGGER t AFTER INSERT ON orders EXECUTE FUNCTION order_count()"),
    (BeRefused, "CREATE POLICY p ON orders"),
    (BeRefused, "GRANT ALL ON orders TO PUBLIC"),
    (BeRefused, "REINDEX TABLE orders"),
    (BeRefused, "PREPARE TRANSACTION 'x'"),
    (BeRefused, "COMMIT PREPARED 'x'"),
];
