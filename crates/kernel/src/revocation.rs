//! How whoever remembers what somebody may do learns that it may have changed.
//!
//! Who calls is checked on every request. What the check reads (a session and its person, a membership, an API key) may
//! be remembered for seconds as long as every commit that could change it is heard of: [`NewEvent::standing`] says which
//! those are, and a store tells [`Revocations`] of them.

use crate::NewEvent;
use uuid::Uuid;

/// Kinds of subjects that it depends on whether somebody gets in, and as what.
const STANDINGS: [&str; 5] = ["session", "user", "workspace", "member", "api_key"];

impl NewEvent {
    /// Whose standing the change that this fact tells of may touch: a session's, a person's, a workspace's or a key's.
    ///
    /// No list of types: what is told about one of them is reason enough to look again.
    #[must_use]
    pub fn standing(&self) -> Option<Uuid> {
        STANDINGS.contains(&self.subject_kind).then_some(self.subject_id)
    }
}

/// Told of commits that may change somebody's standing. A store MUST tell of each before it begins and after it has
/// ended; the end of one that failed, or whose caller went away, is not told, as nobody knows whether it took place.
/// Whoever is told MUST answer at once: units of work call it.
pub trait Revocations: Send + Sync {
    /// A commit begins that is about these. Until [`Self::changed`] says that it has ended, what is read of them may be
    /// what was or what will be.
    fn changing(&self, subjects: &[Uuid]);
    /// Such a commit has ended, here or in another process: what was read of them before holds no longer.
    fn changed(&self, subjects: &[Uuid]);
    /// Whether the commits of all processes are heard of. While they are not, nothing may be remembered.
    fn hears(&self, all: bool);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{call_by, environment};

    #[test]
    fn what_is_told_about_who_may_come_in_touches_their_standing() {
        let (env, _) = environment();
        let (id, ctx) = (env.ids.uuid(), call_by(env.id()));
        let about = |kind| NewEvent::new(&env, &ctx, "test.told", (kind, id), serde_json::Value::Null);
        for kind in ["session", "user", "workspace", "member", "api_key"] {
            assert_eq!(about(kind).standing(), Some(id), "{kind}");
        }
        assert_eq!(about("campaign").standing(), None);
    }
}
