//! The program under test: a child process of the binary that was built beside this test.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use identity::Verifier;

use crate::session::Outcome;

/// The login of tenant A, whose slug it is too.
pub(crate) const LOGIN: &str = "a";
pub(crate) const PASSWORD: &str = "password of a";

const START_SECONDS_MAX: u64 = 30;
/// Between two questions whether it is ready.
const PAUSE: Duration = Duration::from_millis(20);
/// Bytes of the log that are worth showing.
const LOG_SHOWN: usize = 4000;

/// A running program, with its documents in a folder of its own. It ends when this is dropped.
pub(crate) struct Program {
    process: Child,
    folder: PathBuf,
    ports: Vec<u16>,
}

impl Program {
    /// Starts it for the tenants of these ids, of which A has the login, and awaits that it is ready.
    /// `listener` writes the listener at a place and its port.
    pub(crate) fn start(
        name: &str,
        policy: &str,
        tenants: [&str; 2],
        count: usize,
        listener: impl Fn(usize, u16) -> String,
    ) -> Outcome<Self> {
        let folder = std::env::temp_dir().join(format!("partywall-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let mut ports = free_ports(count + 1)?;
        let admin = ports.pop().unwrap_or_default();
        let listeners = ports.iter().enumerate().map(|(place, port)| listener(place, *port));
        let listeners: String = listeners.collect();
        let settings = folder.join("partywall.toml");
        fs::write(folder.join("policy.toml"), policy)?;
        fs::write(folder.join("tenants.toml"), tenants_document(tenants)?)?;
        fs::write(
            &settings,
            format!(
                "policy = \"policy.toml\"\ntenants = \"tenants.toml\"\n{listeners}\n\
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
        let mut program = Self { process, folder, ports };
        program.await_ready(admin)?;
        Ok(program)
    }

    /// Where the listener at `place` listens.
    pub(crate) fn port(&self, place: usize) -> u16 {
        self.ports.get(place).copied().unwrap_or_default()
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

impl Drop for Program {
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

/// Ports that nobody listens on. All are held until all are known, so that none is given twice.
fn free_ports(count: usize) -> Outcome<Vec<u16>> {
    let listeners: Vec<TcpListener> = (0..count)
        .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .collect::<Result<_, _>>()?;
    Ok(listeners
        .iter()
        .map(|listener| listener.local_addr().map(|address| address.port()))
        .collect::<Result<_, _>>()?)
}

fn tenants_document([a, b]: [&str; 2]) -> Outcome<String> {
    let verifier = Verifier::generate(PASSWORD.as_bytes())?.to_text();
    let verifier = verifier.as_str();
    Ok(format!(
        "[[tenant]]\nid = \"{a}\"\nslug = \"a\"\n\n[[tenant]]\nid = \"{b}\"\nslug = \"b\"\n\n\
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
