//! The one task that owns the core: events in, actions out to the outboxes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;

use super::limits::{CUT_A_TURN, DERIVATIONS, DERIVATIONS_WAITING, EVENTS_A_TURN, LEAVE};
use super::link::Link;
use super::metrics::Metrics;
use super::outlets::Outlets;
use super::ports::Request;
use super::{Reload, network, secrets};
use crate::archive::Archive;
use crate::bus::{Command, Happened};
use crate::core::keep::{Answer, AssignedPort, Keep, Question, Record};
use crate::core::network::{NodeId, Snapshot};
use crate::core::{Action, Actions, ClientId, Core, Event, LogEntry, Now};

/// What connections and the server tell the core's task.
#[derive(Debug)]
pub(super) enum Message {
    /// A connection speaks IRC from now on; its event is an `Accepted`.
    Opened { client: ClientId, link: Arc<Link>, event: Event },
    /// Something happened to one that does, or to the server.
    Happened(Event),
    /// A port was opened for a client of another node, or could not be.
    PortFor {
        /// The node that asked.
        node: u32,
        /// Its number of the question.
        id: u64,
        /// The certificate of the client.
        fingerprint: Option<String>,
        /// The port.
        port: Option<AssignedPort>,
    },
    /// Time to look whether another program has changed what is kept.
    Look,
}

/// The core and the way to its clients.
#[derive(Debug)]
pub(super) struct Driver {
    core: Core,
    /// The other nodes, where there are any.
    pub(super) network: Option<network::Link>,
    /// What this turn's events caused, until what is to be kept of it is safe.
    outlets: Outlets,
    /// Events that actions cause.
    caused: VecDeque<Event>,
    /// Clients that were cut off, and of whom the core has not heard it.
    cut: VecDeque<ClientId>,
    actions: Actions,
    archive: Archive,
    /// The way back for answers that take a while.
    answers: mpsc::WeakSender<Message>,
    derivations: Arc<Semaphore>,
    /// Places of those who wait for that.
    places: Arc<Semaphore>,
    reload: Reload,
    ports: mpsc::Sender<Request>,
    metrics: Arc<Metrics>,
    /// Lines in and out since they were last counted.
    lines: u64,
    deliveries: u64,
    wake_at: Option<i64>,
}

