//! What a node says that has not what is asked of it ("Redis cluster specification", "Redirection
//! and resharding").

use resp_wire::number;

/// What a node says instead of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Redirection {
    /// The slot is at another node, for all time to come.
    Moved { slot: u16, address: Vec<u8> },
    /// This key is at another node already; the slot is on its way.
    Ask { address: Vec<u8> },
    /// Some keys are here and some there, or the slot is nobody's: later it will be otherwise.
    Later,
}

impl Redirection {
    /// What `reply` says; `None` for every other reply.
    pub(super) fn read(reply: &[u8]) -> Option<Self> {
        let line = reply.strip_prefix(b"-")?.strip_suffix(b"\r\n")?;
        let mut words = line.split(|byte| *byte == b' ');
        match words.next()? {
            b"MOVED" => {
                let slot = number::integer(words.next()?).and_then(|it| u16::try_from(it).ok())?;
                Some(Self::Moved { slot, address: words.next()?.to_vec() })
            }
            b"ASK" => {
                words.next()?;
                Some(Self::Ask { address: words.next()?.to_vec() })
            }
            b"TRYAGAIN" | b"CLUSTERDOWN" => Some(Self::Later),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirections_are_told_from_other_errors() {
        let moved = Redirection::Moved { slot: 3_999, address: b"10.0.0.1:7000".to_vec() };
        assert_eq!(Redirection::read(b"-MOVED 3999 10.0.0.1:7000\r\n"), Some(moved));
        let ask = Redirection::Ask { address: b":7000".to_vec() };
        assert_eq!(Redirection::read(b"-ASK 3999 :7000\r\n"), Some(ask));
        for later in ["TRYAGAIN Multiple keys request", "CLUSTERDOWN Hash slot not served"] {
            let line = format!("-{later}\r\n");
            assert_eq!(Redirection::read(line.as_bytes()), Some(Redirection::Later));
        }
        for other in ["-MOVED\r\n", "-MOVED x 1:1\r\n", "-ERR MOVED 1 1:1\r\n", "+MOVED 1 1:1\r\n"]
        {
            assert_eq!(Redirection::read(other.as_bytes()), None, "{other}");
        }
    }
}
