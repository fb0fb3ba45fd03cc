//! Questions to the audit trail.

use kernel::{Event, Timestamp, UserId, Violation, WorkspaceId};
use serde::Deserialize;
use uuid::Uuid;

/// Which types of fact: one, such as `campaign.created`, or all of an aggregate, `campaign.`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Action(String);

impl Action {
    /// Longest text, in characters.
    pub const MAX: usize = 100;

    /// Takes a type of fact; one that ends in a dot stands for every type that begins so.
    ///
    /// # Errors
    /// `too_short`, `too_long` or `forbidden_character`.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let text = kernel::field::text(text, 1, Self::MAX)?;
        let sane = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_');
        if !text.chars().all(sane) {
            let message =
                "must be a type of fact such as campaign.created, or campaign. for all of that kind";
            return Err(Violation::new("forbidden_character", message));
        }
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For a beginning, the first text after every text that begins so, in order of bytes.
    #[must_use]
    pub fn end_of_prefix(&self) -> Option<String> {
        // `/` is the character after `.`
        self.0.strip_suffix('.').map(|aggregate| format!("{aggregate}/"))
    }

    fn matches(&self, event_type: &str) -> bool {
        if self.0.ends_with('.') { event_type.starts_with(&self.0) } else { event_type == self.0 }
    }
}

impl TryFrom<String> for Action {
    type Error = Violation;

    fn try_from(text: String) -> Result<Self, Violation> {
        Self::parse(&text)
    }
}

/// Which facts of a trail; what is absent does not narrow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// What this person or API key did.
    pub actor_id: Option<Uuid>,
    /// Facts of these types.
    pub action: Option<Action>,
    /// About this kind of thing, such as `campaign`.
    pub subject_kind: Option<String>,
    /// About this thing.
    pub subject_id: Option<Uuid>,
    /// At this instant or later.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
}

impl AuditFilter {
    /// Whether the trail shows this fact.
    #[must_use]
    pub fn matches(&self, event: &Event) -> bool {
        self.actor_id.is_none_or(|id| event.actor.id() == Some(id))
            && self.action.as_ref().is_none_or(|action| action.matches(&event.event_type))
            && self.subject_kind.as_ref().is_none_or(|kind| event.subject_kind == *kind)
            && self.subject_id.is_none_or(|id| event.subject_id == id)
            && self.from.is_none_or(|from| event.timestamp >= from)
            && self.to.is_none_or(|to| event.timestamp < to)
    }
}

/// Which facts of the whole platform.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlatformAuditFilter {
    /// What narrows any trail.
    pub facts: AuditFilter,
    /// This workspace's trail.
    pub workspace_id: Option<WorkspaceId>,
    /// This person's own trail.
    pub user_id: Option<UserId>,
}

impl PlatformAuditFilter {
    /// Whether the trail shows this fact.
    #[must_use]
    pub fn matches(&self, event: &Event) -> bool {
        self.facts.matches(event)
            && self.workspace_id.is_none_or(|id| event.workspace_id == Some(id))
            && self.user_id.is_none_or(|id| event.user_id == Some(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_action_is_one_type_or_all_that_begin_so() {
        let action = |text| Action::parse(text).unwrap();
        assert!(action("campaign.created").matches("campaign.created"));
        assert!(!action("campaign.created").matches("campaign.created_again"));
        assert!(action("campaign.").matches("campaign.created"));
        assert!(!action("campaign.").matches("campaigns.created"));
        assert_eq!(action("campaign.").end_of_prefix().as_deref(), Some("campaign/"));
        assert_eq!(action("campaign").end_of_prefix(), None);
        for bad in ["Campaign.", "campaign%", "campaign created", "campaign/"] {
            assert_eq!(Action::parse(bad).unwrap_err().code, "forbidden_character", "{bad}");
        }
        assert!(Action::parse("").is_err() && Action::parse(&"a".repeat(101)).is_err());
    }

    proptest! {
        #[test]
        fn a_range_of_bytes_finds_what_begins_so(aggregate in "[a-z_]{1,8}", event_type in "[a-z_.0-9]{0,12}") {
            let action = Action::parse(&format!("{aggregate}.")).unwrap();
            let end = action.end_of_prefix().unwrap();
            let in_range = event_type.as_str() >= action.as_str() && event_type < end;
            prop_assert_eq!(in_range, action.matches(&event_type));
        }
    }
}
