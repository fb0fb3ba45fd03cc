//! The one maker of HTTP clients.

use reqwest::{Client, Response, redirect::Policy};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_native_certs::load_native_certs;
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

/// How long a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Until the connection stands, encryption included.
    pub connect: Duration,
    /// From the request to the last byte of the answer.
    pub total: Duration,
}

/// No client could be made; the text has no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoClient(String);

impl std::fmt::Display for NoClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no HTTP client could be made: {}", self.0)
    }
}

impl std::error::Error for NoClient {}

/// A client with these time-outs. It pools its connections, so one is made for a service and kept.
///
/// # Errors
/// [`NoClient`] when the cryptography has none of the safe versions of TLS.
#[expect(clippy::disallowed_methods, reason = "this is what is to be used instead")]
pub fn client(patience: Patience) -> Result<Client, NoClient> {
    let tls = TLS.clone().map_err(NoClient)?;
    let builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .connect_timeout(patience.connect)
        .timeout(patience.total)
        .redirect(Policy::none())
        .no_proxy()
        .tcp_nodelay(true)
        .user_agent(concat!("raptorflow/", env!("CARGO_PKG_VERSION")));
    builder.build().map_err(|e| NoClient(e.without_url().to_string()))
}

/// The body of an answer, if it has at most so many bytes and arrives whole; else `None`.
pub async fn read_at_most(mut answer: Response, most: usize) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        if body.len() + chunk.len() > most {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

/// Read once: a hundred certificates, which every client shares.
static TLS: LazyLock<Result<ClientConfig, String>> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    let system = load_native_certs();
    // One unreadable certificate among the system's only makes its own servers untrusted.
    roots.add_parsable_certificates(system.certs);
    if roots.is_empty() {
        tracing::warn!(
            "the operating system trusts no root certificate; no server will be trusted over https"
        );
    }
    // The provider is named, as a process-wide default might be set twice.
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
});

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    const PATIENCE: Patience = Patience { connect: Duration::from_secs(10), total: Duration::from_secs(10) };

    /// Answers every connection with this text and closes it; without a text it keeps it open.
    async fn serve(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut request = [0; 1024];
                assert!(socket.read(&mut request).await.unwrap() > 0);
                match answer {
                    "" => open.push(socket),
                    answer => socket.write_all(answer.as_bytes()).await.unwrap(),
                }
            }
        });
        base
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_not_an_order() {
        let base =
            serve("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n").await;
        let answer = client(PATIENCE).unwrap().get(base).send().await.unwrap();
        assert_eq!(answer.status(), 302);
    }

    #[tokio::test]
    async fn a_server_that_never_answers_is_left() {
        let quick = Patience { total: Duration::from_millis(300), ..PATIENCE };
        let error = client(quick).unwrap().get(serve("").await).send().await.unwrap_err();
        assert!(error.is_timeout(), "{error}");
    }

    #[tokio::test]
    async fn an_answer_that_is_too_long_or_cut_is_none() {
        let client = client(PATIENCE).unwrap();
        let body =
            async |base: String, most| read_at_most(client.get(base).send().await.unwrap(), most).await;
        let whole = serve("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfour").await;
        assert_eq!(body(whole.clone(), 4).await, Some(b"four".to_vec()));
        assert_eq!(body(whole, 3).await, None);
        let cut = serve("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfour").await;
        assert_eq!(body(cut, 100).await, None);
    }
}
