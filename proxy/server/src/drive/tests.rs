//! The loop against real sockets and a connection that speaks lines.
//!
//! The client's words: `dial`, `release`, `upstream-tls`, `tls`, `refuse`, `register K`, `cancel K`,
//! `alarm`, `hold`; any other line goes to the upstream. What the upstream says goes to the client.

mod tls;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};

use arc_swap::{ArcSwap, ArcSwapOption};
use bytes::{Bytes, BytesMut};
use policies::{Reason, Rejection};
use relay::{Effect, Event};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;
use crate::telemetry::{Metrics, Observed};
use crate::tls::{SslMode, TlsStart};

const OUTBOX_BYTES_MAX: usize = 64 << 10;

/// What the test can see of a connection from outside.
#[derive(Default)]
struct Gauge {
    outbox_max: AtomicUsize,
    full: Notify,
}

#[derive(Default)]
struct Lines {
    gauge: Arc<Gauge>,
    deadline: Option<Instant>,
    holding: bool,
}

impl Lines {
    fn measure(&self, out: &Outbox) {
        let bytes = out.to_client.len().max(out.to_upstream.len());
        self.gauge.outbox_max.fetch_max(bytes, Ordering::SeqCst);
        if bytes >= OUTBOX_BYTES_MAX {
            self.gauge.full.notify_one();
        }
    }
}

