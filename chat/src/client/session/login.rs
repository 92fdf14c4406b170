//! A login with AUTHENTICATE: by the certificate that was shown, or by proving that one knows a password.

use crate::client::scram::{First, Proof};
use crate::client::secret::Secret;
use crate::limits::client::LONGEST_SASL_MESSAGE;
use crate::wire::base64;

/// Bytes of one AUTHENTICATE parameter; a longer message comes in pieces (IRCv3 SASL 3.1).
const CHUNK: usize = 400;

/// An account and its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Its name.
    pub account: String,
    /// What is proven to be known.
    pub password: Secret,
}

/// A login that goes on.
#[derive(Debug)]
pub(in crate::client) struct Exchange {
    step: Step,
    /// The pieces of the server's message so far.
    message: String,
}

#[derive(Debug)]
enum Step {
    External,
    First(First, Secret),
    Challenged(First, Secret),
    Proven(Proof),
    /// Both have proven it.
    Agreed,
    /// It came to nothing.
    Failed,
}

impl Exchange {
    /// By the certificate.
    pub(in crate::client) fn external() -> Self {
        Self { step: Step::External, message: String::new() }
    }

    /// By a password.
    pub(in crate::client) fn password(login: Login, nonce: String) -> Self {
        Self { step: Step::First(First::new(&login.account, nonce), login.password), message: String::new() }
    }

    /// The mechanism, as it is registered with IANA.
    pub(in crate::client) fn mechanism(&self) -> &'static str {
        match self.step {
            Step::External => "EXTERNAL",
            _ => "SCRAM-SHA-256",
        }
    }

    /// Whether one comes in only logged in: who names an account is not to be taken for a guest.
    pub(in crate::client) fn is_demanded(&self) -> bool {
        !matches!(self.step, Step::External)
    }

    /// Whether the server may say that one is logged in: with a password it has to prove before that it knows it.
    pub(in crate::client) fn may_succeed(&self) -> bool {
        matches!(self.step, Step::External | Step::Agreed)
    }

    /// Takes a piece of the server's message; gives the parameters to answer with, none while there is more to come.
    pub(in crate::client) fn take(&mut self, piece: &str) -> Result<Vec<String>, String> {
        if self.message.len() + piece.len() > LONGEST_SASL_MESSAGE {
            return Err("the server's message has no end".to_owned());
        }
        if piece != "+" {
            self.message.push_str(piece);
        }
        if piece.len() == CHUNK {
            return Ok(Vec::new());
        }
        let message = base64::decode(&std::mem::take(&mut self.message));
        let message = message.ok_or_else(|| "the server's message is not base64".to_owned())?;
        self.go_on(&message).map(|answer| pieces(answer.as_bytes()))
    }

    fn go_on(&mut self, message: &[u8]) -> Result<String, String> {
        let (next, answer) = match std::mem::replace(&mut self.step, Step::Failed) {
            Step::External => (Step::External, String::new()),
            Step::First(first, password) => {
                let answer = first.message();
                (Step::Challenged(first, password), answer)
            }
            Step::Challenged(first, password) => {
                let proof = first.prove(message, &password)?;
                let answer = proof.message.clone();
                (Step::Proven(proof), answer)
            }
            Step::Proven(proof) => {
                proof.check(message)?;
                (Step::Agreed, String::new())
            }
            Step::Agreed | Step::Failed => return Err("the server goes on with a login that is over".to_owned()),
        };
        self.step = next;
        Ok(answer)
    }
}

/// A message in as many parameters as it takes; the last is shorter than a whole one.
fn pieces(message: &[u8]) -> Vec<String> {
    let text = base64::encode(message);
    let chunks = text.as_bytes().chunks(CHUNK).map(|chunk| String::from_utf8_lossy(chunk).into_owned());
    let last = text.len().is_multiple_of(CHUNK).then(|| "+".to_owned());
    chunks.chain(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::scram::tests::{CHALLENGE, NONCE, PROOF, SIGNATURE, secret};

    fn exchange() -> Exchange {
        let login = Login { account: "user".to_owned(), password: secret("pencil") };
        Exchange::password(login, NONCE.to_owned())
    }

    fn take(exchange: &mut Exchange, message: &str) -> Result<Vec<String>, String> {
        exchange.take(&base64::encode(message.as_bytes()))
    }

    #[test]
    fn a_password_is_proven_step_by_step() {
        let mut exchange = exchange();
        assert_eq!(exchange.mechanism(), "SCRAM-SHA-256");
        let first = base64::encode(format!("n,,n=user,r={NONCE}").as_bytes());
        assert_eq!(exchange.take("+"), Ok(vec![first]));
        assert_eq!(take(&mut exchange, CHALLENGE), Ok(vec![base64::encode(PROOF.as_bytes())]));
        assert!(!exchange.may_succeed(), "the server has proven nothing yet");
        assert_eq!(take(&mut exchange, SIGNATURE), Ok(vec!["+".to_owned()]));
        assert!(exchange.may_succeed());
        assert!(exchange.take("+").is_err());
        assert!(exchange.is_demanded() && !exchange.may_succeed(), "a login that failed stays one");
        assert!(!format!("{exchange:?}").contains("pencil"));
    }

    #[test]
    fn a_certificate_needs_no_words() {
        let mut exchange = Exchange::external();
        assert_eq!(exchange.take("+"), Ok(vec!["+".to_owned()]));
        assert!(exchange.may_succeed() && !exchange.is_demanded());
    }

    #[test]
    fn long_messages_come_and_go_in_pieces_up_to_a_bound() {
        assert_eq!(pieces(b""), ["+"]);
        assert_eq!(pieces(&[0; 300]).iter().map(String::len).collect::<Vec<_>>(), [400, 1]);
        assert_eq!(pieces(&[0; 303]).iter().map(String::len).collect::<Vec<_>>(), [400, 4]);
        let mut exchange = exchange();
        let whole = "A".repeat(CHUNK);
        assert_eq!(exchange.take(&whole), Ok(Vec::new()));
        assert!((0..100).any(|_| exchange.take(&whole).is_err()));
    }
}