impl Driver {
    pub(super) fn new(
        core: Core,
        archive: Archive,
        answers: mpsc::WeakSender<Message>,
        reload: Reload,
        ports: mpsc::Sender<Request>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            core,
            network: None,
            archive,
            reload,
            ports,
            metrics,
            lines: 0,
            deliveries: 0,
            answers,
            derivations: Arc::new(Semaphore::new(DERIVATIONS)),
            places: Arc::new(Semaphore::new(DERIVATIONS_WAITING)),
            outlets: Outlets::default(),
            caused: VecDeque::new(),
            cut: VecDeque::new(),
            actions: Actions::new(),
            wake_at: None,
        }
    }

    /// A node of a network, where it has come just now.
    pub(super) fn join(&mut self, place: network::Place) -> mpsc::Receiver<Happened> {
        let network::Place { link, happened, joined } = place;
        self.network = Some(link);
        self.happened(joined);
        happened
    }

    /// Runs until the core was told to shut down, or nobody is left who could tell it anything.
    pub(super) async fn run(
        mut self,
        mut messages: mpsc::Receiver<Message>,
        mut happened: Option<mpsc::Receiver<Happened>>,
    ) {
        let mut turn = Vec::with_capacity(EVENTS_A_TURN);
        loop {
            let (blocked, late) = self.network_waits();
            tokio::select! {
                received = messages.recv_many(&mut turn, EVENTS_A_TURN) => if received == 0 { return },
                () = until(self.wake_at) => self.tick(),
                told = next(&mut happened) => match told {
                    Some(told) => self.happened_with_all_that_waits(told, happened.as_mut()),
                    None => happened = None,
                },
                () = room(blocked) => {}
                () = past(late) => self.answer_late(),
                () = std::future::ready(()), if !self.cut.is_empty() => {}
            }
            self.tell_of_cut();
            if let Some(link) = &mut self.network {
                link.flush();
            }
            let (mut ended, begun) = (false, Instant::now());
            self.metrics.waiting_events.set(i64::try_from(messages.len()).unwrap_or(i64::MAX));
            for message in turn.drain(..) {
                ended |= matches!(message, Message::Happened(Event::Shutdown { .. }));
                self.take(message);
                if self.outlets.are_full() {
                    self.end_turn();
                }
            }
            self.end_turn();
            self.count(begun.elapsed());
            if ended {
                self.outlets.finish_all();
                return self.leave(happened).await;
            }
        }
    }

    /// What the bus told while the last turn was written out makes one turn, and so one record for each client.
    fn happened_with_all_that_waits(&mut self, told: Happened, more: Option<&mut mpsc::Receiver<Happened>>) {
        self.happened(told);
        let Some(more) = more else { return };
        for _ in 0..EVENTS_A_TURN {
            match more.try_recv() {
                Ok(told) => self.happened(told),
                Err(_) => return,
            }
        }
    }

    /// What this node has to tell the bus as soon as there is room, and when it stops waiting for other nodes.
    fn network_waits(&self) -> (Option<mpsc::Sender<Command>>, Option<Instant>) {
        self.network.as_ref().map_or((None, None), |link| (link.blocked(), link.until()))
    }

    /// The others are told that this node ends, and are not waited for long.
    async fn leave(&mut self, happened: Option<mpsc::Receiver<Happened>>) {
        let (Some(link), Some(mut happened)) = (self.network.as_mut(), happened) else { return };
        link.tell(Command::Leave { reason: "it was shut down".to_owned() });
        let _ = tokio::time::timeout(LEAVE, async { while happened.recv().await.is_some() {} }).await;
    }

    /// Once a turn: counters that others read cost more than those of our own.
    fn count(&mut self, turn: Duration) {
        if let Some(link) = &mut self.network {
            self.metrics.nodes.set(i64::try_from(link.peers.len() + 1).unwrap_or(i64::MAX));
            self.metrics.cut_off_from_bus.set(i64::from(link.is_cut));
            self.metrics.proposals.inc_by(std::mem::take(&mut link.proposals));
        }
        self.metrics.turn_seconds.observe(turn);
        self.metrics.lines.inc_by(std::mem::take(&mut self.lines));
        self.metrics.deliveries.inc_by(std::mem::take(&mut self.deliveries));
    }

    fn tick(&mut self) {
        self.wake_at = None;
        self.handle(Event::Tick);
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Opened { client, link, event } => {
                self.outlets.insert(client, link);
                self.handle(event);
            }
            Message::Happened(event) => {
                self.lines += u64::from(matches!(event, Event::Line { .. }));
                self.handle(event);
            }
            Message::PortFor { node, id, fingerprint, port } => self.port_opened(node, id, fingerprint, port),
            Message::Look => self.look(),
        }
    }

    /// Accounts are added and removed by `chat account`, too.
    fn look(&mut self) {
        self.mark();
        let read = |archive: &mut Archive| -> Result<Option<Vec<Record>>, Box<dyn std::error::Error>> {
            if archive.changed_elsewhere()? { Ok(Some(archive.records()?)) } else { Ok(None) }
        };
        match read(&mut self.archive) {
            Ok(Some(records)) => self.handle(Event::RecordsChanged(records)),
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "history-failed"),
        }
    }

    /// Notes how far the history is, so that a node that comes again is told only what it missed.
    pub(super) fn mark(&mut self) {
        let Some(link) = &self.network else { return };
        if let Err(error) = self.archive.set_mark(&link.word, link.sequence) {
            tracing::error!(%error, "history-failed");
        }
    }

    pub(super) fn handle(&mut self, event: Event) {
        self.caused.push_back(event);
        self.handle_caused();
    }

    fn handle_caused(&mut self) {
        while let Some(event) = self.caused.pop_front() {
            let gone = match &event {
                Event::Gone { client, .. } => Some(*client),
                _ => None,
            };
            self.core.handle(now(), event, &mut self.actions);
            let mut actions = std::mem::take(&mut self.actions);
            for action in actions.drain() {
                self.carry_out(action);
            }
            self.actions = actions;
            if let Some(client) = gone {
                self.outlets.end(client);
            }
        }
    }

    /// What is to be sent waits for the end of the turn.
    fn carry_out(&mut self, action: Action) {
        match action {
            Action::Send { client, line } => self.send(client, line),
            Action::Close { client, .. } => self.outlets.end(client),
            Action::Listen { client, listens } => self.outlets.listen(client, listens),
            Action::WakeAt { at_ms } => self.wake_at = Some(at_ms),
            Action::Reload => self.reload.ask(),
            Action::Log(entry) => log(&entry),
            Action::Keep(keep) => self.keep(&keep),
            Action::Propose(proposal) => self.propose(*proposal),
            Action::Describe { node } => self.describe(node),
            Action::Ask { client, question } => self.ask(client, *question),
        }
    }

    fn send(&mut self, client: ClientId, line: Arc<[u8]>) {
        self.deliveries += 1;
        let Err(line) = self.outlets.add(client, line) else { return };
        self.commit();
        if self.outlets.flush(client).is_err() {
            self.cut_off(client);
        }
        // Nothing waits for it any more, or it is gone.
        let _ = self.outlets.add(client, line);
    }

    fn keep(&mut self, keep: &Keep) {
        self.keep_here(keep);
        if self.network.is_some() {
            self.keep_everywhere(keep);
        }
    }

    pub(super) fn keep_here(&mut self, keep: &Keep) {
        if let Err(error) = self.archive.keep(keep) {
            tracing::error!(%error, "history-failed");
        }
    }

    pub(super) fn archive(&self) -> &Archive {
        &self.archive
    }

    pub(super) fn archive_records(&self) -> Vec<Record> {
        self.archive.records().unwrap_or_else(|error| {
            tracing::error!(%error, "history-failed");
            Vec::new()
        })
    }

    fn archive_answer(&self, question: &Question) -> Answer {
        self.archive.answer(question).unwrap_or_else(|error| {
            tracing::error!(%error, "history-failed");
            Answer::Unavailable
        })
    }

    /// What this node knows by itself.
    pub(super) fn found_here(&self, question: &Question) -> Answer {
        match question {
            Question::LastMessages(clients) => Answer::LastMessages(self.core.last_messages(clients)),
            question => self.archive_answer(question),
        }
    }

    pub(super) fn network_name(&self) -> &str {
        self.core.network_name()
    }

    pub(super) fn core_name(&self) -> &str {
        self.core.name()
    }

    pub(super) fn core_snapshot(&self) -> Snapshot {
        self.core.snapshot()
    }

    /// Bytes that wait for a client.
    pub(super) fn held(&self, client: ClientId) -> usize {
        self.outlets.held(client)
    }

    pub(super) fn outlets_are_full(&self) -> bool {
        self.outlets.are_full()
    }

    /// What a client waited for is known.
    pub(super) fn answered(&mut self, client: ClientId, answer: Answer) {
        self.handle(Event::Answered { client, answer: Box::new(answer) });
    }

    /// The next event of all.
    pub(super) fn handle_next(&mut self, event: Event) {
        self.caused.push_front(event);
    }

    fn ask(&mut self, client: ClientId, question: Question) {
        if self.ask_others(client, &question) {
            return;
        }
        let answer = match question {
            Question::Missed { buffer, waiting } => return self.ask_missed(buffer, waiting),
            Question::Derive(derive) => return self.derive(client, derive),
            Question::Port { fingerprint } => return self.ask_for_port(client, fingerprint),
            Question::Random { length } => secrets::random(length),
            question => self.found_here(&question),
        };
        // The next event of all, so that nothing of this client comes between.
        self.caused.push_front(Event::Answered { client, answer: Box::new(answer) });
    }

    /// Has a port opened here. False: nobody opens any.
    pub(super) fn open_port(&mut self, request: Request) -> bool {
        self.ports.try_send(request).is_ok()
    }

    /// Users of each node.
    pub(super) fn users(&self) -> Vec<(NodeId, usize)> {
        self.core.users()
    }

    /// Off the core's task, since it takes milliseconds by design.
    fn derive(&self, client: ClientId, derive: crate::core::keep::Derive) {
        let (answers, derivations) = (self.answers.clone(), self.derivations.clone());
        let place = self.places.clone().try_acquire_owned();
        tokio::spawn(async move {
            let answer = match place {
                Ok(_place) => {
                    let _permit = derivations.acquire().await;
                    tokio::task::spawn_blocking(move || secrets::derive(derive)).await.unwrap_or(Answer::Unavailable)
                }
                Err(_) => Answer::Unavailable,
            };
            let answer = Box::new(answer);
            if let Some(answers) = answers.upgrade() {
                let _ = answers.send(Message::Happened(Event::Answered { client, answer })).await;
            }
        });
    }

    /// Makes safe what is to be kept, then lets out what followed from it.
    pub(super) fn end_turn(&mut self) {
        loop {
            self.commit();
            for client in self.outlets.flush_all() {
                self.cut_off(client);
            }
            if !self.outlets.wait() {
                return;
            }
        }
    }

    fn commit(&mut self) {
        if let Err(error) = self.archive.commit() {
            tracing::error!(%error, "history-failed");
        }
    }

    /// A reader that is too slow: its queue is dropped with the connection, and the core hears that it is gone.
    fn cut_off(&mut self, client: ClientId) {
        self.outlets.cut_off(client);
        self.metrics.cut_off.inc();
        tracing::warn!(client = client.0, "send-queue-full");
        self.cut.push_back(client);
    }

    /// Others are told of some who were cut off; of the next in the next turn.
    fn tell_of_cut(&mut self) {
        for _ in 0..CUT_A_TURN {
            let Some(client) = self.cut.pop_front() else { return };
            self.handle(Event::Gone { client, reason: "Send queue full: read too slowly".to_owned() });
        }
    }
}

