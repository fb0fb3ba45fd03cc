//! Who may give a role, and who may take it.

use kernel::Role;

/// The lowest role that may change somebody's role from one to another; `None` stands for no member.
///
/// An admin at least, and nobody below the role that is taken or given: so an admin neither makes an owner nor changes
/// or removes one, and nobody grants more than they have.
#[must_use]
pub fn role_to_change(from: Option<Role>, to: Option<Role>) -> Role {
    [from, to].into_iter().flatten().fold(Role::Admin, Role::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_triple_of_actor_present_and_wanted_role_is_decided() {
        use Role::{Admin as A, Member as M, Owner as O};
        // What an admin may; an owner may everything, a member nothing.
        let of_admin = [
            (None, None, true),
            (None, Some(M), true),
            (None, Some(A), true),
            (None, Some(O), false),
            (Some(M), None, true),
            (Some(M), Some(M), true),
            (Some(M), Some(A), true),
            (Some(M), Some(O), false),
            (Some(A), None, true),
            (Some(A), Some(M), true),
            (Some(A), Some(A), true),
            (Some(A), Some(O), false),
            (Some(O), None, false),
            (Some(O), Some(M), false),
            (Some(O), Some(A), false),
            (Some(O), Some(O), false),
        ];
        for (from, to, admin_may) in of_admin {
            let may = Role::ALL.map(|actor| actor >= role_to_change(from, to));
            assert_eq!(may, [false, admin_may, true], "{from:?} to {to:?}");
        }
    }
}
