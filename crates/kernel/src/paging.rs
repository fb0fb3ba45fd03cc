//! Lists in pages that stay stable while rows come in: keyset paging with sealed cursors.

use crate::{Code, Failure, code};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;
use uuid::Uuid;

/// How many items a page has at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u32);

impl Limit {
    /// Items of a page when the client names no number.
    pub const DEFAULT: Self = Self(20);

    /// From 1 to 100.
    #[must_use]
    pub fn new(limit: u32) -> Option<Self> {
        (1..=100).contains(&limit).then_some(Self(limit))
    }

    /// The number of items.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// Which page of a list whose sort key is `K`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest<K = Uuid> {
    /// At most so many.
    pub limit: Limit,
    /// The sort key of the last item of the page before; `None` for the first page.
    pub after: Option<K>,
}

impl<K> Default for PageRequest<K> {
    fn default() -> Self {
        Self { limit: Limit::DEFAULT, after: None }
    }
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, K = Uuid> {
    /// In the list's order.
    pub items: Vec<T>,
    /// The sort key to go on from; `None` on the last page.
    pub next: Option<K>,
}

impl<T, K> Page<T, K> {
    /// Cuts a page of rows that were fetched one more than asked for: the extra row tells that there is a next page.
    #[must_use]
    pub fn cut(mut rows: Vec<T>, limit: Limit, key: impl Fn(&T) -> K) -> Self {
        let limit = limit.get() as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(key) } else { None };
        Self { items: rows, next }
    }

    /// The same page without what `f` makes nothing of: it may have fewer things than there was room for, and a next page all
    /// the same.
    #[must_use]
    pub fn filter_map<U>(self, f: impl FnMut(T) -> Option<U>) -> Page<U, K> {
        Page { items: self.items.into_iter().filter_map(f).collect(), next: self.next }
    }

    /// The same page of other things.
    #[must_use]
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U, K> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

/// The cursor is not one that this list made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor was not made by this list")]
pub struct CursorInvalid;

impl Failure for CursorInvalid {
    fn code(&self) -> &'static Code {
        &code::CURSOR_INVALID
    }
}

/// Seals sort keys into opaque cursors: base64url of 16 bytes of HMAC-SHA-256 and the key as JSON.
///
/// The seal covers the list's name, which carries tenant and filters, so a cursor works only where it was made.
#[derive(Clone)]
pub struct CursorSeal {
    key: Hmac<Sha256>,
}

impl CursorSeal {
    const TAG: usize = 16;

    /// A seal of a secret of any length.
    ///
    /// # Panics
    /// Never: HMAC takes keys of every length.
    #[must_use]
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length (RFC 2104)")]
    pub fn new(secret: &[u8]) -> Self {
        let mut key = Hmac::new_from_slice(secret).expect("any length");
        key.update(b"raptorflow cursor v1\0");
        Self { key }
    }

    /// Makes the cursor that goes on after `position` in `list`.
    pub fn seal<K: Serialize>(&self, list: &str, position: &K) -> Option<String> {
        let body = serde_json::to_vec(position).ok()?;
        let tag = self.mac(list, &body).finalize().into_bytes();
        let sealed: Vec<u8> = tag.iter().take(Self::TAG).chain(&body).copied().collect();
        Some(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Reads a cursor of `list`.
    ///
    /// # Errors
    /// [`CursorInvalid`] when it was changed, or made by another list or with another secret.
    pub fn open<K: DeserializeOwned>(&self, list: &str, cursor: &str) -> Result<K, CursorInvalid> {
        let sealed = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| CursorInvalid)?;
        let (tag, body) = sealed.split_at_checked(Self::TAG).ok_or(CursorInvalid)?;
        self.mac(list, body).verify_truncated_left(tag).map_err(|_| CursorInvalid)?;
        serde_json::from_slice(body).map_err(|_| CursorInvalid)
    }

    /// A keyed hash of `bytes`, hexadecimal: tells whether two are the same, and nothing about what they are to whoever
    /// lacks the secret. `purpose` keeps it apart from cursors and from other uses.
    #[must_use]
    pub fn fingerprint(&self, purpose: &str, bytes: &[u8]) -> String {
        let tag = self.mac(&format!("fingerprint {purpose}"), bytes).finalize().into_bytes();
        tag.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn mac(&self, list: &str, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.key.clone();
        mac.update(list.as_bytes());
        mac.update(&[0]);
        mac.update(body);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_page_knows_whether_there_is_another() {
        let two = Limit::new(2).unwrap();
        assert_eq!(Page::cut(vec![1, 2, 3], two, |n| *n), Page { items: vec![1, 2], next: Some(2) });
        assert_eq!(Page::cut(vec![1, 2], two, |n| *n), Page { items: vec![1, 2], next: None });
        assert_eq!((Limit::new(0), Limit::new(101)), (None, None));
    }

    #[test]
    fn a_cursor_of_another_list_or_secret_is_refused() {
        let seal = CursorSeal::new(b"secret");
        let cursor = seal.seal("campaigns", &7).unwrap();
        assert_eq!(seal.open::<i32>("campaigns", &cursor), Ok(7));
        assert_eq!(seal.open::<i32>("moves", &cursor), Err(CursorInvalid));
        assert_eq!(CursorSeal::new(b"other").open::<i32>("campaigns", &cursor), Err(CursorInvalid));
    }

    #[test]
    fn a_fingerprint_is_the_same_for_the_same_bytes_secret_and_purpose_only() {
        let print = |secret: &[u8], purpose, bytes| CursorSeal::new(secret).fingerprint(purpose, bytes);
        let first = print(b"secret", "body", b"x");
        assert_eq!((first.len(), &first), (64, &print(b"secret", "body", b"x")));
        for other in
            [print(b"secret", "body", b"y"), print(b"other", "body", b"x"), print(b"secret", "b", b"x")]
        {
            assert_ne!(first, other);
        }
    }

    proptest! {
        #[test]
        fn any_position_comes_back_and_any_changed_byte_is_seen(
            position in ".{0,40}", at in 0_usize..200, flip in 1_u8..=255,
        ) {
            let seal = CursorSeal::new(b"secret");
            let cursor = seal.seal("list", &position).unwrap();
            prop_assert_eq!(seal.open::<String>("list", &cursor).unwrap(), position);
            let mut bytes = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
            let index = at % bytes.len();
            bytes[index] ^= flip;
            prop_assert!(seal.open::<String>("list", &URL_SAFE_NO_PAD.encode(bytes)).is_err());
        }

        #[test]
        fn nonsense_is_refused_without_panic(text in ".{0,80}") {
            prop_assert!(CursorSeal::new(b"secret").open::<String>("list", &text).is_err());
        }
    }
}
