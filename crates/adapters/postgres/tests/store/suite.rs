//! The conformance suite on PostgreSQL.

mod postgres {
    use crate::support;
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
            conformance::ledger::of_two_processes_none_overspends(shared().await, shared().await).await;
        });
    }

    conformance::suite!(shared, fresh);
    conformance::revocation_cases!(told);
}
