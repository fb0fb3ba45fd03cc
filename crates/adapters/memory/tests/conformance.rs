//! The conformance suite on the memory model.

mod memory {
    use conformance::Stores;

    #[expect(clippy::unused_async, reason = "the suite opens stores that wait")]
    async fn open() -> Stores {
        Stores::of(::memory::Store::default())
    }

    conformance::suite!(open, open);
}
