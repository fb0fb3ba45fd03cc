//! Perception: what the context and the campaign say, put in order for planning.

use jiff::civil::Date;
use kernel::channels::{ChannelSlug, Vocabulary};
use serde::{Deserialize, Serialize};

use super::gaps::gaps;
use super::{
    calendar,
    constraints::{self, ConstraintReading},
    context::{ContextView, Icp},
    fit::{self, ChannelFit},
    input::StrategyInput,
    lexicon::lexicon,
    people,
    plan::{FunnelStage, Refusal},
    spending::{self, Envelope},
    text::{claim, clean, listed, mid_sentence, sentence, without_to, without_verb_label},
};

/// What the planner works with. Everything in it is cleaned, and free of what the business forbids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Perception {
    /// The business and its arguments.
    pub business: Business,
    /// Whom to address, most important first; never empty.
    pub audiences: Vec<Audience>,
    /// Channels to use, best fit first.
    pub channels: Vec<ChannelFit>,
    /// Constraints and what follows from them.
    pub constraints: Vec<ConstraintReading>,
    /// Channels that constraints rule out.
    pub refused: Vec<Refusal>,
    /// How much weight each stage of the funnel gets, in per cent of the period, in the order of [`FunnelStage::ALL`].
    pub emphasis: [u32; 4],
    /// Days on which something can be due.
    pub working_days: Vec<Date>,
    /// What paid channels may spend.
    pub envelope: Envelope,
    /// What a reader of the plan should know about this reading.
    pub notes: Vec<String>,
    /// What is missing from the context, and what it would be good for.
    pub gaps: Vec<String>,
}

/// The business and its arguments.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Business {
    /// Name, or "our product" when it is not known.
    pub name: String,
    /// Address to send readers to.
    pub link: Option<String>,
    /// What kind of thing it is.
    pub category: Option<String>,
    /// What it is, in a phrase.
    pub offer: Option<String>,
    /// What the customer gains, in a phrase.
    pub value: Option<String>,
    /// What makes it different.
    pub differentiator: Option<String>,
    /// Messaging pillars.
    pub pillars: Vec<PillarView>,
    /// Facts that can be checked.
    pub proof: Vec<String>,
    /// Whom customers compare it with, strongest first.
    pub competitors: Vec<String>,
    /// Everything it can say for itself, as sentences; the answers to pains and doubts are chosen from these.
    pub claims: Vec<String>,
    /// What the business counts.
    pub goal_measure: Option<String>,
    /// Reminders of the voice: one thing to do and one to avoid.
    pub voice_checks: Vec<String>,
    /// Whether the voice allows jokes.
    pub humour: bool,
    /// Whether customers begin by signing up; otherwise they begin by asking.
    pub by_sign_up: bool,
    /// Whether it speaks to people who write software.
    pub technical: bool,
}

/// A pillar, ready to be used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PillarView {
    /// Its name.
    pub name: String,
    /// Its message as written.
    pub message: Option<String>,
    /// Its message as a sentence.
    pub sentence: String,
    /// What it rests on.
    pub support: Vec<String>,
}

/// Somebody to address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Audience {
    /// The ICP's id; `None` when the context has no ICP.
    pub icp_id: Option<String>,
    /// The ICP's name, or a description.
    pub name: String,
    /// The group in the plural: "senior engineers and tech leads".
    pub who: String,
    /// Its members one by one, in the plural.
    pub roles: Vec<String>,
    /// Job titles as written.
    pub titles: Vec<String>,
    /// "at companies with 15-500 employees".
    pub companies: Option<String>,
    /// What troubles them.
    pub pains: Vec<String>,
    /// What they want.
    pub goals: Vec<String>,
    /// What holds them back.
    pub objections: Vec<String>,
    /// What makes them look for something.
    pub triggers: Vec<String>,
    /// Channels they use.
    pub channels: Vec<ChannelSlug>,
    /// Share of attention: higher for a higher priority.
    pub weight: u32,
}

