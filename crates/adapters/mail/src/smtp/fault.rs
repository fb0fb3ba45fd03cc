//! What went wrong between us and the server, told without the server's words.

use kernel::MailError;
use lettre::transport::smtp;
use web::Failed;

/// Something between us and the server went wrong. The text names the step and the code; the server's own words stay
/// out, as they may repeat an address or what the server was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    text: String,
    /// The server said that it will never do this.
    permanent: bool,
    /// There was no answer, or one by which the server goes away.
    is_down: bool,
}

impl Fault {
    /// Of a step that the server, the network or the library failed.
    pub(super) fn of(step: &str, error: &smtp::Error) -> Self {
        // 530 and 535 are about our login (RFC 4954 §6), not about the mail.
        let about_us = |code: &str| matches!(code, "530" | "535");
        let Some(code) = error.status().map(|code| code.to_string()) else {
            let what =
                if error.is_response() { "the answer is no SMTP".to_owned() } else { error.to_string() };
            return Self { text: format!("{step}: {what}"), permanent: false, is_down: true };
        };
        let detail = std::error::Error::source(error).and_then(|words| enhanced(&words.to_string()));
        let detail = detail.map_or(String::new(), |detail| format!(" {detail}"));
        let permanent = error.is_permanent() && !about_us(&code);
        // 421 is said by a server that closes (RFC 5321 §4.2.3).
        let is_down = code == "421";
        Self { text: format!("{step}: the server answered {code}{detail}"), permanent, is_down }
    }

    /// Of a step that took too long.
    pub(super) fn slow(step: &str) -> Self {
        Self { text: format!("{step}: no answer in time"), permanent: false, is_down: true }
    }

    /// When the step was about this mail, a final no is a refusal of the mail.
    pub(super) fn about_the_mail(self) -> Failed<MailError> {
        if self.permanent { Failed::refused(MailError::Refused(self.text)) } else { self.about_us() }
    }

    /// When the step was about us and our server, every no may be mended.
    pub(super) fn about_us(self) -> Failed<MailError> {
        let error = MailError::Unavailable(self.text);
        if self.is_down { Failed::lost(error) } else { Failed::refused(error) }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// The status code of RFC 3463 that an answer begins with, such as `5.1.1`.
fn enhanced(words: &str) -> Option<String> {
    let first = words.split_whitespace().next()?;
    let parts: Vec<&str> = first.split('.').collect();
    let number = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|c| c.is_ascii_digit());
    (parts.len() == 3 && parts.iter().all(number)).then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_code_is_taken_out_of_the_servers_words() {
        assert_eq!(enhanced("5.1.1 <ada@example.org> unknown").as_deref(), Some("5.1.1"));
        for words in ["", "no such user", "10.0.0.1.2 x", "5.1 x", "5.1.ada x", "5.1.1234 x"] {
            assert_eq!(enhanced(words), None, "{words}");
        }
    }
}