impl Connection for Lines {
    fn on_client(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<(), Fatal> {
        while let Some(end) = input.iter().position(|byte| *byte == b'\n') {
            if self.holding {
                break;
            }
            let line = input.split_to(end + 1).freeze();
            let text = std::str::from_utf8(&line).unwrap().trim_end();
            let key = |text: &str| Bytes::copy_from_slice(text.as_bytes());
            match text.split_once(' ') {
                None if text == "dial" => out.effects.push(Effect::Dial),
                None if text == "upstream-tls" => out.effects.push(Effect::StartUpstreamTls),
                None if text == "release" => out.effects.push(Effect::Release),
                None if text == "alarm" => self.deadline = Some(Instant::now()),
                None if text == "hold" => self.holding = true,
                None if text == "tls" => {
                    out.to_client.extend_from_slice(b"S");
                    out.effects.push(Effect::StartTls);
                    break;
                }
                None if text == "refuse" => {
                    let rejection = Rejection::new(Reason::SyntaxError, "no");
                    out.to_client.extend_from_slice(b"refused as you asked\n");
                    out.events.push(Event::StatementRejected {
                        rejection,
                        fingerprint: 1,
                        observed: false,
                    });
                }
                Some(("register", name)) => out
                    .effects
                    .push(Effect::RegisterCancel { key: key(name), request: key("stop it") }),
                Some(("cancel", name)) => {
                    out.effects.push(Effect::Cancel { key: key(name) });
                    return Err(Fatal::Closed);
                }
                _ => out.to_upstream.extend_from_slice(&line),
            }
        }
        self.measure(out);
        Ok(())
    }

    fn on_upstream(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<(), Fatal> {
        self.holding = false;
        out.to_client.extend_from_slice(input);
        input.clear();
        self.measure(out);
        Ok(())
    }

    fn on_client_tls(&mut self, out: &mut Outbox) {
        out.to_client.extend_from_slice(b"inside\n");
    }

    fn on_dialed(&mut self, out: &mut Outbox) {
        out.to_client.extend_from_slice(b"dialed\n");
    }

    fn on_upstream_tls(&mut self, _end_point: Option<Vec<u8>>, _out: &mut Outbox) {}

    fn on_upstream_lost(&mut self, what: &str, out: &mut Outbox) -> Fatal {
        out.to_client.extend_from_slice(format!("lost: {what}\n").as_bytes());
        Fatal::Unavailable(what.to_owned())
    }

    fn on_drain(&mut self, out: &mut Outbox) -> Result<(), Fatal> {
        out.to_client.extend_from_slice(b"drain\n");
        Err(Fatal::Withdrawn("drain".to_owned()))
    }

    fn on_reload(&mut self, out: &mut Outbox) -> Result<(), Fatal> {
        out.to_client.extend_from_slice(b"reload\n");
        Ok(())
    }

    fn on_deadline(&mut self, _now: Instant, out: &mut Outbox) -> Result<(), Fatal> {
        self.deadline = None;
        out.to_client.extend_from_slice(b"alarm\n");
        Ok(())
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn wants_client(&self) -> bool {
        !self.holding
    }
}

/// A proxy before one upstream, whose connections the test accepts itself.
struct House {
    upstream: TcpListener,
    surroundings: Arc<Surroundings>,
    observed: Arc<Observed>,
    signals: watch::Sender<Signals>,
}

impl House {
    async fn new() -> Self {
        let upstream = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::before(upstream)
    }

    fn before(upstream: TcpListener) -> Self {
        let address = upstream.local_addr().unwrap();
        let way = Upstream {
            name: "the upstream".to_owned(),
            host: address.ip().to_string(),
            port: address.port(),
            ssl_mode: SslMode::Disable,
            tls_start: TlsStart::InBand { alpn: b"postgresql" },
            tls: None,
            dial_timeout: Duration::from_secs(30),
            closed: ArcSwapOption::empty(),
            cluster: ArcSwapOption::empty(),
        };
        let surroundings = Surroundings {
            upstream: Arc::new(way),
            tls: None,
            cancels: Arc::default(),
            handshake_timeout: Duration::from_secs(30),
            linger_timeout: Duration::from_secs(30),
            outbox_bytes_max: OUTBOX_BYTES_MAX,
        };
        let observed = Observed {
            protocol: "lines",
            mode: "inject",
            listener: SocketAddr::from((Ipv4Addr::LOCALHOST, 1)),
            metrics: Arc::new(Metrics::new()).of_protocol("lines"),
        };
        Self {
            upstream,
            surroundings: Arc::new(surroundings),
            observed: Arc::new(observed),
            signals: watch::Sender::new(Signals::default()),
        }
    }

    /// A client that has just connected.
    async fn enter(&self) -> Client {
        self.enter_as(Admission::Admitted).await
    }

    async fn enter_as(&self, admission: Admission) -> Client {
        let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(door.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = door.accept().await.unwrap();
        let connection = Lines::default();
        let gauge = Arc::clone(&connection.gauge);
        let observer = Observer::new(Arc::clone(&self.observed), peer);
        let (surroundings, signals) = (Arc::clone(&self.surroundings), self.signals.subscribe());
        let driven = tokio::spawn(async move {
            let opened = open(stream, &surroundings).await;
            let stream = match opened {
                Ok(stream) => stream,
                Err(error) => return Fatal::ClientMisbehaved(error.to_string()),
            };
            drive(stream, admission, Box::new(connection), surroundings, signals, observer).await
        });
        Client { stream: client, driven, gauge }
    }

    /// A client, and the upstream's end of its connection.
    async fn enter_and_dial(&self) -> (Client, TcpStream) {
        let mut client = self.enter().await;
        client.say("dial\n").await;
        let (upstream, _) = self.upstream.accept().await.unwrap();
        client.hears("dialed\n").await;
        (client, upstream)
    }
}

struct Client {
    stream: TcpStream,
    driven: JoinHandle<Fatal>,
    gauge: Arc<Gauge>,
}

impl Client {
    async fn say(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    async fn hears(&mut self, text: &str) {
        hears(&mut self.stream, text).await;
    }

    async fn hears_the_end(&mut self, text: &str) {
        let mut rest = String::new();
        self.stream.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, text);
        // The proxy lingers until its client has left as well.
        self.stream.shutdown().await.unwrap();
    }
}

async fn hears(stream: &mut TcpStream, text: &str) {
    let mut heard = vec![0; text.len()];
    stream.read_exact(&mut heard).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&heard), text);
}

#[tokio::test]
async fn bytes_pass_both_ways_and_a_half_close_is_answered_to_the_end() {
    let house = House::new().await;
    let (mut client, mut upstream) = house.enter_and_dial().await;
    client.say("question\n").await;
    client.stream.shutdown().await.unwrap();
    let mut asked = String::new();
    upstream.read_to_string(&mut asked).await.unwrap();
    assert_eq!(asked, "question\n");
    upstream.write_all(b"answer\n").await.unwrap();
    drop(upstream);
    client.hears_the_end("answer\n").await;
    assert_eq!(client.driven.await.unwrap(), Fatal::Closed);
}

#[tokio::test]
async fn input_that_was_not_wanted_is_looked_at_later() {
    let house = House::new().await;
    let (mut client, mut upstream) = house.enter_and_dial().await;
    client.say("first\nhold\nsecond\n").await;
    client.stream.shutdown().await.unwrap();
    hears(&mut upstream, "first\n").await;
    upstream.write_all(b"go on\n").await.unwrap();
    let mut rest = String::new();
    upstream.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "second\n");
    drop(upstream);
    client.hears_the_end("go on\n").await;
}

#[tokio::test]
async fn a_client_that_does_not_read_stops_its_own_upstream_only() {
    const BYTES: usize = 32 << 20;
    let house = House::new().await;
    let (mut deaf, mut upstream) = house.enter_and_dial().await;
    let writing = tokio::spawn(async move {
        upstream.write_all(&vec![b'x'; BYTES]).await.unwrap();
        upstream
    });
    deaf.gauge.full.notified().await;

    let (mut other, mut other_upstream) = house.enter_and_dial().await;
    other.say("question\n").await;
    hears(&mut other_upstream, "question\n").await;
    other_upstream.write_all(b"answer\n").await.unwrap();
    other.hears("answer\n").await;

    let mut heard = vec![0; BYTES];
    deaf.stream.read_exact(&mut heard).await.unwrap();
    writing.await.unwrap();
    assert!(heard.iter().all(|byte| *byte == b'x'));
    let held = deaf.gauge.outbox_max.load(Ordering::SeqCst);
    assert!(held <= OUTBOX_BYTES_MAX + UPSTREAM_READ_BYTES, "held {held} bytes");
}

#[tokio::test]
async fn an_upstream_that_does_not_read_stops_its_own_client() {
    const LINES: usize = 2 << 20;
    let house = House::new().await;
    let (mut client, mut upstream) = house.enter_and_dial().await;
    let full = Arc::clone(&client.gauge);
    let (mut reading, mut writing) = client.stream.split();
    let write = async {
        writing.write_all("statement 12345\n".repeat(LINES).as_bytes()).await.unwrap();
        writing.shutdown().await.unwrap();
    };
    let read = async {
        full.full.notified().await;
        let mut bytes = Vec::new();
        upstream.read_to_end(&mut bytes).await.unwrap();
        assert_eq!(bytes.len(), LINES * 16);
        upstream.write_all(b"done").await.unwrap();
        drop(upstream);
    };
    tokio::join!(write, read);
    let mut answer = String::new();
    reading.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "done");
    let held = client.gauge.outbox_max.load(Ordering::SeqCst);
    assert!(held <= OUTBOX_BYTES_MAX + CLIENT_READ_BYTES, "held {held} bytes");
}

