//! What makes a registry, and what does not.

use super::*;

/// The example of RFC 7677 section 3, whose password is `pencil`.
const VERIFIER: &str = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$\
                        WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:\
                        wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

fn parse(text: &str, kind: TenantKind) -> Result<Registry, Vec<DocumentError>> {
    Registry::parse(&text.replace("VERIFIER", VERIFIER), kind)
}

/// The errors as they are printed.
fn errors(text: &str, kind: TenantKind) -> Vec<String> {
    let errors = parse(text, kind).err().unwrap_or_default();
    errors.iter().map(|error| error.in_file("tenants.toml")).collect()
}

const SOUND: &str = r#"
[[tenant]]
id   = "acme"
slug = "acme"
active = true

[[tenant]]
id   = "globex"
slug = "globex-2"
active = false

[[login]]
name     = "acme"
tenants  = ["acme"]
verifier = "VERIFIER"

[[login]]
name     = "Globex"
tenants  = ["globex-2"]
verifier = "VERIFIER"
role     = "tenant"

[[login]]
name     = "shared process"
tenants  = ["acme", "globex-2"]
verifier = "VERIFIER"

[[login]]
name     = "schema"
verifier = "VERIFIER"
role     = "migrate"

[[login]]
name     = "acme-schema"
tenants  = ["acme"]
verifier = "VERIFIER"
role     = "migrate"
"#;

#[test]
fn logins_are_found_by_their_very_name() {
    let registry = parse(SOUND, TenantKind::Text).unwrap();
    let acme = registry.login("acme").unwrap();
    assert_eq!(acme.name(), "acme");
    assert_eq!(acme.role(), Role::Tenant);
    assert_eq!(acme.verifier(), &VERIFIER.parse::<Verifier>().unwrap());
    assert_eq!(acme.tenants().len(), 1);
    assert!(registry.login("ACME").is_none());
    assert!(registry.login("").is_none());
    assert_eq!(registry.tenants().count(), 2);
    assert_eq!(registry.logins().count(), 5);
    assert!(registry.tenant("globex-2").is_some_and(|tenant| !tenant.active));
}

#[test]
fn one_active_tenant_and_nothing_else_is_a_single_one() {
    let registry = parse(SOUND, TenantKind::Text).unwrap();
    let single = |name| registry.login(name).unwrap().single_tenant();
    assert_eq!(single("acme").unwrap().slug, "acme");
    // Suspended.
    assert_eq!(single("Globex"), None);
    // Several, one of them active.
    assert_eq!(single("shared process"), None);
    // No tenants' login at all.
    assert_eq!(single("schema"), None);
    assert_eq!(single("acme-schema"), None);

    let active = |name| registry.login(name).unwrap().is_active();
    assert_eq!(["acme", "Globex", "shared process"].map(active), [true, false, true]);
}

#[test]
fn only_what_is_listed_and_active_is_allowed() {
    let registry = parse(SOUND, TenantKind::Text).unwrap();
    let tenant = |slug| Arc::clone(&registry.tenant(slug).unwrap().tenant);
    let (acme, globex) = (tenant("acme"), tenant("globex-2"));
    assert!(registry.allows("acme", &acme));
    assert!(registry.allows("shared process", &acme));
    assert!(!registry.allows("acme", &globex));
    assert!(!registry.allows("shared process", &globex));
    assert!(!registry.allows("acme-schema", &acme));
    assert!(!registry.allows("nobody", &acme));
    // The same slug with another id is another tenant.
    let impostor = Tenant { id: globex.id.clone(), slug: "acme".to_owned() };
    assert!(!registry.allows("acme", &impostor));
}

#[test]
fn an_empty_registry_lets_nobody_in() {
    let registry = parse("", TenantKind::Uuid).unwrap();
    assert_eq!((registry.tenants().count(), registry.logins().count()), (0, 0));
}

#[test]
fn ids_are_read_by_their_kind() {
    let id = |kind, id: &str| {
        let text = format!("[[tenant]]\nslug = \"a\"\nid = {id}");
        let registry = parse(&text, kind).map_err(|errors| errors[0].to_string())?;
        Ok::<_, String>(registry.tenant("a").unwrap().tenant.id.to_string())
    };
    assert_eq!(id(TenantKind::Bigint, "-7"), Ok("-7".to_owned()));
    assert_eq!(id(TenantKind::Bigint, "\"42\""), Ok("42".to_owned()));
    assert_eq!(
        id(TenantKind::Uuid, "\"6F9619FF-8B86-4011-B42D-00C04FC964FF\""),
        Ok("6f9619ff-8b86-4011-b42d-00c04fc964ff".to_owned())
    );
    assert_eq!(
        id(TenantKind::Uuid, "\"acme\""),
        Err("3:6: tenant[0].id: `uuid` ids are of the form 6f9619ff-8b86-4011-b42d-00c04fc964ff"
            .to_owned())
    );
    assert_eq!(
        id(TenantKind::Bigint, "\"9223372036854775808\""),
        Err("3:6: tenant[0].id: `bigint` ids are 64-bit integers".to_owned())
    );
    assert_eq!(
        id(TenantKind::Text, "7"),
        Err("3:6: tenant[0].id: expected a string, found integer".to_owned())
    );
    assert_eq!(
        id(TenantKind::Text, "\"\""),
        Err("3:6: tenant[0].id: `text` ids are 1 to 64 of A-Z a-z 0-9 _ -".to_owned())
    );
}

