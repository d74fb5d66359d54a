-- The key that tenants share, led by the tenant, under the name that a private one would have.
ALTER TABLE customers ADD CONSTRAINT customers_email_key UNIQUE (tenant_id, email);
