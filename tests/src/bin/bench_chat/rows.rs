//! The rows of the table: what is measured, what the goal is, and the medians.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use rustls::ClientConfig;
use tempfile::TempDir;

use crate::Options;
use crate::load::{self, Load, Pace};
use crate::material::Material;
use crate::nuisance::Nuisance;
use crate::server::{Kind, Server};
use crate::swarm::{Names, Swarm};

/// Connects of one measurement.
const CONNECTS: usize = 2_000;

/// A figure of a row: where small is good, the goal is an upper bound.
struct Figure {
    title: &'static str,
    goal: &'static str,
    digits: usize,
}

const fn figure(title: &'static str, goal: &'static str, digits: usize) -> Figure {
    Figure { title, goal, digits }
}

/// One kind of measurement, which gives several figures.
struct Row {
    name: &'static str,
    title: &'static str,
    figures: &'static [Figure],
    measure: fn(Kind, &Material, &Options) -> io::Result<Vec<f64>>,
}

const LOAD: [Figure; 8] = [
    figure("deliveries per server CPU s", "", 0),
    figure("deliveries per s", "", 0),
    figure("p50 ms", "", 2),
    figure("p99 ms", "", 2),
    figure("server CPU, cores", "", 2),
    figure("Redis CPU, cores", "", 2),
    figure("generator CPU, cores", "", 2),
    figure("lost", "0", 0),
];

const fn with_goals(per_cpu: &'static str, p99: &'static str) -> [Figure; 8] {
    let mut figures = LOAD;
    figures[0] = figure("deliveries per server CPU s", per_cpu, 0);
    figures[3] = figure("p99 ms", p99, 2);
    figures
}

const ROWS: &[Row] = &[
    Row {
        name: "channel",
        title: "one channel of 500, 100 senders without pause",
        figures: &with_goals("2000000", ""),
        measure: |kind, material, options| {
            let pace = Pace::Window(options.window);
            loaded(kind, material, options, Load { members: 500, channels: 1, senders: 100, pace })
        },
    },
    Row {
        name: "channels",
        title: "100 channels of 20, 100 senders without pause",
        figures: &with_goals("120000", "the best peer's"),
        measure: |kind, material, options| {
            let pace = Pace::Window(options.window);
            loaded(kind, material, options, Load { members: 20, channels: 100, senders: 100, pace })
        },
    },
    Row {
        name: "paced",
        title: "100 channels of 20 at 500 messages/s",
        figures: &with_goals("", "2"),
        measure: |kind, material, options| {
            let pace = Pace::Rate(500);
            loaded(kind, material, options, Load { members: 20, channels: 100, senders: 100, pace })
        },
    },
    Row {
        name: "disturbed",
        title: "the same beside nuisances",
        figures: &LOAD,
        measure: |kind, material, options| disturbed(kind, material, options),
    },
    Row {
        name: "connect",
        title: "server CPU per connect",
        figures: &[
            figure("without client certificate, ms", "0.40", 3),
            figure("with client certificate, ms", "0.70", 3),
        ],
        measure: |kind, material, _| {
            Ok(vec![connects(kind, material, &material.anonymous)?, connects(kind, material, &material.known)?])
        },
    },
    Row {
        name: "memory",
        title: "memory per idle TLS connection",
        figures: &[figure("KiB", "10", 1), figure("KiB, with client certificate", "", 1)],
        measure: |kind, material, options| {
            let count = idle_clients(kind, options);
            Ok(vec![idle(kind, material, &material.anonymous, count)?, idle(kind, material, &material.known, count)?])
        },
    },
];

/// Measures all rows of all servers, and prints each row when it is done.
pub(crate) fn measure(out: &mut impl Write, options: &Options) -> io::Result<()> {
    let folder = TempDir::with_prefix("bench-chat-tls-")?;
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
    let material = Material::make(folder.path())?;
    writeln!(out, "medians of {} runs of {:?}, window {}", options.runs, options.duration, options.window)?;
    let wanted = |row: &&Row| options.rows.is_empty() || options.rows.iter().any(|name| name == row.name);
    for row in ROWS.iter().filter(wanted) {
        let results = runs(row, &material, options)?;
        print(out, row, options, &results)?;
    }
    Ok(())
}

