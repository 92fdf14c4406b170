//! Ports of other nodes: who comes to a busy node is sent to one that has fewer users (`--assign-ports` on several nodes).
//!
//! The other node opens the port and puts the ticket on the bus, bound to the client's certificate. Where it can't, or does not
//! answer, the port is opened here.

use std::collections::BTreeMap;

use tokio::time::Instant;

use super::Whisper;
use super::missing::whisper;
use crate::bus::Command;
use crate::core::ClientId;
use crate::core::keep::{Answer, AssignedPort};
use crate::server::driver::Driver;
use crate::server::limits::{NO_PORTS, PORT_ANSWER};
use crate::server::ports::{NOBODY, Request, Whose};

/// A client that waits for another node's port.
#[derive(Debug)]
struct Wish {
    client: ClientId,
    fingerprint: Option<String>,
    node: u32,
    until: Instant,
}

/// Clients that wait for ports of other nodes. A client waits once, so there are at most as many as clients.
#[derive(Debug, Default)]
pub(super) struct Ports {
    open: BTreeMap<u64, Wish>,
    last: u64,
    /// Nodes that had none when they were asked last, and until when they are not asked again.
    closed: BTreeMap<u32, Instant>,
}

impl Ports {
    /// Whether a node may have a port to give.
    fn opens(&self, node: u32) -> bool {
        self.closed.get(&node).is_none_or(|until| *until <= Instant::now())
    }

    pub(super) fn until(&self) -> Option<Instant> {
        self.open.values().map(|wish| wish.until).min()
    }
}

impl Driver {
    /// A port for a client: of the node with the fewest users.
    pub(in crate::server) fn ask_for_port(&mut self, client: ClientId, fingerprint: Option<String>) {
        let Some((node, link)) = self.emptier().zip(self.network.as_mut()) else {
            return self.ask_for_port_here(client, fingerprint);
        };
        link.ports.last += 1;
        let (id, until) = (link.ports.last, Instant::now() + PORT_ANSWER);
        link.ports.open.insert(id, Wish { client, fingerprint: fingerprint.clone(), node, until });
        whisper(link, vec![node], &Whisper::AskPort { id, fingerprint });
    }

    /// Another node that has fewer users than this one and opens ports.
    fn emptier(&self) -> Option<u32> {
        let link = self.network.as_ref()?;
        let users = self.users();
        let here = users.iter().find(|(node, _)| node.0 == link.here).map_or(0, |(_, users)| *users);
        let others = users.into_iter().filter(|(node, _)| link.peers.contains(&node.0) && link.ports.opens(node.0));
        others.min_by_key(|(_, users)| *users).filter(|(_, users)| *users < here).map(|(node, _)| node.0)
    }

    fn ask_for_port_here(&mut self, client: ClientId, fingerprint: Option<String>) {
        let whose = Whose::Client { client };
        if !self.open_port(Request { whose, fingerprint }) {
            self.answered(client, Answer::Unavailable);
        }
    }

    /// A client of another node is to have a port here.
    pub(super) fn open_port_for(&mut self, node: u32, id: u64, fingerprint: Option<String>) {
        let Some(bus) = self.network.as_ref().map(super::Link::sender) else { return };
        let whose = Whose::Node { node, id, bus };
        if !self.open_port(Request { whose, fingerprint: fingerprint.clone() }) {
            self.port_opened(node, id, fingerprint, None);
        }
    }

    /// The ticket goes on the bus before anybody is told of the port.
    pub(in crate::server) fn port_opened(
        &mut self,
        node: u32,
        id: u64,
        fingerprint: Option<String>,
        port: Option<AssignedPort>,
    ) {
        let Some(link) = &mut self.network else { return };
        if let Some(AssignedPort { ticket, seconds, .. }) = &port {
            let (word, value) = (ticket.clone(), fingerprint.unwrap_or_else(|| NOBODY.to_owned()));
            link.tell(Command::PutTicket { word, value, seconds: *seconds });
        }
        let port = port.map(|port| (port.number, port.ticket, port.seconds));
        whisper(link, vec![node], &Whisper::TellPort { id, port });
    }

    pub(super) fn told_port(&mut self, from: u32, id: u64, port: Option<(u16, String, u64)>) {
        let Some(link) = &mut self.network else { return };
        let Some(wish) = link.ports.open.remove(&id).filter(|wish| wish.node == from) else { return };
        match port.zip(link.names.get(&from).cloned()) {
            Some(((number, ticket, seconds), name)) => {
                let port = AssignedPort { node: Some(name), number, ticket, seconds };
                self.answered(wish.client, Answer::Port(port));
            }
            None => {
                link.ports.closed.insert(from, Instant::now() + NO_PORTS);
                self.ask_for_port_here(wish.client, wish.fingerprint);
            }
        }
    }

    /// Whoever has waited long enough gets a port here.
    pub(super) fn open_late_ports(&mut self, now: Instant) {
        let Some(link) = &mut self.network else { return };
        let late: Vec<u64> = link.ports.open.iter().filter(|(_, wish)| wish.until <= now).map(|(id, _)| *id).collect();
        let late: Vec<Wish> = late.into_iter().filter_map(|id| link.ports.open.remove(&id)).collect();
        late.into_iter().for_each(|wish| self.ask_for_port_here(wish.client, wish.fingerprint));
    }
}
