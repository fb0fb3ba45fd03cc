//! How soon the embedded server is there, and what it takes up when nobody calls it.

use anyhow::Context;
use kernel::{Clock, SystemClock};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// How often it is started on the data of the first start.
const AGAIN: usize = 5;
/// How long it is left alone before its memory is read.
const IDLE: Duration = Duration::from_secs(5);

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Prints the milliseconds of the first start, the median of the later ones, and the idle memory.
pub(crate) async fn measure(binary: &Path) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (first, _) = start(binary, folder.path()).await?;
    let mut later = Vec::new();
    let mut memory = 0;
    for n in 0..AGAIN {
        let (took, server) = start(binary, folder.path()).await?;
        later.push(took);
        if n + 1 == AGAIN {
            let mut idle = tokio::time::interval_at(tokio::time::Instant::now() + IDLE, IDLE);
            idle.tick().await;
            memory = resident(server.0.id())?;
        }
    }
    later.sort_by(f64::total_cmp);
    println!("{first:.0}\n{:.0}\n{memory}", later[AGAIN / 2]);
    Ok(())
}

/// From the start of the process to its first good answer at `/health/ready`.
async fn start(binary: &Path, data: &Path) -> anyhow::Result<(f64, Server)> {
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let began = SystemClock.now();
    let mut command = Command::new(binary);
    command.arg("serve").env_clear().env("LOG_LEVEL", "warn").env("DATA_DIR", data);
    command.env("PORT", address.port().to_string()).stdin(Stdio::null());
    let server = Server(command.spawn()?);
    let ready = async {
        let mut look = tokio::time::interval(Duration::from_millis(1));
        while !is_ready(address) {
            look.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ready).await.context("it does not get ready")?;
    let took = SystemClock.now().since(began);
    Ok((took.as_secs_f64() * 1_000.0, server))
}

fn is_ready(address: SocketAddr) -> bool {
    let mut answer = [0; 12];
    let asked = TcpStream::connect(address).and_then(|mut socket| {
        socket.write_all(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        socket.read_exact(&mut answer)
    });
    asked.is_ok() && answer.ends_with(b" 200")
}

/// Resident memory in KiB, as Linux tells it.
fn resident(pid: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
