//! The databases of a run: a private one that holds tenant A alone, and two shared ones that hold A
//! and others, whose rows differ between the two.

use url::Url;

use crate::schema::{SCOPED, TENANT_A, TENANT_B, TENANT_C};
use crate::session::{Address, Outcome, Session};

/// The login of the application, and of the wall: it owns the tables, so that no grant stands in
/// for a refusal.
const ROLE: &str = "partywall_oracle";
const PASSWORD: &str = "not-a-secret";

const TEMPLATE: &str = "oracle_template";

/// What every text of another tenant holds. A parenthesis behind it makes it no regular expression.
pub(crate) const CANARY: &str = "kanarek";

/// How many customers A has; other tables have small multiples.
const ROWS_OF_A: u32 = 8;

/// What makes the others' rows in each of the shared databases.
pub(crate) const SALT_OF_SHARED: u32 = 1;
pub(crate) const SALT_OF_DECOYS: u32 = 3;

/// Which tenants a database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// A alone.
    Private,
    /// A and others; the number makes the others' rows.
    Shared(u32),
}

pub(crate) struct Database {
    pub(crate) address: Address,
    admin: Session,
    holds: Holds,
}

/// Reads the address of the server to use.
pub(crate) fn server() -> Outcome<Address> {
    let url = std::env::var("PARTYWALL_PG17_URL").map_err(|_| {
        "PARTYWALL_PG17_URL is not set: this test needs a PostgreSQL. Run `make test`, or\n\
         tests/stores/stores with pg17 -- cargo test -p tests --features stores --test isolation"
    })?;
    let url = Url::parse(&url)?;
    let decoded =
        |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    Ok(Address {
        host: url.host_str().unwrap_or("127.0.0.1").to_owned(),
        port: url.port().unwrap_or(5432),
        user: decoded(url.username()),
        password: decoded(url.password().unwrap_or_default()),
        database: url.path().trim_start_matches('/').to_owned(),
    })
}

/// Makes the application's login and the template of its databases anew, after whatever an earlier
/// run left. As all databases are copies of one, object ids are the same in all of them.
pub(crate) fn create_template(server: &Address, databases: &[&str]) -> Outcome<()> {
    let mut admin = Session::open(server)?;
    for name in databases.iter().chain(&[TEMPLATE]) {
        admin.must(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
    }
    admin.must(&format!("DROP ROLE IF EXISTS {ROLE}"))?;
    admin.must(&format!("CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'"))?;
    admin.must(&format!("GRANT pg_monitor, pg_read_server_files TO {ROLE}"))?;
    admin.must(&format!("CREATE DATABASE {TEMPLATE} OWNER {ROLE}"))?;
    let mut admin = Session::open(&Address { database: TEMPLATE.to_owned(), ..server.clone() })?;
    for extension in ["dblink", "tablefunc", "pg_trgm"] {
        admin.must(&format!("CREATE EXTENSION {extension}"))?;
    }
    let schema = include_str!("schema.sql");
    admin.must(&format!("SET SESSION AUTHORIZATION {ROLE};\n{schema}"))?;
    admin.close()
}

impl Database {
    pub(crate) fn create(server: &Address, name: &str, holds: Holds) -> Outcome<Self> {
        let create = format!("CREATE DATABASE {name} OWNER {ROLE} TEMPLATE {TEMPLATE}");
        Session::open(server)?.must(&create)?;
        let mut admin = Session::open(&Address { database: name.to_owned(), ..server.clone() })?;
        let keys = match holds {
            Holds::Private => include_str!("private.sql").replace("{tenant}", TENANT_A),
            Holds::Shared(_) => include_str!("shared.sql").to_owned(),
        };
        admin.must(&keys)?;
        if holds == Holds::Shared(SALT_OF_DECOYS) {
            // Without indexes the tenant's predicate is one filter among others: what runs before it
            // shows.
            for method in ["indexscan", "indexonlyscan", "bitmapscan"] {
                let role = format!("ALTER ROLE {ROLE} IN DATABASE {name}");
                admin.must(&format!("{role} SET enable_{method} = off"))?;
            }
        }
        let parted = ["events_early", "events_late"];
        let tables = SCOPED.iter().map(|(table, _)| *table).filter(|table| *table != "events");
        for table in tables.chain(parted) {
            // Statistics taken at a moment of their own would make plans, and so row order, differ.
            admin.must(&format!("ALTER TABLE {table} SET (autovacuum_enabled = false)"))?;
        }
        let address = Address {
            user: ROLE.to_owned(),
            password: PASSWORD.to_owned(),
            database: name.to_owned(),
            ..server.clone()
        };
        let mut database = Self { address, admin, holds };
        database.reset()?;
        database.admin.must("ANALYZE; REFRESH MATERIALIZED VIEW order_copy")?;
        Ok(database)
    }

    /// Puts the rows back to what they were.
    pub(crate) fn reset(&mut self) -> Outcome<()> {
        let tables: Vec<&str> = SCOPED.iter().map(|(table, _)| *table).collect();
        let mut text = format!("BEGIN; TRUNCATE plans, vault, {};", tables.join(", "));
        text.push_str(
            "INSERT INTO plans VALUES ('free', 'Free', 0, 1), ('team', 'Team', 9.50, 10), \
             ('corp', 'Corp', 99, NULL);",
        );
        if let Holds::Shared(salt) = self.holds {
            let many = ROWS_OF_A + 4 + salt;
            text.push_str(&rows(TENANT_B, 1_000_000, many, salt, &format!("{CANARY}(b{salt}")));
            text.push_str(&rows(TENANT_A, 0, ROWS_OF_A, 0, ""));
            text.push_str(&rows(
                TENANT_C,
                2_000_000,
                many / 2,
                salt + 5,
                &format!("{CANARY}(c{salt}"),
            ));
        } else {
            text.push_str(&rows(TENANT_A, 0, ROWS_OF_A, 0, ""));
        }
        text.push_str("ALTER TABLE notes ALTER id RESTART WITH 1000; COMMIT");
        self.admin.must(&text)?;
        Ok(())
    }

    /// One digest a table: of the rows of A, or of all the others.
    pub(crate) fn digests(&mut self, own: bool) -> Outcome<Vec<(String, String)>> {
        let operator = if own { "=" } else { "<>" };
        let digest = "md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), ''))";
        let mut selects: Vec<String> = SCOPED
            .iter()
            .map(|(table, column)| {
                let name = table.replace('\'', "''");
                format!(
                    "SELECT '{name}', {digest} FROM {table} t \
                     WHERE {column} OPERATOR(pg_catalog.{operator}) '{TENANT_A}'::uuid"
                )
            })
            .collect();
        selects.push(format!("SELECT 'plans', {digest} FROM plans t"));
        if !own {
            selects.push(format!("SELECT 'vault', {digest} FROM vault t"));
        }
        let reply = self.admin.must(&selects.join(" UNION ALL "))?;
        Ok(reply
            .text_rows()
            .into_iter()
            .filter_map(|row| Some((row.first()?.clone(), row.get(1)?.clone())))
            .collect())
    }
}

fn rows(tenant: &str, base: u32, many: u32, salt: u32, mark: &str) -> String {
    let (number, year) = if base == 0 { (0, 2024) } else { (4_000_000 + base + salt * 1000, 2071) };
    include_str!("rows.sql")
        .replace("{tenant}", tenant)
        .replace("{base}", &base.to_string())
        .replace("{many}", &many.to_string())
        .replace("{salt}", &salt.to_string())
        .replace("{mark}", mark)
        .replace("{number}", &number.to_string())
        .replace("{year}", &year.to_string())
}
