//! The conformance suite on PostgreSQL.

#[cfg(test)]
mod support;

mod postgres {
    use super::support;
    use conformance::Stores;

    async fn shared() -> Stores {
        Stores::of(support::shared().await)
    }

    async fn fresh() -> Stores {
        Stores::of(support::fresh().await)
    }

    conformance::suite!(shared, fresh);
}
