//! A way from a node to Redis that can be cut: a proxy in the test, and where the machine allows it a network of its own.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tests::peers::{peer, skipped};
use tests::redis::Redis;

/// A way that can be cut so that neither end is told.
pub(crate) trait Wire {
    /// Where the node finds Redis.
    fn url(&self) -> String;
    fn cut(&self);
    fn mend(&self);
}

/// What a proxy does with octets and connections.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Way {
    #[default]
    Open,
    /// Nothing comes through, and nobody is told.
    Silent,
    /// Connections end, and new ones too.
    Broken,
}

/// A proxy before a Redis.
pub(crate) struct Proxy {
    address: String,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct Gate {
    state: Mutex<(Way, Vec<TcpStream>)>,
    changed: Condvar,
}

impl Proxy {
    pub(crate) fn before(redis: &Redis) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is left");
        let address = listener.local_addr().expect("it is bound").to_string();
        let gate = Arc::new(Gate::default());
        let (of_thread, place) = (gate.clone(), redis.place());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                of_thread.accept(stream, &place);
            }
        });
        Proxy { address, gate }
    }

    /// Ends all connections, and each that comes, until it is mended.
    pub(crate) fn breaks(&self) {
        self.gate.set(Way::Broken);
    }
}

impl Wire for Proxy {
    fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    fn cut(&self) {
        self.gate.set(Way::Silent);
    }

    fn mend(&self) {
        self.gate.set(Way::Open);
    }
}

impl Gate {
    fn lock(&self) -> MutexGuard<'_, (Way, Vec<TcpStream>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, way: Way) {
        let mut state = self.lock();
        state.0 = way;
        if way == Way::Broken {
            state.1.drain(..).for_each(|stream| end(&stream));
        }
        self.changed.notify_all();
    }

    fn accept(self: &Arc<Gate>, near: TcpStream, place: &str) {
        let mut state = self.lock();
        if state.0 == Way::Broken {
            return;
        }
        let Ok(far) = TcpStream::connect(place) else { return };
        for (from, to) in [(&near, &far), (&far, &near)] {
            let (from, to) = (from.try_clone().expect("a second handle"), to.try_clone().expect("a second handle"));
            let gate = self.clone();
            std::thread::spawn(move || gate.carry(from, to));
        }
        state.1.extend([near, far]);
    }

    /// Carries octets one way, while the gate is not shut.
    fn carry(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut octets = [0; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut octets) {
            let mut state = self.lock();
            while state.0 == Way::Silent {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            drop(state);
            if to.write_all(&octets[..count]).is_err() {
                break;
            }
        }
        end(&from);
        end(&to);
    }
}

/// Ends a connection; where it has ended already there is nothing to do.
fn end(stream: &TcpStream) {
    let _ = stream.shutdown(Shutdown::Both);
}

/// A network namespace for a Redis, with two cables to it: one stays, the other can be pulled.
pub(crate) struct Namespace {
    name: String,
    net: u32,
    /// Its number among those of this process.
    number: u32,
}

/// How many this process has made.
static MADE: AtomicU32 = AtomicU32::new(0);

/// Those of one process: their addresses share the last octet.
const MOST: u32 = 16;

impl Namespace {
    /// One; none where this machine has no `ip`, or does not permit it.
    #[track_caller]
    pub(crate) fn new() -> Option<Namespace> {
        peer("ip")?;
        let made = Namespace::if_possible();
        if made.is_none() {
            skipped("no network namespace can be made here: that takes root");
        }
        made
    }

    /// The same, for a test that can do without.
    pub(crate) fn if_possible() -> Option<Namespace> {
        let (process, number) = (std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        assert!(number < MOST, "no more addresses");
        let namespace = Namespace { name: format!("pki-test-{process}-{number}"), net: process % 256, number };
        let made = namespace.ip(&["netns", "add", &namespace.name]) && (0..2).all(|cable| namespace.lay(cable));
        made.then_some(namespace)
    }

    /// A Redis in it, and the port that it has there.
    pub(crate) fn redis(&self) -> Option<Redis> {
        let words = ["ip", "netns", "exec", &self.name, "redis-server"];
        Redis::started_by(&words, &["--bind", "0.0.0.0", "--protected-mode", "no"])
    }

    /// Where the Redis with this port is, over one of the cables.
    pub(crate) fn place(&self, cable: u32, port: u16) -> String {
        format!("redis://{}:{port}", self.address(cable, 2))
    }

    /// The end 2 of a cable is inside. The addresses are those for benchmarks of networks (RFC 2544).
    fn address(&self, cable: u32, end: u32) -> String {
        format!("198.18.{}.{}", self.net, (self.number * 2 + cable) * 4 + end)
    }

    fn lay(&self, cable: u32) -> bool {
        let (outside, inside) = (self.cable(cable, "o"), self.cable(cable, "i"));
        let near = format!("{}/30", self.address(cable, 1));
        let far = format!("{}/30", self.address(cable, 2));
        self.ip(&["link", "add", &outside, "type", "veth", "peer", "name", &inside, "netns", &self.name])
            && self.ip(&["addr", "add", &near, "dev", &outside])
            && self.ip(&["link", "set", &outside, "up"])
            && self.ip(&["-n", &self.name, "addr", "add", &far, "dev", &inside])
            && self.ip(&["-n", &self.name, "link", "set", &inside, "up"])
    }

    /// The name of an end; the system takes 15 letters.
    fn cable(&self, cable: u32, end: &str) -> String {
        format!("pt{}{end}{}", std::process::id(), self.number * 2 + cable)
    }

    fn ip(&self, arguments: &[&str]) -> bool {
        Command::new("ip").args(arguments).output().is_ok_and(|output| output.status.success())
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // The cables go with it.
        self.ip(&["netns", "del", &self.name]);
    }
}

/// The cable that can be pulled.
pub(crate) struct Cable<'a> {
    pub(crate) namespace: &'a Namespace,
    pub(crate) port: u16,
}

impl Cable<'_> {
    fn set(&self, state: &str) {
        let Namespace { name, .. } = self.namespace;
        assert!(self.namespace.ip(&["-n", name, "link", "set", &self.namespace.cable(1, "i"), state]), "{state}");
    }
}

impl Wire for Cable<'_> {
    fn url(&self) -> String {
        self.namespace.place(1, self.port)
    }

    fn cut(&self) {
        self.set("down");
    }

    fn mend(&self) {
        self.set("up");
    }
}
