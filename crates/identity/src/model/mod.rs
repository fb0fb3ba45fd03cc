//! People, their sessions and their tokens: what they are and what may become of them, without any store.

mod administration;
mod email;
mod email_token;
mod password;
mod person_export;
mod profile;
mod refresh_token;
mod session;
mod user;

pub use administration::{BanReason, Decided, Decision, PeopleFilter, PersonView, Standing, UserInput};
pub use email::EmailAddress;
pub use email_token::{EmailToken, EmailTokenPurpose};
pub use password::{Password, PasswordAttempt, PasswordHash};
pub use person_export::PersonExport;
pub use profile::Profile;
pub use refresh_token::{RefreshToken, Replay, SpentToken};
pub use session::{EndReason, Session, SessionInput, SessionState};
pub use user::{Account, DirectoryEntry, Person, PlatformRole, User, UserStatus};
