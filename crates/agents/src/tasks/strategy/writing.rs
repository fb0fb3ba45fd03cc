//! Turns a tactic and what it is about into the texts of a move.
//!
//! # Slots that templates can use
//! - the business: `company link category craft offer_sentence value_sentence differentiator claim claim_two proof proof_cap
//!   goal_measure voice_check signup signups`
//! - the audience: `who` (two roles), `role` (one), `firm` ("at companies ..."), `titles`, `targeting`, `places` (where they are)
//! - what the move is about: `topic` (fits after a preposition), `topic_short`, `topic_cap`, `topic_cap_short`,
//!   `topic_brief`, `topic_tiny`,
//!   `topic_quote`, `quote`, `quote_short`, `way` ("how to ..."), `way_short`, `way_cap`
//! - the argument that answers it: `answer` (a sentence), `answer_clause`, `answer_here` ("At ...: ..."),
//!   `answer_support` (what else its pillar rests on)
//! - for a pillar: `pillar_sentence pillar_clause pillar_message pillar_support pillar_support_one`
//! - the move: `channel channel_inner channel_label note budget read_on read_soon flight_end`

use jiff::civil::Date;
use kernel::channels::{Channel, ChannelLimits, Vocabulary};

use super::{
    calendar::{days_after, spoken},
    fit::ChannelFit,
    input::BudgetAmount,
    lexicon::lexicon,
    library::{self, About, Part, PartLimit, Tactic},
    perception::{Audience, Business},
    template::Slots,
    text::{
        Shape, capitalised, listed, mid_sentence, sentence, shape, shortened, topic, truncated, way,
        without_verb_label,
    },
};

/// Longest short form, for titles.
const SHORT: usize = 64;
/// Longest form for headlines of search ads.
const TINY: usize = 28;
/// Longest form for jokes.
const BRIEF: usize = 36;
/// How long results of a move ripen before they are read, and how long a paid test runs: two weeks.
const RIPE_DAYS: i64 = 14;
/// A post is read after a week.
const POST_DAYS: i64 = 7;
/// From this likeness on, a claim is taken to answer a pain or doubt: one shared concept.
const ANSWERS: u32 = 3;

/// Everything that the texts of one move are made from.
pub(crate) struct Setting<'a> {
    pub(crate) business: &'a Business,
    /// What the business says to the thing that the move is about.
    pub(crate) answer: Option<&'a str>,
    pub(crate) audience: &'a Audience,
    pub(crate) channel: &'static Channel,
    pub(crate) fit: &'a ChannelFit,
    pub(crate) due_on: Date,
    pub(crate) ends_on: Date,
    pub(crate) budget: Option<&'a BudgetAmount>,
    /// Number of the move in the plan: turns through lists so that neighbours differ.
    pub(crate) ordinal: usize,
}

/// The texts of a move.
pub(crate) struct Texts {
    pub(crate) title: String,
    pub(crate) objective: String,
    pub(crate) brief: String,
    pub(crate) tasks: Vec<String>,
    pub(crate) draft: Option<String>,
    pub(crate) measure: String,
    pub(crate) headline: Option<String>,
}

/// The claim that best answers a phrase, if any does; the earlier claim on a tie, because pillars come before details.
pub(crate) fn answer<'a>(business: &'a Business, phrase: &str) -> Option<&'a str> {
    let rated = business.claims.iter().map(|claim| (lexicon().likeness(phrase, claim), claim.as_str()));
    let best = rated.rev().max_by_key(|(likeness, _)| *likeness)?;
    (best.0 >= ANSWERS).then_some(best.1)
}

/// The texts of the tactic about the item; `None` when something that it needs is not known.
pub(crate) fn write(tactic: &Tactic, item: &str, setting: &Setting<'_>) -> Option<Texts> {
    let slots = slots(tactic, item, setting);
    let fill = |template: &String| slots.fill(template).filter(|text| !text.is_empty());
    Some(Texts {
        title: sentence_case(&fill(&tactic.title)?),
        objective: fill(&tactic.objective)?,
        brief: fill(&tactic.brief)?,
        tasks: tactic.tasks.iter().filter_map(fill).collect(),
        draft: draft(&tactic.draft, &slots, setting.channel.limits)?,
        measure: fill(&tactic.measure)?,
        headline: tactic.headline.as_ref().and_then(fill),
    })
}

