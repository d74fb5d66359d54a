//! The second wall: commands that have the server itself keep tenants apart.

use bytes::BytesMut;
use mongo_wire::Bounds;
use mongo_wire::bson::{Document, DocumentWriter, Value};
use mongo_wire::extjson;

use super::{Collection, Field, Index, Inspected};

/// What of an index's description is no option of a new one.
const NOT_OPTIONS: [&str; 5] = ["v", "key", "name", "ns", "background"];

impl Inspected {
    /// Commands in relaxed extended JSON, each with its `$db`: indexes that begin with the tenant, and
    /// validators that take no document without one.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        let Some(field) = &self.field else { return Vec::new() };
        let sound = self.collections.iter().filter(|collection| collection.problem.is_none());
        sound.flat_map(|collection| collection.commands(field)).collect()
    }
}

impl Collection {
    fn commands(&self, field: &Field) -> Vec<String> {
        let mut commands = Vec::new();
        let led = |index: &&Index| index.first == field.name;
        let rest: Vec<&Index> = self
            .indexes
            .iter()
            .filter(|index| !led(index) && index.expires.is_none() && !index.is_text)
            .collect();
        if !self.indexes.iter().any(|index| led(&index)) {
            commands.extend(self.command("createIndexes", |body| {
                body.array("indexes", |indexes| {
                    indexes.nested(|index| put_led(field, None, index));
                });
            }));
        }
        for index in rest {
            let bounds = Bounds::default();
            let Ok(description) = Document::read(&index.description, &bounds) else { continue };
            if self.has_led(field, description) {
                continue;
            }
            commands.extend(self.command("createIndexes", |body| {
                body.array("indexes", |indexes| {
                    indexes.nested(|it| put_led(field, Some(description), it));
                });
            }));
            if index.is_unique {
                commands.extend(self.command("dropIndexes", |body| {
                    body.value("index", Value::String(&index.name));
                }));
            }
        }
        if !self.has_validator && !self.has_unowned {
            commands.extend(self.command("collMod", |body| put_validator(field, body)));
        }
        commands
    }

    /// Whether there is the same index with the tenant in front.
    fn has_led(&self, field: &Field, of: Document<'_>) -> bool {
        let key = of.value("key").and_then(|key| key.as_document());
        let wanted = key.map(|key| key.elements_bytes()).unwrap_or_default();
        self.indexes.iter().filter(|index| index.first == field.name).any(|index| {
            let bounds = Bounds::default();
            let description = Document::read(&index.description, &bounds).ok();
            let key = description.and_then(|it| it.value("key")?.as_document());
            key.is_some_and(|key| key.elements_bytes().ends_with(wanted))
        })
    }

    fn command(&self, name: &str, fill: impl FnOnce(&mut DocumentWriter<'_>)) -> Option<String> {
        let mut bytes = BytesMut::new();
        DocumentWriter::document(&mut bytes, |body| {
            body.value(name, Value::String(&self.name));
            fill(body);
            body.value("$db", Value::String(&self.database));
        });
        let mut text = String::new();
        let bounds = Bounds::default();
        extjson::write(Document::read(&bytes, &bounds).ok()?, &mut text).ok()?;
        Some(text)
    }
}

/// An index as `of` describes it, with the tenant in front; without one, of the tenant and `_id`.
fn put_led(field: &Field, of: Option<Document<'_>>, index: &mut DocumentWriter<'_>) {
    let key = of.and_then(|of| of.value("key")?.as_document());
    index.nested("key", |led| {
        led.value(&field.name, Value::Int32(1));
        match key {
            Some(key) => led.copy_all(key),
            None => led.value("_id", Value::Int32(1)),
        }
    });
    let name = of.and_then(|of| of.value("name")?.as_str());
    let name = format!("{}_1_{}", field.name, name.unwrap_or("_id_1"));
    index.value("name", Value::String(&name));
    for option in of.iter().flat_map(Document::elements) {
        if !NOT_OPTIONS.contains(&option.name()) {
            index.copy(option.raw());
        }
    }
}

/// Documents without a tenant, or with something else in its place, are refused by the server.
fn put_validator(field: &Field, body: &mut DocumentWriter<'_>) {
    body.nested("validator", |validator| {
        validator.nested("$jsonSchema", |schema| {
            schema.array("required", |names| names.value(Value::String(&field.name)));
            schema.nested("properties", |properties| {
                properties.nested(&field.name, |it| {
                    it.value("bsonType", Value::String(field.kind));
                });
            });
        });
    });
}
