//! Server-sent events, as a stream of bytes (WHATWG HTML §9.2.6), read so that no provider's liberty breaks it.

use std::collections::VecDeque;

/// The longest event that is held, in bytes: an answer of a model is far shorter.
pub const LONGEST_EVENT: usize = 4 * 1024 * 1024;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SseEvent {
    /// Its name; empty where it has none.
    pub name: String,
    /// Its data, lines joined by line feeds. What is no UTF-8 is replaced.
    pub data: String,
}

/// An event is longer than [`LONGEST_EVENT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event is longer than {LONGEST_EVENT} bytes")]
pub struct EventTooLong;

/// Reads events from bytes that come in any pieces.
///
/// Lines end with LF, CR or CRLF, and with nothing else: JSON may hold U+2028 and its like. Comments and fields that it does not
/// know are passed over. A line that begins as JSON does is taken for data: so Google sends errors in the midst of a stream.
#[derive(Debug, Default)]
pub struct SseDecoder {
    line: Vec<u8>,
    /// The last byte was a CR: a LF that follows is part of the same end.
    after_cr: bool,
    name: String,
    data: Vec<u8>,
    has_data: bool,
    ready: VecDeque<SseEvent>,
}

impl SseDecoder {
    /// Takes more bytes; [`next`](Self::next_event) has what is whole by now.
    ///
    /// # Errors
    /// [`EventTooLong`]: nothing more can be made of the stream.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), EventTooLong> {
        let mut rest = bytes;
        if self.after_cr && rest.first() == Some(&b'\n') {
            rest = &rest[1..];
        }
        if !bytes.is_empty() {
            self.after_cr = false;
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.line.extend_from_slice(&rest[..end]);
            let is_cr = rest[end] == b'\r';
            rest = &rest[end + 1..];
            if is_cr {
                match rest.first() {
                    Some(b'\n') => rest = &rest[1..],
                    Some(_) => {}
                    None => self.after_cr = true,
                }
            }
            self.end_line()?;
        }
        self.line.extend_from_slice(rest);
        self.check(self.line.len())
    }

    /// The next whole event.
    pub fn next_event(&mut self) -> Option<SseEvent> {
        self.ready.pop_front()
    }

    /// Whether the stream stopped in the midst of an event.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.has_data || !self.line.is_empty()
    }

    /// The stream has ended: the event that lacks nothing but the empty line after it, where that is JSON. So Google's error
    /// is the last thing in a stream.
    pub fn rest(&mut self) -> Option<SseEvent> {
        // An empty line would end an event that is not whole.
        if !self.line.is_empty() {
            self.end_line().ok()?;
        }
        if serde_json::from_slice::<serde::de::IgnoredAny>(&self.data).is_ok() {
            self.end_event();
        }
        self.next_event()
    }

    fn check(&self, more: usize) -> Result<(), EventTooLong> {
        if self.data.len() + more > LONGEST_EVENT { Err(EventTooLong) } else { Ok(()) }
    }

    fn end_line(&mut self) -> Result<(), EventTooLong> {
        let line = std::mem::take(&mut self.line);
        self.check(line.len())?;
        if line.is_empty() {
            self.end_event();
            return Ok(());
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (field, value) = line.split_at(colon);
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"data" => self.add(value),
            b"event" => self.name = String::from_utf8_lossy(value).into_owned(),
            _ if self.is_json(&line) => self.add(&line),
            _ => {}
        }
        Ok(())
    }

    /// Whether a line begins as JSON does, or goes on with some that was begun so.
    fn is_json(&self, line: &[u8]) -> bool {
        let first = |bytes: &[u8]| bytes.iter().copied().find(|byte| !byte.is_ascii_whitespace());
        let begins = |bytes: &[u8]| matches!(first(bytes), Some(b'{' | b'['));
        if self.has_data { begins(&self.data) } else { begins(line) }
    }

    fn add(&mut self, line: &[u8]) {
        if self.has_data {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(line);
        self.has_data = true;
    }

    fn end_event(&mut self) {
        let name = std::mem::take(&mut self.name);
        let data = std::mem::take(&mut self.data);
        if std::mem::take(&mut self.has_data) {
            self.ready.push_back(SseEvent { name, data: String::from_utf8_lossy(&data).into_owned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let mut decoder = SseDecoder::default();
        let mut events = Vec::new();
        for piece in pieces {
            decoder.feed(piece).unwrap();
            while let Some(SseEvent { name, data }) = decoder.next_event() {
                events.push((name, data));
            }
        }
        events
    }

    fn whole(text: &str) -> Vec<(String, String)> {
        read(&[text.as_bytes()])
    }

    fn data(data: &str) -> (String, String) {
        (String::new(), data.to_owned())
    }

    #[test]
    fn events_are_read_in_each_providers_style() {
        assert_eq!(whole("data: {\"a\":1}\n\n"), [data("{\"a\":1}")]);
        assert_eq!(whole("data:{\"a\":1}\r\n\r\ndata: [DONE]\r\r"), [data("{\"a\":1}"), data("[DONE]")]);
        let named = whole("event: ping\ndata: {\"type\": \"ping\"}\n\n");
        assert_eq!(named, [("ping".to_owned(), "{\"type\": \"ping\"}".to_owned())]);
        assert_eq!(whole("data: a\ndata: b\n\n"), [data("a\nb")]);
        assert_eq!(whole(": comment\n\nid: 7\nretry: 5\ndata: x\n\nevent: nothing\n\n"), [data("x")]);
        assert_eq!(whole("data: a\u{2028}b\u{2029}c\u{85}d\n\n"), [data("a\u{2028}b\u{2029}c\u{85}d")]);
    }

    #[test]
    fn an_error_in_the_midst_of_a_stream_is_data_too() {
        let error = "{\n  \"error\": {\n    \"code\": 503\n  }\n}\n\n";
        let [(_, text)] = &whole(error)[..] else { panic!("one event") };
        assert_eq!(serde_json::from_str::<serde_json::Value>(text).unwrap()["error"]["code"], 503);
    }

    #[test]
    fn a_stream_that_stops_in_the_midst_of_an_event_is_cut() {
        let mut decoder = SseDecoder::default();
        decoder.feed(b"data: a\n\n").unwrap();
        assert!(!decoder.is_cut());
        for more in [&b"da"[..], b"ta: b", b"\n"] {
            decoder.feed(more).unwrap();
            assert!(decoder.is_cut());
        }
        decoder.feed(b"\n").unwrap();
        assert!(!decoder.is_cut());
    }

    #[test]
    fn what_is_whole_at_the_end_of_a_stream_is_an_event_without_an_empty_line() {
        for (rest, expected) in [
            ("{\n  \"error\": {\"code\": 503}\n}\n", Some("{\n  \"error\": {\"code\": 503}\n}")),
            ("{\n  \"error\": {\"code\": 503}\n}", Some("{\n  \"error\": {\"code\": 503}\n}")),
            ("data: {\"a\": 1}", Some("{\"a\": 1}")),
            ("{\n  \"error\": {\"code\": 503}\n", None),
            ("data: {\"a\": ", None),
            ("da", None),
            ("", None),
        ] {
            let mut decoder = SseDecoder::default();
            decoder.feed(b"data: a\n\n").unwrap();
            decoder.feed(rest.as_bytes()).unwrap();
            assert_eq!(decoder.next_event().map(|event| event.data).as_deref(), Some("a"));
            assert_eq!(decoder.rest().map(|event| event.data).as_deref(), expected, "{rest}");
        }
    }

    #[test]
    fn an_event_without_an_end_is_given_up() {
        let mut decoder = SseDecoder::default();
        let piece = [b'x'; 64 * 1024];
        let fed = (0..=LONGEST_EVENT / piece.len()).try_for_each(|_| decoder.feed(&piece));
        assert_eq!(fed, Err(EventTooLong));
        let mut decoder = SseDecoder::default();
        let line = [&b"data: "[..], &piece, b"\n"].concat();
        let fed = (0..=LONGEST_EVENT / piece.len()).try_for_each(|_| decoder.feed(&line));
        assert_eq!(fed, Err(EventTooLong));
    }

    fn stream() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            "data: \\PC{0,12}",
            "data:[a-z\u{2028}\u{85}é]{0,6}",
            "event: [a-z_]{0,8}",
            ":[a-z]{0,4}",
            "[a-z]{0,4}",
            "\\{\"a\": ?1\\}",
            Just(String::new()),
        ];
        let ends = prop_oneof![Just("\n"), Just("\r"), Just("\r\n")];
        prop::collection::vec((line, ends), 0..20)
            .prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect())
    }

    proptest! {
        #[test]
        fn the_same_is_read_however_it_is_cut(text in stream(), cuts in prop::collection::vec(0_usize..400, 0..12)) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for cut in cuts {
                pieces.push(&bytes[from..cut]);
                from = cut;
            }
            pieces.push(&bytes[from..]);
            prop_assert_eq!(read(&pieces), read(&[bytes]));
            let each: Vec<&[u8]> = bytes.chunks(1).collect();
            prop_assert_eq!(read(&each), read(&[bytes]));
        }

        #[test]
        fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let mut decoder = SseDecoder::default();
            decoder.feed(&bytes).unwrap();
            while decoder.next_event().is_some() {}
        }
    }
}
