use super::*;
use crate::dialect::support;
use diesel_async::{AsyncConnection, RunQueryDsl};
use futures_util::FutureExt;
use tokio::runtime::Builder;

const SOON: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(20);

fn pool_at(url: String, most: usize, wait: Duration) -> ConnPool {
    let open = move || {
        let url = url.clone();
        async move { Conn::establish(&url).await }.boxed()
    };
    ConnPool::new(most, wait, Box::new(open))
}

fn pool(most: usize, wait: Duration) -> ConnPool {
    pool_at(support::url("TEST_POSTGRES_APP_URL"), most, wait)
}

/// A thread of the server: a runtime of one thread.
fn thread() -> runtime::Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn home(held: &Held) -> runtime::Id {
    held.homed.as_ref().unwrap().home
}

async fn answers(held: &mut Held) -> bool {
    let asked = diesel::select(diesel::dsl::sql::<diesel::sql_types::Integer>("1"));
    matches!(asked.get_result::<i32>(&mut **held).await, Ok(1))
}

fn counts(pool: &ConnPool) -> [usize; 3] {
    let status = pool.status();
    [status.size, status.available, status.waiting]
}

#[tokio::test]
async fn there_are_no_more_than_so_many_and_who_waits_gets_what_comes_back() {
    let pool = pool(2, LONG);
    let (one, other) = (pool.get().await.unwrap(), pool.get().await.unwrap());
    assert_eq!(counts(&pool), [2, 0, 0]);
    let mut waiting = Box::pin(pool.get());
    assert!(waiting.as_mut().now_or_never().is_none());
    assert_eq!(counts(&pool), [2, 0, 1]);
    drop(one);
    assert!(answers(&mut waiting.await.unwrap()).await);
    drop(other);
    assert_eq!(counts(&pool), [2, 2, 0]);
}

#[tokio::test]
async fn who_waits_too_long_is_told_so_and_takes_nothing_along() {
    let pool = pool(1, SOON);
    let held = pool.get().await.unwrap();
    assert!(matches!(pool.get().await, Err(Fail::Pool(why)) if why.contains("50 ms")));
    let gone = Box::pin(pool.get()).now_or_never();
    assert!(gone.is_none());
    let mut next = Box::pin(pool.get());
    assert!(next.as_mut().now_or_never().is_none());
    assert_eq!(pool.0.kept().waiting.len(), 1, "those who gave up are forgotten");
    drop(held);
    assert!(answers(&mut next.await.unwrap()).await);
    assert_eq!(counts(&pool), [1, 1, 0]);
}

#[tokio::test]
async fn a_place_whose_connection_could_not_be_made_is_the_next_one_s() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let pool = pool_at(format!("postgres://rf_app@{nobody}/nowhere"), 1, LONG);
    let tried = futures_util::future::join_all((0..5).map(|_| pool.get())).await;
    assert!(tried.iter().all(|tried| matches!(tried, Err(Fail::Pool(_)))));
    assert_eq!(counts(&pool), [0, 0, 0]);
}

#[test]
fn each_thread_has_connections_of_its_own_and_another_s_where_there_is_none() {
    let (pool, here, there) = (pool(2, LONG), thread(), thread());
    let of = |thread: &runtime::Runtime| thread.block_on(async { home(&pool.get().await.unwrap()) });
    assert_eq!((of(&here), of(&there)), (here.handle().id(), there.handle().id()));
    assert_eq!((of(&here), of(&there)), (here.handle().id(), there.handle().id()), "each its own again");
    here.block_on(async {
        let (own, borrowed) = (pool.get().await.unwrap(), pool.get().await.unwrap());
        assert_eq!((home(&own), home(&borrowed)), (here.handle().id(), there.handle().id()));
    });
}

#[test]
fn what_comes_back_goes_to_its_own_thread_first_but_passes_nobody_over_for_ever() {
    let (pool, here, there) = (pool(1, LONG), thread(), thread());
    let held = here.block_on(pool.get()).unwrap();
    let enter = |thread: &runtime::Runtime| {
        let _entered = thread.enter();
        let mut get = Box::pin(pool.get());
        assert!(get.as_mut().now_or_never().is_none());
        get
    };
    let mut foreign = enter(&there);
    let mut own: Vec<_> = (0..PASSED_OVER + 2).map(|_| enter(&here)).collect();
    drop(held);
    let mut before = 0;
    let got = loop {
        if let Some(got) = foreign.as_mut().now_or_never() {
            break got;
        }
        let next = own.iter_mut().find_map(|get| get.as_mut().now_or_never());
        drop(own.remove(0));
        drop(next.unwrap().unwrap());
        before += 1;
    };
    assert_eq!((before, home(&got.unwrap())), (PASSED_OVER, here.handle().id()));
}

#[test]
fn a_connection_whose_thread_has_ended_is_replaced() {
    let (pool, here, there) = (pool(1, LONG), thread(), thread());
    drop(there.block_on(pool.get()).unwrap());
    drop(there);
    here.block_on(async {
        let mut held = pool.get().await.unwrap();
        assert!(home(&held) == here.handle().id() && answers(&mut held).await);
    });
    assert_eq!(counts(&pool), [1, 1, 0]);
}

#[tokio::test]
async fn who_reads_gets_the_connection_that_has_their_scope() {
    let pool = pool(3, LONG);
    let of = |user: u128| Settings { workspace: None, user: Some(uuid::Uuid::from_u128(user)) };
    let mut all = Vec::new();
    for user in 0..3 {
        let mut held = pool.get_for(of(user)).await.unwrap();
        assert_eq!(held.scope(), None, "nobody has set one yet");
        held.set_scope(Some(of(user)));
        all.push(held);
    }
    drop(all);
    for user in [0, 2, 1, 0] {
        assert_eq!(pool.get_for(of(user)).await.unwrap().scope(), Some(of(user)));
    }
    assert_ne!(pool.get_for(of(3)).await.unwrap().scope(), Some(of(3)), "one of the others");
    let others = pool.get().await.unwrap();
    assert_eq!(others.scope(), None, "who does more than read leaves nothing behind");
}
