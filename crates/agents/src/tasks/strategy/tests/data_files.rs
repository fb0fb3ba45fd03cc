//! The data files keep their promises.

use std::collections::BTreeSet;

use kernel::channels::{ChannelKind, Vocabulary};

use super::super::{
    constraints::tags,
    library::{Spend, tactics},
    plan::FunnelStage,
};

#[test]
fn tactics_have_ids_of_their_own_known_channels_known_tags_and_three_to_five_tasks() {
    let mut ids = BTreeSet::new();
    for tactic in tactics() {
        assert!(ids.insert(&tactic.id), "{} is declared twice", tactic.id);
        for slug in &tactic.channels {
            assert!(Vocabulary::standard().find(slug).is_some(), "{}: unknown channel {slug}", tactic.id);
        }
        for tag in &tactic.tags {
            assert!(tags().iter().any(|known| &known.id == tag), "{}: unknown tag {tag}", tactic.id);
        }
        assert!((3..=5).contains(&tactic.tasks.len()), "{}", tactic.id);
        let required = tactic.tasks.iter().filter(|task| !task.starts_with("[[")).count();
        assert!(required >= 3, "{} may end up with fewer than three tasks", tactic.id);
    }
}

#[test]
fn every_slot_of_a_template_exists() {
    let documented = include_str!("../writing.rs").split("use jiff").next().unwrap();
    for tactic in tactics() {
        let drafts = tactic.draft.iter().flat_map(|part| &part.text);
        let texts = [&tactic.title, &tactic.objective, &tactic.brief, &tactic.measure];
        for text in texts.into_iter().chain(&tactic.tasks).chain(&tactic.headline).chain(drafts) {
            assert_eq!(text.matches("[[").count(), text.matches("]]").count(), "{}: {text}", tactic.id);
            for slot in text.split('{').skip(1) {
                let slot = slot.split('}').next().unwrap().to_lowercase();
                assert!(is_documented(documented, &slot), "{}: no slot `{slot}`", tactic.id);
            }
        }
    }
}

fn is_documented(text: &str, slot: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == slot)
}

#[test]
fn draft_templates_have_no_figures_of_their_own() {
    for tactic in tactics() {
        for text in tactic.draft.iter().flat_map(|part| &part.text) {
            assert!(!text.chars().any(char::is_numeric), "{}: {text}", tactic.id);
        }
    }
}

#[test]
fn every_channel_has_an_unconditional_tactic_for_every_stage_it_needs() {
    for channel in Vocabulary::standard().iter() {
        let own = || tactics().iter().filter(|t| t.suits(channel) && t.tags.is_empty());
        match channel.kind {
            ChannelKind::Paid => {
                assert!(own().any(|t| t.spend == Some(Spend::Experiment)), "{}", channel.slug)
            }
            _ => {
                let stages: BTreeSet<FunnelStage> =
                    own().filter(|t| t.spend.is_none()).map(|t| t.stage).collect();
                assert_eq!(stages.len(), FunnelStage::ALL.len(), "{}", channel.slug);
            }
        }
    }
}
