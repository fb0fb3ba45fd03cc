//! People, their sessions and their tokens: what they are and what may become of them, without any store.

mod administration;
mod email_token;
mod external;
mod password;
mod person_export;
mod profile;
mod recovery_code;
mod refresh_token;
mod sealed_entry;
mod second_factor;
mod session;
mod totp;
mod user;
mod user_secret;

pub use administration::{BanReason, Decided, Decision, PeopleFilter, PersonView, Standing, UserInput};
pub use email_token::{EmailToken, EmailTokenPurpose};
pub use external::{Claim, ExternalClaims, ExternalIdentity, ExternalSubject};
pub use kernel::EmailAddress;
pub use password::{Password, PasswordAttempt, PasswordHash};
pub use person_export::PersonExport;
pub use profile::Profile;
pub use recovery_code::RecoveryCode;
pub use refresh_token::{RefreshToken, Replay, SpentToken};
pub use sealed_entry::{SealedAt, SealedEntry};
pub use second_factor::{MfaChallenge, MfaFactor};
pub use session::{EndReason, Session, SessionInput, SessionState};
pub use totp::TotpSecret;
pub use user::{Account, DirectoryEntry, Person, PlatformRole, User, UserStatus};
pub use user_secret::{SecretEntry, SecretName, SecretValue, UserSecret};
