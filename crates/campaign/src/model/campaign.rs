use crate::{Error, Result};
use kernel::{
    CampaignId, Date, FieldErrors, IcpId, Money, RunId, Timestamp, WorkspaceId,
    channels::ChannelSlug,
    field::{self, Checker, Violation},
};
use serde::{Deserialize, Serialize};

/// Where a campaign is in its life; the crate's front page draws it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignStatus {
    /// Described, not planned.
    Draft,
    /// Has its moves.
    Planned,
    /// Its first day has come, or its first move was started.
    Active,
    /// Put aside for a while.
    Paused,
    /// Done.
    Completed,
    /// Given up.
    Cancelled,
    /// Out of sight.
    Archived,
}

/// What happens to a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the actions")]
pub enum CampaignInput {
    Plan,
    Activate,
    Pause,
    Resume,
    Complete,
    Cancel,
    Archive,
}

impl CampaignStatus {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Planned,
        Self::Active,
        Self::Paused,
        Self::Completed,
        Self::Cancelled,
        Self::Archived,
    ];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Planned => "planned",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Archived => "archived",
        }
    }

    /// The status of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Lets work on the campaign's moves go on.
    ///
    /// # Errors
    /// [`Error::CampaignState`] once it is completed, cancelled or archived.
    pub const fn not_over(self) -> Result<()> {
        match self {
            Self::Draft | Self::Planned | Self::Active | Self::Paused => Ok(()),
            Self::Completed | Self::Cancelled | Self::Archived => Err(Error::CampaignState(self.name())),
        }
    }

    /// The next status.
    ///
    /// # Errors
    /// [`Error::CampaignState`] when the input has no business in this status.
    pub const fn transition(self, input: CampaignInput) -> Result<Self> {
        use CampaignInput as I;
        match (self, input) {
            (Self::Draft | Self::Planned, I::Plan) => Ok(Self::Planned),
            (Self::Planned, I::Activate) | (Self::Paused, I::Resume) => Ok(Self::Active),
            (Self::Active, I::Pause) => Ok(Self::Paused),
            (Self::Active | Self::Paused, I::Complete) => Ok(Self::Completed),
            (Self::Draft | Self::Planned | Self::Active | Self::Paused, I::Cancel) => Ok(Self::Cancelled),
            (Self::Completed | Self::Cancelled, I::Archive) => Ok(Self::Archived),
            _ => Err(Error::CampaignState(self.name())),
        }
    }
}

/// A goal over a period, for chosen customers and channels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    /// Its id.
    pub id: CampaignId,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// 1 to 120 characters.
    pub name: String,
    /// 1 to 2,000 characters.
    pub goal: String,
    /// Where it is in its life.
    pub status: CampaignStatus,
    /// The channels that people chose, without repetition; empty: the plan chooses.
    pub channels: Vec<ChannelSlug>,
    /// For whom; empty: for every ICP.
    pub icp_ids: Vec<IcpId>,
    /// The first day.
    pub starts_on: Date,
    /// The last day.
    pub ends_on: Date,
    /// What it may cost, beside people's time.
    pub budget: Option<Money>,
    /// The agent run whose plan the moves are.
    pub planned_by: Option<RunId>,
    /// Counts the changes, from 1.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
}

/// What a person says to make a campaign. Texts are raw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCampaign {
    /// See [`Campaign::name`].
    pub name: String,
    /// See [`Campaign::goal`].
    pub goal: String,
    /// Slugs or known names of channels.
    pub channels: Vec<String>,
    /// See [`Campaign::icp_ids`].
    pub icp_ids: Vec<IcpId>,
    /// See [`Campaign::starts_on`].
    pub starts_on: Date,
    /// See [`Campaign::ends_on`].
    pub ends_on: Date,
    /// See [`Campaign::budget`].
    pub budget: Option<Money>,
}

