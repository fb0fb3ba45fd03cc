//! HTTP/1.1 over one connection: requests in, bytes out, and at once the news that the caller has gone.

use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, tcp::ReadHalf},
    time::timeout,
};

/// The longest head of a request, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;

/// The caller closed the connection.
#[derive(Debug)]
pub(crate) struct Gone;

#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query, as they came.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Another request may follow on this connection.
    pub(crate) keep: bool,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The key behind `Authorization: Bearer`.
    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, key) = self.header("authorization")?.split_once(' ')?;
        (scheme.eq_ignore_ascii_case("bearer") && !key.trim().is_empty()).then(|| key.trim())
    }

    /// Without the query, decoded.
    pub(crate) fn path(&self) -> String {
        let (path, _) = self.target.split_once('?').unwrap_or((&self.target, ""));
        decoded(path)
    }

    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        pairs(query).find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Its head from the bytes before the empty line.
    fn of_head(head: &[u8]) -> Option<Self> {
        let head = std::str::from_utf8(head).ok()?;
        let mut lines = head.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let (method, target, version) = (first.next()?, first.next()?, first.next()?);
        let mut headers = Vec::with_capacity(8);
        for line in lines {
            let (name, value) = line.split_once(':')?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut request = Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers,
            body: Vec::new(),
            keep: true,
        };
        let connection = request.header("connection").unwrap_or_default();
        request.keep = !connection.eq_ignore_ascii_case("close")
            && (version == "HTTP/1.1" || connection.eq_ignore_ascii_case("keep-alive"));
        Some(request)
    }
}

/// The pairs of a query or a form.
pub(crate) fn pairs(form: &str) -> impl Iterator<Item = (String, String)> {
    form.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
    })
}

/// `%40` and its like as what they stand for.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// One caller's connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    /// What has come and belongs to no request yet.
    input: Vec<u8>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, input: Vec::with_capacity(4_096) }
    }

    /// The next request; `None` when the caller wants no more.
    pub(crate) async fn request(&mut self) -> io::Result<Option<Request>> {
        let end = loop {
            if let Some(end) = find(&self.input, b"\r\n\r\n") {
                break end;
            }
            if self.input.len() > LONGEST_HEAD {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if !self.more().await? {
                return Ok(None);
            }
        };
        let mut request = Request::of_head(&self.input[..end]).ok_or(io::ErrorKind::InvalidData)?;
        self.input.drain(..end + 4);
        if request.header("expect").is_some_and(|expected| expected.eq_ignore_ascii_case("100-continue")) {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        if request.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            request.body = self.chunks().await?;
        } else if let Some(length) = request.header("content-length") {
            let length = length.parse().map_err(|_| io::ErrorKind::InvalidData)?;
            request.body = self.exactly(length).await?;
        }
        Ok(Some(request))
    }

    async fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.line().await?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16).map_err(|_| io::ErrorKind::InvalidData)?;
            if size == 0 {
                while !self.line().await?.is_empty() {}
                return Ok(body);
            }
            body.extend(self.exactly(size).await?);
            self.line().await?;
        }
    }

    async fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = find(&self.input, b"\r\n") {
                let line = String::from_utf8_lossy(&self.input[..end]).into_owned();
                self.input.drain(..end + 2);
                return Ok(line);
            }
            self.need_more().await?;
        }
    }

    async fn exactly(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.input.len() < length {
            self.need_more().await?;
        }
        Ok(self.input.drain(..length).collect())
    }

    async fn need_more(&mut self) -> io::Result<()> {
        if self.more().await? { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    async fn more(&mut self) -> io::Result<bool> {
        self.input.reserve(4_096);
        Ok(self.stream.read_buf(&mut self.input).await? > 0)
    }

    /// Writes it all, or notices that the caller has gone.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        let (mut reads, mut writes) = self.stream.split();
        tokio::select! {
            biased;
            () = gone(&mut reads, &mut self.input) => Err(Gone),
            written = writes.write_all(bytes) => written.map_err(|_| Gone),
        }
    }

    /// Waits so long, or until the caller has gone.
    pub(crate) async fn wait(&mut self, time: Duration) -> Result<(), Gone> {
        if time.is_zero() {
            return Ok(());
        }
        let (mut reads, _) = self.stream.split();
        match timeout(time, gone(&mut reads, &mut self.input)).await {
            Ok(()) => Err(Gone),
            Err(_) => Ok(()),
        }
    }

    /// Waits until the caller has gone.
    pub(crate) async fn gone(&mut self) {
        let (mut reads, _) = self.stream.split();
        gone(&mut reads, &mut self.input).await;
    }

    /// Ends the connection with a reset instead of a farewell.
    pub(crate) fn reset(self) {
        // Without the option it is a close like any other, and the test of resets fails.
        let _ = self.stream.set_zero_linger();
    }
}

/// Returns when nothing more comes; what comes is kept for the next request.
async fn gone(reads: &mut ReadHalf<'_>, input: &mut Vec<u8>) {
    loop {
        input.reserve(1_024);
        match reads.read_buf(input).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_stand_for_bytes_and_what_is_no_escape_for_itself() {
        assert_eq!(decoded("/a%40b%3A/%C3%BC"), "/a@b:/ü");
        assert_eq!(decoded("100%"), "100%");
        assert_eq!(decoded("%zz%4"), "%zz%4");
        let form: Vec<_> = pairs("a=b+c&d=%2B&e").collect();
        let expected = [("a", "b c"), ("d", "+"), ("e", "")];
        assert_eq!(form, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
