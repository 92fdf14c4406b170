//! What the bus does over a real Redis of this machine: proposals a second, the time from a proposal to its being seen
//! by its author, and what Redis spends on each. `cargo bench --workspace --bench bus`
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::collections::HashMap;
use std::process::{Child, Command as Process, Stdio};
use std::time::{Duration, Instant};

use chat::bus::{Address, Body, Bus, BusSettings, Command, Happened, NodeCard, Ordered, Reach, Welcome};
use tests::peers::peer;
use tests::ports::FreePort;

/// Proposals for the throughput, from all nodes together, and how many a node has open at a time.
const PROPOSALS: usize = 300_000;
const OPEN: usize = 1_000;

/// Proposals for the latency, one after the other.
const ROUND_TRIPS: usize = 10_000;

/// Bytes of a change: a line of chat with what belongs to it.
const CHANGE_BYTES: usize = 200;

struct Redis(Child);

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn main() {
    let Some(redis) = peer("redis-server") else { return };
    for nodes in [1, 3] {
        let port = FreePort::take();
        let arguments = ["--port", &port.number().to_string(), "--save", "", "--bind", "127.0.0.1"];
        let started = Process::new(&redis).args(arguments).stdout(Stdio::null()).spawn();
        let server = Redis(started.expect("redis-server can be started"));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.expect("a runtime").block_on(measure(&port, nodes, &server));
    }
}

async fn measure(port: &FreePort, count: usize, server: &Redis) {
    let mut nodes = Vec::new();
    for index in 0..count {
        let node = join(port, index, &mut nodes).await;
        nodes.push(node);
    }
    let mut times = latencies(&mut nodes).await;
    times.sort_unstable();
    let (before, begin) = (cpu(server.0.id()), Instant::now());
    let tasks: Vec<_> = nodes.into_iter().map(|node| tokio::spawn(flood(node, PROPOSALS / count, PROPOSALS))).collect();
    for task in tasks {
        task.await.expect("a node floods");
    }
    let (elapsed, spent) = (begin.elapsed(), cpu(server.0.id()) - before);
    println!(
        "{count} nodes: {:.0} proposals/s, round trip {:?} median {:?} p99, Redis {:.1} µs of CPU a proposal",
        PROPOSALS as f64 / elapsed.as_secs_f64(),
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        spent.as_secs_f64() * 1e6 / PROPOSALS as f64
    );
}

struct Node {
    bus: Bus,
    number: u32,
    next: u64,
}

async fn join(port: &FreePort, index: usize, others: &mut [Node]) -> Node {
    let address = Address::parse(&format!("redis://{}", port.address())).expect("an address");
    let name = format!("node{index}");
    let (version, description, charter) = ("1".to_owned(), String::new(), "{}".to_owned());
    let card = NodeCard { name, version, description, protocol: 1, charter };
    let settings = BusSettings { address, network: "bench".to_owned(), tls: None, card, history: None };
    let mut bus = Bus::start(settings).expect("settings");
    loop {
        let next = tokio::time::timeout(Duration::from_millis(5), bus.happened.recv()).await;
        if let Ok(Some(Happened::Joined(Welcome { node, number_from, .. }))) = next {
            return Node { bus, number: node, next: number_from };
        }
        for other in others.iter_mut() {
            while let Ok(happened) = other.bus.happened.try_recv() {
                give_snapshot(other, happened).await;
            }
        }
    }
}

async fn give_snapshot(node: &Node, happened: Happened) {
    let Happened::Ordered(all) = happened else { return };
    for it in all {
        if let Body::Joined { node: joiner, .. } = it.body {
            let snapshot = Command::Snapshot { node: joiner, sequence: it.sequence, text: "state".to_owned() };
            node.bus.commands.send(snapshot).await.expect("the bus runs");
        }
    }
}

impl Node {
    async fn propose(&mut self) {
        let (reach, change) = (Reach::Everyone, "x".repeat(CHANGE_BYTES));
        self.bus.commands.send(Command::Propose { number: self.next, reach, change }).await.expect("the bus runs");
        self.next += 1;
    }

    async fn read(&mut self) -> Vec<Ordered> {
        match self.bus.happened.recv().await.expect("the bus runs") {
            Happened::Ordered(all) => all,
            other => panic!("{other:?}"),
        }
    }
}

async fn latencies(nodes: &mut [Node]) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..ROUND_TRIPS {
        let begin = Instant::now();
        let (first, others) = nodes.split_at_mut(1);
        first[0].propose().await;
        while !first[0].read().await.iter().any(|it| matches!(it.body, Body::Change(_))) {}
        times.push(begin.elapsed());
        for other in others {
            while !other.read().await.iter().any(|it| matches!(it.body, Body::Change(_))) {}
        }
    }
    times
}

/// Proposes so many, and reads until it has seen those of all.
async fn flood(mut node: Node, own: usize, all: usize) {
    let (mut proposed, mut seen): (usize, HashMap<u32, usize>) = (0, HashMap::new());
    while seen.values().sum::<usize>() < all / own * own {
        while proposed < own && proposed < seen.get(&node.number).copied().unwrap_or(0) + OPEN {
            node.propose().await;
            proposed += 1;
        }
        for it in node.read().await {
            if let Body::Change(_) = it.body {
                *seen.entry(it.origin).or_default() += 1;
            }
        }
    }
}

/// The CPU time that a process has used.
fn cpu(process: u32) -> Duration {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<&str> = text.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks: u64 = [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