impl Campaign {
    /// The longest period, in days: more than a year is a strategy, not a campaign.
    pub const LONGEST: i32 = 366;
    const MOST_CHANNELS: usize = 20;
    const MOST_ICPS: usize = 50;

    /// Checks what was said, every field at once, and makes a draft of it.
    ///
    /// # Errors
    /// Each field that breaks a rule.
    pub fn try_new(
        new: NewCampaign,
        id: CampaignId,
        workspace_id: WorkspaceId,
        now: Timestamp,
    ) -> Result<Self, FieldErrors> {
        let mut check = Checker::default();
        let name = check.field("/name", field::text(&new.name, 1, 120));
        let goal = check.field("/goal", field::text(&new.goal, 1, 2_000));
        let channels = parse_channels(&new.channels, &mut check);
        check.rule("/icp_ids", new.icp_ids.len() <= Self::MOST_ICPS, "too_many", "names too many ICPs");
        check_period(new.starts_on, new.ends_on, &mut check);
        let free = new.budget.is_none_or(|budget| budget.amount >= 0);
        check.rule("/budget/amount", free, "not_in_range", "must not be negative");
        let (name, goal) = check.finish_with(name.zip(goal))?;
        let mut icp_ids = new.icp_ids;
        icp_ids.sort_unstable();
        icp_ids.dedup();
        Ok(Self {
            id,
            workspace_id,
            name,
            goal,
            status: CampaignStatus::Draft,
            channels,
            icp_ids,
            starts_on: new.starts_on,
            ends_on: new.ends_on,
            budget: new.budget,
            planned_by: None,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    /// Lets a plan be asked for: from draft or planned, while a day is left.
    ///
    /// # Errors
    /// [`Error::CampaignState`], [`Error::CampaignOver`].
    pub fn executable(&self, today: Date) -> Result<()> {
        self.status.transition(CampaignInput::Plan)?;
        if self.ends_on < today { Err(Error::CampaignOver(self.ends_on)) } else { Ok(()) }
    }

    /// Moves on in the state machine.
    ///
    /// # Errors
    /// [`Error::CampaignState`].
    pub fn advance(&mut self, input: CampaignInput, now: Timestamp) -> Result<()> {
        self.status = self.status.transition(input)?;
        self.touch(now);
        Ok(())
    }

    /// Counts a change.
    pub fn touch(&mut self, now: Timestamp) {
        self.version += 1;
        self.updated_at = now;
    }
}

fn parse_channels(given: &[String], check: &mut Checker) -> Vec<ChannelSlug> {
    let few = given.len() <= Campaign::MOST_CHANNELS;
    check.rule("/channels", few, "too_many", format!("names more than {} channels", Campaign::MOST_CHANNELS));
    let mut channels = Vec::new();
    for (index, text) in given.iter().enumerate().take(Campaign::MOST_CHANNELS) {
        let known = kernel::channels::Vocabulary::standard()
            .resolve(text)
            .map(|channel| channel.slug.clone())
            .ok_or_else(|| Violation::new("unknown_channel", "is not in the channel vocabulary"));
        if let Some(slug) = check.field(&format!("/channels/{index}"), known)
            && !channels.contains(&slug)
        {
            channels.push(slug);
        }
    }
    channels
}

fn check_period(starts_on: Date, ends_on: Date, check: &mut Checker) {
    for (pointer, date) in [("/starts_on", starts_on), ("/ends_on", ends_on)] {
        // PostgreSQL keeps no day before 4713 BC, RFC 3339 writes none before the year 0.
        let writable = (1..=9999).contains(&date.year());
        check.rule(pointer, writable, "not_in_range", "must be in the years 1 to 9999");
    }
    check.rule("/ends_on", starts_on <= ends_on, "before_start", "must not be before `starts_on`");
    let days = (ends_on - starts_on).get_days();
    let message = format!("must be at most {} days after `starts_on`", Campaign::LONGEST);
    check.rule("/ends_on", days <= Campaign::LONGEST, "too_long", message);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new() -> NewCampaign {
        NewCampaign {
            name: " Spring ".into(),
            goal: "More trials".into(),
            channels: vec!["twitter".into(), "Twitter".into()],
            icp_ids: vec![],
            starts_on: "2026-03-02".parse().unwrap(),
            ends_on: "2026-03-29".parse().unwrap(),
            budget: None,
        }
    }

    fn make(new: NewCampaign) -> Result<Campaign, FieldErrors> {
        let id = uuid::Uuid::nil();
        Campaign::try_new(new, id.into(), id.into(), Timestamp::from_micros(0))
    }

    #[test]
    fn a_campaign_starts_as_a_trimmed_draft_without_repeated_channels() {
        let campaign = make(new()).unwrap();
        assert_eq!(
            (campaign.name.as_str(), campaign.status, campaign.version),
            ("Spring", CampaignStatus::Draft, 1)
        );
        assert_eq!(campaign.channels.len(), 1);
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let wrong = NewCampaign {
            name: String::new(),
            goal: "a\0".into(),
            channels: vec!["smoke signals of old".into()],
            ends_on: "2026-03-01".parse().unwrap(),
            budget: Some(Money { amount: -1, currency: kernel::Currency::Usd }),
            ..new()
        };
        let errors = make(wrong).unwrap_err();
        let named: Vec<_> = errors.as_slice().iter().map(|e| (e.pointer.as_str(), e.code)).collect();
        assert_eq!(
            named,
            [
                ("/name", "required"),
                ("/goal", "forbidden_character"),
                ("/channels/0", "unknown_channel"),
                ("/ends_on", "before_start"),
                ("/budget/amount", "not_in_range"),
            ]
        );
    }

    #[test]
    fn a_day_that_not_every_store_keeps_is_refused() {
        let long_ago = NewCampaign {
            starts_on: "-009999-01-01".parse().unwrap(),
            ends_on: "-009999-02-01".parse().unwrap(),
            ..new()
        };
        let errors = make(long_ago).unwrap_err();
        assert!(errors.as_slice().iter().all(|e| e.code == "not_in_range") && errors.as_slice().len() == 2);
    }

    #[test]
    fn every_pair_of_status_and_input_is_decided() {
        use CampaignInput as I;
        use CampaignStatus as S;
        let allowed = [
            (S::Draft, I::Plan, S::Planned),
            (S::Planned, I::Plan, S::Planned),
            (S::Planned, I::Activate, S::Active),
            (S::Active, I::Pause, S::Paused),
            (S::Paused, I::Resume, S::Active),
            (S::Active, I::Complete, S::Completed),
            (S::Paused, I::Complete, S::Completed),
            (S::Draft, I::Cancel, S::Cancelled),
            (S::Planned, I::Cancel, S::Cancelled),
            (S::Active, I::Cancel, S::Cancelled),
            (S::Paused, I::Cancel, S::Cancelled),
            (S::Completed, I::Archive, S::Archived),
            (S::Cancelled, I::Archive, S::Archived),
        ];
        for status in S::ALL {
            for input in [I::Plan, I::Activate, I::Pause, I::Resume, I::Complete, I::Cancel, I::Archive] {
                let expected = allowed.iter().find(|(s, i, _)| (*s, *i) == (status, input)).map(|row| row.2);
                assert_eq!(status.transition(input).ok(), expected, "{status:?} {input:?}");
            }
            assert_eq!(S::from_name(status.name()), Some(status));
        }
    }

    #[test]
    fn a_campaign_whose_last_day_has_passed_can_not_be_planned() {
        let campaign = make(new()).unwrap();
        assert!(campaign.executable("2026-03-29".parse().unwrap()).is_ok());
        let over = campaign.executable("2026-03-30".parse().unwrap());
        assert!(matches!(over, Err(Error::CampaignOver(_))));
    }
}
