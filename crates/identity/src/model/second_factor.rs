//! Second factors, and logins that wait for theirs.

use super::User;
use kernel::{ChallengeId, FactorId, Sealed, Timestamp, TokenHash, UserId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Somebody's authenticator. It counts from its confirmation on; until then it may be replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaFactor {
    /// Its id.
    pub id: FactorId,
    /// Whose; everybody has one at most.
    pub user_id: UserId,
    /// The [`TotpSecret`](crate::TotpSecret), sealed for [`Self::place`].
    pub secret: Sealed,
    /// When it was enrolled.
    pub created_at: Timestamp,
    /// When its owner proved that their authenticator has the secret.
    pub confirmed_at: Option<Timestamp>,
    /// The step of the latest code that was accepted: no code of it or of an earlier one is accepted again.
    pub last_used_step: i64,
    /// Wrong codes since `failing_since`, over all challenges.
    pub failures: i32,
    /// The first of them.
    pub failing_since: Option<Timestamp>,
}

impl MfaFactor {
    /// After so many wrong codes no more are looked at, until the first one is [`Self::FORGETS_AFTER`] ago.
    pub const MAX_FAILURES: i32 = 10;
    /// For how long a wrong code counts.
    pub const FORGETS_AFTER: Duration = Duration::from_secs(15 * 60);

    /// A factor that is not confirmed yet.
    #[must_use]
    pub const fn pending(id: FactorId, user_id: UserId, secret: Sealed, now: Timestamp) -> Self {
        Self {
            id,
            user_id,
            secret,
            created_at: now,
            confirmed_at: None,
            last_used_step: 0,
            failures: 0,
            failing_since: None,
        }
    }

    /// Where a factor's secret is kept, and opens.
    #[must_use]
    pub fn place(user: UserId, id: FactorId) -> String {
        kernel::place(user.uuid(), "mfa_factors", &id.to_string(), "secret")
    }

    /// Whether a login takes it.
    #[must_use]
    pub const fn is_confirmed(&self) -> bool {
        self.confirmed_at.is_some()
    }

    /// The factor whose owner has shown the code of this step.
    #[must_use]
    pub fn confirmed(&self, step: i64, now: Timestamp) -> Self {
        Self { confirmed_at: Some(now), last_used_step: step, ..self.clone() }
    }

    /// How long codes are not looked at; `None` when they are.
    #[must_use]
    pub fn blocked_for(&self, now: Timestamp) -> Option<Duration> {
        let until = self.failing_since?.plus(Self::FORGETS_AFTER);
        (self.failures >= Self::MAX_FAILURES && now < until).then(|| until.since(now))
    }

    /// The factor after one more wrong code.
    #[must_use]
    pub fn with_failure(&self, now: Timestamp) -> Self {
        let since = self.failing_since.filter(|since| now < since.plus(Self::FORGETS_AFTER));
        let failures = since.map_or(1, |_| self.failures.saturating_add(1));
        Self { failures, failing_since: since.or(Some(now)), ..self.clone() }
    }
}

/// A login whose password was right and whose second factor is still to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaChallenge {
    /// Its id.
    pub id: ChallengeId,
    /// Who gave the password.
    pub user_id: UserId,
    /// SHA-256 of the token; unique.
    pub token_hash: TokenHash,
    /// The user's version then. Any change to the account since, of the password above all, voids the challenge.
    pub user_version: i32,
    /// How often it was answered.
    pub attempts: i32,
    /// When it is too late.
    pub expires_at: Timestamp,
    /// When it was passed.
    pub used_at: Option<Timestamp>,
}

impl MfaChallenge {
    /// How long it waits.
    pub const LIFETIME: Duration = Duration::from_secs(5 * 60);
    /// How often it may be answered, rightly or not.
    pub const MAX_ATTEMPTS: i32 = 5;

    /// A challenge to somebody who has just given their password.
    #[must_use]
    pub fn issue(id: ChallengeId, user: &User, token_hash: TokenHash, now: Timestamp) -> Self {
        let expires_at = now.plus(Self::LIFETIME);
        Self {
            id,
            user_id: user.id,
            token_hash,
            user_version: user.version,
            attempts: 0,
            expires_at,
            used_at: None,
        }
    }

    /// Whether it can still be answered.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && now < self.expires_at && self.attempts < Self::MAX_ATTEMPTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EmailAddress, PasswordHash};
    use uuid::Uuid;

    fn factor(now: Timestamp) -> MfaFactor {
        let secret = Sealed { key_id: "k1".to_owned(), nonce: vec![1], ciphertext: vec![2] };
        MfaFactor::pending(Uuid::nil().into(), Uuid::nil().into(), secret, now)
    }

    #[test]
    fn the_tenth_wrong_code_shuts_codes_out_until_the_first_is_fifteen_minutes_ago() {
        let start = Timestamp::from_micros(0);
        let at = |seconds| start.plus(Duration::from_secs(seconds));
        let failing = |factor: MfaFactor, n: u64| (0..n).fold(factor, |factor, n| factor.with_failure(at(n)));
        let nine = failing(factor(start), 9);
        assert_eq!((nine.failures, nine.failing_since, nine.blocked_for(at(9))), (9, Some(start), None));
        let ten = nine.with_failure(at(9));
        assert_eq!(ten.blocked_for(at(9)), Some(Duration::from_secs(891)));
        assert_eq!(ten.blocked_for(at(899)), Some(Duration::from_secs(1)));
        assert_eq!(ten.blocked_for(at(900)), None);
        let anew = ten.with_failure(at(900));
        assert_eq!((anew.failures, anew.failing_since), (1, Some(at(900))));
    }

    #[test]
    fn a_challenge_is_open_for_five_minutes_and_five_answers() {
        let now = Timestamp::from_micros(0);
        let email = EmailAddress::parse("ada@example.com").unwrap();
        let user = User::new(Uuid::nil().into(), email, PasswordHash::new("x".into()), now);
        let challenge = MfaChallenge::issue(Uuid::nil().into(), &user, TokenHash::from_bytes([1; 32]), now);
        assert!(challenge.is_open(now.plus(Duration::from_secs(299))));
        assert!(!challenge.is_open(now.plus(Duration::from_secs(300))));
        assert!(MfaChallenge { attempts: 4, ..challenge.clone() }.is_open(now));
        assert!(!MfaChallenge { attempts: 5, ..challenge.clone() }.is_open(now));
        assert!(!MfaChallenge { used_at: Some(now), ..challenge }.is_open(now));
    }
}
