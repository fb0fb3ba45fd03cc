//! Fills templates of the data files. A template is trusted, the values are not: they are copied, never read.
//!
//! `{slot}` is the value of a slot, `{Slot}` the same with a capital first letter. What stands in `[[ ]]` is left out
//! as a whole when one of its slots has no value, and its line with it if nothing else is on that line. A missing slot
//! outside such brackets makes the template unusable.

use std::collections::BTreeMap;

use super::text::capitalised;

/// Values by slot; a slot without a value is absent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slots(BTreeMap<&'static str, String>);

/// Stands where an optional part was left out. Values never contain it: they are cleaned of control characters.
const GAP: char = '\u{0}';

impl Slots {
    /// Sets a slot unless the value is empty.
    pub(crate) fn set(&mut self, slot: &'static str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.0.insert(slot, value);
        }
    }

    /// Sets a slot if there is a value.
    pub(crate) fn set_opt(&mut self, slot: &'static str, value: Option<String>) {
        if let Some(value) = value {
            self.set(slot, value);
        }
    }

    fn value(&self, slot: &str) -> Option<String> {
        let lower = slot.to_lowercase();
        let value = self.0.get(lower.as_str())?;
        Some(if lower == slot { value.clone() } else { capitalised(value) })
    }

    /// The filled template, or `None` when a slot that it needs has no value.
    pub(crate) fn fill(&self, template: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = template;
        while let Some(at) = rest.find("[[") {
            let end = at + rest[at..].find("]]")?;
            out.push_str(&self.fill_plain(&rest[..at])?);
            match self.fill_plain(&rest[at + 2..end]) {
                Some(part) => out.push_str(&part),
                None => out.push(GAP),
            }
            rest = &rest[end + 2..];
        }
        out.push_str(&self.fill_plain(rest)?);
        Some(without_gaps(&out))
    }

    fn fill_plain(&self, template: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = template;
        while let Some(at) = rest.find('{') {
            let end = at + rest[at..].find('}')?;
            out.push_str(&rest[..at]);
            out.push_str(&self.value(&rest[at + 1..end])?);
            rest = &rest[end + 1..];
        }
        out.push_str(rest);
        Some(out)
    }
}

fn without_gaps(text: &str) -> String {
    let lines = text.lines().filter(|line| {
        let only_gaps = line.contains(GAP) && line.chars().all(|c| c == GAP || c.is_whitespace());
        !only_gaps
    });
    let lines: Vec<String> = lines.map(|line| line.replace(GAP, "").trim_end().to_owned()).collect();
    let text = lines.join("\n");
    let mut out = text.trim().to_owned();
    while out.contains("\n\n\n") {
        out = out.replace("\n\n\n", "\n\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots() -> Slots {
        let mut slots = Slots::default();
        slots.set("who", "tech leads");
        slots.set("pain", "{{ 7 * 7 }} {who} [[x]] {% for x in y %}");
        slots
    }

    #[test]
    fn slots_are_filled_and_capitalised_on_request() {
        assert_eq!(slots().fill("{Who} and {who}").unwrap(), "Tech leads and tech leads");
    }

    #[test]
    fn values_are_copied_and_never_read_as_templates() {
        assert_eq!(slots().fill("<{pain}>").unwrap(), "<{{ 7 * 7 }} {who} [[x]] {% for x in y %}>");
    }

    #[test]
    fn an_optional_part_goes_as_a_whole_and_takes_its_empty_line_along() {
        assert_eq!(slots().fill("a[[: {missing}]].").unwrap(), "a.");
        assert_eq!(slots().fill("a\n[[- {missing}]]\n- b").unwrap(), "a\n- b");
        assert_eq!(slots().fill("a[[: {who}]].").unwrap(), "a: tech leads.");
    }

    #[test]
    fn a_missing_slot_makes_the_template_unusable() {
        assert_eq!(slots().fill("{missing}"), None);
        assert_eq!(slots().fill("{unclosed"), None);
    }
}
