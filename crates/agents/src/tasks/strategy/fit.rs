//! Which channels reach the audiences, and how well.

use kernel::channels::{Channel, ChannelKind, ChannelSlug, Vocabulary};
use serde::{Deserialize, Serialize};

use super::{
    constraints::ConstraintReading,
    context::{ContextView, FoundationChannel},
    input::StrategyInput,
    lexicon::{occurs, stems},
    library,
    perception::Audience,
    plan::Refusal,
    text::{clean, listed},
};

/// A channel that the plan will use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelFit {
    /// The channel.
    pub channel: ChannelSlug,
    /// How well it reaches the audiences, 0 to 100.
    pub fit: u32,
    /// Why, in a sentence.
    pub reason: String,
    /// How the business wants to use it.
    pub note: Option<String>,
    /// The most that one paid experiment may cost, in whole dollars.
    pub usd_per_experiment: Option<i64>,
    /// How well it suits each audience, in the order of the audiences: 0 (not known to), 1 (indirectly), 3 (named).
    pub affinity: Vec<u32>,
}

/// Channels in the order of their fit, channels that constraints rule out, and what is to be said about the choice.
pub(crate) struct Choice {
    pub(crate) channels: Vec<ChannelFit>,
    pub(crate) refused: Vec<Refusal>,
    pub(crate) notes: Vec<String>,
}

/// Used when nothing is known about channels.
const FALLBACK: [&str; 3] = ["content", "website", "newsletter"];

/// Most channels taken over from the ICPs when neither campaign nor foundation names any.
const FROM_ICPS: usize = 5;

/// Chooses the channels and ranks them.
pub(crate) fn choose(input: &StrategyInput, audiences: &[Audience], rules: &[ConstraintReading]) -> Choice {
    let mut notes = Vec::new();
    let (wanted, stated) = wanted(input, audiences, &mut notes);
    let mut refused = Vec::new();
    let mut allowed = allowed(wanted, rules, &mut refused);
    if allowed.is_empty() {
        let fallback = FALLBACK.iter().filter_map(|slug| ChannelSlug::parse(slug).ok()).collect();
        allowed = self::allowed(fallback, rules, &mut refused);
        let names: Vec<&str> =
            allowed.iter().filter_map(channel).map(|channel| channel.name.as_str()).collect();
        notes.push(match names.is_empty() {
            true => "No channel is left that the constraints allow: nothing could be planned.".to_owned(),
            false => format!(
                "No usable channel is named in the campaign, the foundation or the ICPs. The plan uses what every business owns or can set up in a day: {}.",
                listed(&names)
            ),
        });
    }
    let mut channels: Vec<ChannelFit> = allowed
        .iter()
        .filter_map(channel)
        .map(|channel| rated(channel, &input.context, audiences, stated))
        .collect();
    channels.sort_by_key(|channel| std::cmp::Reverse(channel.fit));
    Choice { channels, refused, notes }
}

fn channel(slug: &ChannelSlug) -> Option<&'static Channel> {
    Vocabulary::standard().channel(slug)
}

/// The channels to use, and whether the campaign or foundation states them.
fn wanted(
    input: &StrategyInput,
    audiences: &[Audience],
    notes: &mut Vec<String>,
) -> (Vec<ChannelSlug>, bool) {
    if !input.campaign.channels.is_empty() {
        return (distinct(input.campaign.channels.iter().cloned()), true);
    }
    let (known, unknown): (Vec<_>, Vec<_>) = input
        .context
        .channels
        .iter()
        .filter(|c| clean(&c.channel).is_some())
        .partition(|c| resolved(c).is_some());
    let unknown: Vec<String> =
        unknown.iter().filter_map(|c| clean(&c.channel)).map(|c| format!("“{c}”")).collect();
    if !unknown.is_empty() {
        notes.push(format!("Not recognised as channels and left out: {}.", listed(&unknown)));
    }
    let foundation = distinct(known.into_iter().filter_map(resolved));
    if !foundation.is_empty() {
        notes.push("The campaign names no channels; the foundation's are used, best fit first.".to_owned());
        return (foundation, true);
    }
    let named = audiences.iter().flat_map(|audience| audience.channels.iter().cloned());
    let unpaid = named.filter(|slug| channel(slug).is_some_and(|c| c.kind != ChannelKind::Paid));
    let mut from_icps = distinct(unpaid);
    from_icps.truncate(FROM_ICPS);
    if !from_icps.is_empty() {
        notes.push(
            "Neither campaign nor foundation names channels; the plan goes where the ICPs are.".to_owned(),
        );
    }
    (from_icps, false)
}