#[tokio::test]
async fn refusals_that_nobody_reads_are_bounded_too() {
    const LINES: usize = 1 << 20;
    let house = House::new().await;
    let mut client = house.enter().await;
    let gauge = Arc::clone(&client.gauge);
    let (mut reading, mut writing) = client.stream.split();
    let write = async {
        writing.write_all("refuse\n".repeat(LINES).as_bytes()).await.unwrap();
        writing.shutdown().await.unwrap();
    };
    let read = async {
        gauge.full.notified().await;
        let mut answers = Vec::new();
        reading.read_to_end(&mut answers).await.unwrap();
        assert_eq!(answers.len(), LINES * "refused as you asked\n".len());
    };
    tokio::join!(write, read);
    let held = gauge.outbox_max.load(Ordering::SeqCst);
    let burst = CLIENT_READ_BYTES / "refuse\n".len() * "refused as you asked\n".len();
    assert!(held <= OUTBOX_BYTES_MAX + 2 * burst, "held {held} bytes");
    assert!(house.observed.metrics_text().contains(
        "partywall_rejections_total{protocol=\"lines\",reason=\"syntax-error\"} 1048576\n"
    ));
}

#[tokio::test]
async fn bytes_in_the_clear_behind_the_request_for_tls_end_the_connection() {
    let house = House::new().await;
    let mut client = house.enter().await;
    client.say("tls\nbefore the handshake\n").await;
    client.hears_the_end("S").await;
    assert!(matches!(client.driven.await.unwrap(), Fatal::ClientMisbehaved(_)));
}

