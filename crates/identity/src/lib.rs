//! People: how they sign up, prove their address, log in, stay logged in and leave.
//!
//! A **user** is a person with an address and a password; the **profile** beside it is what others see. Nothing of
//! a user is readable without proof: a [`UserScope`](kernel::UserScope) once the person is known, and a
//! [`SystemScope`](kernel::SystemScope) for finding out who it is, which only this crate's services make.
//!
//! A **session** is one login on one device. It ends for good when its person logs out, ends it from elsewhere or changes
//! the password, when a stolen refresh token shows, or when its time is over; each request checks it, so an end bites
//! on the next call.
//!
//! ```text
//! session   live ──end────▶ ended      (logged_out, revoked, password_changed, token_reused, banned, erased)
//!             └────expire──▶ expired    (30 days after the login, or 14 without a refresh)
//! ```
//!
//! A session is held by two tokens. The **access token** is short-lived and signed; it only names the session. The
//! **refresh token** buys the next pair, once: it is an opaque 256-bit secret of which only the SHA-256 is stored.
//! Its session is its family, in which each token has one successor. Whoever uses a token a second time gets, for
//! ten seconds, the *same* successor (two tabs, a lost answer); later it is theft, and the family ends.
//!
//! ```text
//! refresh token   open ──use────▶ used      (again within 10 s: the same successor, unless that one is used too)
//! and mail token    └────expire──▶ expired   (again later: a refresh token ends its session)
//! ```
//!
//! The successor is derived from its parent by a keyed MAC ([`kernel::TokenMint`]), so that it can be given again without
//! being stored. [`SpentToken::judge`] decides about a second use.
//!
//! A **second factor** is an authenticator app (RFC 6238) whose secret is sealed by [`kernel::Cipher`]. Once it is
//! confirmed, the right password begins a **challenge** in place of a session, and a code or a recovery code passes it.
//! Each code works once. Wrong ones are counted per challenge and per person.
//!
//! ```text
//! factor      (none) ──enrol──▶ pending ──confirm──▶ confirmed ──remove──▶ (none)
//!                                └──enrol──▶ pending, with another secret
//! challenge   open ──pass────▶ used
//!               ├────answer──▶ open         (five answers, after which it is over)
//!               └────expire──▶ expired      (five minutes; also when the account changes, or the factor goes)
//! ```
//!
//! **Own secrets** are what a person keeps here for later use on their behalf, such as keys of providers. They are
//! sealed too, and [`SecretService::reveal`](services::SecretService::reveal) is the only way to one.
//!
//! **Nobody learns who has an account here.** Sign-up answers alike for a taken address and a new one, and a login
//! for an unknown address and a wrong password, in the same time: the password is hashed or verified in any case,
//! and what differs is left to a job that both cases enqueue.
//!
//! **Another service may vouch for people** ([`ports::ExternalTokens`]). Its subject gets an account at the first call,
//! or the one that has the same address. An account whose address nobody has proven loses its password then: whoever
//! chose it may have waited for this. Such a caller has no session here.
//!
//! **Mails** are jobs: a use case enqueues [`SendMail`](services::SendMail) in its unit of work; the handler makes
//! the token when it runs, so that no token ever stands in a queue, and the same one when it runs again. A mail that
//! anybody may ask for (a reset, the verification again) is a job for unknown addresses too, which then sends nothing.
//!
//! **A new password** ends sessions and open links; **a new address** is proven before the account moves there
//! ([`CredentialService`](services::CredentialService), [`verify_email`](services::AccountService::verify_email)). Units
//! that touch a user and their tokens or sessions find the user first: that is the order of locks.
//!
//! # How to add a use case
//! One file under `services/` with one public method of [`AccountService`](services::AccountService) (what a person
//! has), [`CredentialService`](services::CredentialService) (what they prove themselves by),
//! [`SessionService`](services::SessionService) (being logged in), [`SecondFactorService`](services::SecondFactorService),
//! [`SecretService`](services::SecretService) or [`OperatorService`](services::OperatorService) (the command line). What it
//! stores goes through a repository
//! of [`ports`], and the fact through a builder in [`events`], in the same unit of work. A new failure is a variant
//! of [`IdentityError`] with a code of [`error`]. A story of it goes to `tests/stories`.
//!
//! # How to add something sealed
//! A `place` of its own ([`kernel::place`]), a variant of [`SealedAt`] and its rows in the adapters' `StaleSeals` and
//! `Reseal`: else `raptorflow admin rotate-keys` leaves it under the old key.
//!
//! # How to add a mail
//! A variant of [`MailPurpose`](services::MailPurpose), its text under `data/mails` and its `Letter`.

#![forbid(unsafe_code)]

pub mod error;
pub mod events;
mod model;
pub mod ports;
pub mod services;

pub use error::IdentityError;
pub use model::*;
