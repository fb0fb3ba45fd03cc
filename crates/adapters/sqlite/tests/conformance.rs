//! The conformance suite on SQLite.

#[cfg(test)]
mod support;

mod sqlite {
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
