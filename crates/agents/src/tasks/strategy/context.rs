//! The business-context document as this task reads it: every part may be missing or `null`, unknown parts are ignored.

use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

use super::input::BudgetAmount;

/// `null` reads as the default: a context is compiled from answers, some of which were never given.
fn or_default<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

macro_rules! views {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        pub struct $name {
            $($(#[$field_doc])* #[serde(default, deserialize_with = "or_default")] pub $field: $type,)*
        })*
    };
}

views! {
    /// The whole document.
    ContextView {
        /// The company.
        company: Company,
        /// What it sells.
        offer: Offer,
        /// How it wants to be seen.
        positioning: Positioning,
        /// Ideal customer profiles.
        icps: Vec<Icp>,
        /// Channels the business uses or wants to use.
        channels: Vec<FoundationChannel>,
        /// What it wants to achieve.
        goals: Goals,
        /// How it speaks.
        voice: Voice,
        /// What it must not do or exceed.
        constraints: Constraints,
        /// What the context says is missing from it.
        gaps: Vec<serde_json::Value>,
    }
    /// The company.
    Company {
        /// Its name.
        name: String,
        /// Address of its website.
        website: String,
        /// Its line of business.
        industry: String,
        /// Why it exists.
        mission: String,
    }
    /// What the company sells.
    Offer {
        /// What it is.
        summary: String,
        /// What the customer gains.
        value_proposition: String,
        /// How it is sold and charged.
        pricing_model: String,
        /// Statements that can be checked.
        proof_points: Vec<String>,
    }
    /// How the company wants to be seen.
    Positioning {
        /// The positioning statement.
        statement: Statement,
        /// Whom customers compare it with.
        competitors: Competitors,
        /// Messaging pillars.
        pillars: Vec<Pillar>,
    }
    /// "For ... who need ..., it is a ... that ... unlike ..."; part by part.
    Statement {
        /// For whom.
        r#for: String,
        /// What kind of thing it is.
        category: String,
        /// The main benefit.
        benefit: String,
        /// What it is contrasted with.
        unlike: String,
        /// What makes it different.
        differentiator: String,
    }
    /// Competitors by strength.
    Competitors {
        /// Those that matter most.
        strong: Vec<String>,
        /// The others.
        weak: Vec<String>,
    }
    /// A messaging pillar.
    Pillar {
        /// Its name.
        name: String,
        /// What it says.
        message: String,
        /// What it rests on.
        support: Vec<String>,
    }
    /// An ideal customer profile.
    Icp {
        /// Its id.
        id: String,
        /// Its name, often a persona's ("Sam Software").
        name: String,
        /// Job titles.
        titles: Vec<String>,
        /// Facts about their companies; values are text, numbers or lists.
        firmographics: serde_json::Map<String, serde_json::Value>,
        /// What troubles them.
        pains: Vec<String>,
        /// What they want.
        goals: Vec<String>,
        /// What holds them back.
        objections: Vec<String>,
        /// What makes them look for something.
        triggers: Vec<String>,
        /// Where they are: slugs or free text.
        channels: Vec<String>,
        /// 1 is the most important; 0 or missing counts as 3.
        priority: u32,
    }
    /// A channel of the foundation.
    FoundationChannel {
        /// Slug or free text.
        channel: String,
        /// How the business wants to use it.
        note: String,
        /// Most that one paid experiment may cost, in whole dollars.
        budget_usd_per_experiment: Option<i64>,
    }
    /// What the business wants to achieve.
    Goals {
        /// The objective.
        objective: String,
        /// What is counted.
        measures: Vec<String>,
    }
    /// How the business speaks.
    Voice {
        /// Traits ("direct", "humorous").
        traits: Vec<String>,
        /// What to do.
        r#do: Vec<String>,
        /// What to avoid.
        dont: Vec<String>,
    }
    /// What the business must not do or exceed.
    Constraints {
        /// Forbidden, in free text.
        forbidden: Vec<String>,
        /// What all paid channels may spend in a month.
        monthly_budget: Option<BudgetAmount>,
    }
}