/// What the bus tells; nothing where there is none.
async fn next(happened: &mut Option<mpsc::Receiver<Happened>>) -> Option<Happened> {
    match happened {
        Some(happened) => happened.recv().await,
        None => std::future::pending().await,
    }
}

/// Until there is room for what waits.
async fn room(commands: Option<mpsc::Sender<Command>>) {
    match commands {
        Some(commands) => drop(commands.reserve().await.is_ok()),
        None => std::future::pending().await,
    }
}

async fn past(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

async fn until(at_ms: Option<i64>) {
    let Some(at_ms) = at_ms else { return std::future::pending().await };
    let left = u64::try_from(at_ms - now().unix_ms).unwrap_or(0);
    tokio::time::sleep_until(Instant::now() + Duration::from_millis(left)).await;
}

fn now() -> Now {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Now { unix_ms: i64::try_from(since.as_millis()).unwrap_or(i64::MAX) }
}

fn log(entry: &LogEntry) {
    match entry {
        LogEntry::Registered { client, host, nickname, account } => {
            tracing::info!(client = client.0, host, ?nickname, account = ?account.as_deref().unwrap_or("-"), "registered");
        }
        LogEntry::NicknameRefused { client, host, nickname, reason } => {
            tracing::info!(client = client.0, host, ?nickname, ?reason, "nickname-refused");
        }
        LogEntry::NicknameReclaimed { client, nickname, account } => {
            tracing::info!(client = client.0, ?nickname, ?account, "nickname-reclaimed");
        }
        LogEntry::NoAccount { client, reason } => tracing::warn!(client = client.0, ?reason, "no-account"),
        LogEntry::OperatorCame { client, nickname, operator } => {
            tracing::warn!(client = client.0, ?nickname, ?operator, "operator");
        }
        LogEntry::OperatorRefused { client, host, nickname, operator, reason } => {
            tracing::warn!(client = client.0, host, ?nickname, ?operator, reason, "operator-refused");
        }
        LogEntry::Killed { client, nickname, by } => tracing::warn!(client = client.0, ?nickname, ?by, "killed"),
        LogEntry::LoggedIn { client, host, account } => {
            tracing::info!(client = client.0, host, ?account, "logged-in");
        }
        LogEntry::LoginFailed { client, host, account, reason } => {
            let account = account.as_deref().unwrap_or("-");
            tracing::warn!(client = client.0, host, ?account, ?reason, "login-failed");
        }
        LogEntry::Closed { client, reason } => tracing::info!(client = client.0, ?reason, "closed"),
    }
}
