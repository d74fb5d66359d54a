//! The handshake: which version both sides speak from here on.
//!
//! Bolt, "Handshake": the client sends four bytes of magic and four slots of four bytes, best
//! first; the server answers with four bytes, all zero where nothing fits. A slot may also ask for
//! the manifest, where the server lists its versions and the client chooses. A client need not wait
//! for an answer before it sends its first message, so a reader says how many bytes it used and
//! never takes more.

use bytes::{BufMut, BytesMut};

use crate::Version;

/// What a Bolt connection begins with.
pub const MAGIC: [u8; 4] = [0x60, 0x60, 0xB0, 0x17];
/// Bytes of the client's first flight.
pub const OFFER_BYTES: usize = 20;
/// The slot that asks for the manifest, and the answer that begins it.
const MANIFEST_V1: [u8; 4] = [0, 0, 1, 0xFF];
/// Most bytes of a variable-length integer: ten carry 64 bits.
const VARINT_BYTES_MAX: usize = 10;
/// Most versions that a manifest may list; known servers list three or four ranges.
const MANIFEST_RANGES_MAX: u64 = 64;

/// A connection that does not begin as Bolt does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotBolt {
    /// A browser or a driver in one, which speaks Bolt over WebSocket.
    #[error("the client speaks HTTP where Bolt is spoken")]
    Http,
    /// TLS where none is configured.
    #[error("the client begins with TLS where none is configured")]
    Tls,
    /// Anything else.
    #[error("the client does not begin with the magic of Bolt")]
    Unknown,
}

/// A handshake that cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// An integer of more than ten bytes, or of more than 64 bits.
    #[error("a number in the handshake is too long")]
    Varint,
    /// A manifest with more versions than a server can have.
    #[error("the manifest lists too many versions")]
    TooManyVersions,
    /// The client asks for a capability; there is none yet.
    #[error("the client chose a capability that was not offered")]
    Capability,
    /// The chosen version was not on offer.
    #[error("the peer chose a version that was not offered")]
    NotOffered,
}

/// Some minor versions of one major version: a slot, or an entry of a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionRange {
    /// The newest.
    pub newest: Version,
    /// How many minor versions below the newest belong to it as well.
    pub below: u8,
}

impl VersionRange {
    /// One version alone.
    #[must_use]
    pub fn only(version: Version) -> Self {
        Self { newest: version, below: 0 }
    }

    fn read([_, below, minor, major]: [u8; 4]) -> Self {
        Self { newest: Version::new(major, minor), below }
    }

    fn bytes(self) -> [u8; 4] {
        [0, self.below, self.newest.minor, self.newest.major]
    }

    /// Whether `version` belongs to it.
    #[must_use]
    pub fn contains(self, version: Version) -> bool {
        let oldest = self.newest.minor.saturating_sub(self.below);
        version.major == self.newest.major && (oldest..=self.newest.minor).contains(&version.minor)
    }
}

/// One of the four slots of a client's offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// All zero, or a form that is not known: such a slot offers nothing.
    Empty,
    /// A client that would rather choose from a list.
    Manifest,
    /// Versions.
    Range(VersionRange),
}

/// A client's first flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Best first.
    pub slots: [Slot; 4],
}

/// What answers an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing fits: four zero bytes, then the connection ends.
    Nothing,
    /// This version.
    Version(Version),
    /// A list to choose from: [`write_manifest`].
    Manifest,
}

impl Offer {
    /// Reads an offer from the start of `input`, of which it takes [`OFFER_BYTES`]; `None` while it
    /// is not complete.
    ///
    /// # Errors
    /// `NotBolt`, as soon as the first bytes show it.
    pub fn read(input: &[u8]) -> Result<Option<Self>, NotBolt> {
        let begins = input.get(..MAGIC.len()).unwrap_or(input);
        if !MAGIC.starts_with(begins) {
            return Err(match input {
                [b'G', b'E', ..] | [b'P' | b'H' | b'O', ..] => NotBolt::Http,
                [0x16, 0x03, ..] => NotBolt::Tls,
                [b'G'] | [0x16] => return Ok(None),
                _ => NotBolt::Unknown,
            });
        }
        let Some(slots) = input.get(MAGIC.len()..OFFER_BYTES) else { return Ok(None) };
        let mut offer = Self { slots: [Slot::Empty; 4] };
        for (slot, bytes) in offer.slots.iter_mut().zip(slots.as_chunks::<4>().0) {
            *slot = match *bytes {
                MANIFEST_V1 => Slot::Manifest,
                [_, _, _, 0 | 0xFF] => Slot::Empty,
                range => Slot::Range(VersionRange::read(range)),
            };
        }
        Ok(Some(offer))
    }

    /// The best version on offer that `spoken` holds, without the manifest.
    #[must_use]
    pub fn classic(&self, spoken: &[Version]) -> Option<Version> {
        self.slots.iter().find_map(|slot| match slot {
            Slot::Range(range) => {
                spoken.iter().filter(|version| range.contains(**version)).max().copied()
            }
            Slot::Empty | Slot::Manifest => None,
        })
    }