/// For each server the figures of each run. The servers take turns, so that a busy moment of the machine falls on all.
fn runs(row: &Row, material: &Material, options: &Options) -> io::Result<Vec<Vec<Vec<f64>>>> {
    let mut results = vec![Vec::new(); options.servers.len()];
    for _ in 0..options.runs {
        for (kind, results) in options.servers.iter().zip(&mut results) {
            match (row.measure)(*kind, material, options) {
                Ok(figures) => results.push(figures),
                Err(why) => writeln!(io::stderr(), "{}, {}: {why}", row.name, kind.name())?,
            }
        }
    }
    Ok(results)
}

fn print(out: &mut impl Write, row: &Row, options: &Options, results: &[Vec<Vec<f64>>]) -> io::Result<()> {
    write!(out, "\n{:<50}", row.title)?;
    for kind in &options.servers {
        write!(out, "{:>14}", kind.name())?;
    }
    writeln!(out, "{:>18}", "goal")?;
    for (index, figure) in row.figures.iter().enumerate() {
        write!(out, "  {:<48}", figure.title)?;
        for runs in results {
            let middle = median(runs.iter().filter_map(|run| run.get(index).copied()).collect());
            write!(out, "{middle:>14.*}", figure.digits)?;
        }
        writeln!(out, "{:>18}", figure.goal)?;
    }
    out.flush()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn loaded(kind: Kind, material: &Material, options: &Options, load: Load) -> io::Result<Vec<f64>> {
    let server = Server::start(kind, material)?;
    let swarm = Swarm::connect(&server, &material.anonymous, (load.clients(), load.members), Names::MEASURED)?;
    figures(&server, swarm, options, load)
}

/// A steady talk, while many others do what they should not.
fn disturbed(kind: Kind, material: &Material, options: &Options) -> io::Result<Vec<f64>> {
    let load = Load { members: 20, channels: 100, senders: 100, pace: Pace::Rate(500) };
    let server = Server::start(kind, material)?;
    let swarm = Swarm::connect(&server, &material.anonymous, (load.clients(), load.members), Names::MEASURED)?;
    let _nuisance = Nuisance::start(&server, material, idle_clients(kind, options))?;
    figures(&server, swarm, options, load)
}

fn figures(server: &Server, mut swarm: Swarm, options: &Options, load: Load) -> io::Result<Vec<f64>> {
    let measured = load::run(load, &mut swarm, server, options.duration)?;
    if measured.closed > 0 {
        writeln!(io::stderr(), "{}: {} clients were closed", server.kind.name(), measured.closed)?;
    }
    Ok(vec![
        measured.deliveries as f64 / measured.server_cpu,
        measured.deliveries as f64 / measured.seconds,
        measured.latencies.percentile(0.50),
        measured.latencies.percentile(0.99),
        measured.server_cpu / measured.seconds,
        measured.redis_cpu / measured.seconds,
        measured.generator_cpu / measured.seconds,
        measured.lost as f64,
    ])
}

/// Milliseconds of the server's CPU for a client that connects and registers.
fn connects(kind: Kind, material: &Material, config: &Arc<ClientConfig>) -> io::Result<f64> {
    let server = Server::start(kind, material)?;
    let before = server.cpu()?;
    let _swarm = Swarm::connect(&server, config, (CONNECTS, 0), Names::MEASURED)?;
    let spent = server.cpu()? - before;
    Ok(spent.as_secs_f64() * 1000.0 / CONNECTS as f64)
}

/// ngIRCd takes no more.
fn idle_clients(kind: Kind, options: &Options) -> usize {
    if kind == Kind::Ngircd { options.idle.min(5_000) } else { options.idle }
}

/// KiB of the server's memory for a client that is registered and says nothing.
fn idle(kind: Kind, material: &Material, config: &Arc<ClientConfig>, count: usize) -> io::Result<f64> {
    let server = Server::start(kind, material)?;
    let before = server.resident()?;
    let _swarm = Swarm::connect(&server, config, (count, 0), Names::MEASURED)?;
    Ok((server.resident()? - before) as f64 / count as f64)
}
