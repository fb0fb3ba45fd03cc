//! Says what was not planned because the business forbids it.

use std::collections::BTreeSet;

use kernel::channels::Vocabulary;

use super::{
    constraints::{ConstraintReading, tags},
    library::{self, About, Tactic, tactics},
    perception::Perception,
    plan::Refusal,
    template::Slots,
    text::capitalised,
    writing::item_slots,
};

/// One refusal for each tactic of the library that a constraint forbids.
pub(crate) fn of_library(perception: &Perception) -> Vec<Refusal> {
    let refusal = |tactic: &Tactic| {
        let forbids = |rule: &&ConstraintReading| rule.tags.iter().any(|tag| tactic.tags.contains(tag));
        let rule = perception.constraints.iter().find(forbids)?;
        Some(Refusal {
            tactic: described(tactic, perception),
            rule: rule.rule.clone(),
            reason: reason(tactic, rule),
        })
    };
    tactics().iter().filter_map(refusal).collect()
}

fn reason(tactic: &Tactic, rule: &ConstraintReading) -> String {
    let names: Vec<&str> = tags()
        .iter()
        .filter(|tag| tactic.tags.contains(&tag.id) && rule.tags.contains(&tag.id))
        .map(|tag| tag.name.as_str())
        .collect();
    format!("The constraint is read as forbidding {}.", super::text::listed(&names))
}

/// The tactic's title, filled with the first thing at hand.
fn described(tactic: &Tactic, perception: &Perception) -> String {
    let mut slots = Slots::default();
    slots.set("company", perception.business.name.clone());
    slots.set("who", perception.audiences[0].who.clone());
    slots.set("role", perception.audiences[0].roles[0].clone());
    item_slots(&mut slots, tactic.about, &subject(tactic.about, perception));
    let channel = tactic.channels.first().and_then(|slug| Vocabulary::standard().find(slug));
    if let Some(channel) = channel {
        slots.set("channel", channel.name.clone());
        slots.set("channel_inner", library::name_in_text(channel));
        slots.set("channel_label", library::label(channel));
    }
    slots.fill(&tactic.title).map_or_else(|| tactic.id.clone(), |title| capitalised(&title))
}

/// Something for the tactic to be about, out of the context if there is any.
fn subject(about: About, perception: &Perception) -> String {
    let audience = &perception.audiences[0];
    let found = match about {
        About::Pain => audience.pains.first(),
        About::Pillar => perception.business.pillars.first().map(|pillar| &pillar.name),
        _ => None,
    };
    found.cloned().unwrap_or_else(|| "the problem".to_owned())
}

/// Constraints that nothing in the plan or the library met: people have to keep them in mind.
pub(crate) fn standing_rules(perception: &Perception, refused: &[Refusal]) -> Option<String> {
    let met: BTreeSet<&str> = refused.iter().map(|refusal| refusal.rule.as_str()).collect();
    let open = perception.constraints.iter().filter(|rule| !met.contains(rule.rule.as_str()));
    let open: Vec<String> = open.map(|rule| format!("“{}”", rule.rule)).collect();
    (!open.is_empty()).then(|| {
        format!("No planned tactic comes near {}; keep to it when you edit.", super::text::listed(&open))
    })
}
