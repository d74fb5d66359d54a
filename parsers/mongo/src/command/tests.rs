//! Commands, and what is no command.

use bson::spec::BinarySubtype;
use bson::{Bson, Document as Owned, doc};

use super::*;
use crate::Bounds;
use crate::frame::{Header, OP_MSG};
use crate::survey::{ArgumentClass, CommandClass};

fn msg(body: &Owned, sequences: &[(&str, Vec<Owned>)]) -> Vec<u8> {
    let mut sections = vec![0, 0, 0, 0, 0];
    sections.extend(body.to_vec().unwrap());
    for (identifier, documents) in sequences {
        let documents: Vec<u8> =
            documents.iter().flat_map(|document| document.to_vec().unwrap()).collect();
        let length = i32::try_from(identifier.len() + 5 + documents.len()).unwrap();
        sections.push(1);
        sections.extend(length.to_le_bytes());
        sections.extend(identifier.as_bytes());
        sections.push(0);
        sections.extend(documents);
    }
    let length = i32::try_from(sections.len() + 16).unwrap();
    [&[length, 7, 0, OP_MSG].map(i32::to_le_bytes).concat(), &sections[..]].concat()
}

fn read(bytes: &[u8]) -> Result<Command<'_>, Defect> {
    let frame = Header::read(bytes).unwrap().unwrap().frame(bytes).unwrap();
    Command::read(OpMsg::read(frame, &Bounds::default())?)
}

fn refused(body: &Owned) -> Defect {
    read(&msg(body, &[])).unwrap_err()
}

#[test]
fn a_command_is_its_first_element() {
    let bytes = msg(&doc! { "insert": "c", "$db": "app", "find": "d", "ping": 1 }, &[]);
    let command = read(&bytes).unwrap();
    assert_eq!((command.name(), command.target().as_str()), ("insert", Some("c")));
    assert_eq!(command.spec().unwrap().class, CommandClass::Write);
    assert_eq!((command.database(), command.request_id()), ("app", 7));
    assert_eq!(command.spec().unwrap().argument("find"), None);
    let unknown = msg(&doc! { "Find": "c", "$db": "app" }, &[]);
    assert!(read(&unknown).unwrap().spec().is_none());
    let alias = msg(&doc! { "findandmodify": "c", "$db": "app" }, &[]);
    assert_eq!(read(&alias).unwrap().spec().unwrap().name, "findAndModify");
}

#[test]
fn a_database_is_named_and_named_soundly() {
    assert_eq!(refused(&doc! {}), Defect::NoCommand);
    assert_eq!(refused(&doc! { "ping": 1 }), Defect::NoDatabase);
    assert_eq!(refused(&doc! { "ping": 1, "$db": 1 }), Defect::NoDatabase);
    assert_eq!(
        refused(&doc! { "ping": 1, "$db": Bson::Symbol("app".to_owned()) }),
        Defect::NoDatabase
    );
    for name in
        ["", "a.b", "a b", "a/b", "a\\b", "a\"", "$a", "a*", "a<", "a>", "a:", "a|", "a?", "a\0b"]
    {
        assert_eq!(refused(&doc! { "ping": 1, "$db": name }), Defect::Database, "{name:?}");
    }
    assert_eq!(refused(&doc! { "ping": 1, "$db": "a".repeat(64) }), Defect::Database);
    for name in ["a", "admin", "$external", "\u{e4}-_1", "a".repeat(63).as_str()] {
        let bytes = msg(&doc! { "ping": 1, "$db": name }, &[]);
        assert_eq!(read(&bytes).unwrap().database(), name);
    }
}

#[test]
fn a_sequence_counts_as_an_array() {
    let documents = vec![doc! { "a": 1 }, doc! { "b": 2 }];
    let beside = msg(&doc! { "insert": "c", "$db": "a" }, &[("documents", documents.clone())]);
    let inside = msg(&doc! { "insert": "c", "$db": "a", "documents": documents.clone() }, &[]);
    for bytes in [beside, inside] {
        let command = read(&bytes).unwrap();
        let names: Vec<_> = command.arguments().map(|argument| argument.name).collect();
        assert_eq!(names, ["$db", "documents"]);
        let batch = command.argument("documents").unwrap().batch().unwrap();
        let found: Vec<_> =
            batch.map(|value| value.as_document().unwrap().bytes().to_vec()).collect();
        assert_eq!(found, [documents[0].to_vec().unwrap(), documents[1].to_vec().unwrap()]);
        for argument in command.arguments() {
            assert!(command.spec().unwrap().argument(argument.name).is_some());
        }
    }
    let bytes = msg(&doc! { "insert": "c", "$db": "a", "documents": { "a": 1 } }, &[]);
    assert!(read(&bytes).unwrap().argument("documents").unwrap().batch().is_none());
}

