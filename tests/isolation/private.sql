-- What an application's own database would have instead of the tenant: keys without it, and a
-- default so that nobody need name it.
ALTER TABLE customers ALTER tenant_id SET DEFAULT '{tenant}';
ALTER TABLE orders ALTER tenant_id SET DEFAULT '{tenant}';
ALTER TABLE items ALTER tenant_id SET DEFAULT '{tenant}';
ALTER TABLE events ALTER tenant_id SET DEFAULT '{tenant}';
ALTER TABLE "Weird Table" ALTER tenant_id SET DEFAULT '{tenant}';
ALTER TABLE notes ALTER tenant_id SET DEFAULT '{tenant}';
ALTER TABLE billing.invoices ALTER org_id SET DEFAULT '{tenant}';
ALTER TABLE parents ALTER tenant_id SET DEFAULT '{tenant}';
ALTER TABLE customers ADD CONSTRAINT customers_email_key UNIQUE (email);
CREATE UNIQUE INDEX ON customers (tenant_id, email);
CREATE UNIQUE INDEX ON orders (id);
CREATE UNIQUE INDEX ON items (id);
CREATE UNIQUE INDEX ON events (day, id);
CREATE UNIQUE INDEX ON "Weird Table" ("Select");
CREATE UNIQUE INDEX ON notes (id);
CREATE UNIQUE INDEX ON billing.invoices (number);
