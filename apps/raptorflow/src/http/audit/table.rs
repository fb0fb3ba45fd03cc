//! Facts as comma-separated values (RFC 4180) that a spreadsheet opens without harm.

use super::AuditEntryBody;
use std::borrow::Cow;
use std::io;

const HEAD: [&str; 13] = [
    "id",
    "number",
    "occurred_at",
    "action",
    "actor_kind",
    "actor_id",
    "subject_kind",
    "subject_id",
    "workspace_id",
    "address",
    "user_agent",
    "correlation_id",
    "payload",
];

/// The line that names the columns.
pub(super) fn head() -> io::Result<Vec<u8>> {
    lines([HEAD.map(Cow::Borrowed)])
}

/// One line per fact.
pub(super) fn rows(entries: &[AuditEntryBody]) -> io::Result<Vec<u8>> {
    lines(entries.iter().map(cells))
}

fn cells(entry: &AuditEntryBody) -> [Cow<'_, str>; 13] {
    let id = |id: Option<uuid::Uuid>| Cow::Owned(id.map(|id| id.to_string()).unwrap_or_default());
    [
        id(Some(entry.id)),
        Cow::Owned(entry.number.to_string()),
        Cow::Borrowed(entry.occurred_at.as_str()),
        harmless(&entry.action),
        Cow::Borrowed(entry.actor.kind),
        id(entry.actor.id),
        harmless(&entry.subject.kind),
        id(Some(entry.subject.id)),
        id(entry.workspace_id),
        Cow::Borrowed(entry.address.as_deref().unwrap_or_default()),
        harmless(entry.user_agent.as_deref().unwrap_or_default()),
        harmless(&entry.correlation_id),
        // An object's text begins with a brace.
        Cow::Owned(entry.payload.to_string()),
    ]
}

/// A text that no spreadsheet takes for a formula: one that begins like one gets an apostrophe before it, which
/// spreadsheets don't show (OWASP, "CSV injection"). Clients choose their names and correlation ids.
fn harmless(text: &str) -> Cow<'_, str> {
    let like_a_formula = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if text.starts_with(like_a_formula) { format!("'{text}").into() } else { text.into() }
}

fn lines<'e>(rows: impl IntoIterator<Item = [Cow<'e, str>; 13]>) -> io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(|cell| cell.as_bytes()))?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_begins_like_a_formula_is_none_any_more() {
        for bad in ["=1+1", "+1", "-1", "@sum(a1)", "\t=1", "\r=1", "\n=1", "＝1"] {
            assert_eq!(harmless(bad), format!("'{bad}"));
        }
        for good in ["", "Firefox/1 (=)", "1-1", "a@b", " =1"] {
            assert_eq!(harmless(good), good);
        }
    }

    #[test]
    fn quotes_commas_and_line_ends_stay_in_their_cell() {
        let mut row = HEAD.map(|_| Cow::Borrowed("x"));
        row[10] = "say \"hi\",\r\nthen go".into();
        let text = String::from_utf8(lines([row]).unwrap()).unwrap();
        assert_eq!(text, "x,x,x,x,x,x,x,x,x,x,\"say \"\"hi\"\",\r\nthen go\",x,x\r\n");
        assert!(String::from_utf8(head().unwrap()).unwrap().starts_with("id,number,occurred_at,"));
    }
}
