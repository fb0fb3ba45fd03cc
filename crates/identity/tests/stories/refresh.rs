//! Staying: the chain of refresh tokens.

use crate::world::{World, text_of};
use identity::{EndReason, IdentityError, services::TokenPair};
use kernel::TokenState;
use proptest::prelude::*;
use secrecy::ExposeSecret;

async fn refresh(world: &World, token: &str) -> Result<TokenPair, IdentityError> {
    world.sessions.refresh(&world.call(), token).await
}

async fn refused(world: &World, token: &str) -> bool {
    matches!(refresh(world, token).await, Err(IdentityError::RefreshRefused))
}

#[tokio::test]
async fn a_refresh_gives_the_next_pair_and_moves_no_end() {
    let world = World::new();
    let first = world.logged_in().await;
    let before = world.session_of(&first).await;
    world.advance(60);
    let second = refresh(&world, &text_of(&first)).await.unwrap();
    assert_ne!(text_of(&second), text_of(&first));
    assert!(world.sessions.authenticate(second.access.token.expose_secret()).await.is_ok());
    let session = world.session_of(&second).await;
    assert_eq!((session.last_seen_at, session.expires_at), (world.env.now(), before.expires_at));
    let parent = world.store.refresh_token(&text_of(&first)).await.token;
    let child = world.store.refresh_token(&text_of(&second)).await.token;
    assert_eq!((child.parent, child.expires_at), (Some(parent.id), before.expires_at));
}

#[tokio::test]
async fn within_ten_seconds_the_same_token_gets_the_same_successor() {
    let world = World::new();
    let first = text_of(&world.logged_in().await);
    let second = text_of(&refresh(&world, &first).await.unwrap());
    world.advance(10);
    assert_eq!(text_of(&refresh(&world, &first).await.unwrap()), second);
    assert_eq!(world.store.refresh_token(&second).await.successor, None);
    assert!(refresh(&world, &second).await.is_ok());
}

#[tokio::test]
async fn the_parent_of_a_used_successor_is_refused_and_nobody_thrown_out() {
    let world = World::new();
    let first = text_of(&world.logged_in().await);
    let second = text_of(&refresh(&world, &first).await.unwrap());
    let third = text_of(&refresh(&world, &second).await.unwrap());
    assert!(refused(&world, &first).await);
    assert!(refresh(&world, &third).await.is_ok());
}

#[tokio::test]
async fn a_token_used_again_later_ends_its_family_and_leaves_a_trace() {
    let world = World::new();
    let tokens = world.logged_in().await;
    let first = text_of(&tokens);
    let second = text_of(&refresh(&world, &first).await.unwrap());
    world.advance(11);
    assert!(refused(&world, &first).await);
    assert!(refused(&world, &second).await);
    assert!(refused(&world, &first).await);
    let access = world.sessions.authenticate(tokens.access.token.expose_secret()).await;
    assert_eq!(access, Err(IdentityError::Unauthenticated));
    assert_eq!(world.session_of(&tokens).await.end_reason, Some(EndReason::TokenReused));
    assert_eq!(world.event_types().await[3..], ["session.token_reused", "session.ended"], "told once");
}

#[tokio::test]
async fn after_thirty_days_it_is_over_however_busy_the_session_was() {
    let world = World::new();
    let mut token = text_of(&world.logged_in().await);
    for _ in 0..29 {
        world.advance(24 * 60 * 60);
        token = text_of(&refresh(&world, &token).await.unwrap());
    }
    world.advance(24 * 60 * 60);
    assert!(refused(&world, &token).await);
}

#[tokio::test]
async fn rubbish_is_refused() {
    let world = World::new();
    world.logged_in().await;
    for token in ["", "rfr_", &format!("rfr_{}", "A".repeat(43)), &world.mailed_token()] {
        assert!(refused(&world, token).await, "{token}");
    }
}

