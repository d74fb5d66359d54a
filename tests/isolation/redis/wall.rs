//! The wall itself: a child process of the binary that was built beside this test.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use identity::Verifier;

use crate::session::{Address, Outcome};
use crate::store::{TENANT_A, TENANT_B};

const START_SECONDS_MAX: u64 = 30;
/// Between two questions whether it is ready.
const PAUSE: Duration = Duration::from_millis(20);
const LOGIN: &str = "a";
const PASSWORD: &str = "password-of-a";
const LOG_SHOWN: usize = 4000;

const POLICY: &str =
    "version = 1\n\n[tenant]\nid = \"text\"\n\n[redis]\nprefix = \"tenant:{tenant}:\"\n";

/// A running wall. It ends when this is dropped.
pub(crate) struct Wall {
    process: Child,
    folder: PathBuf,
    port: u16,
}

impl Wall {
    pub(crate) fn start(server: &Address) -> Outcome<Self> {
        let folder =
            std::env::temp_dir().join(format!("partywall-oracle-redis-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let (port, admin) = free_ports()?;
        fs::write(folder.join("policy.toml"), POLICY)?;
        fs::write(folder.join("tenants.toml"), tenants()?)?;
        let Address { port: upstream, user, password } = server;
        let settings = folder.join("partywall.toml");
        fs::write(
            &settings,
            format!(
                "policy = \"policy.toml\"\ntenants = \"tenants.toml\"\n\n\
                 [[listener]]\nprotocol = \"resp\"\nlisten = \"127.0.0.1:{port}\"\n\
                 upstream = \"redis://{user}:{password}@127.0.0.1:{upstream}/0\"\n\n\
                 [admin]\nlisten = \"127.0.0.1:{admin}\"\n"
            ),
        )?;
        let log = File::create(folder.join("log"))?;
        let process = Command::new(binary()?)
            .arg("run")
            .arg("--settings")
            .arg(&settings)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let mut wall = Self { process, folder, port };
        wall.await_ready(admin)?;
        Ok(wall)
    }

    /// Where A logs in.
    pub(crate) fn address(&self) -> Address {
        Address { port: self.port, user: LOGIN.to_owned(), password: PASSWORD.to_owned() }
    }

    /// The end of what it logged.
    pub(crate) fn log_tail(&self) -> String {
        let log = fs::read(self.folder.join("log")).unwrap_or_default();
        let start = log.len().saturating_sub(LOG_SHOWN);
        String::from_utf8_lossy(&log[start..]).into_owned()
    }

    fn await_ready(&mut self, admin: u16) -> Outcome<()> {
        let deadline = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
        while !is_ready(admin) {
            if self.process.try_wait()?.is_some() || Instant::now() > deadline {
                return Err(format!("the wall is not ready:\n{}", self.log_tail()).into());
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

/// The binary of the same build: `target/debug/partywall` beside `target/debug/deps/…`.
fn binary() -> Outcome<PathBuf> {
    let test = std::env::current_exe()?;
    let folder = test.parent().and_then(Path::parent).ok_or("no target folder")?;
    let binary = folder.join("partywall");
    if binary.is_file() {
        return Ok(binary);
    }
    Err(format!("{} is not there: cargo build -p partywall", binary.display()).into())
}

/// Two, held until both are known, so that none is given twice.
fn free_ports() -> Outcome<(u16, u16)> {
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let (first, second) = (listen()?, listen()?);
    Ok((first.local_addr()?.port(), second.local_addr()?.port()))
}

fn tenants() -> Outcome<String> {
    let verifier = Verifier::generate(PASSWORD.as_bytes())?.to_text();
    let verifier = verifier.as_str();
    Ok(format!(
        "[[tenant]]\nid = \"{TENANT_A}\"\nslug = \"a\"\n\n[[tenant]]\nid = \"{TENANT_B}\"\nslug = \"b\"\n\n\
         [[login]]\nname = \"{LOGIN}\"\ntenants = [\"a\"]\nverifier = \"{verifier}\"\n"
    ))
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
