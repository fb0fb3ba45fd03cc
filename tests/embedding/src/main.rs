//! Embeds the campaign crate: no web server, no database, only the memory adapters.

use campaign::{
    NewCampaign, Origin, PlannedMove,
    ports::WorkspaceCalendar,
    services::{MoveService, PlanningService},
};
use kernel::{StoreError, TimeZone, WorkspaceScope, channels::ChannelSlug, testing};
use std::sync::Arc;

struct London;

#[async_trait::async_trait]
impl WorkspaceCalendar for London {
    async fn time_zone(&self, _: &WorkspaceScope) -> campaign::Result<TimeZone> {
        Ok(TimeZone::parse("Europe/London").expect("an IANA zone"))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> campaign::Result<()> {
    print!("{}", plan_and_start().await?);
    Ok(())
}

async fn plan_and_start() -> campaign::Result<String> {
    let (env, _clock) = testing::environment();
    let (scope, ctx) = testing::owner_of_new_workspace(&env);
    let store = Arc::new(memory::Store::default());
    let planning = PlanningService {
        uow: store.clone(),
        campaigns: store.clone(),
        calendar: Arc::new(London),
        env: env.clone(),
    };
    let moves = MoveService {
        uow: store.clone(),
        campaigns: store.clone(),
        moves: store.clone(),
        calendar: Arc::new(London),
        env: env.clone(),
    };
    let (starts_on, ends_on) = (kernel::Date::constant(2026, 3, 9), kernel::Date::constant(2026, 3, 20));
    let new = NewCampaign {
        name: "Launch".into(),
        goal: "Fifty trials".into(),
        channels: vec!["blog".into()],
        icp_ids: vec![],
        starts_on,
        ends_on,
        budget: None,
    };
    let draft = campaign::Campaign::try_new(new, env.id(), scope.workspace(), env.now())?;
    let id = draft.id;
    let plan = PlannedMove {
        title: "Tell the story".into(),
        channel: ChannelSlug::parse("content").expect("known"),
        stage: "awareness".into(),
        audience: "founders".into(),
        objective: "Be found".into(),
        brief: "Why we began".into(),
        tasks: vec!["Write".into()],
        draft: None,
        measure: "100 readers".into(),
        budget: None,
        due_on: starts_on,
    };
    planning.uow.run::<_, StoreError, _>(&scope, async |tx| tx.campaigns().insert(&draft).await).await?;
    planning.apply(&ctx, &scope, id, env.id(), (Origin::Person, vec![plan])).await?;
    let first = moves.list(&scope, Default::default(), &Default::default()).await?.items.remove(0);
    let started = moves.start(&ctx, &scope, first.id, None).await?;
    Ok(format!("“{}” is {}, due {}\n", started.title, started.status.name(), started.due_on))
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn a_program_plans_a_campaign_and_starts_a_move_without_web_or_sql() {
        let printed = super::plan_and_start().await.unwrap();
        assert_eq!(printed, "“Tell the story” is in_progress, due 2026-03-09\n");
    }
}
