//! Those whom nobody else should notice: silent ones, slow readers, half-open handshakes, floods and nonsense.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::material::Material;
use crate::server::Server;
use crate::swarm::{Names, Swarm};

/// Clients of one channel who read nothing.
const SLOW: usize = 1_000;
/// Connections that begin a handshake and say no more.
const HALF_OPEN: usize = 1_000;
/// The first octets of a record with a ClientHello, which promise 512 more.
const HALF_A_HELLO: [u8; 7] = [22, 3, 1, 2, 0, 1, 0];
/// Between two turns of those who don't stop.
const PAUSE: Duration = Duration::from_millis(10);
/// What the talker says in a turn: 200 lines a second, each to all the slow readers.
const TALK_LINES: usize = 2;
/// What the flooder says in a turn: 10,000 lines a second.
const FLOOD_LINES: usize = 100;
/// Times that somebody joins and parts in a turn.
const JOINS: usize = 10;
/// Octets of nonsense, in a connection of its own each turn.
const NOISE: usize = 4_096;

const SLOW_ONES: Names = Names { nickname: "slow", channel: "#slow" };
const TALKER: Names = Names { nickname: "talker", channel: "#slow" };
const FLOODER: Names = Names { nickname: "flood", channel: "#flood" };
const JOINER: Names = Names { nickname: "joiner", channel: "#bench-joins" };
const IDLE: Names = Names { nickname: "idle", channel: "" };

/// All of them, as long as this is there.
pub(crate) struct Nuisance {
    _silent: Vec<Swarm>,
    _half_open: Vec<TcpStream>,
    ended: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Nuisance {
    /// Brings them in, with `idle` clients that are silent, and starts those who are not.
    pub(crate) fn start(server: &Server, material: &Material, idle: usize) -> io::Result<Nuisance> {
        let config = &material.anonymous;
        let idle = Swarm::connect(server, config, (idle, 0), IDLE)?;
        let slow = Swarm::connect(server, config, (SLOW, SLOW), SLOW_ONES)?;
        let half_open = (0..HALF_OPEN).map(|number| half_open(server, number)).collect::<io::Result<Vec<_>>>()?;
        let flooder = Swarm::connect(server, config, (1, 1), FLOODER)?;
        let talker = Swarm::connect(server, config, (1, 1), TALKER)?;
        let joiner = Swarm::connect(server, config, (1, 0), JOINER)?;
        let line = |channel: &str| format!("PRIVMSG {channel}0 :{}\r\n", "x".repeat(400));
        let talk = line(TALKER.channel).repeat(TALK_LINES);
        let flood = line(FLOODER.channel).repeat(FLOOD_LINES);
        let joins = format!("JOIN {0}\r\nPART {0}\r\n", JOINER.channel).repeat(JOINS);
        let (ended, address) = (Arc::new(AtomicBool::new(false)), server.addresses[0]);
        let threads = vec![
            again_and_again(&ended, says(talker, talk)),
            again_and_again(&ended, says(flooder, flood)),
            again_and_again(&ended, says(joiner, joins)),
            again_and_again(&ended, nonsense(address)),
        ];
        Ok(Nuisance { _silent: vec![idle, slow], _half_open: half_open, ended, threads })
    }
}

impl Drop for Nuisance {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn half_open(server: &Server, number: usize) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(server.addresses[number % server.addresses.len()])?;
    stream.write_all(&HALF_A_HELLO)?;
    Ok(stream)
}

/// Does something until the end, or until it fails.
fn again_and_again(
    ended: &Arc<AtomicBool>,
    mut act: impl FnMut() -> io::Result<()> + Send + 'static,
) -> JoinHandle<()> {
    let ended = ended.clone();
    std::thread::spawn(move || {
        while !ended.load(Ordering::Relaxed) && act().is_ok() {
            std::thread::sleep(PAUSE);
        }
    })
}

/// A client that says this, and reads what it is told.
fn says(mut swarm: Swarm, text: String) -> impl FnMut() -> io::Result<()> + Send {
    move || {
        swarm.send(0, text.as_bytes());
        swarm.turn(Some(Duration::ZERO), |_, _, _| {})?;
        if swarm.closed() > 0 { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

/// Strangers who send what is no TLS.
fn nonsense(address: SocketAddr) -> impl FnMut() -> io::Result<()> + Send {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    move || {
        let mut noise = Vec::with_capacity(NOISE);
        while noise.len() < NOISE {
            // Xorshift: any octets do, the same in each run.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            noise.extend(state.to_le_bytes());
        }
        // It may be closed in the middle.
        let _ = TcpStream::connect(address).and_then(|mut stream| stream.write_all(&noise));
        Ok(())
    }
}
