//! `partywall login`: makes an entry for the tenants document.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Read, Write as _};

use identity::Verifier;
use zeroize::Zeroizing;

use super::Failure;

/// Prints a [[login]] entry with a fresh verifier, to be appended to the tenants document. The
/// password is asked for twice on a terminal, without showing it, and otherwise is the one line of
/// stdin. It stands in the entry in a form that nobody can log in with.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// What drivers send as their user.
    name: String,
    /// The slug of the tenant to act for; may be given several times.
    #[arg(long = "tenant", value_name = "SLUG", required = true)]
    tenants: Vec<String>,
}

/// Most bytes of a name: PostgreSQL cuts a longer user name.
const NAME_BYTES_MAX: usize = 63;
/// Most bytes of a slug: those of a DNS label.
const SLUG_BYTES_MAX: usize = 63;

/// Runs the command.
///
/// # Errors
/// `Failure::Failed` when name, slug or password cannot be used, or the password cannot be read.
pub(crate) fn execute(arguments: &Arguments) -> Result<(), Failure> {
    // Before the person types a password for nothing.
    check(arguments).map_err(Failure::failed)?;
    let password = if io::stdin().is_terminal() {
        ask().map_err(Failure::failed)?
    } else {
        read_line(io::stdin().lock()).map_err(Failure::failed)?
    };
    let entry = entry(arguments, &password).map_err(Failure::failed)?;
    io::stdout().write_all(entry.as_bytes()).map_err(Failure::failed)
}

fn check(arguments: &Arguments) -> Result<(), String> {
    let name = &arguments.name;
    if !(1..=NAME_BYTES_MAX).contains(&name.len()) || name.contains(char::is_control) {
        return Err(format!(
            "the name {name:?} cannot be a login's: it must have 1 to {NAME_BYTES_MAX} bytes and no \
             control characters"
        ));
    }
    let mut seen = Vec::new();
    for slug in &arguments.tenants {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=SLUG_BYTES_MAX).contains(&slug.len()) || !slug.bytes().all(plain) {
            return Err(format!(
                "{slug:?} is no tenant's slug: slugs are 1 to {SLUG_BYTES_MAX} of a-z 0-9 -"
            ));
        }
        if seen.contains(&slug) {
            return Err(format!("the tenant `{slug}` is given twice"));
        }
        seen.push(slug);
    }
    Ok(())
}

/// Asks on the terminal, which stdout need not be: the entry may go into a file.
fn ask() -> Result<Zeroizing<String>, String> {
    let prompt = |text| {
        let password = rpassword::prompt_password(text).map(Zeroizing::new);
        password.map_err(|error| format!("cannot read a password from the terminal: {error}"))
    };
    let password = prompt("Password: ")?;
    if password.is_empty() {
        return Err("the password is empty".to_owned());
    }
    if password != prompt("Password again: ")? {
        return Err("the two passwords differ".to_owned());
    }
    Ok(password)
}

/// Reads the one line that there is, its end not counted.
fn read_line(input: impl Read) -> Result<Zeroizing<String>, String> {
    // One byte more than a password with its line end may have, to tell a longer one.
    let limit = Verifier::PASSWORD_BYTES_MAX as u64 + 3;
    let mut text = Zeroizing::new(String::new());
    input.take(limit).read_to_string(&mut text).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => "the password on stdin is not UTF-8".to_owned(),
        _ => format!("cannot read a password from stdin: {error}"),
    })?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.contains(['\n', '\r', '\0']) {
        return Err("stdin must hold the password as its only line".to_owned());
    }
    Ok(Zeroizing::new(line.to_owned()))
}

fn entry(arguments: &Arguments, password: &str) -> Result<String, String> {
    let verifier =
        Verifier::generate(password.as_bytes()).map_err(|invalid| invalid.to_string())?;
    let quote = |text: &str| toml::Value::from(text).to_string();
    let tenants: Vec<_> = arguments.tenants.iter().map(|slug| quote(slug)).collect();
    let mut entry = String::from("[[login]]\n");
    let lines = [
        ("name", quote(&arguments.name)),
        ("tenants", format!("[{}]", tenants.join(", "))),
        ("verifier", quote(&verifier.to_text())),
    ];
    for (key, value) in lines {
        writeln!(entry, "{key:<8} = {value}").map_err(|error| error.to_string())?;
    }
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use identity::Registry;
    use policies::TenantKind;

    use super::*;

    fn arguments(name: &str, tenants: &[&str]) -> Arguments {
        let tenants = tenants.iter().map(|slug| (*slug).to_owned()).collect();
        Arguments { name: name.to_owned(), tenants }
    }

    #[test]
    fn the_entry_is_read_back() {
        for name in ["acme", "acme-app", "o'brien \"the\" \\ third", "sn\u{f8}rre"] {
            let arguments = arguments(name, &["acme", "globex-2"]);
            check(&arguments).unwrap();
            let document = format!(
                "[[tenant]]\nid = \"a\"\nslug = \"acme\"\n\
                 [[tenant]]\nid = \"g\"\nslug = \"globex-2\"\n\n{}",
                entry(&arguments, "correct horse").unwrap()
            );
            let registry = Registry::parse(&document, TenantKind::Text).unwrap();
            let login = registry.login(name).unwrap();
            assert!(login.verifier().verify_password(b"correct horse"));
            assert_eq!(login.tenants().len(), 2);
            assert!(!document.contains("correct horse"));
        }
    }

    #[test]
    fn names_and_slugs() {
        let says = |name: &str, tenants: &[&str]| check(&arguments(name, tenants)).unwrap_err();
        assert!(says("", &["acme"]).contains("1 to 63 bytes"));
        assert!(says(&"x".repeat(64), &["acme"]).contains("1 to 63 bytes"));
        assert!(says("a\nb", &["acme"]).contains("control characters"));
        assert!(says("acme", &["Acme"]).contains("a-z 0-9 -"));
        assert!(says("acme", &[""]).contains("a-z 0-9 -"));
        assert!(says("acme", &["acme", "acme"]).contains("twice"));
    }

    #[test]
    fn one_line_of_stdin_is_the_password() {
        let read = |text: &[u8]| read_line(text).map(|password| password.to_string());
        assert_eq!(read(b"secret\n"), Ok("secret".to_owned()));
        assert_eq!(read(b"secret\r\n"), Ok("secret".to_owned()));
        assert_eq!(read(b" secret "), Ok(" secret ".to_owned()));
        assert!(read(b"secret\nmore\n").unwrap_err().contains("only line"));
        assert!(read(b"secret\n\n").unwrap_err().contains("only line"));
        assert!(read(b"sec\0ret").unwrap_err().contains("only line"));
        assert!(read(b"\xff\n").unwrap_err().contains("UTF-8"));

        let made = |text: &[u8]| {
            read_line(text).and_then(|password| entry(&arguments("acme", &["acme"]), &password))
        };
        assert!(made(b"\n").unwrap_err().contains("empty"));
        assert!(made(&[b'x'; 1024]).is_ok());
        assert!(made(&[b'x'; 1025]).unwrap_err().contains("more than 1024 bytes"));
        assert!(made(&[b'x'; 9999]).unwrap_err().contains("more than 1024 bytes"));
    }
}