#[test]
fn what_may_be_given_once_is_refused_twice() {
    let text = r#"
[[tenant]]
id   = "acme"
slug = "acme"
[[tenant]]
id   = "ACME"
slug = "acme"
[[tenant]]
id   = "acme"
slug = "other"
[[login]]
name = "app"
tenants = ["other", "other"]
verifier = "VERIFIER"
[[login]]
name = "app"
tenants = ["acme"]
verifier = "VERIFIER"
"#;
    assert_eq!(
        errors(text, TenantKind::Text),
        [
            "tenants.toml:6:8: tenant[1].id: is the id of the tenant on line 3 too; ids must \
             differ in more than case",
            "tenants.toml:7:1: tenant[1].slug: given twice; the first is on line 4",
            "tenants.toml:9:8: tenant[2].id: is the id of the tenant on line 3 too; ids must \
             differ in more than case",
            "tenants.toml:13:21: login[0].tenants[1]: given twice; the first is on line 13",
            "tenants.toml:16:1: login[1].name: given twice; the first is on line 12",
        ]
    );
}

#[test]
fn ids_that_are_one_in_another_spelling_are_refused() {
    let two = |kind, one: &str, other: &str| {
        let entry = |slug, id| format!("[[tenant]]\nslug = \"{slug}\"\nid = {id}\n");
        errors(&(entry("a", one) + &entry("b", other)), kind).len()
    };
    assert_eq!(two(TenantKind::Bigint, "7", "'+7'"), 1);
    assert_eq!(two(TenantKind::Bigint, "7", "'007'"), 1);
    assert_eq!(two(TenantKind::Bigint, "7", "-7"), 0);
    let (plain, braced) =
        ("'6f9619ff8b864011b42d00c04fc964ff'", "'{6F9619FF-8B86-4011-B42D-00C04FC964FF}'");
    assert_eq!(two(TenantKind::Uuid, plain, braced), 1);
    assert_eq!(two(TenantKind::Text, "'a_b'", "'a-b'"), 0);
}

#[test]
fn logins_must_name_known_tenants() {
    let text = r#"
[[tenant]]
id   = "1"
slug = "globex"
[[login]]
name = "a"
tenants = ["globx", "initech"]
verifier = "VERIFIER"
[[login]]
name = "b"
tenants = []
verifier = "VERIFIER"
[[login]]
name = "c"
verifier = "VERIFIER"
[[login]]
name = "d"
role = "migrate"
tenants = ["nobody"]
verifier = "VERIFIER"
"#;
    assert_eq!(
        errors(text, TenantKind::Text),
        [
            "tenants.toml:7:12: login[0].tenants[0]: no tenant has this slug; did you \
             mean `globex`?",
            "tenants.toml:7:21: login[0].tenants[1]: no tenant has this slug; add a `[[tenant]]` \
             with it",
            "tenants.toml:11:11: login[1].tenants: is empty; list the slugs of the tenants \
             to act for",
            "tenants.toml:13:1: login[2]: `tenants` is missing",
            "tenants.toml:19:12: login[3].tenants[0]: no tenant has this slug; add a `[[tenant]]` \
             with it",
        ]
    );
}

#[test]
fn slips_in_tenants_bring_no_noise_about_logins() {
    let text = r#"
[[tenant]]
id   = "1"
slug = "Acme"
actve = true
[[tenants]]
[[login]]
name = "a"
tenants = ["acme"]
verifier = "VERIFIER"
"#;
    assert_eq!(
        errors(text, TenantKind::Text),
        [
            "tenants.toml:4:8: tenant[0].slug: must be 1 to 63 of a-z 0-9 -",
            "tenants.toml:5:1: tenant[0].actve: unknown key; did you mean `active`?",
            "tenants.toml:6:3: tenants: unknown key; did you mean `tenant`?",
        ]
    );
}