/// Reads the input.
#[must_use]
pub fn perceive(input: &StrategyInput) -> Perception {
    let constraints = constraints::read(&input.context.constraints.forbidden);
    let mut reader = Reader { rules: &constraints, left_out: Vec::new() };
    let business = business(&input.context, &mut reader);
    let (audiences, mut notes) = audiences(input, &mut reader);
    if !reader.left_out.is_empty() {
        let phrases: Vec<String> = reader.left_out.iter().map(|phrase| format!("“{phrase}”")).collect();
        notes.push(format!("Left out of all texts because they touch a constraint: {}.", listed(&phrases)));
    }
    let choice = fit::choose(input, &audiences, &constraints);
    notes.extend(choice.notes);
    let envelope = spending::envelope(input);
    let campaign = &input.campaign;
    let working_days = calendar::working_days(campaign.starts_on, campaign.ends_on, input.today);
    if calendar::length(campaign.starts_on.max(input.today), campaign.ends_on) > calendar::HORIZON_DAYS as i64
    {
        notes.push("The campaign is longer than a year; its first year is planned.".to_owned());
    }
    Perception {
        emphasis: emphasis(input),
        gaps: gaps(&input.context, &business, &audiences),
        business,
        audiences,
        channels: choice.channels,
        refused: choice.refused,
        working_days,
        envelope,
        notes,
        constraints,
    }
}

/// Cleans phrases and keeps out those that mention what is forbidden.
struct Reader<'a> {
    rules: &'a [ConstraintReading],
    left_out: Vec<String>,
}

impl Reader<'_> {
    fn phrase(&mut self, text: &str) -> Option<String> {
        let phrase = clean(text)?;
        if constraints::broken_by(self.rules, &phrase).is_none() {
            return Some(phrase);
        }
        if !self.left_out.contains(&phrase) {
            self.left_out.push(phrase);
        }
        None
    }

    fn phrases(&mut self, texts: &[String]) -> Vec<String> {
        let mut phrases: Vec<String> = Vec::new();
        for phrase in texts.iter().filter_map(|text| self.phrase(text)) {
            if !phrases.iter().any(|known| known.to_lowercase() == phrase.to_lowercase()) {
                phrases.push(phrase);
            }
        }
        phrases
    }
}