pub(crate) fn resolved(entry: &FoundationChannel) -> Option<ChannelSlug> {
    Vocabulary::standard().resolve(&entry.channel).map(|channel| channel.slug.clone())
}

fn distinct(slugs: impl Iterator<Item = ChannelSlug>) -> Vec<ChannelSlug> {
    let mut seen = Vec::new();
    for slug in slugs {
        if !seen.contains(&slug) {
            seen.push(slug);
        }
    }
    seen
}

fn allowed(
    slugs: Vec<ChannelSlug>,
    rules: &[ConstraintReading],
    refused: &mut Vec<Refusal>,
) -> Vec<ChannelSlug> {
    let mut allowed = Vec::new();
    for slug in slugs {
        match rules.iter().find(|rule| rule.channels.contains(&slug)) {
            None => allowed.push(slug),
            Some(rule) => refused.push(Refusal {
                tactic: channel(&slug).map_or_else(|| slug.to_string(), |channel| channel.name.clone()),
                rule: rule.rule.clone(),
                reason: "The constraint rules the whole channel out.".to_owned(),
            }),
        }
    }
    allowed
}

fn rated(channel: &Channel, context: &ContextView, audiences: &[Audience], stated: bool) -> ChannelFit {
    let entry = context.channels.iter().find(|entry| resolved(entry).as_ref() == Some(&channel.slug));
    let note = entry.and_then(|entry| clean(&entry.note));
    let affinity: Vec<u32> =
        audiences.iter().map(|audience| affinity(channel, audience, note.as_deref())).collect();
    let total: u32 = audiences.iter().map(|audience| audience.weight).sum();
    let reached: u32 = audiences.iter().zip(&affinity).map(|(a, affinity)| a.weight * affinity).sum();
    let base = if stated { 30 } else { 20 };
    let fit = base + (reached * (100 - base)).checked_div(total * 3).unwrap_or(0);
    ChannelFit {
        channel: channel.slug.clone(),
        fit,
        reason: reason(channel, audiences, &affinity, entry.is_some()),
        note,
        usd_per_experiment: entry.and_then(|entry| entry.budget_usd_per_experiment).filter(|usd| *usd > 0),
        affinity,
    }
}

/// 3: the ICP names the channel, or the channel's note names the ICP; 1: it reaches a channel that the ICP names.
fn affinity(channel: &Channel, audience: &Audience, note: Option<&str>) -> u32 {
    let direct = audience.channels.contains(&channel.slug);
    let note = stems(note.unwrap_or_default());
    let in_note = audience.titles.iter().any(|title| {
        let title = stems(title);
        // The last two words carry the role: "Technical Product Manager" is met by "product managers".
        let role = &title[title.len().saturating_sub(2)..];
        (role.len() == 2 || title.len() == 1) && occurs(&note, role)
    });
    let by_way = channel.reaches.iter().any(|reached| audience.channels.contains(reached));
    // An ad is shown in the very feed that the ICP reads; an article is only found by way of another channel.
    let same_feed = by_way && channel.kind == ChannelKind::Paid;
    if direct || in_note || same_feed { 3 } else { u32::from(by_way) }
}

fn reason(channel: &Channel, audiences: &[Audience], affinity: &[u32], in_foundation: bool) -> String {
    let named = |wanted: u32| -> Vec<String> {
        let with = audiences.iter().zip(affinity).filter(|(_, affinity)| **affinity == wanted);
        with.map(|(audience, _)| audience.name.clone()).collect()
    };
    let (direct, indirect) = (named(3), named(1));
    let ways: Vec<String> = channel
        .reaches
        .iter()
        .filter(|way| audiences.iter().any(|audience| audience.channels.contains(way)))
        .filter_map(self::channel)
        .map(library::name_in_text)
        .collect();
    let mut parts = Vec::new();
    if !direct.is_empty() {
        parts.push(format!("reaches {} where they already are", listed(&direct)));
    }
    if !indirect.is_empty() {
        parts.push(format!("found by {} through {}", listed(&indirect), listed(&ways)));
    }
    if parts.is_empty() {
        let why = if in_foundation { "The business already uses it" } else { "Chosen for the campaign" };
        return format!("{why}; no ICP names it, so its results deserve a second look.");
    }
    super::text::sentence(&parts.join("; "))
}
