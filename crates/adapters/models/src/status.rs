use agents::dispatch::{FailureKind, ModelFailure};

/// What an error is whose machine code says nothing: by the status of the answer. In the midst of a stream, where that was 200,
/// it is an outage.
pub(crate) const fn failure_of(status: u16) -> FailureKind {
    match status {
        429 => FailureKind::RateLimited,
        401 | 403 => FailureKind::Unauthorised,
        402 => FailureKind::Billing,
        404 => FailureKind::UnknownModel,
        0..=399 | 408 | 499.. => FailureKind::Unavailable,
        _ => FailureKind::Invalid,
    }
}

/// An answer that is not what its wire says.
pub(crate) fn unreadable(error: &serde_json::Error) -> ModelFailure {
    ModelFailure::new(FailureKind::Unavailable, format!("the answer can't be read: {error}"))
}

/// Not one vector a text.
pub(crate) fn miscounted(vectors: usize, texts: usize) -> ModelFailure {
    ModelFailure::new(FailureKind::Unavailable, format!("{vectors} vectors came for {texts} texts"))
}