fn business(context: &ContextView, reader: &mut Reader<'_>) -> Business {
    let statement = &context.positioning.statement;
    let competitors = &context.positioning.competitors;
    let name = clean(&context.company.name);
    let subject = name.clone().unwrap_or_default();
    let pillars: Vec<PillarView> =
        context.positioning.pillars.iter().filter_map(|p| pillar(p, &subject, reader)).collect();
    let mut business = Business {
        name: name.unwrap_or_else(|| "our product".to_owned()),
        link: clean(&context.company.website),
        category: reader.phrase(&statement.category),
        offer: reader.phrase(&context.offer.summary),
        value: reader.phrase(&context.offer.value_proposition),
        differentiator: reader.phrase(&statement.differentiator),
        pillars,
        proof: reader.phrases(&context.offer.proof_points),
        competitors: reader.phrases(&[competitors.strong.clone(), competitors.weak.clone()].concat()),
        goal_measure: context.goals.measures.iter().find_map(|measure| reader.phrase(measure)),
        voice_checks: voice_checks(context, reader),
        humour: context.voice.traits.iter().chain(&context.voice.r#do).any(|text| is_humorous(text)),
        technical: speaks_to_developers(context),
        by_sign_up: begins_with_sign_up(context),
        claims: Vec::new(),
    };
    let pricing = reader.phrase(&context.offer.pricing_model);
    business.claims = claims(&business, pricing);
    business
}

fn pillar(pillar: &super::context::Pillar, subject: &str, reader: &mut Reader<'_>) -> Option<PillarView> {
    let message = reader.phrase(&pillar.message);
    let name = reader.phrase(&pillar.name).or_else(|| message.clone())?;
    let label = if message.as_ref() == Some(&name) { "" } else { name.as_str() };
    let sentence = message.as_ref().map_or_else(|| sentence(&name), |message| claim(subject, label, message));
    let support = reader.phrases(&pillar.support);
    Some(PillarView { name, message, sentence, support })
}

fn claims(business: &Business, pricing: Option<String>) -> Vec<String> {
    let mut claims: Vec<String> = business.pillars.iter().map(|pillar| pillar.sentence.clone()).collect();
    let support = business.pillars.iter().flat_map(|pillar| &pillar.support);
    claims.extend(support.map(|support| sentence(without_verb_label(support))));
    let single = [&business.differentiator, &pricing, &business.value];
    claims.extend(single.into_iter().flatten().chain(&business.proof).map(|text| sentence(text)));
    claims
}

fn is_humorous(text: &str) -> bool {
    let text = text.to_lowercase();
    ["humo", "funny", "witty", "playful", "joke", "cheeky", "wry"].iter().any(|word| text.contains(word))
}

fn speaks_to_developers(context: &ContextView) -> bool {
    let titles = context.icps.iter().flat_map(|icp| &icp.titles);
    let mut words =
        titles.chain(&context.voice.r#do).chain([&context.company.industry]).map(|text| text.to_lowercase());
    words.any(|text| {
        ["software", "developer", "coding", "programmer", "devops"].iter().any(|word| text.contains(word))
    })
}

fn begins_with_sign_up(context: &ContextView) -> bool {
    let offer = &context.offer;
    let texts = [&offer.pricing_model, &offer.summary, &context.company.industry, &context.goals.objective];
    let all = texts.into_iter().chain(&context.goals.measures).map(|text| text.to_lowercase());
    let all = all.collect::<Vec<_>>().join(" ");
    [
        "sign-up",
        "signup",
        "sign up",
        "self-serve",
        "trial",
        "software",
        "saas",
        "open source",
        "open-source",
        "app ",
        "platform",
    ]
    .iter()
    .any(|word| all.contains(word))
}

/// Pairs of something to do and something to avoid: "show, do not tell; no clickbait".
fn voice_checks(context: &ContextView, reader: &mut Reader<'_>) -> Vec<String> {
    let dos: Vec<String> = reader.phrases(&context.voice.r#do);
    let donts: Vec<String> =
        context.voice.dont.iter().filter_map(|dont| clean(dont)).map(|d| avoided(&d)).collect();
    let count = dos.len().max(donts.len());
    let nth =
        |list: &[String], index: usize| (!list.is_empty()).then(|| mid_sentence(&list[index % list.len()]));
    let pair =
        |index| [nth(&dos, index), nth(&donts, index)].into_iter().flatten().collect::<Vec<_>>().join("; ");
    (0..count).map(pair).filter(|check| constraints::broken_by(reader.rules, check).is_none()).collect()
}

fn avoided(dont: &str) -> String {
    let lower = dont.to_lowercase();
    let negated = ["no ", "never ", "don't ", "do not ", "don’t ", "avoid ", "not "]
        .iter()
        .any(|n| lower.starts_with(n));
    match super::text::shape(dont) {
        _ if negated => dont.to_owned(),
        super::text::Shape::Imperative => format!("never {}", mid_sentence(dont)),
        _ => format!("no {}", mid_sentence(dont)),
    }
}

fn audiences(input: &StrategyInput, reader: &mut Reader<'_>) -> (Vec<Audience>, Vec<String>) {
    let mut notes = Vec::new();
    let wanted = &input.campaign.icp_ids;
    let all: Vec<&Icp> = input.context.icps.iter().filter(|icp| has_content(icp)).collect();
    let mut icps: Vec<&Icp> = all.iter().copied().filter(|icp| wanted.contains(&icp.id)).collect();
    if icps.is_empty() {
        if !wanted.is_empty() {
            notes.push(
                "None of the campaign's ICPs is in the context; the plan addresses all that are.".to_owned(),
            );
        }
        icps = all;
    }
    icps.sort_by_key(|icp| priority(icp));
    let lowest = icps.iter().map(|icp| priority(icp)).max().unwrap_or(1);
    let mut audiences: Vec<Audience> = icps.iter().map(|icp| audience(icp, lowest, reader)).collect();
    if audiences.is_empty() {
        let described = reader.phrase(&input.context.positioning.statement.r#for);
        let who = described.as_deref().map_or_else(|| "the people you sell to".to_owned(), mid_sentence);
        let role = described.map_or_else(|| "customers".to_owned(), |_| who.clone());
        audiences.push(Audience {
            name: who.clone(),
            who,
            roles: vec![role],
            weight: 1,
            ..Audience::default()
        });
    }
    (audiences, notes)
}

fn has_content(icp: &Icp) -> bool {
    clean(&icp.name).is_some() || icp.titles.iter().any(|title| clean(title).is_some())
}

fn priority(icp: &Icp) -> u32 {
    if icp.priority == 0 { 3 } else { icp.priority.min(9) }
}

fn audience(icp: &Icp, lowest: u32, reader: &mut Reader<'_>) -> Audience {
    let titles = reader.phrases(&icp.titles);
    let name = clean(&icp.name).unwrap_or_else(|| listed(&titles));
    let mut roles: Vec<String> = titles.iter().map(|title| people::plural_title(title)).collect();
    if roles.is_empty() {
        // A name in the plural describes a group ("Independent cafés"); one in the singular may be a persona's.
        let group = name.ends_with('s') && !name.ends_with("ss");
        roles.push(if group { mid_sentence(&name) } else { format!("people like “{name}”") });
    }
    let channels = icp.channels.iter().filter_map(|text| Vocabulary::standard().resolve(text));
    let mut slugs: Vec<ChannelSlug> = Vec::new();
    for channel in channels {
        if !slugs.contains(&channel.slug) {
            slugs.push(channel.slug.clone());
        }
    }
    let goals: Vec<String> = icp.goals.iter().map(|goal| without_to(goal.trim()).to_owned()).collect();
    Audience {
        icp_id: Some(icp.id.trim().to_owned()).filter(|id| !id.is_empty()),
        name,
        who: listed(&roles[..roles.len().min(2)]),
        roles,
        titles,
        companies: people::companies(&icp.firmographics)
            .filter(|text| constraints::broken_by(reader.rules, text).is_none()),
        pains: reader.phrases(&icp.pains),
        goals: reader.phrases(&goals),
        objections: reader.phrases(&icp.objections),
        triggers: reader.phrases(&icp.triggers),
        channels: slugs,
        weight: lowest + 1 - priority(icp),
    }
}

/// A balanced funnel, tilted towards the stages that the goal speaks of.
fn emphasis(input: &StrategyInput) -> [u32; 4] {
    const BALANCED: [u32; 4] = [30, 28, 22, 20];
    const TILT: u32 = 12;
    let goal = format!("{} {}", input.campaign.goal, input.context.goals.objective);
    let counts = lexicon().emphasis(&goal);
    let weight = |stage: FunnelStage| counts.get(stage.name()).copied().unwrap_or(0).min(1) * TILT;
    let raw: Vec<u32> =
        FunnelStage::ALL.iter().zip(BALANCED).map(|(stage, base)| base + weight(*stage)).collect();
    let total: u32 = raw.iter().sum();
    let mut shares = [0; 4];
    for (share, raw) in shares.iter_mut().zip(&raw) {
        *share = raw * 100 / total;
    }
    shares[0] += 100 - shares.iter().sum::<u32>();
    shares
}
