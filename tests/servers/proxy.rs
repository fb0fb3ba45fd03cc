//! The proxy passes everything on in order, holds it back while the way is slow or stalled, and ends what is cut.

use servers::Proxy;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

/// Says everything back, behind its name.
async fn echo(name: u8) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                client.write_all(&[name]).await?;
                let (mut from, mut to) = client.split();
                tokio::io::copy(&mut from, &mut to).await
            });
        }
    });
    address
}

async fn reached(proxy: &Proxy, name: u8) -> TcpStream {
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    assert_eq!(client.read_u8().await.unwrap(), name);
    client
}

const SOON: Duration = Duration::from_millis(100);
const AN_HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn what_is_held_back_comes_in_order_when_the_way_is_free() {
    let proxy = Proxy::before(echo(b'a').await).await;
    let mut client = reached(&proxy, b'a').await;
    let disturb: [fn(&Proxy); 2] = [|proxy| proxy.slow(AN_HOUR), Proxy::stall];
    for disturb in disturb {
        client.write_all(b"before ").await.unwrap();
        let mut told = [0; 7];
        client.read_exact(&mut told).await.unwrap();
        assert_eq!(&told, b"before ");
        disturb(&proxy);
        let heard = proxy.heard();
        for piece in [&b"one "[..], b"two "] {
            client.write_all(piece).await.unwrap();
        }
        heard.await;
        assert!(timeout(SOON, client.read_u8()).await.is_err());
        proxy.go_on();
        let mut told = [0; 8];
        client.read_exact(&mut told).await.unwrap();
        assert_eq!(&told, b"one two ");
    }
}

#[tokio::test]
async fn a_cut_ends_the_connections_that_there_are_and_new_ones_go_where_they_are_led() {
    let proxy = Proxy::before(echo(b'a').await).await;
    let mut first = reached(&proxy, b'a').await;
    proxy.cut();
    assert!(first.read_u8().await.is_err(), "it ends");
    let mut second = reached(&proxy, b'a').await;
    proxy.lead_to(echo(b'b').await);
    assert!(second.read_u8().await.is_err());
    reached(&proxy, b'b').await;
}

#[tokio::test]
async fn an_end_is_passed_on_and_a_server_that_is_not_there_is_noticed() {
    let address = echo(b'a').await;
    let proxy = Proxy::before(address).await;
    let mut client = reached(&proxy, b'a').await;
    client.write_all(b"last").await.unwrap();
    client.shutdown().await.unwrap();
    let mut told = String::new();
    client.read_to_string(&mut told).await.unwrap();
    assert_eq!(told, "last");
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    proxy.lead_to(nobody);
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    assert!(client.read_u8().await.is_err());
}
