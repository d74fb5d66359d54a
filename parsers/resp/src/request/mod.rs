//! Requests: an array of bulk strings, or one inline line.

mod inline;
mod limits;
mod line;
mod scanner;
mod violation;
mod write;

#[cfg(test)]
mod tests;

pub use limits::RequestLimits;
pub use scanner::RequestScanner;
pub use violation::Violation;
pub use write::{put_bulk, put_header};

use wire::Span;

/// One whole request, in place in the read buffer.
///
/// The server skips a request without arguments (`*0`, `*-1`, an empty line) and answers nothing;
/// it comes out here as one with [`is_empty`](Request::is_empty), so that its bytes are consumed.
#[derive(Clone, Copy, Debug)]
pub struct Request<'b> {
    /// What the spans point into: the read buffer from the request's first byte on, or the
    /// scanner's store of unquoted words.
    text: &'b [u8],
    arguments: &'b [Span],
    bytes: &'b [u8],
    inline: bool,
}

impl<'b> Request<'b> {
    /// The command's name, as the client wrote it; empty when there are no arguments.
    #[must_use]
    pub fn name(&self) -> &'b [u8] {
        self.argument(0).unwrap_or_default()
    }

    /// The argument at `index`; the name is argument 0.
    #[must_use]
    pub fn argument(&self, index: usize) -> Option<&'b [u8]> {
        let span = self.arguments.get(index)?;
        self.text.get(span.start as usize..span.end as usize)
    }

    /// All arguments in order, the name first.
    pub fn arguments(
        &self,
    ) -> impl DoubleEndedIterator<Item = &'b [u8]> + ExactSizeIterator + Clone + use<'b> {
        let text = self.text;
        self.arguments
            .iter()
            .map(move |span| text.get(span.start as usize..span.end as usize).unwrap_or_default())
    }

    /// How many arguments there are, the name included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.arguments.len()
    }

    /// Whether there is not even a name. The server skips such a request and answers nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.arguments.is_empty()
    }

    /// The request as it came. Fit to travel on unchanged unless it is [inline](Self::is_inline).
    #[must_use]
    pub fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// Whether it came as a line of words instead of an array.
    #[must_use]
    pub fn is_inline(&self) -> bool {
        self.inline
    }
}
