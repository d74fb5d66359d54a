//! What RUN and BEGIN say beside the statement: which database, as whom, for how long.
//!
//! Entries that are not known do not travel, nor do filters of notifications: those are off.

use bolt_wire::packstream::{Dictionary, Value};
use policies::{Reason, Rejection, Tenant};

use crate::bolt::routing::{check_database, refuse_impersonation};

/// What travels as it is, whatever its value: the server judges that.
const OPEN: [&str; 3] = ["bookmarks", "mode", "tx_timeout"];
/// Under which name a transaction bears the slug of its tenant: SHOW TRANSACTIONS and the server's
/// own log show it.
const STAMP: &str = "partywall_tenant";

/// The entries that travel in place of `extra`.
///
/// # Errors
/// The refusal.
pub(super) fn confine<'e>(
    extra: &'e Dictionary<'_>,
    database: &str,
    tenant: &Tenant,
) -> Result<Dictionary<'e>, Rejection> {
    refuse_impersonation(extra)?;
    check_database(extra, database)?;
    let mut confined = Dictionary::new();
    for key in OPEN {
        if let Some(value) = extra.get(key) {
            confined.set_raw(key, value);
        }
    }
    let metadata = extra.dictionary("tx_metadata").map_err(|_| {
        Rejection::new(Reason::MessageNotAllowed, "the metadata of a transaction is not a map")
    })?;
    let mut metadata = metadata.unwrap_or_default();
    metadata.set(STAMP, &Value::String(&tenant.slug));
    confined.set_dictionary("tx_metadata", &metadata);
    confined.set("db", &Value::String(database));
    Ok(confined)
}

#[cfg(test)]
mod tests {
    use policies::{TenantId, TenantKind};

    use super::*;

    fn confined(entries: &[(&'static str, Value<'_>)]) -> Result<Dictionary<'static>, Rejection> {
        let mut extra = Dictionary::new();
        for (key, value) in entries {
            extra.set(key, value);
        }
        let id = TenantId::parse(TenantKind::Text, "a").unwrap();
        let tenant = Tenant { id, slug: "acme".to_owned() };
        confine(&extra, "neo4j", &tenant).map(Dictionary::into_owned)
    }

    #[test]
    fn what_is_known_travels_and_the_rest_does_not() {
        let extra = confined(&[
            ("mode", Value::String("r")),
            ("tx_timeout", Value::Integer(5)),
            ("bookmarks", Value::List(vec![Value::String("b")])),
            ("notifications_minimum_severity", Value::String("INFORMATION")),
            ("new", Value::Integer(1)),
        ]);
        let extra = extra.unwrap();
        let keys: Vec<&str> = extra.iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["bookmarks", "mode", "tx_timeout", "tx_metadata", "db"]);
    }

    #[test]
    fn a_transaction_bears_its_tenant_whatever_the_client_says() {
        let forged = Value::Map(vec![(STAMP, Value::String("globex")), ("app", Value::Integer(1))]);
        let extra = confined(&[("tx_metadata", forged)]).unwrap();
        let metadata = extra.dictionary("tx_metadata").unwrap().unwrap();
        assert_eq!(metadata.string(STAMP), Ok(Some("acme")));
        assert_eq!(metadata.integer("app"), Ok(Some(1)));
    }

    #[test]
    fn there_is_one_database_and_one_user() {
        for name in [Value::Null, Value::String(""), Value::String("neo4j"), Value::String("NEO4J")]
        {
            let extra = confined(&[("db", name), ("imp_user", Value::Null)]).unwrap();
            assert_eq!(extra.string("db"), Ok(Some("neo4j")));
        }
        for name in [Value::String("system"), Value::String("neo4j2"), Value::Integer(1)] {
            assert!(confined(&[("db", name)]).is_err());
        }
        for user in [Value::String(""), Value::String("neo4j"), Value::Integer(1)] {
            assert!(confined(&[("imp_user", user)]).is_err());
        }
        assert!(confined(&[("tx_metadata", Value::Integer(1))]).is_err());
    }
}
