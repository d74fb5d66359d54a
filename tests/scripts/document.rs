//! What scripts of MongoDB's conversations say of documents.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Bytes in extended JSON.
pub(crate) fn binary(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    format!(r#"{{"$binary": {{"base64": "{text}", "subType": "00"}}}}"#)
}

/// The bytes of a `payload`.
pub(crate) fn payload(of: &Value) -> Vec<u8> {
    let text = of["payload"]["$binary"]["base64"].as_str().unwrap_or_default();
    STANDARD.decode(text).unwrap()
}

/// Compares a document with what is wanted of it.
pub(crate) fn matches(found: &Value, wanted: &str) -> Result<(), String> {
    let wanted: Value =
        serde_json::from_str(wanted).map_err(|error| format!("{wanted}: {error}"))?;
    compare(found, &wanted)
}

fn compare(found: &Value, wanted: &Value) -> Result<(), String> {
    match (found, wanted) {
        (_, Value::String(any)) if any == "*" => Ok(()),
        (Value::Object(found), Value::Object(wanted)) => {
            for (name, wanted) in wanted.iter().filter(|(name, _)| *name != "...") {
                let found = found.get(name).ok_or(format!("no `{name}`"))?;
                compare(found, wanted).map_err(|what| format!("{name}: {what}"))?;
            }
            match found.keys().find(|name| !wanted.contains_key(*name)) {
                Some(name) if !wanted.contains_key("...") => Err(format!("`{name}` is there")),
                _ => Ok(()),
            }
        }
        (Value::Array(found), Value::Array(wanted)) if found.len() == wanted.len() => {
            found.iter().zip(wanted).try_for_each(|(found, wanted)| compare(found, wanted))
        }
        (Value::Number(found), Value::Number(wanted)) if found.as_f64() == wanted.as_f64() => {
            Ok(())
        }
        _ if found == wanted => Ok(()),
        _ => Err(format!("{found}, wanted {wanted}")),
    }
}
