//! A node of a test: it gives snapshots by itself, and keeps what happened until it is asked for.

use std::collections::VecDeque;
use std::time::Duration;

use chat::bus::{Body, Bus, BusSettings, Command, Happened, NodeCard, Ordered, Reach, Welcome};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::redis::Settings;
use tests::redis::Redis;

/// How long something may take before a test has failed.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn card(name: &str) -> NodeCard {
    let charter = r#"{"nick-length":32}"#.to_owned();
    let (version, description) = ("1.0".to_owned(), "a node".to_owned());
    NodeCard { name: name.to_owned(), version, description, protocol: 1, charter }
}

pub(crate) fn charter(card: NodeCard, charter: &str) -> NodeCard {
    NodeCard { charter: charter.to_owned(), ..card }
}

pub(crate) struct Node {
    commands: mpsc::Sender<Command>,
    happened: mpsc::UnboundedReceiver<Happened>,
    changes: VecDeque<String>,
    pub(crate) number: u32,
    pub(crate) network: String,
    pub(crate) next: u64,
    pub(crate) snapshot: Option<String>,
    pub(crate) lost: Vec<String>,
    pub(crate) outs: Vec<Vec<u64>>,
}

impl Node {
    /// Starts a node, whose snapshots are empty.
    pub(crate) fn start(settings: BusSettings) -> Node {
        Node::giving(settings, "")
    }

    fn giving(settings: BusSettings, state: &str) -> Node {
        let Bus { commands, happened } = Bus::start(settings).expect("settings");
        let (forward, received) = mpsc::unbounded_channel();
        tokio::spawn(serve(happened, commands.clone(), forward, state.to_owned()));
        let (changes, lost, outs) = (VecDeque::new(), Vec::new(), Vec::new());
        Node {
            commands,
            happened: received,
            changes,
            number: 0,
            network: String::new(),
            next: 0,
            snapshot: None,
            lost,
            outs,
        }
    }

    /// Starts a node whose snapshots say this, and waits until it has joined.
    pub(crate) async fn with(settings: BusSettings, state: &str) -> Node {
        let mut node = Node::giving(settings, state);
        node.until(|it| matches!(it, Happened::Joined { .. })).await;
        node
    }

    pub(crate) async fn join(redis: &Redis, name: &str, state: &str) -> Node {
        Node::with(redis.settings(name), state).await
    }

    pub(crate) async fn command(&self, command: Command) {
        self.commands.send(command).await.expect("the bus runs");
    }

    pub(crate) async fn propose(&mut self, reach: Reach, change: &str) {
        let number = self.next;
        self.next += 1;
        self.command(Command::Propose { number, reach, change: change.to_owned() }).await;
    }

    /// Leaves, and waits until the bus has ended.
    pub(crate) async fn leave(mut self) {
        self.command(Command::Leave { reason: "bye".to_owned() }).await;
        while timeout(PATIENCE, self.happened.recv()).await.expect("the bus ends").is_some() {}
    }

    /// The first thing that happens like this.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&Happened) -> bool) -> Happened {
        loop {
            let next = timeout(PATIENCE, self.happened.recv()).await;
            let happened = next.expect("it happens in time").expect("the bus runs");
            self.note(&happened);
            if wanted(&happened) {
                return happened;
            }
        }
    }

    /// The next so many changes.
    pub(crate) async fn changes(&mut self, count: usize) -> Vec<String> {
        while self.changes.len() < count {
            self.until(|it| matches!(it, Happened::Ordered(_))).await;
        }
        self.changes.drain(..count).collect()
    }

    fn note(&mut self, happened: &Happened) {
        match happened {
            Happened::Joined(Welcome { node, network, number_from, snapshot, .. }) => {
                self.network.clone_from(network);
                (self.number, self.next, self.snapshot) = (*node, *number_from, snapshot.clone());
            }
            Happened::Ordered(all) => self.changes.extend(all.iter().filter_map(change)),
            Happened::Lost { why } => self.lost.push(why.clone()),
            Happened::Out { lost } => self.outs.push(lost.clone()),
            _ => {}
        }
    }
}

fn change(it: &Ordered) -> Option<String> {
    match &it.body {
        Body::Change(text) => Some(text.clone()),
        _ => None,
    }
}

async fn serve(
    mut happened: mpsc::Receiver<Happened>,
    commands: mpsc::Sender<Command>,
    forward: mpsc::UnboundedSender<Happened>,
    state: String,
) {
    while let Some(next) = happened.recv().await {
        if let Happened::Ordered(all) = &next {
            for it in all {
                if let Body::Joined { node, .. } = it.body {
                    let snapshot = Command::Snapshot { node, sequence: it.sequence, text: state.clone() };
                    let _ = commands.send(snapshot).await;
                }
            }
        }
        if forward.send(next).is_err() {
            return;
        }
    }
}
