//! Frames and messages of PostgreSQL's protocol.

use bytes::BytesMut;
use postgres_wire::frame::{Frame, HEADER_BYTES, Header, startup};
use postgres_wire::message::backend::{
    Authentication, BackendKeyData, ErrorFields, ParameterStatus, ReadyForQuery,
};
use postgres_wire::message::frontend::{
    CancelRequest, Execute, FrontendMessage, Query, SaslInitialResponse, Startup, bytes_max,
};

/// The limit on a frame; small, so that a fuzzer reaches it.
const FRAME_BYTES_MAX: usize = 12_000;

/// However the bytes are cut, the same frames come out, end to end; every message parser takes any
/// body without a panic, and what it read and can write again is what came.
///
/// The first byte says how the rest is cut.
pub fn frame(input: &[u8]) {
    let Some((cut, stream)) = input.split_first() else { return };
    let whole = frames(stream, stream.len());
    let mut end = 0;
    for (frame, start) in &whole {
        assert_eq!(*start, end, "frames stand end to end");
        assert_eq!(frame.bytes.len(), HEADER_BYTES + frame.body.len());
        assert_eq!(stream.get(*start..*start + frame.bytes.len()), Some(frame.bytes));
        end += frame.bytes.len();
    }
    let pieces = usize::from(*cut) % 16 + 1;
    for arrived in (0..stream.len()).step_by(pieces) {
        let early = frames(stream, arrived);
        assert_eq!(whole.get(..early.len()), Some(early.as_slice()), "{arrived} bytes");
    }
    for (frame, _) in &whole {
        from_client(*frame);
        from_upstream(frame.body);
    }
    if let Ok(Some((body, bytes))) = startup(stream) {
        assert_eq!(bytes, body.len() + 4);
        from_newcomer(body, stream.get(..bytes));
    }
}

/// The frames, with where they begin, of the first `arrived` bytes.
fn frames(stream: &[u8], arrived: usize) -> Vec<(Frame<'_>, usize)> {
    let mut frames = Vec::new();
    let mut start = 0;
    while let Some(rest) = stream.get(start..arrived) {
        let Ok(Some(header)) = Header::read(rest) else { break };
        let Some(most) = bytes_max(header.tag, FRAME_BYTES_MAX) else { break };
        let Ok(header) = header.within(most) else { break };
        assert!(header.bytes <= FRAME_BYTES_MAX);
        let Some(frame) = header.frame(rest) else { break };
        frames.push((frame, start));
        start += frame.bytes.len();
    }
    frames
}

fn from_client(frame: Frame<'_>) {
    let Ok(message) = FrontendMessage::read(frame) else { return };
    let mut again = BytesMut::new();
    match message {
        Some(FrontendMessage::Query(query)) => Query::put(query.text, &mut again),
        Some(FrontendMessage::Parse(parse)) => parse.put_with(parse.text, &mut again),
        Some(FrontendMessage::Sync(sync)) => sync.put(&mut again),
        Some(FrontendMessage::Flush(flush)) => flush.put(&mut again),
        Some(FrontendMessage::Terminate(terminate)) => terminate.put(&mut again),
        Some(FrontendMessage::Execute(execute)) if execute.rows_max == 0 => {
            Execute::put(execute.portal.as_str(), &mut again);
        }
        Some(FrontendMessage::Bind(bind)) => {
            let values = bind.values();
            for number in 0..=bind.count() {
                assert_eq!(values.value(number).is_some(), number > 0, "value {number}");
                let _ = values.is_binary(number);
            }
            return;
        }
        Some(
            FrontendMessage::Close(_)
            | FrontendMessage::CopyData
            | FrontendMessage::CopyDone
            | FrontendMessage::CopyFail
            | FrontendMessage::Describe(_)
            | FrontendMessage::Execute(_),
        ) => return,
        None => {
            assert_eq!(bytes_max(frame.tag, FRAME_BYTES_MAX), None, "a known tag is not read");
            return;
        }
    }
    assert_eq!(&again[..], frame.bytes, "what was read is not what is written");
}

fn from_upstream(body: &[u8]) {
    let _ = Authentication::read(body);
    let _ = SaslInitialResponse::read(body);
    if let Ok(fields) = ErrorFields::read(body) {
        let _ = (fields.code(), fields.is_fatal());
    }
    let mut again = BytesMut::new();
    if let Ok(status) = ParameterStatus::read(body) {
        // The name and the value, each with its NUL, are all there is.
        assert_eq!(status.name.len() + status.value.len() + 2, body.len());
    }
    if let Ok(ready) = ReadyForQuery::read(body) {
        ready.put(&mut again);
        assert_eq!(again.get(HEADER_BYTES..), Some(body));
    }
    if let Ok(key) = BackendKeyData::read(body) {
        again.clear();
        assert_eq!(key.put(&mut again), Ok(()));
        assert_eq!(again.get(HEADER_BYTES..), Some(body));
    }
}

fn from_newcomer(body: &[u8], packet: Option<&[u8]>) {
    match Startup::read(body) {
        Ok(Startup::CancelRequest(request)) => {
            let again = CancelRequest::packet(request.key);
            assert_eq!(Some(&again[..]), packet, "a cancel request is not written as it came");
        }
        Ok(Startup::StartupMessage(message)) => {
            for (name, value) in message.parameters {
                assert!(!name.contains(&0) && !value.contains(&0));
            }
        }
        Ok(Startup::SslRequest | Startup::GssEncRequest) => assert_eq!(body.len(), 4),
        Err(_) => {}
    }
}
