//! A service that answers as it is told, over a real connection, and counts who asks.

use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

#[derive(Clone)]
pub(super) enum Turn {
    /// A status and further headers.
    Answers(&'static str),
    /// The connection is reset before an answer.
    Resets,
    /// No answer ever comes.
    IsSilent,
}

pub(super) struct Service {
    pub(super) url: String,
    asked: Arc<Mutex<usize>>,
    play: Arc<Mutex<Vec<Turn>>>,
}

impl Service {
    /// Answers the turns one after the other; the last one for ever.
    pub(super) async fn start(play: &[Turn]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, play) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(play.to_vec())));
        let (asking, playing) = (asked.clone(), play.clone());
        tokio::spawn(async move {
            let mut silent = Vec::new();
            while let Ok((mut socket, _)) = listener.accept().await {
                read(&mut socket).await;
                *asking.lock().unwrap() += 1;
                let turn = next(&mut playing.lock().unwrap());
                match turn {
                    Turn::Answers(head) => {
                        let text =
                            format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                        socket.write_all(text.as_bytes()).await.unwrap();
                    }
                    Turn::Resets => {
                        socket.set_zero_linger().unwrap();
                        drop(socket);
                    }
                    Turn::IsSilent => silent.push(socket),
                }
            }
        });
        Self { url, asked, play }
    }

    pub(super) fn now_answers(&self, turn: Turn) {
        *self.play.lock().unwrap() = vec![turn];
    }

    /// How often it was asked.
    pub(super) fn asked(&self) -> usize {
        *self.asked.lock().unwrap()
    }
}

fn next(play: &mut Vec<Turn>) -> Turn {
    if play.len() > 1 { play.remove(0) } else { play[0].clone() }
}

async fn read(socket: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
}
