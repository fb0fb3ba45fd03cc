//! What can go wrong with campaigns, moves and daily wins.

use kernel::{Code, Denied, Failure, FieldError, FieldErrors, ForeignFailure, StoreError};

/// The codes of this crate.
pub mod code {
    kernel::codes! {
        CAMPAIGN_STATE = "campaign_state", Conflict, "The campaign's status does not allow this.";
        CAMPAIGN_OVER = "campaign_over", Conflict, "The campaign's last day has passed; move its end first.";
        MOVE_STATE = "move_state", Conflict, "The move's status does not allow this.";
        DAILY_WIN_STATE = "daily_win_state", Conflict, "The daily win has been decided already.";
    }
}
pub use code::CODES;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such campaign, move, win or ICP in this workspace.
    #[error("not found")]
    NotFound,
    /// The campaign's state machine refuses.
    #[error("a campaign that is {0} does not allow this")]
    CampaignState(&'static str),
    /// There is no day left to plan.
    #[error("the campaign ended on {0}")]
    CampaignOver(kernel::Date),
    /// The move's state machine refuses.
    #[error("a move that is {0} does not allow this")]
    MoveState(&'static str),
    /// The win's state machine refuses.
    #[error("a daily win that is {0} does not allow this")]
    DailyWinState(&'static str),
    /// Fields break rules.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// The role is too low.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another domain, asked through a port, refused.
    #[error(transparent)]
    Elsewhere(#[from] ForeignFailure),
}

/// What the use cases of this crate answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Failure for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::NotFound => &kernel::code::NOT_FOUND,
            Self::CampaignState(_) => &code::CAMPAIGN_STATE,
            Self::CampaignOver(_) => &code::CAMPAIGN_OVER,
            Self::MoveState(_) => &code::MOVE_STATE,
            Self::DailyWinState(_) => &code::DAILY_WIN_STATE,
            Self::Invalid(_) => &kernel::code::INVALID,
            Self::Denied(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Elsewhere(error) => error.code(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(errors) => errors.as_slice(),
            Self::Elsewhere(error) => error.fields(),
            _ => &[],
        }
    }
}
