//! The conformance suite on SQLite.

#[cfg(test)]
mod support;

mod sqlite {
    use super::support;
    use conformance::{Stores, revocations::Heard};
    use std::sync::Arc;

    async fn shared() -> Stores {
        Stores::of(support::shared().await)
    }

    async fn fresh() -> Stores {
        Stores::of(support::fresh().await)
    }

    async fn told(heard: Arc<Heard>) -> Stores {
        Stores::of(support::shared().await.with_revocations(heard))
    }

    #[test]
    fn of_two_processes_none_overspends() {
        conformance::block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let (one, other) = (support::open_at(folder.path()).await, support::open_at(folder.path()).await);
            conformance::ledger::of_two_processes_none_overspends(Stores::of(one), Stores::of(other)).await;
        });
    }

    conformance::suite!(shared, fresh);
    conformance::revocation_cases!(told);
}
