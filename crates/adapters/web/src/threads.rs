use crate::{NoClient, Patience, client};
use reqwest::Client;
use std::sync::Arc;
use thread_local::ThreadLocal;

/// A client for each thread that calls; clones share them.
///
/// A connection is driven by the runtime that opened it. Where each thread has a runtime of its own, as a server's have, a shared
/// client lends one thread's connections to the others: their answers go from thread to thread, which wakes two instead of
/// one, and wait while the other is busy. It is worth its connections where calls are many and quick.
#[derive(Debug, Clone)]
pub struct ThreadClients {
    patience: Patience,
    first: Client,
    own: Arc<ThreadLocal<Client>>,
}

impl ThreadClients {
    /// Clients with these time-outs.
    ///
    /// # Errors
    /// As [`client`].
    pub fn new(patience: Patience) -> Result<Self, NoClient> {
        let first = client(patience)?;
        let own = ThreadLocal::new();
        own.get_or(|| first.clone());
        Ok(Self { patience, first, own: Arc::new(own) })
    }

    /// The client of the calling thread.
    #[must_use]
    pub fn here(&self) -> &Client {
        // What one could be made of makes others, too.
        self.own.get_or(|| client(self.patience).unwrap_or_else(|_| self.first.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        collections::{BTreeMap, BTreeSet},
        io::{Read, Write},
        net::TcpListener,
        sync::{Mutex, PoisonError},
        thread,
        time::Duration,
    };
    use tokio::runtime::{Builder, Runtime};

    const PATIENCE: Patience = Patience { connect: Duration::from_secs(10), total: Duration::from_secs(10) };

    /// Which paths were asked for on each connection.
    type Asked = Arc<Mutex<BTreeMap<usize, BTreeSet<String>>>>;

    /// Answers every request of every connection.
    fn serve() -> (String, Asked) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked = Asked::default();
        let note = asked.clone();
        thread::spawn(move || {
            for (connection, socket) in listener.incoming().enumerate() {
                let (mut socket, mut request, note) = (socket.unwrap(), [0; 1024], note.clone());
                thread::spawn(move || {
                    while let Ok(read @ 1..) = socket.read(&mut request) {
                        let text = String::from_utf8_lossy(&request[..read]).into_owned();
                        let path = text.split(' ').nth(1).unwrap().to_owned();
                        let mut asked = note.lock().unwrap_or_else(PoisonError::into_inner);
                        asked.entry(connection).or_default().insert(path);
                        drop(asked);
                        socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
                    }
                });
            }
        });
        (base, asked)
    }

    #[test]
    fn each_thread_keeps_its_connections_to_itself() {
        let (base, asked) = serve();
        let clients = ThreadClients::new(PATIENCE).unwrap();
        // Their runtimes go on while others call, as those of a server's threads do.
        let runtime = || Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let runtimes: [Runtime; 2] = [runtime(), runtime()];
        let call =
            async |path: String| assert_eq!(clients.here().get(path).send().await.unwrap().status(), 200);
        thread::scope(|scope| {
            for (thread, runtime) in runtimes.iter().enumerate() {
                let (base, call) = (&base, &call);
                scope.spawn(move || {
                    for _ in 0..50 {
                        runtime.block_on(call(format!("{base}/{thread}")));
                    }
                });
            }
        });
        let asked = asked.lock().unwrap();
        assert!(asked.values().all(|paths| paths.len() == 1), "one thread's only: {asked:?}");
    }
}
