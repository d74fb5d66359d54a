-- One tenant's rows. {tenant} is its id; {base}, {salt}, {mark}, {number} and {year} make its values its
-- own; {many} is how many there are.
INSERT INTO customers (id, tenant_id, name, email, tier, balance, joined)
SELECT {base} + g, '{tenant}', (ARRAY['Ada', 'Bob', 'Cyd', 'Eve'])[1 + (g * 3 + {salt}) % 4] || '{mark}',
    CASE WHEN g % 6 <> 5 THEN 'c' || g || '{mark}@shop.test' END, (g + {salt}) % 4,
    CASE WHEN g % 5 <> 4 THEN (g * 37 + {salt}) % 90 / 4.0 + {number} END,
    timestamptz '{year}-01-31 12:00+00' + g * interval '36 hours'
FROM generate_series(1, {many}) g;
INSERT INTO orders (id, customer_id, status, total, tags, placed, tenant_id)
SELECT g, CASE WHEN g % 7 <> 6 THEN {base} + 1 + (g * 5 + {salt}) % {many} END,
    (ARRAY['new', 'paid', 'sent'])[1 + (g * 2 + {salt}) % 3] || '{mark}',
    CASE WHEN g % 8 <> 7 THEN (g * 53 + {salt}) % 400 / 4.0 + {number} END,
    CASE WHEN g % 4 <> 3 THEN ARRAY['red{mark}', 'k' || g % 3 || '{mark}'] || (ARRAY['three'])[1:least({base}, 1)] END,
    timestamptz '{year}-02-28 08:30+00' + g * interval '5 hours', '{tenant}'
FROM generate_series(1, {many} * 2) g;
INSERT INTO items (tenant_id, id, order_id, sku, qty, price)
SELECT '{tenant}', g, 1 + (g * 3 + {salt}) % ({many} * 2),
    CASE WHEN g % 9 <> 8 THEN 'sku-' || g % 5 || '{mark}' END, 1 + (g + {salt}) % 6,
    (g * 29 + {salt}) % 120 / 4.0 + {number}
FROM generate_series(1, {many} * 3) g;
INSERT INTO events (id, day, tenant_id, kind, payload)
SELECT g, date '2024-05-20' + (g * 4 + {salt}) % 90, '{tenant}',
    (ARRAY['open', 'click', 'buy'])[1 + (g + {salt}) % 3] || '{mark}',
    CASE WHEN g % 6 <> 5 THEN jsonb_build_object('n', g % 4, 'who', 'u' || g % 3 || '{mark}', 'deep',
        jsonb_build_array(g % 2, '{mark}', jsonb_build_object('x', {number} + g))) END
FROM generate_series(1, {many} * 2) g;
INSERT INTO "Weird Table" ("Select", tenant_id, "Größe", "a""b", "order")
SELECT g, '{tenant}', 'groß' || (g + {salt}) % 3 || '{mark}', 'it''s "' || g % 2 || '"\{mark}',
    CASE WHEN g % 3 <> 2 THEN (g * 7 + {salt}) % 10 END
FROM generate_series(1, {many}) g;
INSERT INTO notes (id, body, tenant_id, numbers, doc, feel)
SELECT g, CASE WHEN g % 4 <> 1 THEN g || '{mark}' ELSE 'see {mark}' || g END, '{tenant}',
    CASE WHEN g % 5 <> 4 THEN ARRAY[g % 3, {number}::int4 % 1000000 + g, NULL] END,
    CASE WHEN g % 3 <> 2 THEN jsonb_build_object('k', g % 4, 'v{mark}', 'w' || g % 2 || '{mark}') END,
    (enum_range(NULL::mood))[1 + (g + {salt}) % 3]
FROM generate_series(1, {many}) g;
INSERT INTO billing.invoices (number, org_id, total, paid)
SELECT 'R-' || g, '{tenant}', (g * 41 + {salt}) % 300 / 4.0 + {number}, (g + {salt}) % 2 = 0
FROM generate_series(1, {many}) g;
INSERT INTO parents (id, tenant_id, label)
SELECT g, '{tenant}', 'p' || g % 3 || '{mark}' FROM generate_series(1, {many} / 2) g;
INSERT INTO children (id, tenant_id, label, age)
SELECT 50 + g, '{tenant}', 'q' || g % 3 || '{mark}', g + {salt} % 9 FROM generate_series(1, {many} / 2) g;
INSERT INTO vault SELECT g, 'v{mark}' || g FROM generate_series(1, 3) g;
