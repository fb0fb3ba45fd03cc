//! Mail into a folder.

use crate::message::{self, Sender, Way};
use async_trait::async_trait;
use kernel::{Clock, Mail, MailError, Mailer, Timestamp};
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// Writes each mail as `<time>.<key>.eml` into a folder: by name they sort by time. Only the owner of the process can
/// read them, as they hold links that let people in.
///
/// A mail stands in the folder whole or not at all, also when the machine stops in the middle.
#[derive(Clone)]
pub struct FileMailer {
    folder: Arc<Folder>,
    from: Sender,
    clock: Arc<dyn Clock>,
}

impl FileMailer {
    /// A mailer into this folder, which is made when the first mail comes.
    #[must_use]
    pub fn new(folder: PathBuf, from: Sender, clock: Arc<dyn Clock>) -> Self {
        Self { folder: Arc::new(Folder { path: folder, one_at_a_time: Mutex::new(()) }), from, clock }
    }
}

#[async_trait]
impl Mailer for FileMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let now = self.clock.now();
        let bytes = message::build(mail, &self.from, now, Way::EightBit)?.formatted();
        let (folder, key) = (Arc::clone(&self.folder), mail.key.clone());
        let written = tokio::task::spawn_blocking(move || folder.write(&key, now, &bytes)).await;
        let written = written.map_err(|e| MailError::Unavailable(e.to_string()))?;
        match written.map_err(|e| MailError::Unavailable(e.to_string()))? {
            Some(file) => tracing::info!(mail.file = %file.display(), mail.key = mail.key, "wrote a mail"),
            None => tracing::info!(mail.key = mail.key, "the mail was written before"),
        }
        Ok(())
    }
}

struct Folder {
    path: PathBuf,
    /// Between looking for the key and the rename nobody else may write.
    one_at_a_time: Mutex<()>,
}

impl Folder {
    /// The new file, or `None` when a mail with this key is there already.
    fn write(&self, key: &str, now: Timestamp, bytes: &[u8]) -> io::Result<Option<PathBuf>> {
        let _turn = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        make_private_folder(&self.path)?;
        if self.holds(key)? {
            return Ok(None);
        }
        let stamp: String = now.to_string().chars().filter(|c| !matches!(c, '-' | ':' | '.')).collect();
        let file = self.path.join(format!("{stamp}.{key}.eml"));
        let draft = self.path.join(format!(".{stamp}.{key}.draft"));
        let mut writing = make_private_file(&draft)?;
        writing.write_all(bytes)?;
        writing.sync_all()?;
        fs::rename(&draft, &file)?;
        File::open(&self.path)?.sync_all()?;
        Ok(Some(file))
    }

