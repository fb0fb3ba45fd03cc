//! How an attempt failed.

use kernel::Timestamp;
use reqwest::{
    StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use std::time::{Duration, UNIX_EPOCH};

/// An attempt that failed, judged by who knows: the adapter that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed<E> {
    /// What went wrong.
    pub error: E,
    /// Whether the same may be asked again.
    pub again: Again,
    /// Whether the service seems to be down, which its breaker counts. A service that says no, or not now, is there.
    pub is_down: bool,
}

/// Whether the same may be asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// The answer would be the same, or asking twice may do twice.
    Never,
    /// When the policy says.
    Soon,
    /// Not before so much time has passed.
    After(Duration),
}

impl Again {
    /// What the service asked for.
    #[must_use]
    pub const fn asked(self) -> Option<Duration> {
        match self {
            Self::After(wait) => Some(wait),
            Self::Never | Self::Soon => None,
        }
    }
}

impl<E> Failed<E> {
    /// The service is there and said no to this.
    pub const fn refused(error: E) -> Self {
        Self { error, again: Again::Never, is_down: false }
    }

    /// The service is there and has no time for this now.
    pub const fn busy(error: E) -> Self {
        Self { error, again: Again::Soon, is_down: false }
    }

    /// No answer, or one that shows that the service is broken; asking again does nothing twice.
    pub const fn down(error: E) -> Self {
        Self { error, again: Again::Soon, is_down: true }
    }

    /// As [`down`](Self::down), but it may have been done: nobody asks again.
    pub const fn lost(error: E) -> Self {
        Self { error, again: Again::Never, is_down: true }
    }

    /// Of an answer by its status (RFC 9110 §15), for a request that may be repeated: 408, 425 and 429 are busy, 5xx is
    /// down but for what it never will do (501, 505), each with what `Retry-After` says; everything else is refused.
    pub fn answered(error: E, status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Self {
        let failed = match status {
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
                Self::busy(error)
            }
            StatusCode::NOT_IMPLEMENTED | StatusCode::HTTP_VERSION_NOT_SUPPORTED => Self::refused(error),
            status if status.is_server_error() => Self::down(error),
            _ => Self::refused(error),
        };
        failed.after(retry_after(headers, now))
    }

    /// The same, not to be asked again before so much time has passed, if it may be at all.
    #[must_use]
    pub fn after(self, wait: Option<Duration>) -> Self {
        let again = match (self.again, wait) {
            (Again::Soon | Again::After(_), Some(wait)) => Again::After(wait),
            (again, _) => again,
        };
        Self { again, ..self }
    }

    /// The same with another error.
    pub fn map<F>(self, into: impl FnOnce(E) -> F) -> Failed<F> {
        Failed { error: into(self.error), again: self.again, is_down: self.is_down }
    }
}

/// The longest that is believed of `Retry-After`: a day.
const LONGEST: u64 = 24 * 60 * 60;

/// How long a service asks to be left alone: seconds or an HTTP date in any of its three forms (RFC 9110 §10.2.3), a day
/// at most. `None` when it says nothing readable.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = if !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit()) {
        // A number that is too large to be read is a long time.
        Duration::from_secs(text.parse().unwrap_or(LONGEST))
    } else {
        let at = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
        Timestamp::from_micros(i64::try_from(at.as_micros()).ok()?).since(now)
    };
    Some(seconds.min(Duration::from_secs(LONGEST)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(value: &str) -> Option<u64> {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
        retry_after(&headers, "1994-11-06T08:49:07Z".parse().unwrap()).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_each_form_of_a_date_are_read() {
        for date in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(asked(date), Some(30), "{date}");
        }
        assert_eq!(asked("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0), "a date that has passed");
        assert_eq!([asked("0"), asked("120"), asked(" 7 ")], [Some(0), Some(120), Some(7)]);
    }

    #[test]
    fn what_is_absurd_is_a_day_and_what_is_unreadable_is_nothing() {
        for long in ["86401", "99999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
            assert_eq!(asked(long), Some(LONGEST), "{long}");
        }
        for odd in
            ["", "-1", "+5", "1.5", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 31 Dec 1899 00:00:00 GMT"]
        {
            assert_eq!(asked(odd), None, "{odd}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), Timestamp::from_micros(0)), None);
    }

    #[test]
    fn a_status_says_whether_to_ask_again_and_whether_the_service_is_down() {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, "3".parse().unwrap())]);
        let told = |status: u16| {
            let status = StatusCode::from_u16(status).unwrap();
            let failed = Failed::answered((), status, &headers, Timestamp::from_micros(0));
            (failed.again, failed.is_down)
        };
        let three = Again::After(Duration::from_secs(3));
        for status in [408, 425, 429] {
            assert_eq!(told(status), (three, false), "{status}");
        }
        for status in [500, 502, 503, 504, 529] {
            assert_eq!(told(status), (three, true), "{status}");
        }
        for status in [302, 400, 401, 403, 404, 409, 422, 501, 505] {
            assert_eq!(told(status), (Again::Never, false), "{status}");
        }
    }
}
