//! Messages of MongoDB's protocol.

use bytes::BytesMut;
use mongo_wire::Bounds;
use mongo_wire::command::Command;
use mongo_wire::frame::{Frame, HEADER_BYTES, Header, bytes_max};
use mongo_wire::message::{Flags, MessageWriter, OpCompressed, OpMsg, Request};
use mongo_wire::reply::Reply;

/// The limit on a message; small, so that a fuzzer reaches it.
const MESSAGE_BYTES_MAX: usize = 12_000;

/// However the bytes are cut, the same frames come out, end to end; every reader takes any frame
/// without a panic; and what is read as a message means the same when it is written again.
///
/// The first byte says how the rest is cut.
pub fn mongo_message(input: &[u8]) {
    let Some((cut, stream)) = input.split_first() else { return };
    let whole = frames(stream);
    let mut end = 0;
    for frame in &whole {
        assert_eq!(frame.bytes.len(), HEADER_BYTES + frame.body.len());
        assert_eq!(stream.get(end..end + frame.bytes.len()), Some(frame.bytes));
        end += frame.bytes.len();
    }
    let pieces = usize::from(*cut) % 16 + 1;
    for arrived in (0..stream.len()).step_by(pieces) {
        let early = stream.get(..arrived).map(frames).unwrap_or_default();
        assert_eq!(whole.get(..early.len()), Some(early.as_slice()), "{arrived} bytes");
    }
    let bounds = Bounds { message_bytes_max: MESSAGE_BYTES_MAX, ..Bounds::default() };
    for frame in whole {
        let _ = (Flags::read(frame), Reply::read(frame));
        if let Ok(compressed) = OpCompressed::read(frame, MESSAGE_BYTES_MAX) {
            assert!(compressed.bytes <= MESSAGE_BYTES_MAX);
        }
        match Request::read(frame, &bounds) {
            Ok(Request::Msg(message)) => {
                written_again(&message, &bounds);
                if let Ok(command) = Command::read(message) {
                    walk(&command);
                }
            }
            Ok(Request::Query(query)) => assert!(query.body.first().is_some()),
            Err(defect) => assert!(defect.code() > 0 && !defect.to_string().is_empty()),
        }
    }
}

/// The whole frames at the start of these bytes.
fn frames(stream: &[u8]) -> Vec<Frame<'_>> {
    let mut frames = Vec::new();
    let mut rest = stream;
    while let Ok(Some(header)) = Header::read(rest) {
        let Some(most) = bytes_max(header.op_code, MESSAGE_BYTES_MAX) else { break };
        let Ok(header) = header.within(most) else { break };
        let Some(frame) = header.frame(rest) else { break };
        frames.push(frame);
        rest = rest.get(header.bytes..).unwrap_or_default();
    }
    frames
}

/// A body first, then sequences, without a checksum: the same message.
fn written_again(message: &OpMsg<'_>, bounds: &Bounds) {
    let mut out = BytesMut::new();
    let written = MessageWriter::message(
        [message.request_id, 0],
        message.flags,
        &mut out,
        |body| {
            message.body.elements().for_each(|element| body.copy(element.raw()));
            Ok::<_, ()>(())
        },
        |writer| {
            message.sequences.iter().for_each(|sequence| writer.copy(*sequence));
            Ok(())
        },
    );
    assert_eq!(written, Ok(()));
    let header = Header::read(&out).expect("a length").expect("a header");
    let frame = header.frame(&out).expect("a whole message");
    let again = OpMsg::read(frame, bounds).expect("what was sound is sound");
    assert_eq!(&again, message);
}

fn walk(command: &Command<'_>) {
    let _ = (command.target(), command.general());
    let arguments = command.arguments().count();
    let elements = command.body().elements().count();
    assert_eq!(arguments + 1, elements + command.sequences().len());
    assert!(command.argument("$db").is_some() || command.name() == "$db");
    for argument in command.arguments() {
        // The first element may have an argument's name, but the command's name is no argument.
        assert_eq!(
            command.argument(argument.name).map(|found| found.value().is_some()),
            Some(argument.operand.value().is_some())
        );
        if let Some(batch) = argument.operand.batch() {
            let _ = batch.count();
        }
        let _ = command.spec().and_then(|spec| spec.argument(argument.name));
    }
}
