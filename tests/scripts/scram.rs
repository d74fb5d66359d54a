//! Both peers' halves of SCRAM, for scripts: what they say depends on what they hear.

use identity::{AwaitClientFinal, AwaitServerFirst, ClientExchange, Nonce, Offer, Verifier};

use super::notation::Word;

/// The exchanges that are under way.
#[derive(Default)]
pub(crate) struct Scram {
    client: Option<AwaitServerFirst>,
    upstream: Option<AwaitClientFinal>,
}

impl Scram {
    /// The message for a line that SCRAM has to fill in, or `None` for any other line. `heard` is
    /// the last message that the connection said to this peer.
    pub(crate) fn fill(
        &mut self,
        words: &[Word],
        heard: &[u8],
    ) -> Result<Option<Vec<Word>>, String> {
        let (name, rest) = words.split_first().ok_or("a message has a name")?;
        let text = |words: &[Word]| words.first().map(|word| word.bytes.clone());
        let body = heard.get(5..).unwrap_or_default();
        Ok(Some(match name.text().as_str() {
            "ScramFirst" => {
                let end_point = text(rest);
                let listed = [&b"SCRAM-SHA-256"[..], b"SCRAM-SHA-256-PLUS"];
                let exchange = ClientExchange::choose(
                    listed.into_iter().take(if end_point.is_some() { 2 } else { 1 }),
                    end_point.as_deref(),
                    Nonce::new([1; Nonce::ENTROPY_BYTES]),
                )
                .map_err(|error| error.to_string())?;
                let mechanism = exchange.mechanism().name();
                let (first, exchange) = exchange.begin();
                self.client = Some(exchange);
                message(&["SaslInitialResponse", mechanism, &first])
            }
            "ScramFinal" => {
                let exchange = self.client.take().ok_or("no exchange has begun")?;
                let password = text(rest).unwrap_or_default();
                let server_first = body.get(4..).unwrap_or_default();
                let (last, _) = exchange
                    .on_server_first(server_first, &password)
                    .map_err(|error| error.to_string())?;
                message(&["SaslResponse", &last])
            }
            "ScramContinue" => {
                let [password, end_point @ ..] = rest else { return Err("a password".to_owned()) };
                let end = body.iter().position(|byte| *byte == 0).ok_or("no mechanism")?;
                let (mechanism, data) = (&body[..end], &body[end + 5..]);
                let verifier = Verifier::derive(&password.bytes, &[2; 16], 4096)
                    .map_err(|error| error.to_string())?;
                let (first, exchange) = Offer::new(text(end_point))
                    .begin(mechanism, verifier, Nonce::new([3; Nonce::ENTROPY_BYTES]))
                    .and_then(|exchange| exchange.on_client_first(data))
                    .map_err(|error| error.to_string())?;
                self.upstream = Some(exchange);
                message(&["AuthenticationSASLContinue", &first])
            }
            "ScramDone" => {
                let exchange = self.upstream.take().ok_or("no exchange has begun")?;
                let proof = exchange.on_client_final(body).map_err(|error| error.to_string())?;
                message(&["AuthenticationSASLFinal", proof.server_final()])
            }
            _ => return Ok(None),
        }))
    }
}

fn message(words: &[&str]) -> Vec<Word> {
    let word = |text: &&str| Word { bytes: text.as_bytes().to_vec(), quoted: true };
    words.iter().map(word).collect()
}
