//! An onboarded workspace with a campaign.

use crate::fixture::{Fixture, Home, expect};
use bcm::StepKey;
use kernel::{CampaignId, IcpId};
use serde_json::{Value, json};

pub(crate) const NOW: &str = "2026-03-02T09:00:00Z";

/// Answers the onboarding through its use cases and answers the ids of the profiles.
pub(crate) async fn onboard(fixture: &Fixture, home: &Home) -> Vec<IcpId> {
    let answers = [
        (StepKey::Company, json!({"name": "Acme", "industry": "software"})),
        (
            StepKey::Offer,
            json!({"summary": "Analytics for small teams", "value_proposition": "Answers without a data team"}),
        ),
        (
            StepKey::Audience,
            json!([{"name": "Founders", "pains": ["nobody reads the dashboards"], "channels": ["LinkedIn"]}]),
        ),
    ];
    let (ctx, scope, services) = (&home.ctx, &home.scope, &fixture.services);
    let session = services.onboarding.start(ctx, scope).await.unwrap().session.id;
    for (step, answers) in answers {
        services.onboarding.save_answers(ctx, scope, session, step, &answers, None).await.unwrap();
        services.onboarding.complete(ctx, scope, session, step, None).await.unwrap();
    }
    let finalised = services.finalise.finalise(ctx, scope, session).await.unwrap();
    fixture.work().await;
    finalised.icps.iter().map(|icp| icp.id).collect()
}

pub(crate) const CHANNELS: [&str; 4] = ["linkedin", "newsletter", "twitter", "reddit"];

/// What a person sends to make a campaign of four weeks.
pub(crate) fn four_weeks_from(starts_on: &str) -> Value {
    let ends_on = starts_on.parse::<kernel::Date>().unwrap().checked_add(FOUR_WEEKS).unwrap();
    json!({
        "name": "Spring", "goal": "More trials of the product", "channels": CHANNELS, "starts_on": starts_on,
        "ends_on": ends_on,
    })
}

const FOUR_WEEKS: std::time::Duration = std::time::Duration::from_secs(27 * 24 * 60 * 60);

/// Makes a campaign over HTTP.
pub(crate) async fn campaign(fixture: &Fixture, home: &Home, starts_on: &str) -> CampaignId {
    let response = fixture.post(home, "/api/v1/campaigns/create", &four_weeks_from(starts_on)).await;
    expect(response, 201).await["id"].as_str().unwrap().parse().unwrap()
}

/// A campaign that has been executed to its end.
pub(crate) async fn executed(fixture: &Fixture, home: &Home, starts_on: &str) -> CampaignId {
    onboard(fixture, home).await;
    let id = campaign(fixture, home, starts_on).await;
    let response = fixture.post(home, &format!("/api/v1/campaigns/execute/{id}"), &json!({})).await;
    expect(response, 202).await;
    fixture.work().await;
    id
}

/// The items of a list's first page.
pub(crate) async fn items(fixture: &Fixture, home: &Home, path: &str) -> Vec<Value> {
    expect(fixture.get(home, path).await, 200).await["items"].as_array().unwrap().clone()
}

pub(crate) async fn moves_of(fixture: &Fixture, home: &Home, campaign: CampaignId) -> Vec<Value> {
    items(fixture, home, &format!("/api/v1/campaigns/{campaign}/moves?limit=100")).await
}

pub(crate) async fn status_of(fixture: &Fixture, home: &Home, campaign: CampaignId) -> Value {
    expect(fixture.get(home, &format!("/api/v1/campaigns/{campaign}")).await, 200).await["status"].take()
}