fn sentence_case(title: &str) -> String {
    capitalised(&title.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn slots(tactic: &Tactic, item: &str, setting: &Setting<'_>) -> Slots {
    let mut slots = Slots::default();
    business_slots(&mut slots, setting);
    audience_slots(&mut slots, setting);
    move_slots(&mut slots, setting);
    item_slots(&mut slots, tactic.about, item);
    match tactic.about {
        About::Pain | About::Goal | About::Objection | About::Trigger => {
            let answer = setting.answer;
            slots.set_opt("answer", answer.map(str::to_owned));
            slots.set_opt("answer_clause", answer.map(|answer| clause(answer, &setting.business.name)));
            slots.set_opt("answer_support", answer.and_then(|answer| support_of(setting.business, answer)));
            slots.set_opt("answer_here", answer.map(|answer| spoken_for(answer, &setting.business.name)));
        }
        About::Pillar => pillar_slots(&mut slots, item, setting),
        About::Support | About::Proof | About::Competitor | About::Published | About::Nothing => {}
    }
    slots
}

fn business_slots(slots: &mut Slots, setting: &Setting<'_>) {
    let business = setting.business;
    slots.set("company", business.name.clone());
    slots.set("signup", if business.by_sign_up { "sign-up" } else { "enquiry" });
    slots.set("signups", if business.by_sign_up { "sign-ups" } else { "enquiries" });
    slots.set_opt("link", business.link.clone());
    slots.set_opt("category", business.category.as_deref().map(mid_sentence));
    slots.set_opt("offer_sentence", business.offer.as_deref().map(sentence));
    slots.set_opt("value_sentence", business.value.as_deref().map(sentence));
    slots.set_opt("differentiator", business.differentiator.as_deref().map(sentence));
    slots.set_opt("claim", business.pillars.first().map(|pillar| pillar.sentence.clone()));
    slots.set_opt("claim_two", business.pillars.get(1).map(|pillar| pillar.sentence.clone()));
    slots.set_opt("proof", turn(&business.proof, setting.ordinal).map(|proof| sentence(proof)));
    slots.set_opt("proof_cap", turn(&business.proof, setting.ordinal).map(|proof| capitalised(proof)));
    slots.set_opt("goal_measure", business.goal_measure.as_deref().map(mid_sentence));
    slots.set_opt("craft", business.technical.then(|| "computer science".to_owned()));
    slots.set_opt("voice_check", turn(&business.voice_checks, setting.ordinal).cloned());
}

fn turn(list: &[String], ordinal: usize) -> Option<&String> {
    (!list.is_empty()).then(|| &list[ordinal % list.len()])
}

fn audience_slots(slots: &mut Slots, setting: &Setting<'_>) {
    let audience = setting.audience;
    slots.set("who", audience.who.clone());
    slots.set_opt("role", turn(&audience.roles, setting.ordinal).cloned());
    slots.set_opt("firm", audience.companies.clone());
    let titles = if audience.titles.is_empty() { &audience.roles } else { &audience.titles };
    slots.set("titles", listed(titles));
    slots.set_opt("targeting", library::targeting(setting.channel).and_then(|template| slots.fill(template)));
    let elsewhere = audience.channels.iter().filter(|slug| **slug != setting.channel.slug);
    let places: Vec<String> = elsewhere
        .filter(|slug| !["search", "word_of_mouth", "review_sites"].contains(&slug.as_str()))
        .filter_map(|slug| Vocabulary::standard().channel(slug))
        .map(library::name_in_text)
        .collect();
    slots.set("places", listed(&places));
}

fn move_slots(slots: &mut Slots, setting: &Setting<'_>) {
    slots.set("channel", setting.channel.name.clone());
    slots.set("channel_inner", library::name_in_text(setting.channel));
    slots.set("channel_label", library::label(setting.channel));
    slots.set_opt("note", setting.fit.note.as_deref().map(mid_sentence));
    slots.set_opt("budget", setting.budget.map(BudgetAmount::for_people));
    slots.set("read_on", spoken(days_after(setting.due_on, RIPE_DAYS, None)));
    slots.set("read_soon", spoken(days_after(setting.due_on, POST_DAYS, None)));
    slots.set("flight_end", spoken(days_after(setting.due_on, RIPE_DAYS - 1, Some(setting.ends_on))));
}

/// Slots of what the move is about; none of them is set for a tactic about nothing in particular.
pub(crate) fn item_slots(slots: &mut Slots, about: About, item: &str) {
    let short = shortened(item, SHORT);
    // Names keep their spelling; phrases are fitted into the sentence.
    let named = matches!(about, About::Competitor | About::Pillar | About::Published);
    let fitted = |phrase: &str| if named { phrase.to_owned() } else { topic(phrase) };
    slots.set("topic", fitted(item));
    slots.set("topic_short", fitted(&short));
    slots.set("topic_brief", fitted(&part(item)));
    slots.set("topic_cap", item);
    // Headlines end in a question mark or nothing, so a cut phrase is no use there.
    let whole = |text: String| Some(text).filter(|text| !text.ends_with('…'));
    slots.set_opt("topic_cap_short", whole(short.clone()));
    slots.set_opt("topic_tiny", whole(shortened(item, TINY)));
    if !item.is_empty() {
        slots.set("topic_quote", format!("“{item}”"));
    }
    slots.set("way", way(item));
    slots.set("way_short", way(&short));
    slots.set("way_cap", capitalised(&way(item)));
    slots.set("quote", item);
    slots.set("quote_short", short);
}

/// The first part of a phrase that has several, for lines that must be short: "risk of data breaches".
fn part(phrase: &str) -> String {
    let short = shortened(phrase, BRIEF);
    if short.ends_with('…') { phrase.to_owned() } else { short }
}

/// What the pillar rests on that the claim belongs to, as a list.
fn support_of(business: &Business, claim: &str) -> Option<String> {
    let belongs = |support: &String| sentence(without_verb_label(support)) == claim;
    let pillar = business.pillars.iter().find(|p| p.sentence == claim || p.support.iter().any(belongs))?;
    let support: Vec<String> =
        pillar.support.iter().map(|support| mid_sentence(without_verb_label(support))).collect();
    (support.len() > 1).then(|| support.join("; "))
}

/// A claim as what holds at this company: "At PostHog: self-serve." A claim that names its subject stays as it is.
fn spoken_for(claim: &str, company: &str) -> String {
    if claim.starts_with(company) || claim.contains(": ") || shape(claim) != Shape::Nominal {
        return claim.to_owned();
    }
    sentence(&format!("At {company}: {}", clause(claim, company)))
}

fn pillar_slots(slots: &mut Slots, item: &str, setting: &Setting<'_>) {
    let Some(pillar) = setting.business.pillars.iter().find(|pillar| pillar.name == item) else { return };
    slots.set("pillar_sentence", pillar.sentence.clone());
    slots.set("pillar_clause", clause(&pillar.sentence, &setting.business.name));
    slots.set_opt("pillar_message", pillar.message.as_deref().map(mid_sentence));
    let support: Vec<&str> = pillar.support.iter().map(|support| without_verb_label(support)).collect();
    let sentences: Vec<String> = support.iter().map(|support| sentence(support)).collect();
    slots.set("pillar_support", sentences.join(" "));
    slots.set_opt("pillar_support_one", sentences.first().cloned());
}

/// A claim without its full stop, for use in the middle of a sentence.
fn clause(claim: &str, company: &str) -> String {
    let bare = claim.trim_end_matches('.');
    if bare.starts_with(company) { bare.to_owned() } else { mid_sentence(bare) }
}

/// `None` when a part cannot be filled; `Some(None)` when the tactic has no draft.
fn draft(parts: &[Part], slots: &Slots, limits: ChannelLimits) -> Option<Option<String>> {
    let mut out = String::new();
    for part in parts {
        let limit = match part.limit {
            Some(PartLimit::Headline) => limits.max_headline_chars,
            Some(PartLimit::Body) => limits.max_body_chars,
            None => limits.max_draft_chars,
        };
        let text = version(part, slots, limit)?;
        if text.is_empty() {
            continue;
        }
        let text = if part.limit == Some(PartLimit::Headline) { capitalised(&text) } else { text };
        let gap = if part.limit == Some(PartLimit::Body) { "\n" } else { "\n\n" };
        if !out.is_empty() {
            out.push_str(gap);
        }
        if let Some(label) = &part.label {
            out.push_str(&format!("{label}: "));
        }
        out.push_str(&text);
    }
    let out = limits.max_draft_chars.map_or(out.clone(), |max| truncated(&out, max));
    Some(Some(out).filter(|out| !out.is_empty()))
}

/// The first version that can be filled and fits; if none fits, the shortest, cut.
fn version(part: &Part, slots: &Slots, limit: Option<usize>) -> Option<String> {
    let filled: Vec<String> = part.text.iter().filter_map(|text| slots.fill(text)).collect();
    let fits = |text: &&String| limit.is_none_or(|limit| text.chars().count() <= limit);
    match filled.iter().find(fits) {
        Some(text) => Some(text.clone()),
        None => filled.last().map(|text| truncated(text, limit.unwrap_or(usize::MAX))),
    }
}
