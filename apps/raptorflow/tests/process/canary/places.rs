//! Where a secret is meant to be, and where else it is looked for.

use super::record::Said;
use super::search::searchable;
use std::{fs, path::Path};

/// The secret, and a place that shows it. All else is a leak; passwords, provider keys and the operator's secrets have
/// no place at all.
pub(super) type Row = (&'static str, &'static str);

pub(super) const MEANT: &[Row] = &[
    ("access token", "POST /api/v1/auth/login"),
    ("access token", "POST /api/v1/auth/refresh"),
    ("access token", "POST /api/v1/auth/mfa/challenge"),
    ("refresh token", "POST /api/v1/auth/login"),
    ("refresh token", "POST /api/v1/auth/mfa/challenge"),
    ("refreshed token", "POST /api/v1/auth/refresh"),
    ("challenge", "POST /api/v1/auth/login"),
    ("second factor", "POST /api/v1/auth/mfa/totp"),
    ("recovery code", "POST /api/v1/auth/mfa/totp/confirm"),
    ("replaced recovery code", "POST /api/v1/auth/mfa/recovery-codes"),
    ("API key", "POST /api/v1/workspaces/{…}/api-keys"),
    ("verification token", "outbox"),
    ("verification token", "mail server"),
    ("reset token", "outbox"),
    ("reset token", "mail server"),
    ("invitation", "outbox"),
    ("invitation", "mail server"),
    ("SMTP_URL", "mail server"),
];

/// The row that allows this secret in this place.
pub(super) fn is_meant(secret: &str, place: &str) -> Option<&'static Row> {
    MEANT.iter().find(|row| *row == &(secret, place))
}

/// Every file below a folder, whole; a mail's place is `outbox`, the others' is their path.
pub(super) fn plain_files(folder: &Path) -> Vec<Said> {
    let mut said = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            let place = if name.starts_with("outbox/") { "outbox".to_owned() } else { name };
            said.push(Said { place, text: searchable(&fs::read(&path).unwrap()) });
        }
    }
    said
}
