//! The conformance suite on the memory model.

mod memory {
    use conformance::{Stores, revocations::Heard};
    use std::sync::Arc;

    async fn open() -> Stores {
        Stores::of(::memory::Store::default())
    }

    async fn told(heard: Arc<Heard>) -> Stores {
        Stores::of(::memory::Store::default().with_revocations(heard))
    }

    conformance::suite!(open, open);
    conformance::revocation_cases!(told);
}
