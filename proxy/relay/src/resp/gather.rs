//! Replies that must be looked into are held until they are whole.

use resp_wire::reply::ReplyScanner;

use crate::Fatal;

/// Follows the upstream's replies.
#[derive(Debug, Default)]
pub(super) struct Gather {
    scanner: ReplyScanner,
    /// Bytes at the start of the input that belong to a reply that is being held.
    held: usize,
}

impl Gather {
    /// How many bytes of `input` are the reply at its start, once that is whole. No more than
    /// `bytes_max` are held for it.
    pub(super) fn whole(&mut self, input: &[u8], bytes_max: usize) -> Result<Option<usize>, Fatal> {
        let progress = self.scanner.scan(input.get(self.held..).unwrap_or_default());
        let progress =
            progress.map_err(|violation| Fatal::UpstreamMisbehaved(violation.to_string()))?;
        self.held += progress.bytes;
        if progress.complete {
            return Ok(Some(std::mem::take(&mut self.held)));
        }
        if input.len() > bytes_max {
            let what = format!("a reply that must be looked into has more than {bytes_max} bytes");
            return Err(Fatal::UpstreamMisbehaved(what));
        }
        Ok(None)
    }

    /// How many bytes at the start of `input` may travel on at once, and whether the reply ends
    /// with them.
    pub(super) fn pass(&mut self, input: &[u8]) -> Result<(usize, bool), Fatal> {
        let progress = self.scanner.scan(input);
        let progress =
            progress.map_err(|violation| Fatal::UpstreamMisbehaved(violation.to_string()))?;
        Ok((progress.bytes, progress.complete))
    }
}
