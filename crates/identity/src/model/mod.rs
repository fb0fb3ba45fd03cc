//! People, their sessions and their tokens: what they are and what may become of them, without any store.

mod email;
mod email_token;
mod external;
mod password;
mod profile;
mod refresh_token;
mod session;
mod user;

pub use email::EmailAddress;
pub use email_token::{EmailToken, EmailTokenPurpose};
pub use external::{Claim, ExternalClaims, ExternalIdentity, ExternalSubject};
pub use password::{Password, PasswordAttempt, PasswordHash};
pub use profile::Profile;
pub use refresh_token::{RefreshToken, Replay, SpentToken};
pub use session::{EndReason, Session, SessionInput, SessionState};
pub use user::{Account, DirectoryEntry, Person, PlatformRole, User, UserStatus};