    /// The answer of a server that speaks `spoken`: the first slot with which it can do something.
    #[must_use]
    pub fn answer(&self, spoken: &[Version]) -> Answer {
        for slot in &self.slots {
            match slot {
                Slot::Empty => {}
                Slot::Manifest => return Answer::Manifest,
                Slot::Range(range) => {
                    let best = spoken.iter().filter(|version| range.contains(**version)).max();
                    if let Some(version) = best {
                        return Answer::Version(*version);
                    }
                }
            }
        }
        Answer::Nothing
    }

    /// Appends the offer, magic included.
    pub fn write(&self, out: &mut BytesMut) {
        out.put_slice(&MAGIC);
        for slot in &self.slots {
            out.put_slice(&match slot {
                Slot::Empty => [0; 4],
                Slot::Manifest => MANIFEST_V1,
                Slot::Range(range) => range.bytes(),
            });
        }
    }

    /// The offer of a client that wants this version and no other.
    #[must_use]
    pub fn only(version: Version) -> Self {
        let wanted = Slot::Range(VersionRange::only(version));
        Self { slots: [wanted, Slot::Empty, Slot::Empty, Slot::Empty] }
    }
}

/// Appends a server's answer of four bytes.
pub fn write_answer(answer: Answer, out: &mut BytesMut) {
    out.put_slice(&match answer {
        Answer::Nothing => [0; 4],
        Answer::Version(version) => VersionRange::only(version).bytes(),
        Answer::Manifest => MANIFEST_V1,
    });
}

/// Reads a server's answer, four bytes; `None` while it is not complete.
#[must_use]
pub fn read_answer(input: &[u8]) -> Option<Answer> {
    Some(match *input.first_chunk::<4>()? {
        [0, 0, 0, 0] => Answer::Nothing,
        MANIFEST_V1 => Answer::Manifest,
        [_, _, minor, major] => Answer::Version(Version::new(major, minor)),
    })
}

/// Appends a server's manifest behind its answer: what it speaks, and no capabilities.
pub fn write_manifest(spoken: &[Version], out: &mut BytesMut) {
    put_varint(spoken.len() as u64, out);
    for version in spoken {
        out.put_slice(&VersionRange::only(*version).bytes());
    }
    put_varint(0, out);
}

/// Reads a server's manifest behind its answer: the ranges and how many bytes it took; `None` while
/// it is not complete. Capabilities are read over: we ask for none.
///
/// # Errors
/// `HandshakeError`
pub fn read_manifest(input: &[u8]) -> Result<Option<(Vec<VersionRange>, usize)>, HandshakeError> {
    let Some((count, used)) = varint(input)? else { return Ok(None) };
    if count > MANIFEST_RANGES_MAX {
        return Err(HandshakeError::TooManyVersions);
    }
    let bytes = usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(4);
    let end = used + bytes;
    let Some(ranges) = input.get(used..end) else { return Ok(None) };
    let ranges = ranges.as_chunks::<4>().0.iter().map(|range| VersionRange::read(*range));
    let rest = input.get(end..).unwrap_or_default();
    Ok(varint(rest)?.map(|(_, capabilities)| (ranges.collect(), end + capabilities)))
}

/// Appends a client's choice from a manifest: a version, and no capabilities.
pub fn write_choice(version: Version, out: &mut BytesMut) {
    out.put_slice(&VersionRange::only(version).bytes());
    put_varint(0, out);
}

/// Reads a client's choice from a manifest that listed `spoken`: the version and how many bytes the
/// choice took; `None` while it is not complete.
///
/// # Errors
/// `HandshakeError`
pub fn read_choice(
    input: &[u8],
    spoken: &[Version],
) -> Result<Option<(Version, usize)>, HandshakeError> {
    let Some((choice, rest)) = input.split_first_chunk::<4>() else { return Ok(None) };
    let [0, 0, minor, major] = *choice else { return Err(HandshakeError::NotOffered) };
    let version = Version::new(major, minor);
    if !spoken.contains(&version) {
        return Err(HandshakeError::NotOffered);
    }
    match varint(rest)? {
        None => Ok(None),
        Some((0, used)) => Ok(Some((version, choice.len() + used))),
        Some(_) => Err(HandshakeError::Capability),
    }
}

/// Seven bits a byte, least first; the high bit says that more follow.
fn put_varint(mut value: u64, out: &mut BytesMut) {
    while value >= 0x80 {
        out.put_u8((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.put_u8((value & 0x7F) as u8);
}

fn varint(input: &[u8]) -> Result<Option<(u64, usize)>, HandshakeError> {
    let mut value = 0_u64;
    for (at, byte) in input.iter().take(VARINT_BYTES_MAX).enumerate() {
        let bits = u64::from(byte & 0x7F);
        let shifted = bits << (7 * at);
        if shifted >> (7 * at) != bits {
            return Err(HandshakeError::Varint);
        }
        value |= shifted;
        if byte & 0x80 == 0 {
            return Ok(Some((value, at + 1)));
        }
    }
    if input.len() >= VARINT_BYTES_MAX { Err(HandshakeError::Varint) } else { Ok(None) }
}

#[cfg(test)]
mod tests;
