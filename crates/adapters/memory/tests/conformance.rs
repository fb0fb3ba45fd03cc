//! The conformance suite on the memory model.

mod memory {
    use conformance::Stores;

    async fn open() -> Stores {
        Stores::of(::memory::Store::default())
    }

    conformance::suite!(open, open);
}
