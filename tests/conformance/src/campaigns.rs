//! Campaigns, moves and daily wins.

use crate::{Stores, Tenant};
use async_trait::async_trait;
use campaign::{
    Campaign, CampaignInput, CampaignStatus, DailyWin, Error, Move, MoveStatus, NewCampaign, Origin,
    PlannedMove, WinInput, WinKind, WinStatus,
    ports::{MoveFilter, WorkspaceCalendar},
    services::MoveService,
};
use futures_util::future::join_all;
use kernel::{
    Currency, Date, Limit, Money, PageRequest, StoreError, TimeZone, WorkspaceScope, channels::ChannelSlug,
};
use std::sync::Arc;

#[macro_export]
macro_rules! campaign_cases {
    ($open:path) => {
        $crate::cases!(campaigns, $open;
            a_campaign_comes_back_as_it_went_in,
            a_stale_campaign_is_not_saved,
            campaigns_come_in_pages_newest_first,
            another_tenants_rows_are_like_unknown_ones,
            a_move_needs_a_campaign_of_its_own_tenant,
            moves_come_by_due_day_and_filtered,
            the_agenda_leaves_out_what_does_not_matter,
            only_untouched_moves_make_way_for_a_new_plan,
            a_move_with_a_decided_win_stays_with_it,
            parallel_starts_of_different_moves_all_succeed,
            parallel_starts_of_one_move_begin_it_once,
            a_day_has_one_win_of_each_source,
            days_with_a_done_win_come_newest_first,
            open_wins_of_a_move_are_those_of_the_day,
        );
    };
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub fn draft(stores: &Stores, tenant: &Tenant, name: &str) -> Campaign {
    let new = NewCampaign {
        name: name.into(),
        goal: "More trials — “ünïcode” too".into(),
        channels: vec!["twitter".into(), "linkedin_ads".into()],
        icp_ids: vec![stores.env.id()],
        starts_on: day("2026-03-02"),
        ends_on: day("2026-03-29"),
        budget: Some(Money { amount: 100_000, currency: Currency::Usd }),
    };
    Campaign::try_new(new, stores.env.id(), tenant.scope.workspace(), stores.env.now()).unwrap()
}

pub fn planned(stores: &Stores, campaign: &Campaign, due_on: &str) -> Move {
    let plan = PlannedMove {
        title: format!("due {due_on}"),
        channel: ChannelSlug::parse("twitter").unwrap(),
        stage: "awareness".into(),
        audience: "developers".into(),
        objective: "objective".into(),
        brief: "brief".into(),
        tasks: vec!["one".into(), "two".into()],
        draft: Some("draft".into()),
        measure: "clicks".into(),
        budget: Some(Money { amount: 5_000, currency: Currency::Usd }),
        due_on: day(due_on),
    };
    plan.into_move(stores.env.id(), campaign.workspace_id, campaign.id, Origin::Baseline, stores.env.now())
}

pub async fn store(stores: &Stores, tenant: &Tenant, campaign: &Campaign, moves: &[Move]) {
    let stored: Result<(), StoreError> = stores
        .campaign
        .run(&tenant.scope, async |tx| {
            tx.campaigns().insert(campaign).await?;
            for m in moves {
                tx.moves().insert(m).await?;
            }
            Ok(())
        })
        .await;
    stored.unwrap();
}

pub async fn a_campaign_comes_back_as_it_went_in(stores: Stores) {
    let mine = stores.tenant();
    let mut campaign = draft(&stores, &mine, "whole");
    store(&stores, &mine, &campaign, &[]).await;
    assert_eq!(stores.campaigns.find(&mine.scope, campaign.id).await.unwrap().as_ref(), Some(&campaign));
    campaign.advance(CampaignInput::Plan, stores.env.now()).unwrap();
    campaign.budget = None;
    campaign.planned_by = Some(stores.env.id());
    let saved: Result<_, StoreError> =
        stores.campaign.run(&mine.scope, async |tx| tx.campaigns().save(&campaign, 1).await).await;
    saved.unwrap();
    assert_eq!(stores.campaigns.find(&mine.scope, campaign.id).await.unwrap(), Some(campaign));
}

pub async fn a_stale_campaign_is_not_saved(stores: Stores) {
    let mine = stores.tenant();
    let mut campaign = draft(&stores, &mine, "stale");
    store(&stores, &mine, &campaign, &[]).await;
    campaign.name = "changed".into();
    campaign.version = 8;
    let saved: Result<(), StoreError> =
        stores.campaign.run(&mine.scope, async |tx| tx.campaigns().save(&campaign, 7).await).await;
    assert_eq!(saved, Err(StoreError::Stale));
    assert_eq!(stores.campaigns.find(&mine.scope, campaign.id).await.unwrap().unwrap().name, "stale");
}

pub async fn campaigns_come_in_pages_newest_first(stores: Stores) {
    let mine = stores.tenant();
    let mut expected = Vec::new();
    for index in 0..5 {
        stores.clock.advance(std::time::Duration::from_millis(2));
        let campaign = draft(&stores, &mine, &format!("c{index}"));
        store(&stores, &mine, &campaign, &[]).await;
        expected.insert(0, campaign.id);
    }
    let (mut seen, mut request) = (Vec::new(), PageRequest { limit: Limit::new(2).unwrap(), after: None });
    loop {
        let page = stores.campaigns.page(&mine.scope, &request).await.unwrap();
        seen.extend(page.items.iter().map(|c| c.id));
        let Some(next) = page.next else { break };
        request.after = Some(next);
    }
    assert_eq!(seen, expected);
}

pub async fn another_tenants_rows_are_like_unknown_ones(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    let campaign = draft(&stores, &theirs, "theirs");
    let m = planned(&stores, &campaign, "2026-03-03");
    store(&stores, &theirs, &campaign, std::slice::from_ref(&m)).await;
    assert_eq!(stores.campaigns.find(&mine.scope, campaign.id).await.unwrap(), None);
    assert_eq!(stores.moves.find(&mine.scope, m.id).await.unwrap(), None);
    assert!(stores.campaigns.page(&mine.scope, &PageRequest::default()).await.unwrap().items.is_empty());
    assert!(stores.moves.agenda(&mine.scope, day("2026-12-31")).await.unwrap().is_empty());
    let seen: Result<_, StoreError> =
        stores.campaign.run(&mine.scope, async |tx| tx.campaigns().find(campaign.id).await).await;
    assert_eq!(seen.unwrap(), None);
    let saved: Result<(), StoreError> =
        stores.campaign.run(&mine.scope, async |tx| tx.moves().save(&m, 1).await).await;
    assert_eq!(saved, Err(StoreError::Stale));
}

pub async fn a_move_needs_a_campaign_of_its_own_tenant(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    let foreign = draft(&stores, &theirs, "foreign");
    store(&stores, &theirs, &foreign, &[]).await;
    let mut smuggled = planned(&stores, &foreign, "2026-03-03");
    smuggled.workspace_id = mine.scope.workspace();
    let inserted: Result<(), StoreError> =
        stores.campaign.run(&mine.scope, async |tx| tx.moves().insert(&smuggled).await).await;
    assert!(matches!(inserted, Err(StoreError::Dangling(_))), "{inserted:?}");
}

pub async fn moves_come_by_due_day_and_filtered(stores: Stores) {
    let mine = stores.tenant();
    let (one, two) = (draft(&stores, &mine, "one"), draft(&stores, &mine, "two"));
    let days = ["2026-03-05", "2026-03-03", "2026-03-05", "2026-03-04"];
    let moves: Vec<Move> = days.iter().map(|due| planned(&stores, &one, due)).collect();
    store(&stores, &mine, &one, &moves).await;
    store(&stores, &mine, &two, &[planned(&stores, &two, "2026-03-01")]).await;
    let filter = MoveFilter { campaign: Some(one.id), status: Some(MoveStatus::Planned) };
    let (mut seen, mut request) = (Vec::new(), PageRequest { limit: Limit::new(3).unwrap(), after: None });
    loop {
        let page = stores.moves.page(&mine.scope, filter, &request).await.unwrap();
        seen.extend(page.items);
        let Some(next) = page.next else { break };
        request.after = Some(next);
    }
    let mut expected = moves;
    expected.sort_by_key(|m| (m.due_on, m.id));
    assert_eq!(seen, expected);
    let done = MoveFilter { status: Some(MoveStatus::Done), ..MoveFilter::default() };
    assert!(stores.moves.page(&mine.scope, done, &PageRequest::default()).await.unwrap().items.is_empty());
}

pub async fn the_agenda_leaves_out_what_does_not_matter(stores: Stores) {
    let mine = stores.tenant();
    let mut live = draft(&stores, &mine, "live");
    live.advance(CampaignInput::Plan, stores.env.now()).unwrap();
    let idle = draft(&stores, &mine, "still a draft");
    let due = planned(&stores, &live, "2026-03-04");
    let far = planned(&stores, &live, "2026-03-20");
    let begun = Move { status: MoveStatus::InProgress, ..planned(&stores, &live, "2026-03-25") };
    let done = Move { status: MoveStatus::Done, ..planned(&stores, &live, "2026-03-02") };
    let alone = Move { campaign_id: None, ..planned(&stores, &live, "2026-03-05") };
    store(&stores, &mine, &live, &[due.clone(), far, begun.clone(), done, alone.clone()]).await;
    store(&stores, &mine, &idle, &[planned(&stores, &idle, "2026-03-03")]).await;
    assert_eq!(stores.moves.agenda(&mine.scope, day("2026-03-10")).await.unwrap(), [due, alone, begun]);
}

pub async fn only_untouched_moves_make_way_for_a_new_plan(stores: Stores) {
    let mine = stores.tenant();
    let campaign = draft(&stores, &mine, "again");
    let fresh = planned(&stores, &campaign, "2026-03-04");
    let touched = Move { version: 2, ..planned(&stores, &campaign, "2026-03-05") };
    let done = Move { status: MoveStatus::Done, ..planned(&stores, &campaign, "2026-03-06") };
    store(&stores, &mine, &campaign, &[fresh, touched.clone(), done.clone()]).await;
    let removed: Result<u32, StoreError> =
        stores.campaign.run(&mine.scope, async |tx| tx.moves().remove_untouched(campaign.id).await).await;
    assert_eq!(removed.unwrap(), 1);
    let left = stores.moves.page(&mine.scope, MoveFilter::default(), &PageRequest::default()).await.unwrap();
    assert_eq!(left.items, [touched, done]);
}

pub fn win(stores: &Stores, tenant: &Tenant, date: &str, source: &str) -> DailyWin {
    DailyWin {
        id: stores.env.id(),
        workspace_id: tenant.scope.workspace(),
        date: day(date),
        kind: WinKind::DueToday,
        source: source.into(),
        text: "do it".into(),
        move_id: None,
        status: WinStatus::Open,
        version: 1,
        created_at: stores.env.now(),
        updated_at: stores.env.now(),
    }
}

pub async fn store_win(stores: &Stores, tenant: &Tenant, win: &DailyWin) -> bool {
    let stored: Result<bool, StoreError> =
        stores.campaign.run(&tenant.scope, async |tx| tx.daily_wins().insert_missing(win).await).await;
    stored.unwrap()
}

pub async fn a_day_has_one_win_of_each_source(stores: Stores) {
    let mine = stores.tenant();
    let first = win(&stores, &mine, "2026-03-02", "a");
    assert!(store_win(&stores, &mine, &first).await);
    assert!(!store_win(&stores, &mine, &win(&stores, &mine, "2026-03-02", "a")).await);
    assert!(store_win(&stores, &mine, &win(&stores, &mine, "2026-03-03", "a")).await);
    assert_eq!(stores.daily_wins.list_on(&mine.scope, day("2026-03-02")).await.unwrap(), [first]);
}

pub async fn days_with_a_done_win_come_newest_first(stores: Stores) {
    let mine = stores.tenant();
    for (date, source) in [("2026-03-01", "a"), ("2026-03-02", "a"), ("2026-03-02", "b"), ("2026-03-04", "a")]
    {
        let mut win = win(&stores, &mine, date, source);
        win.decide(WinInput::Complete, stores.env.now()).unwrap();
        store_win(&stores, &mine, &win).await;
    }
    store_win(&stores, &mine, &win(&stores, &mine, "2026-03-03", "a")).await;
    let days = stores.daily_wins.done_days(&mine.scope, day("2026-03-03")).await.unwrap();
    assert_eq!(days, [day("2026-03-02"), day("2026-03-01")]);
}

pub async fn a_move_with_a_decided_win_stays_with_it(stores: Stores) {
    let mine = stores.tenant();
    let campaign = draft(&stores, &mine, "won");
    let moves = [3, 4, 5, 6].map(|n| planned(&stores, &campaign, &format!("2026-03-0{n}")));
    store(&stores, &mine, &campaign, &moves).await;
    let [undecided, done, dismissed] = [0, 1, 2].map(|n: usize| DailyWin {
        move_id: Some(moves[n].id),
        ..win(&stores, &mine, "2026-03-02", &moves[n].id.to_string())
    });
    let done = DailyWin { status: WinStatus::Done, version: 2, ..done };
    let dismissed = DailyWin { status: WinStatus::Dismissed, version: 2, ..dismissed };
    for win in [&undecided, &done, &dismissed] {
        assert!(store_win(&stores, &mine, win).await);
    }
    let removed: Result<u32, StoreError> =
        stores.campaign.run(&mine.scope, async |tx| tx.moves().remove_untouched(campaign.id).await).await;
    assert_eq!(removed.unwrap(), 2);
    let left = stores.moves.page(&mine.scope, MoveFilter::default(), &PageRequest::default()).await.unwrap();
    assert_eq!(left.items, moves[1..3]);
    let mut decided = [done, dismissed];
    decided.sort_by_key(|win| win.id);
    assert_eq!(stores.daily_wins.list_on(&mine.scope, day("2026-03-02")).await.unwrap(), decided);
    let days = stores.daily_wins.done_days(&mine.scope, day("2026-03-03")).await.unwrap();
    assert_eq!(days, [day("2026-03-02")], "the streak stays");
}

async fn planned_campaign(stores: &Stores, tenant: &Tenant, count: usize) -> (Campaign, Vec<Move>) {
    let mut campaign = draft(stores, tenant, "in parallel");
    campaign.advance(CampaignInput::Plan, stores.env.now()).unwrap();
    let moves: Vec<Move> = (0..count).map(|_| planned(stores, &campaign, "2026-03-04")).collect();
    store(stores, tenant, &campaign, &moves).await;
    (campaign, moves)
}

struct Utc;

#[async_trait]
impl WorkspaceCalendar for Utc {
    async fn time_zone(&self, _: &WorkspaceScope) -> campaign::Result<TimeZone> {
        Ok(TimeZone::utc())
    }
}

async fn start_all(stores: &Stores, tenant: &Tenant, moves: &[Move]) -> Vec<Result<Move, Error>> {
    let service = MoveService {
        uow: stores.campaign.clone(),
        campaigns: stores.campaigns.clone(),
        moves: stores.moves.clone(),
        calendar: Arc::new(Utc),
        env: stores.env.clone(),
    };
    join_all(moves.iter().map(|m| service.start(&tenant.ctx, &tenant.scope, m.id, None))).await
}

pub async fn parallel_starts_of_different_moves_all_succeed(stores: Stores) {
    let mine = stores.tenant();
    for _ in 0..4 {
        let (campaign, moves) = planned_campaign(&stores, &mine, 8).await;
        for started in start_all(&stores, &mine, &moves).await {
            assert_eq!(started.unwrap().status, MoveStatus::InProgress);
        }
        let after = stores.campaigns.find(&mine.scope, campaign.id).await.unwrap().unwrap();
        assert_eq!((after.status, after.version), (CampaignStatus::Active, campaign.version + 1));
    }
}

pub async fn parallel_starts_of_one_move_begin_it_once(stores: Stores) {
    let mine = stores.tenant();
    let (_, moves) = planned_campaign(&stores, &mine, 1).await;
    let answers = start_all(&stores, &mine, &vec![moves[0].clone(); 6]).await;
    let refused = answers.iter().filter(|answer| matches!(answer, Err(Error::MoveState("in_progress"))));
    assert_eq!(refused.count(), 5, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
}

pub async fn open_wins_of_a_move_are_those_of_the_day(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    let campaign = draft(&stores, &mine, "of the day");
    let [m, other] = ["2026-03-02", "2026-03-03"].map(|due| planned(&stores, &campaign, due));
    store(&stores, &mine, &campaign, &[m.clone(), other.clone()]).await;
    let of = |m: &Move, date, source| DailyWin { move_id: Some(m.id), ..win(&stores, &mine, date, source) };
    let open = of(&m, "2026-03-02", "open");
    let decided = DailyWin { status: WinStatus::Dismissed, ..of(&m, "2026-03-02", "decided") };
    let (earlier, foreign) = (of(&m, "2026-03-01", "open"), of(&other, "2026-03-02", "other"));
    for win in [&open, &decided, &earlier, &foreign] {
        assert!(store_win(&stores, &mine, win).await);
    }
    for (tenant, expected) in [(&mine, vec![open]), (&theirs, vec![])] {
        let date = day("2026-03-02");
        let found: Result<Vec<DailyWin>, StoreError> = stores
            .campaign
            .run(&tenant.scope, async |tx| tx.daily_wins().list_open_of(m.id, date).await)
            .await;
        assert_eq!(found.unwrap(), expected);
    }
}
