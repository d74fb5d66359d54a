//! The bounds of a request.

use wire::Limits;

/// Upper bounds on one request. The server's own, where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLimits {
    /// Arguments of one request, the name included.
    pub arguments_max: usize,
    /// Bytes of one argument.
    pub bulk_bytes_max: usize,
    /// Bytes of a line: an inline request, or the line in front of an array or an argument.
    pub line_bytes_max: usize,
    /// Bytes of the whole request, at most `u32::MAX`.
    pub request_bytes_max: usize,
    /// Whether the client has yet to log in: the server then words a refusal differently.
    pub before_login: bool,
}

/// Most bytes of a line: the server's `PROTO_INLINE_MAX_SIZE`.
const LINE_BYTES_MAX: usize = 64 << 10;
/// Most arguments after login: what the server took up to version 6.2. Later ones take 2^31 - 1,
/// of which the positions alone would fill a machine.
const ARGUMENTS_MAX: usize = 1 << 20;
/// Most arguments and bytes of each before login: the server's own (`authRequired`), so that
/// nobody unknown makes us reserve memory.
const BEFORE_LOGIN: (usize, usize) = (10, 16_384);

impl RequestLimits {
    /// The bounds of a client that has not logged in.
    #[must_use]
    pub fn before_login() -> Self {
        let (arguments_max, bulk_bytes_max) = BEFORE_LOGIN;
        Self {
            arguments_max,
            bulk_bytes_max,
            line_bytes_max: LINE_BYTES_MAX,
            request_bytes_max: arguments_max * (bulk_bytes_max + 32) + 32,
            before_login: true,
        }
    }

    /// The bounds of a client that has logged in: those of `limits` and the server's.
    #[must_use]
    pub fn after_login(limits: &Limits) -> Self {
        // Spans are 32 bits wide.
        let request_bytes_max = limits.frame_bytes_max.min(u32::MAX as usize);
        Self {
            arguments_max: ARGUMENTS_MAX,
            bulk_bytes_max: request_bytes_max,
            line_bytes_max: LINE_BYTES_MAX,
            request_bytes_max,
            before_login: false,
        }
    }
}