#[test]
fn a_command_takes_its_own_sequences_only() {
    let empty = |name: &'static str| [(name, Vec::new())];
    for (command, sequence) in [
        ("aggregate", "pipeline"),
        ("find", "filter"),
        ("insert", "updates"),
        ("update", "documents"),
        ("delete", "Deletes"),
        ("getMore", "documents"),
        ("findAndModify", "update"),
        ("unknown", "documents"),
    ] {
        let bytes = msg(&doc! { command: "c", "$db": "a" }, &empty(sequence));
        assert_eq!(read(&bytes).unwrap_err(), Defect::Sequence, "{command} {sequence}");
    }
    let body = doc! { "bulkWrite": 1, "$db": "admin" };
    let bytes = msg(&body, &[("nsInfo", vec![doc! { "ns": "a.b" }]), ("ops", Vec::new())]);
    let command = read(&bytes).unwrap();
    assert_eq!(command.sequences().len(), 2);
    assert_eq!(command.argument("nsInfo").unwrap().batch().unwrap().count(), 1);
    assert_eq!(command.argument("ops").unwrap().value(), None);
    assert_eq!(command.spec().unwrap().argument("ops"), Some(ArgumentClass::Operations));
}

#[test]
fn a_command_explains_one_of_its_own_database() {
    let explain = |inner: Bson| msg(&doc! { "explain": inner, "$db": "app" }, &[]);
    for inner in [doc! { "find": "c", "limit": 1 }, doc! { "find": "c", "$db": "app" }] {
        let bytes = explain(inner.into());
        let nested = read(&bytes).unwrap().nested().unwrap();
        assert_eq!((nested.name(), nested.database()), ("find", "app"));
        assert_eq!(nested.target().as_str(), Some("c"));
        assert_eq!((nested.arguments().count(), nested.request_id()), (1, 7));
        assert_eq!(nested.spec().unwrap().class, CommandClass::Read);
    }
    for (inner, defect) in [
        (doc! {}.into(), Defect::NoCommand),
        ("find".into(), Defect::Argument),
        (doc! { "find": "c", "$db": "other" }.into(), Defect::Database),
        (doc! { "find": "c", "$db": 1 }.into(), Defect::Database),
    ] {
        let bytes = explain(inner);
        assert_eq!(read(&bytes).unwrap().nested().unwrap_err(), defect);
    }
}

fn uuid(byte: u8) -> Bson {
    Bson::Binary(bson::Binary { subtype: BinarySubtype::Uuid, bytes: vec![byte; 16] })
}

#[test]
fn general_arguments_are_recognised() {
    let bytes = msg(
        &doc! {
            "find": "c", "$db": "app", "filter": { "lsid": 1 }, "lsid": { "id": uuid(5) },
            "txnNumber": 3_i64, "autocommit": false, "startTransaction": true,
            "readConcern": { "level": "snapshot" }, "writeConcern": { "w": 1 },
            "maxTimeMS": 100, "comment": "why", "apiVersion": "1", "apiStrict": true,
            "apiDeprecationErrors": false, "$readPreference": { "mode": "primary" },
            "$clusterTime": {},
        },
        &[],
    );
    let command = read(&bytes).unwrap();
    let general = command.general().unwrap();
    assert_eq!(general.lsid, Some(Lsid { id: [5; 16], has_uid: false }));
    assert_eq!((general.txn_number, general.max_time_ms), (Some(3), Some(100)));
    assert_eq!((general.autocommit, general.start_transaction), (Some(false), Some(true)));
    assert_eq!((general.api_version, general.api_strict), (Some("1"), Some(true)));
    assert_eq!(general.api_deprecation_errors, Some(false));
    assert_eq!(general.comment, Some(Value::String("why")));
    let level = general.read_concern.unwrap().value("level").unwrap();
    assert_eq!(level.as_str(), Some("snapshot"));
    assert!(general.write_concern.is_some() && general.cluster_time.is_some());
    assert!(general.read_preference.is_some());
    let plain = msg(&doc! { "comment": 1, "$db": "app" }, &[]);
    assert_eq!(read(&plain).unwrap().general().unwrap(), General::default());
}

#[test]
fn general_arguments_have_their_types() {
    let short = Bson::Binary(bson::Binary { subtype: BinarySubtype::Uuid, bytes: vec![0; 15] });
    let old = Bson::Binary(bson::Binary { subtype: BinarySubtype::UuidOld, bytes: vec![0; 16] });
    for (name, value) in [
        ("lsid", Bson::Int32(1)),
        ("lsid", doc! {}.into()),
        ("lsid", doc! { "id": short }.into()),
        ("lsid", doc! { "id": old }.into()),
        ("lsid", doc! { "id": "x" }.into()),
        ("lsid", doc! { "id": uuid(1), "txnNumber": 1_i64, "txnUUID": uuid(2) }.into()),
        ("lsid", doc! { "id": uuid(1), "uid": 1 }.into()),
        ("txnNumber", "1".into()),
        ("txnNumber", 1.5.into()),
        ("autocommit", 0.into()),
        ("startTransaction", 1.into()),
        ("readConcern", "local".into()),
        ("writeConcern", 1.into()),
        ("maxTimeMS", true.into()),
        ("apiVersion", 1.into()),
        ("apiStrict", 1.into()),
        ("$readPreference", "primary".into()),
    ] {
        let bytes = msg(&doc! { "find": "c", "$db": "app", name: value.clone() }, &[]);
        let general = read(&bytes).unwrap().general();
        assert_eq!(general, Err(Defect::Argument), "{name} {value:?}");
    }
    let uid = Bson::Binary(bson::Binary { subtype: BinarySubtype::Generic, bytes: vec![0; 32] });
    let bytes =
        msg(&doc! { "find": "c", "$db": "app", "lsid": { "id": uuid(1), "uid": uid } }, &[]);
    assert!(read(&bytes).unwrap().general().unwrap().lsid.unwrap().has_uid);
}