#[tokio::test]
async fn fifty_parallel_refreshes_get_one_successor() {
    let world = std::sync::Arc::new(World::new());
    let token = text_of(&world.logged_in().await);
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let (world, token) = (world.clone(), token.clone());
            tokio::spawn(async move { text_of(&refresh(&world, &token).await.unwrap()) })
        })
        .collect();
    let mut successors = std::collections::BTreeSet::new();
    for call in calls {
        successors.insert(call.await.unwrap());
    }
    assert_eq!(successors.len(), 1);
}

/// The tokens that were ever handed out, oldest first, are all there are: each one's successor is the next, and only
/// the newest is open.
async fn assert_one_chain(world: &World, handed_out: &[String]) -> Result<(), TestCaseError> {
    for (index, text) in handed_out.iter().enumerate() {
        let found = world.store.refresh_token(text).await;
        let is_open = found.token.state(world.env.now()) == TokenState::Open;
        prop_assert_eq!(is_open, index + 1 == handed_out.len(), "token {} of {}", index, handed_out.len());
        let next = match handed_out.get(index + 1) {
            Some(next) => Some(world.store.refresh_token(next).await.token),
            None => None,
        };
        prop_assert_eq!(found.successor, next);
    }
    Ok(())
}

#[derive(Debug, Clone)]
enum Step {
    /// Shows a token that was ever handed out, counted from the newest.
    Show(usize),
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0_usize..6).prop_map(Step::Show),
        2 => Just(Step::Show(0)),
        2 => (0_u64..15).prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Thieves and owners together: whatever they show, there is one chain, and a theft ends it for all.
    #[test]
    fn whoever_shows_what_and_when_there_is_one_chain(steps in steps()) {
        World::tell(async {
            let world = World::new();
            let tokens = world.logged_in().await;
            let mut handed_out = vec![text_of(&tokens)];
            for step in steps {
                match step {
                    Step::Wait(seconds) => world.advance(seconds),
                    Step::Show(age) => {
                        let token = handed_out[handed_out.len() - 1 - age % handed_out.len()].clone();
                        let was_live = world.session_of(&tokens).await.is_live(world.env.now());
                        match refresh(&world, &token).await {
                            Ok(pair) => {
                                prop_assert!(was_live, "an ended family gives nothing");
                                let next = text_of(&pair);
                                if !handed_out.contains(&next) {
                                    prop_assert_eq!(handed_out.last(), Some(&token), "only the newest moves on");
                                    handed_out.push(next);
                                }
                            }
                            Err(error) => prop_assert_eq!(error, IdentityError::RefreshRefused),
                        }
                    }
                }
                assert_one_chain(&world, &handed_out).await?;
            }
            let told = world.event_types().await;
            let thefts = told.iter().filter(|told| *told == "session.token_reused").count();
            let has_ended = world.session_of(&tokens).await.ended_at.is_some();
            prop_assert_eq!(thefts, usize::from(has_ended), "told once");
            Ok(())
        })?;
    }

    /// A client with several tabs and a bad line: each round it shows its token a few times within ten seconds, keeps
    /// whatever answer arrives, and is never thrown out.
    #[test]
    fn a_client_that_behaves_is_never_thrown_out(
        rounds in proptest::collection::vec((proptest::collection::vec(0_u64..=3, 0..=3), 0_u64..100_000), 1..20)
    ) {
        World::tell(async {
            let world = World::new();
            let tokens = world.logged_in().await;
            let mut handed_out = vec![text_of(&tokens)];
            for (repeats, pause) in rounds {
                let token = handed_out.last().unwrap().clone();
                let successor = text_of(&refresh(&world, &token).await.unwrap());
                for wait in repeats {
                    world.advance(wait);
                    let again = refresh(&world, &token).await;
                    prop_assert_eq!(again.map(|pair| text_of(&pair)), Ok(successor.clone()));
                }
                handed_out.push(successor);
                world.advance(pause);
                assert_one_chain(&world, &handed_out).await?;
            }
            prop_assert!(world.session_of(&tokens).await.ended_at.is_none());
            Ok(())
        })?;
    }
}