    fn holds(&self, key: &str) -> io::Result<bool> {
        let ending = format!(".{key}.eml");
        for entry in fs::read_dir(&self.path)? {
            // The stamp before the key has no dot, so an ending of the right length is the whole key.
            let name = entry?.file_name();
            let is_it = name.to_str().and_then(|name| name.strip_suffix(&ending));
            if is_it.is_some_and(|stamp| !stamp.is_empty() && !stamp.contains('.')) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn make_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::testing::ManualClock;
    use std::{collections::BTreeMap, time::Duration};

    struct Outbox {
        folder: tempfile::TempDir,
        clock: Arc<ManualClock>,
        mailer: FileMailer,
    }

    impl Outbox {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00.25Z"));
            let from = Sender::parse("RaptorFlow <hello@example.com>").unwrap();
            let as_clock: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
            let mailer = FileMailer::new(folder.path().join("a/outbox"), from, as_clock);
            Self { folder, clock, mailer }
        }

        fn files(&self) -> Vec<String> {
            let Ok(entries) = fs::read_dir(self.folder.path().join("a/outbox")) else { return Vec::new() };
            let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }

        fn read(&self, name: &str) -> (BTreeMap<String, String>, String) {
            let text = fs::read_to_string(self.folder.path().join("a/outbox").join(name)).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            let unfolded = head.replace("\r\n ", " ");
            let headers = unfolded.lines().map(|line| line.split_once(": ").unwrap());
            (headers.map(|(k, v)| (k.to_lowercase(), v.to_owned())).collect(), body.to_owned())
        }
    }

    fn mail() -> Mail {
        Mail {
            to: "ada@example.org".to_owned(),
            subject: "Confirm your address".to_owned(),
            text: format!("Hellö,\n\nhttps://api.example.com/verify?token={}\n", "x".repeat(200)),
            key: "01976f6e-1111-7abc-8def-000000000000".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_mail_is_a_message_that_can_be_read_back() {
        let outbox = Outbox::new();
        outbox.mailer.send(&mail()).await.unwrap();
        assert_eq!(outbox.files(), ["20260302T09000025Z.01976f6e-1111-7abc-8def-000000000000.eml"]);
        let (headers, body) = outbox.read(&outbox.files()[0]);
        assert_eq!(headers["to"], "ada@example.org");
        assert_eq!(headers["from"], "RaptorFlow <hello@example.com>");
        assert_eq!(headers["subject"], "Confirm your address");
        assert_eq!(headers["date"], "Mon, 02 Mar 2026 09:00:00 +0000");
        assert_eq!(headers["message-id"], "<01976f6e-1111-7abc-8def-000000000000@example.com>");
        assert_eq!(headers["content-type"], "text/plain; charset=utf-8");
        assert_eq!(headers["content-transfer-encoding"], "8bit");
        assert_eq!(headers["auto-submitted"], "auto-generated");
        assert_eq!(body, mail().text.replace('\n', "\r\n"), "the link stands whole on its line");
    }

    #[tokio::test]
    async fn the_same_mail_sent_again_is_no_second_one_and_files_sort_by_time() {
        let outbox = Outbox::new();
        for key in ["b", "a", "b", "x.a"] {
            outbox.clock.advance(Duration::from_secs(1));
            outbox.mailer.send(&Mail { key: key.to_owned(), ..mail() }).await.unwrap();
        }
        let keys: Vec<_> =
            outbox.files().iter().map(|name| name.split_once('.').unwrap().1.to_owned()).collect();
        assert_eq!(keys, ["b.eml", "a.eml", "x.a.eml"]);
    }

    #[tokio::test]
    async fn parallel_sends_of_one_mail_write_one_file() {
        let outbox = Outbox::new();
        let sends: Vec<_> = (0..16)
            .map(|_| {
                let mailer = outbox.mailer.clone();
                tokio::spawn(async move { mailer.send(&mail()).await })
            })
            .collect();
        for send in sends {
            send.await.unwrap().unwrap();
        }
        assert_eq!(outbox.files().len(), 1);
    }

    #[tokio::test]
    async fn nothing_of_a_mail_becomes_a_header_or_a_path() {
        let outbox = Outbox::new();
        let evil = [
            Mail { to: "ada@example.org\r\nBcc: eve@example.org".to_owned(), ..mail() },
            Mail { to: "ada@example.org, eve@example.org".to_owned(), ..mail() },
            Mail { to: String::new(), ..mail() },
            Mail { subject: "Hi\r\nBcc: eve@example.org".to_owned(), ..mail() },
            Mail { key: "../../etc/cron.d/x".to_owned(), ..mail() },
            Mail { key: "a\r\nBcc: eve@example.org".to_owned(), ..mail() },
            Mail { key: String::new(), ..mail() },
        ];
        for mail in evil {
            assert!(matches!(outbox.mailer.send(&mail).await, Err(MailError::Refused(_))), "{mail:?}");
        }
        assert!(outbox.files().is_empty());
        let text = "first\r\n\r\nBcc: eve@example.org\n.\nlast".to_owned();
        outbox.mailer.send(&Mail { text, subject: "Grüße 🦖".to_owned(), ..mail() }).await.unwrap();
        let (headers, body) = outbox.read(&outbox.files()[0]);
        assert!(!headers.contains_key("bcc"));
        assert!(headers["subject"].is_ascii());
        assert!(body.contains("Bcc: eve@example.org\r\n.\r\nlast"));
    }

    #[tokio::test]
    async fn what_a_message_can_not_carry_as_it_stands_is_encoded() {
        let outbox = Outbox::new();
        for (key, text) in
            [("long", "x".repeat(999)), ("nul", "a\0b".to_owned()), ("return", "a\rb".to_owned())]
        {
            outbox.mailer.send(&Mail { key: key.to_owned(), text, ..mail() }).await.unwrap();
        }
        for file in outbox.files() {
            let (headers, body) = outbox.read(&file);
            assert_eq!(headers["content-transfer-encoding"], "quoted-printable");
            assert!(body.lines().all(|line| line.len() <= 76 && !line.contains(['\r', '\0'])), "{body:?}");
        }
    }

    #[tokio::test]
    async fn a_folder_that_can_not_be_written_is_a_service_that_is_away() {
        let outbox = Outbox::new();
        fs::write(outbox.folder.path().join("a"), "a file where a folder should be").unwrap();
        assert!(matches!(outbox.mailer.send(&mail()).await, Err(MailError::Unavailable(_))));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_the_owner_can_read_mails() {
        use std::os::unix::fs::PermissionsExt;
        let outbox = Outbox::new();
        outbox.mailer.send(&mail()).await.unwrap();
        let folder = outbox.folder.path().join("a/outbox");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join(&outbox.files()[0]))), (0o700, 0o600));
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        assert!(Sender::parse("hello@example.com").is_ok());
        for bad in ["", "hello", "RaptorFlow <hello>", "A <a@b.com>\r\nBcc: x@y.z"] {
            assert!(Sender::parse(bad).is_err(), "{bad:?}");
        }
    }
}
