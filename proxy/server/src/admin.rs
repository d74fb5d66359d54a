//! The admin listener: `/live`, `/ready` and `/metrics` over HTTP/1, for the platform's probes and
//! its scraper. It answers in a few bytes, takes no body, and is bounded like any other listener.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::health::Health;
use crate::telemetry::Metrics;

/// Probes and scrapers are few; more is somebody's mistake, and must not cost the clients' sockets.
const CONNECTIONS_MAX: usize = 64;
/// How long a request's head may take, and how long a kept connection may be silent.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// hyper's smallest buffer: a request here has a short path and a few headers.
const BUFFER_BYTES_MAX: usize = 8 << 10;

const TEXT: &str = "text/plain; charset=utf-8";
const EXPOSITION: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Answers on `listener` until the process ends.
pub(crate) async fn serve(listener: TcpListener, metrics: Arc<Metrics>, health: Arc<Health>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let accepted = listener.accept().await;
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, most likely: let some come free.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let (metrics, health) = (Arc::clone(&metrics), Arc::clone(&health));
        tokio::spawn(async move {
            serve_one(stream, &metrics, &health).await;
            drop(place);
        });
    }
}

async fn serve_one(stream: TcpStream, metrics: &Metrics, health: &Health) {
    let service = service_fn(|request: Request<Incoming>| {
        let response = answer(request.method(), request.uri().path(), metrics, health);
        std::future::ready(Ok::<_, Infallible>(response))
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(BUFFER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "an admin connection broke");
    }
}

fn answer(
    method: &Method,
    path: &str,
    metrics: &Metrics,
    health: &Health,
) -> Response<Full<Bytes>> {
    if method != Method::GET && method != Method::HEAD {
        let mut response = text(StatusCode::METHOD_NOT_ALLOWED, TEXT, "GET or HEAD\n".into());
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    match path {
        "/live" => text(StatusCode::OK, TEXT, "live\n".into()),
        "/ready" => match health.obstacles() {
            obstacles if obstacles.is_empty() => text(StatusCode::OK, TEXT, "ready\n".into()),
            obstacles => text(StatusCode::SERVICE_UNAVAILABLE, TEXT, lines(&obstacles)),
        },
        "/metrics" => text(StatusCode::OK, EXPOSITION, metrics.print()),
        _ => text(StatusCode::NOT_FOUND, TEXT, "there are /live, /ready and /metrics\n".into()),
    }
}

fn lines(obstacles: &[String]) -> String {
    obstacles.iter().map(|obstacle| format!("{obstacle}\n")).collect()
}

fn text(status: StatusCode, kind: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn ask(address: std::net::SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    async fn get(address: std::net::SocketAddr, path: &str) -> String {
        ask(address, &format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await
    }

    #[tokio::test]
    async fn the_three_pages_and_nothing_else() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let metrics = Arc::new(Metrics::new());
        let health = Arc::new(Health::new(Arc::clone(&metrics)));
        health.set("postgres on 127.0.0.1:1", Some("the catalog has not been read yet"));
        let serving = tokio::spawn(serve(listener, Arc::clone(&metrics), Arc::clone(&health)));

        assert!(get(address, "/live").await.starts_with("HTTP/1.1 200"));
        let unready = get(address, "/ready").await;
        assert!(unready.starts_with("HTTP/1.1 503"), "{unready}");
        assert!(unready.ends_with("postgres on 127.0.0.1:1: the catalog has not been read yet\n"));
        health.set("postgres on 127.0.0.1:1", None);
        assert!(get(address, "/ready").await.starts_with("HTTP/1.1 200"));
        assert!(get(address, "/metrics").await.contains("\npartywall_ready 1\n"));
        assert!(get(address, "/").await.starts_with("HTTP/1.1 404"));
        assert!(get(address, "/ready/").await.starts_with("HTTP/1.1 404"));
        let post =
            "POST /ready HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        assert!(ask(address, post).await.starts_with("HTTP/1.1 405"));
        let long = format!("/{}", "x".repeat(2 * BUFFER_BYTES_MAX));
        assert!(!get(address, &long).await.contains(" 200 "));
        serving.abort();
    }
}