#[test]
fn names_roles_and_types_are_checked() {
    let long = "x".repeat(64);
    let text = format!(
        r#"
[[tenant]]
id = "1"
slug = "{long}"
active = "yes"
[[login]]
name = ""
tenants = "acme"
verifier = "VERIFIER"
role = "admin"
[[login]]
name = "{long}"
tenants = [1]
verifier = 1
[[login]]
name = "a\u0000b"
passwd = "secret"
"#
    );
    assert_eq!(
        errors(&text, TenantKind::Text),
        [
            "tenants.toml:4:8: tenant[0].slug: must be 1 to 63 of a-z 0-9 -",
            "tenants.toml:5:10: tenant[0].active: expected true or false, found string",
            "tenants.toml:7:8: login[0].name: must have 1 to 63 bytes and no control characters",
            "tenants.toml:8:11: login[0].tenants: expected an array, found string",
            "tenants.toml:10:8: login[0].role: must be one of \"tenant\", \"migrate\"",
            "tenants.toml:12:8: login[1].name: must have 1 to 63 bytes and no control characters",
            "tenants.toml:13:12: login[1].tenants[0]: expected a string, found integer",
            "tenants.toml:14:12: login[1].verifier: expected a string, found integer",
            "tenants.toml:15:1: login[2]: `tenants` is missing",
            "tenants.toml:15:1: login[2]: `verifier` is missing",
            "tenants.toml:16:8: login[2].name: must have 1 to 63 bytes and no control characters",
            "tenants.toml:17:1: login[2].passwd: unknown key; known here: `name`, `verifier`, \
             `role`, `tenants`",
        ]
    );
}

#[test]
fn verifiers_are_checked_and_never_shown() {
    let login = |verifier: &str| {
        let text = format!("[[login]]\nname = 'a'\nrole = 'migrate'\nverifier = '{verifier}'");
        errors(&text, TenantKind::Text).join("\n")
    };
    assert_eq!(login(VERIFIER), "");
    let md5 = login("md5c6d2ef0c41e2ee8a2b1be2ba6cd5ed5e");
    assert!(md5.starts_with("tenants.toml:4:12: login[0].verifier: an md5 hash is not"), "{md5}");
    for wrong in ["hunter2", &VERIFIER.replace("4096", "1"), &VERIFIER.replace("WG5d", "W")] {
        let errors = login(wrong);
        assert!(errors.starts_with("tenants.toml:4:12: login[0].verifier: "), "{errors}");
        assert!(!errors.contains("hunter2") && !errors.contains("8oPm3Otc"), "{errors}");
    }
    let registry = parse(SOUND, TenantKind::Text).unwrap();
    let shown = format!("{registry:?}");
    assert!(shown.contains("acme") && !shown.contains("8oPm3Otc"), "{shown}");
}

#[test]
fn a_password_opens_its_own_login() {
    let registry = parse(SOUND, TenantKind::Text).unwrap();
    let login = registry.authenticate_password("acme", b"pencil").unwrap();
    assert_eq!(login.name(), "acme");
    let error = |name, password: &[u8]| registry.authenticate_password(name, password).unwrap_err();
    assert_eq!(error("acme", b"pencil "), PasswordError::WrongPassword);
    assert_eq!(error("acme", b""), PasswordError::WrongPassword);
    assert_eq!(error("acme", &[b'x'; 2000]), PasswordError::WrongPassword);
    assert_eq!(error("ACME", b"pencil"), PasswordError::UnknownLogin);
    assert_eq!(error("", b""), PasswordError::UnknownLogin);
}

/// What a stranger can see of a login over SCRAM.
fn shown(registry: &Registry, name: &str) -> (Vec<u8>, u32) {
    let verifier = registry.verifier(name);
    (verifier.salt().to_vec(), verifier.iterations())
}

#[test]
fn strangers_see_the_same_after_a_restart_and_in_each_replica() {
    let (one, other) = (parse(SOUND, TenantKind::Text), parse(SOUND, TenantKind::Text));
    let (one, other) = (one.unwrap(), other.unwrap());
    for name in ["acme", "nobody", "nobody else"] {
        assert_eq!(shown(&one, name), shown(&other, name));
    }
    assert_ne!(shown(&one, "nobody"), shown(&one, "nobody else"));
}

#[test]
fn with_a_secret_they_see_the_same_after_a_login_was_added() {
    let with_secret =
        |text| parse(&format!("mock_secret = 'kf83jq9d0sla7dm2'\n{text}"), TenantKind::Text);
    let before = with_secret("").unwrap();
    let after = with_secret(SOUND).unwrap();
    assert_eq!(shown(&before, "nobody"), shown(&after, "nobody"));
    assert_ne!(shown(&before, "acme"), shown(&after, "acme"));
    assert_eq!(
        errors("mock_secret = 'short'", TenantKind::Text),
        [
            "tenants.toml:1:15: mock_secret: must have at least 16 bytes, of random letters and digits"
        ]
    );
}
