//! `[mongo]`: by what documents belong to their tenant.

use crate::document::{Once, Reported, Table, Value};

/// `[mongo]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MongoPolicy {
    /// `layout` and `field`: how tenants are kept apart.
    pub layout: MongoLayout,
    /// `shared`: collections that every tenant reads and none writes.
    pub shared: Vec<Namespace>,
    /// `databases`: the only ones that are open. `None`: all but the server's own.
    pub databases: Option<Vec<String>>,
}

/// How tenants are kept apart in MongoDB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MongoLayout {
    /// Every document has the tenant's id in this field.
    Field(String),
    /// Every tenant has databases of its own, by name.
    Database,
    /// Every tenant has collections of its own, by name.
    Collection,
}

/// A collection and its database.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Namespace {
    /// The database.
    pub database: String,
    /// The collection, which may hold dots.
    pub collection: String,
}

impl MongoPolicy {
    pub(super) fn resolve(table: &mut Table<'_>) -> Result<Self, Reported> {
        let layout = layout(table);
        let databases = table.get("databases").map(|value| databases(&value)).transpose();
        let open = databases.as_ref().ok().and_then(Option::as_deref);
        let shared = table.get("shared").map(|value| shared(&value, open)).transpose();
        Ok(Self { layout: layout?, shared: shared?.unwrap_or_default(), databases: databases? })
    }
}

fn layout(table: &mut Table<'_>) -> Result<MongoLayout, Reported> {
    #[derive(Clone, Copy)]
    enum By {
        Field,
        Database,
        Collection,
    }
    let choices =
        [("field", By::Field), ("database", By::Database), ("collection", By::Collection)];

    let by = match table.get("layout") {
        Some(value) => value.text().and_then(|text| value.choose(text, &choices)),
        None => Ok(By::Field),
    };
    let layout = match by {
        Ok(By::Field) => return Ok(MongoLayout::Field(field(&table.require("field")?)?)),
        Ok(By::Database) => Ok(MongoLayout::Database),
        Ok(By::Collection) => Ok(MongoLayout::Collection),
        Err(reported) => Err(reported),
    };
    match table.get("field") {
        Some(value) if layout.is_ok() => {
            Err(value.refuse("has no meaning with this `layout`; remove one of the two"))
        }
        Some(_) | None => layout,
    }
}

fn field(value: &Value<'_>) -> Result<String, Reported> {
    let name = value.text()?;
    if name.is_empty() || name.starts_with('$') || name.contains(['.', '\0']) {
        Err(value.refuse("must be the name of a top-level field, without `$` in front and dots"))
    } else if name == "_id" {
        Err(value.refuse("`_id` is the document's own; name a field for the tenant"))
    } else {
        Ok(name.to_owned())
    }
}

fn databases(value: &Value<'_>) -> Result<Vec<String>, Reported> {
    let mut once = Once::new();
    let databases = value.list(|item| {
        let name = item.text()?;
        check_database(name).map_err(|what| item.refuse(what))?;
        once.claim(name.to_owned(), &item)?;
        Ok(name.to_owned())
    })?;
    if databases.is_empty() {
        return Err(value.refuse("no database is open; name one, or remove the key to open all"));
    }
    Ok(databases)
}

fn shared(value: &Value<'_>, open: Option<&[String]>) -> Result<Vec<Namespace>, Reported> {
    let mut once = Once::new();
    value.list(|item| {
        let namespace = namespace(item.text()?).map_err(|what| item.refuse(what))?;
        once.claim(namespace.clone(), &item)?;
        if open.is_some_and(|open| !open.contains(&namespace.database)) {
            let database = namespace.database;
            return Err(item.refuse(format!("`databases` leaves `{database}` out; add it there")));
        }
        Ok(namespace)
    })
}

/// MongoDB 8 manual, "Limits and thresholds": naming restrictions.
fn namespace(text: &str) -> Result<Namespace, String> {
    let Some((database, collection)) = text.split_once('.') else {
        return Err(format!("`{text}` has no database; write `app.{text}`"));
    };
    check_database(database)?;
    let collection_is_sound = !collection.is_empty()
        && !collection.starts_with("system.")
        && !collection.contains(['$', '\0'])
        && text.len() <= 255;
    if !collection_is_sound {
        return Err(format!("`{collection}` is not the name of an application's collection"));
    }
    Ok(Namespace { database: database.to_owned(), collection: collection.to_owned() })
}

fn check_database(name: &str) -> Result<(), String> {
    const SERVER_OWN: [&str; 3] = ["admin", "config", "local"];
    const REFUSED: &[char] = &['/', '\\', '.', ' ', '"', '$', '*', '<', '>', ':', '|', '?', '\0'];

    if SERVER_OWN.iter().any(|own| name.eq_ignore_ascii_case(own)) {
        Err(format!("`{name}` is the server's own and never open to tenants"))
    } else if name.is_empty() || name.len() > 63 || name.contains(REFUSED) {
        Err(format!("`{name}` is not the name of a database"))
    } else {
        Ok(())
    }
}
