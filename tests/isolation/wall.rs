//! The wall itself: a child process of the binary that was built beside this test.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use identity::Verifier;

use crate::schema::{POLICY, TENANT_A, TENANT_B};
use crate::session::{Address, Outcome};

const START_SECONDS_MAX: u64 = 30;
/// Between two questions whether it is ready.
const PAUSE: Duration = Duration::from_millis(20);
const LOGIN: &str = "a";
const PASSWORD: &str = "password of a";

/// A running wall with one listener for each database. It ends when this is dropped.
pub(crate) struct Wall {
    process: Child,
    folder: PathBuf,
    ports: Vec<u16>,
}

impl Wall {
    pub(crate) fn start(databases: &[&Address]) -> Outcome<Self> {
        let folder = std::env::temp_dir().join(format!("partywall-oracle-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let (ports, admin) = (free_ports(databases.len())?, free_ports(1)?);
        let admin = admin.first().copied().unwrap_or_default();
        fs::write(folder.join("policy.toml"), POLICY)?;
        fs::write(folder.join("tenants.toml"), tenants()?)?;
        let settings = folder.join("partywall.toml");
        fs::write(&settings, settings_document(databases, &ports, admin))?;
        let log = File::create(folder.join("log"))?;
        let process = Command::new(binary()?)
            .arg("run")
            .arg("--settings")
            .arg(&settings)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let mut wall = Self { process, folder, ports };
        wall.await_ready(admin)?;
        Ok(wall)
    }

    /// Where A logs in to the database of this place in the list.
    pub(crate) fn address(&self, place: usize, database: &Address) -> Address {
        Address {
            host: Ipv4Addr::LOCALHOST.to_string(),
            port: self.ports.get(place).copied().unwrap_or_default(),
            user: LOGIN.to_owned(),
            password: PASSWORD.to_owned(),
            database: database.database.clone(),
        }
    }

    fn await_ready(&mut self, admin: u16) -> Outcome<()> {
        let deadline = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
        while !is_ready(admin) {
            if self.process.try_wait()?.is_some() || Instant::now() > deadline {
                let log = fs::read_to_string(self.folder.join("log"))?;
                return Err(format!("the wall is not ready:\n{log}").into());
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }
}

impl Drop for Wall {
    fn drop(&mut self) {
        // Nothing more can be done about a process or a folder that does not go.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The binary of the same build: `target/debug/partywall` beside `target/debug/deps/isolation-…`.
fn binary() -> Outcome<PathBuf> {
    let test = std::env::current_exe()?;
    let folder = test.parent().and_then(Path::parent).ok_or("no target folder")?;
    let binary = folder.join("partywall");
    if binary.is_file() {
        return Ok(binary);
    }
    Err(format!("{} is not there: cargo build -p partywall", binary.display()).into())
}

fn free_ports(count: usize) -> Outcome<Vec<u16>> {
    // All are held until all are known, so that none is given twice.
    let listeners: Vec<TcpListener> = (0..count)
        .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .collect::<Result<_, _>>()?;
    Ok(listeners
        .iter()
        .map(|listener| listener.local_addr().map(|address| address.port()))
        .collect::<Result<_, _>>()?)
}

fn tenants() -> Outcome<String> {
    let verifier = Verifier::generate(PASSWORD.as_bytes())?.to_text();
    let verifier = verifier.as_str();
    Ok(format!(
        "[[tenant]]\nid = \"{TENANT_A}\"\nslug = \"a\"\n\n[[tenant]]\nid = \"{TENANT_B}\"\nslug = \"b\"\n\n\
         [[login]]\nname = \"{LOGIN}\"\ntenants = [\"a\"]\nverifier = \"{verifier}\"\n"
    ))
}

fn settings_document(databases: &[&Address], ports: &[u16], admin: u16) -> String {
    let mut text = "policy = \"policy.toml\"\ntenants = \"tenants.toml\"\n".to_owned();
    for (database, port) in databases.iter().zip(ports) {
        let Address { host, port: upstream, user, password, database } = database;
        text.push_str(&format!(
            "\n[[listener]]\nprotocol = \"postgres\"\nlisten = \"127.0.0.1:{port}\"\n\
             upstream = \"postgres://{user}:{password}@{host}:{upstream}/{database}\"\n"
        ));
    }
    text.push_str(&format!("\n[admin]\nlisten = \"127.0.0.1:{admin}\"\n"));
    text
}

fn is_ready(admin: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, admin))?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(b"GET /ready HTTP/1.1\r\nHost: wall\r\nConnection: close\r\n\r\n")?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply)?;
        Ok(reply.starts_with("HTTP/1.1 200"))
    };
    ask().unwrap_or(false)
}
