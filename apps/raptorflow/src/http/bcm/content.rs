//! What foundation, ICPs and the document of a context look like, for OpenAPI; a test holds real ones against it.

#![expect(dead_code, reason = "describes types of the domain, which know nothing of OpenAPI")]

use crate::http::schema::MoneyBody;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// What the business says of itself. A text that was not answered is empty.
#[derive(ToSchema)]
#[schema(as = Foundation)]
pub(in crate::http) struct FoundationBody {
    id: Uuid,
    workspace_id: Uuid,
    company: Company,
    offer: Offer,
    positioning: Positioning,
    channels: Vec<ChannelUse>,
    goals: Goals,
    voice: Voice,
    constraints: Constraints,
    /// 1, and one more with every change; also the `ETag`.
    version: i32,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// An ideal customer profile.
#[derive(ToSchema)]
#[schema(as = Icp)]
pub(in crate::http) struct IcpBody {
    id: Uuid,
    workspace_id: Uuid,
    /// What the business calls them.
    name: String,
    /// Job titles.
    titles: Vec<String>,
    /// What they do in a purchase, such as `decision maker`.
    role_in_purchase: Vec<String>,
    /// What kind of company or person, under names of the business's choice.
    firmographics: BTreeMap<String, String>,
    pains: Vec<String>,
    /// What they want.
    goals: Vec<String>,
    /// What keeps them from buying.
    objections: Vec<String>,
    /// What makes them look for an offer.
    triggers: Vec<String>,
    /// Where they are, in the business's words.
    channels: Vec<String>,
    /// 1 is the most important.
    priority: i32,
    /// 1, and one more with every change; also the `ETag`.
    version: i32,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// The business context that every agent receives.
#[derive(ToSchema)]
#[schema(as = ContextDocument)]
pub(in crate::http) struct DocumentBody {
    /// Version of this shape; 1.
    schema: u32,
    company: Company,
    offer: Offer,
    positioning: Positioning,
    /// To whom, the most important first.
    icps: Vec<ContextIcp>,
    channels: Vec<ChannelUse>,
    goals: Goals,
    voice: Voice,
    constraints: Constraints,
    /// Paths of what nobody has told yet, such as `positioning.competitors`.
    gaps: Vec<String>,
}

/// An ideal customer in the document: the profile as it was when the version was made.
#[derive(ToSchema)]
struct ContextIcp {
    id: Uuid,
    name: String,
    titles: Vec<String>,
    role_in_purchase: Vec<String>,
    firmographics: BTreeMap<String, String>,
    pains: Vec<String>,
    goals: Vec<String>,
    objections: Vec<String>,
    triggers: Vec<String>,
    channels: Vec<String>,
    /// 1 is the most important.
    priority: i32,
}

/// Who the business is.
#[derive(ToSchema)]
struct Company {
    name: String,
    website: String,
    industry: String,
    /// In the business's own words, such as `growth`.
    stage: String,
    mission: String,
    /// IANA name, or empty.
    time_zone: String,
}

/// What it sells.
#[derive(ToSchema)]
struct Offer {
    summary: String,
    /// Why it is worth its price.
    value_proposition: String,
    pricing_model: String,
    /// What can be verified.
    proof_points: Vec<String>,
}

/// How it differs.
#[derive(ToSchema)]
struct Positioning {
    statement: PositioningStatement,
    competitors: Competitors,
    /// The few messages that everything said rests on.
    pillars: Vec<Pillar>,
}

/// For whom a category that gives a benefit, unlike these, because of what.
#[derive(ToSchema)]
struct PositioningStatement {
    r#for: String,
    category: String,
    benefit: String,
    unlike: String,
    differentiator: String,
}

/// Who else asks for the same customers.
#[derive(ToSchema)]
struct Competitors {
    /// Often chosen instead.
    strong: Vec<String>,
    /// Sometimes chosen instead.
    weak: Vec<String>,
}

/// A message that much of what is said rests on.
#[derive(ToSchema)]
struct Pillar {
    name: String,
    message: String,
    /// What bears it.
    support: Vec<String>,
}

/// A channel that the business uses or wants to use.
#[derive(ToSchema)]
struct ChannelUse {
    channel: String,
    note: String,
    /// What one experiment there may cost, in whole US dollars.
    budget_usd_per_experiment: Option<i64>,
}

/// What marketing shall achieve.
#[derive(ToSchema)]
struct Goals {
    objective: String,
    /// How it will be seen.
    measures: Vec<String>,
    horizon_days: Option<i32>,
}

/// How the brand sounds.
#[derive(ToSchema)]
struct Voice {
    traits: Vec<String>,
    r#do: Vec<String>,
    dont: Vec<String>,
}

/// What must never happen, and what may be spent.
#[derive(ToSchema)]
struct Constraints {
    /// Tactics that no plan may contain.
    forbidden: Vec<String>,
    /// What marketing may cost in a month.
    monthly_budget: Option<MoneyBody>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::contract::Contract;
    use bcm::{ContextDocument, Foundation, FoundationContent, Icp, IcpProfile, StepKey};
    use kernel::Timestamp;
    use serde::Serialize;
    use serde_json::{Value, json};

    /// Holds the answer against its schema, and makes sure that a member added deep inside is seen.
    fn expect_described<T: ToSchema + 'static>(answer: &impl Serialize, deep: &str) {
        let (mut answer, contract) = (serde_json::to_value(answer).unwrap(), Contract::of::<T>());
        assert_eq!(contract.broken_by(&answer, ""), []);
        if let Some(Value::Object(members)) = answer.pointer_mut(deep) {
            members.insert("surprise".to_owned(), json!(1));
            let found = contract.broken_by(&answer, "");
            assert_eq!(found.len(), 1);
            assert_eq!(
                (found[0].pointer.as_str(), found[0].code),
                (&*format!("{deep}/surprise"), "unknown_field")
            );
        }
    }

    fn expect_all_described(answers: &Value) {
        let (id, now) = (Uuid::nil(), Timestamp::from_micros(0));
        let of = |step: StepKey| answers.get(step.name()).cloned();
        let content = FoundationContent::from_answers(of).unwrap();
        let audience = of(StepKey::Audience).unwrap_or_else(|| json!([]));
        let profiles = IcpProfile::from_answers(&audience).unwrap();
        let icps: Vec<Icp> =
            profiles.into_iter().map(|profile| Icp::new(id.into(), id.into(), profile, now)).collect();
        let document = ContextDocument::compile(&content, &icps);
        let foundation = Foundation::new(id.into(), id.into(), content, now);
        icps.iter().for_each(|icp| expect_described::<IcpBody>(icp, ""));
        expect_described::<DocumentBody>(&document, "/icps/0");
        expect_described::<FoundationBody>(&foundation, "/positioning/pillars/0");
        expect_described::<FoundationBody>(&foundation, "/constraints");
    }

    #[test]
    fn full_and_empty_answers_are_what_the_document_says() {
        let full = include_str!("../../../tests/api/onboarding/bakery.json");
        expect_all_described(&serde_json::from_str(full).unwrap());
        expect_all_described(&json!({}));
    }
}
