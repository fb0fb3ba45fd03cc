//! The conformance suite on PostgreSQL.

#[cfg(test)]
mod support;

mod postgres {
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

    conformance::suite!(shared, fresh);
    conformance::revocation_cases!(told);
}
