//! Our chat server beside its peers under one load: `cargo run --release --bin bench_chat -- [OPTIONS]`.
//!
//! ```text
//! material ─► server (ours, or a peer) ◄─ swarm of clients ◄─ load ─► rows ─► table
//! ```
//!
//! Every server gets the same certificate, the same clients and the same load on loopback, and a fresh process for
//! each row. The generator is one thread; its own CPU time is told, so that a figure that is the generator's limit is
//! seen as one. What is compared is what a second of the server's CPU time does, since the machine is shared.
//!
//! Options: `--runs N` (5), `--seconds S` (5), `--rows a,b` and `--only a,b` (all), `--window N` (1),
//! `--idle N` (10000 clients that are silent, in `memory` and `disturbed`), `--nodes yes` (ours by itself, as one node over Redis, as three: what the bus
//! costs).

mod client;
mod histogram;
mod load;
mod material;
mod nameserver;
mod nuisance;
mod process;
mod rows;
mod server;
mod swarm;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use server::Kind;
use tests::bars;

/// What is measured, and how often.
struct Options {
    runs: usize,
    duration: Duration,
    rows: Vec<String>,
    servers: Vec<Kind>,
    window: u32,
    idle: usize,
}

fn main() -> ExitCode {
    let result = options().and_then(|options| rows::measure(&mut io::stdout().lock(), &options));
    bars::exit("bench_chat", result.map(|()| true))
}

fn options() -> io::Result<Options> {
    let mut options = Options {
        runs: 5,
        duration: Duration::from_secs(5),
        rows: Vec::new(),
        servers: Kind::ALL.to_vec(),
        window: 1,
        idle: 10_000,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or_else(|| io::Error::other(format!("{option} needs a value")))?;
        let number = || value.parse::<usize>().map_err(|why| io::Error::other(format!("{option} {value}: {why}")));
        match option.as_str() {
            "--runs" => options.runs = number()?.max(1),
            "--seconds" => options.duration = Duration::from_secs(number()?.max(1) as u64),
            "--window" => options.window = u32::try_from(number()?.max(1)).map_err(io::Error::other)?,
            "--idle" => options.idle = number()?.max(1),
            "--rows" => options.rows = value.split(',').map(str::to_owned).collect(),
            "--nodes" if value == "yes" => options.servers = Kind::NODES.to_vec(),
            "--only" => options.servers.retain(|kind| value.split(',').any(|name| name == kind.name())),
            _ => return Err(io::Error::other(format!("{option} is no option"))),
        }
    }
    options.servers.retain(|kind| kind.is_there());
    Ok(options)
}
