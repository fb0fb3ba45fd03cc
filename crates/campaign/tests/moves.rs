//! Moves are carried out while their campaign lives.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

use async_trait::async_trait;
use campaign::ports::{CampaignUow, DailyWinReader, WorkspaceCalendar};
use campaign::services::MoveService;
use campaign::{
    Campaign, CampaignStatus, Error, Move, MoveResult, MoveStatus, NewCampaign, Origin, PlannedMove,
    WinStatus,
};
use kernel::testing::{environment, owner_of_new_workspace};
use kernel::{
    CallContext, Date, Environment, EventReader, Failure, TimeZone, WorkspaceScope, channels::ChannelSlug,
};
use memory::Store;
use std::sync::Arc;

/// Eleven hours behind: at the environment's nine in the morning it is the day before here.
struct PagoPago;

#[async_trait]
impl WorkspaceCalendar for PagoPago {
    async fn time_zone(&self, _: &WorkspaceScope) -> campaign::Result<TimeZone> {
        Ok(TimeZone::parse("Pacific/Pago_Pago").unwrap())
    }
}

struct World {
    store: Arc<Store>,
    env: Environment,
    scope: WorkspaceScope,
    ctx: CallContext,
    moves: MoveService,
}

fn world() -> World {
    let (store, (env, _)) = (Arc::new(Store::default()), environment());
    let (scope, ctx) = owner_of_new_workspace(&env);
    let moves = MoveService {
        uow: store.clone(),
        campaigns: store.clone(),
        moves: store.clone(),
        calendar: Arc::new(PagoPago),
        env: env.clone(),
    };
    World { store, env, scope, ctx, moves }
}

const NOTHING: MoveResult = MoveResult { summary: None, value: None };

impl World {
    /// A move of a campaign in this status.
    async fn move_of(&self, status: CampaignStatus) -> Move {
        let new = NewCampaign {
            name: "Spring".into(),
            goal: "More trials".into(),
            channels: vec![],
            icp_ids: vec![],
            starts_on: "2026-03-02".parse().unwrap(),
            ends_on: "2026-03-29".parse().unwrap(),
            budget: None,
        };
        let (id, workspace, now) = (self.env.id(), self.scope.workspace(), self.env.now());
        let campaign = Campaign { status, ..Campaign::try_new(new, id, workspace, now).unwrap() };
        let plan = PlannedMove {
            title: "Tell the story".into(),
            channel: ChannelSlug::parse("twitter").unwrap(),
            stage: "awareness".into(),
            audience: "founders".into(),
            objective: "Be found".into(),
            brief: "Why we began".into(),
            tasks: vec![],
            draft: None,
            measure: "100 readers".into(),
            budget: None,
            due_on: "2026-03-02".parse().unwrap(),
        };
        let made = plan.into_move(self.env.id(), workspace, campaign.id, Origin::Person, now);
        let uow: Arc<CampaignUow> = self.store.clone();
        let stored = uow.run(&self.scope, async |tx| {
            tx.campaigns().insert(&campaign).await?;
            tx.moves().insert(&made).await?;
            Ok::<_, Error>(made)
        });
        stored.await.unwrap()
    }

    /// What a day's look at the wins would have chosen.
    async fn choose_wins(&self, date: Date, m: &Move) {
        let wins = campaign::choose_wins(&self.env, self.scope.workspace(), date, std::slice::from_ref(m));
        let uow: Arc<CampaignUow> = self.store.clone();
        let stored = uow.run(&self.scope, async |tx| {
            for win in wins {
                assert!(tx.daily_wins().insert_missing(&win).await?);
            }
            Ok::<_, Error>(())
        });
        stored.await.unwrap();
    }

    async fn wins_on(&self, date: Date) -> Vec<WinStatus> {
        let wins = self.store.list_on(&self.scope, date).await.unwrap();
        wins.into_iter().map(|win| win.status).collect()
    }

    async fn told(&self) -> Vec<String> {
        let events = self.store.list_after(&self.scope, 0, 100).await.unwrap();
        events.into_iter().map(|event| event.event_type).collect()
    }
}

#[tokio::test]
async fn a_move_of_a_campaign_that_is_over_can_only_be_skipped() {
    for over in [CampaignStatus::Completed, CampaignStatus::Cancelled, CampaignStatus::Archived] {
        let w = world();
        let m = w.move_of(over).await;
        let (service, ctx, scope) = (&w.moves, &w.ctx, &w.scope);
        let refused = [
            service.start(ctx, scope, m.id, None).await,
            service.complete(ctx, scope, m.id, Some(m.version), NOTHING).await,
        ];
        for answer in refused {
            let error = answer.unwrap_err();
            assert!(matches!(error, Error::CampaignState(status) if status == over.name()), "{error:?}");
            assert_eq!(error.code().name, "campaign_state");
        }
        assert_eq!(service.get(scope, m.id).await.unwrap(), m, "what is refused changes nothing");
        let reason = MoveResult::reason("too late").unwrap();
        let skipped = service.skip(ctx, scope, m.id, None, reason).await.unwrap();
        assert_eq!(skipped.status, MoveStatus::Skipped);
        assert_eq!(w.told().await, ["move.skipped"]);
    }
}

#[tokio::test]
async fn a_move_of_a_campaign_that_lives_is_started_and_completed() {
    for living in [CampaignStatus::Planned, CampaignStatus::Active, CampaignStatus::Paused] {
        let w = world();
        let m = w.move_of(living).await;
        assert!(w.moves.start(&w.ctx, &w.scope, m.id, None).await.is_ok(), "{living:?}");
        let done = w.moves.complete(&w.ctx, &w.scope, m.id, None, NOTHING).await.unwrap();
        assert_eq!(done.status, MoveStatus::Done);
    }
}

#[tokio::test]
async fn a_completed_move_takes_its_open_win_of_the_day_along() {
    let w = world();
    let (m, other) = (w.move_of(CampaignStatus::Active).await, w.move_of(CampaignStatus::Active).await);
    let today = w.env.now().date_in(&TimeZone::parse("Pacific/Pago_Pago").unwrap());
    let yesterday = today.yesterday().unwrap();
    for (date, m) in [(yesterday, &m), (today, &m), (today, &other)] {
        w.choose_wins(date, m).await;
    }
    w.moves.start(&w.ctx, &w.scope, m.id, None).await.unwrap();
    w.moves.complete(&w.ctx, &w.scope, m.id, None, NOTHING).await.unwrap();
    assert_eq!(w.wins_on(yesterday).await, [WinStatus::Open], "no day is won afterwards");
    let mut on_the_day = w.wins_on(today).await;
    on_the_day.sort_by_key(|status| status.name());
    assert_eq!(on_the_day, [WinStatus::Done, WinStatus::Open], "only that move's win");
    assert_eq!(w.told().await, ["move.started", "move.completed", "daily_win.completed"]);
    let reason = MoveResult::reason("not now").unwrap();
    w.moves.skip(&w.ctx, &w.scope, other.id, None, reason).await.unwrap();
    assert!(w.wins_on(today).await.contains(&WinStatus::Open), "a skip wins nothing");
}