#[tokio::test]
async fn the_last_words_of_an_upstream_arrive_before_its_loss() {
    let house = House::new().await;
    let (mut client, mut upstream) = house.enter_and_dial().await;
    upstream.write_all(b"going down\n").await.unwrap();
    drop(upstream);
    client.hears_the_end("going down\nlost: it closed the connection\n").await;
    assert!(matches!(client.driven.await.unwrap(), Fatal::Unavailable(_)));
}

#[tokio::test]
async fn an_upstream_that_is_not_there_is_told_to_the_client() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut house = House::before(nobody);
    house.upstream = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = house.enter().await;
    client.say("dial\n").await;
    let mut heard = String::new();
    client.stream.read_to_string(&mut heard).await.unwrap();
    assert!(heard.starts_with("lost: "), "{heard}");

    let mut waiting = house.enter().await;
    house.surroundings.upstream.closed.store(Some(Arc::new("not yet".to_owned())));
    waiting.say("dial\n").await;
    waiting.hears_the_end("lost: not yet\n").await;
}

#[tokio::test]
async fn who_is_turned_away_is_told_so() {
    let house = House::new().await;
    let mut client = house.enter_as(Admission::TurnedAway).await;
    client.say("dial\n").await;
    client.hears_the_end("lost: the listener has as many connections as it may\n").await;
}

#[tokio::test]
async fn signals_and_deadlines_reach_the_connection() {
    let house = House::new().await;
    let mut client = house.enter().await;
    client.say("alarm\n").await;
    client.hears("alarm\n").await;
    house.signals.send_modify(|signals| signals.reloads += 1);
    client.hears("reload\n").await;
    house.signals.send_modify(|signals| signals.draining = true);
    client.hears("drain\n").await;
    client.stream.shutdown().await.unwrap();
    assert_eq!(client.driven.await.unwrap(), Fatal::Withdrawn("drain".to_owned()));
    // One that comes too late is drained at once.
    let mut late = house.enter().await;
    late.hears("drain\n").await;
}

#[tokio::test]
async fn a_cancel_key_works_as_long_as_its_connection_lives() {
    let house = House::new().await;
    let (mut client, upstream) = house.enter_and_dial().await;
    client.say("register abc\nalarm\n").await;
    client.hears("alarm\n").await;

    let mut canceller = house.enter().await;
    canceller.say("cancel abc\n").await;
    let (mut cancelled, _) = house.upstream.accept().await.unwrap();
    hears(&mut cancelled, "stop it").await;
    drop(cancelled);
    canceller.hears_the_end("").await;

    drop(client.stream);
    drop(upstream);
    client.driven.await.unwrap();
    assert!(house.surroundings.cancels.find(b"abc").is_none());
}

#[tokio::test]
async fn an_idle_connection_is_small() {
    let house = House::new().await;
    let address = house.upstream.local_addr().unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let driven = drive(
        Stream::Plain(stream),
        Admission::Admitted,
        Box::new(Lines::default()),
        Arc::clone(&house.surroundings),
        house.signals.subscribe(),
        Observer::new(Arc::clone(&house.observed), address),
    );
    let bytes = std::mem::size_of_val(&driven);
    assert!(bytes <= 2_048, "the loop's own state has {bytes} bytes");
}

#[tokio::test]
async fn a_released_link_is_written_to_the_end_and_another_may_follow() {
    let house = House::new().await;
    let (mut client, mut first) = house.enter_and_dial().await;
    client.say("last words\nrelease\ndial\n").await;
    let mut heard = String::new();
    first.read_to_string(&mut heard).await.unwrap();
    assert_eq!(heard, "last words\n");
    let (mut second, _) = house.upstream.accept().await.unwrap();
    client.hears("dialed\n").await;
    client.say("first words\n").await;
    hears(&mut second, "first words\n").await;
    second.write_all(b"answer\n").await.unwrap();
    client.hears("answer\n").await;
}
