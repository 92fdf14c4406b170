//! `chat serve`.

use chat::archive::Archive;
use chat::config::settings::Endpoint;
use chat::config::{MutualTls, ServeSettings};
use chat::server::{Kind, Listener, MetricsListener, PortRange, Reload, Server, Unusable};
use chat::tls::server::ServerTls;
use sd_notify::NotifyState;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use super::provisions::Provisions;
use super::{bus, data, store};
use crate::args::Serve;
use crate::failure::{Exit, Failure};
use crate::logging;

/// Serves until told to stop.
pub(crate) fn run(arguments: &Serve) -> Result<(), Failure> {
    let provisions = Provisions::read(arguments.flags(), arguments.config.clone())?;
    logging::start("info");
    super::block_on(tokio::runtime::Builder::new_multi_thread(), serve(provisions, arguments.data.as_deref()))
}

/// What clients will meet: the certificate, whom the server believes, and whether it asks.
fn tell(settings: &ServeSettings, tls: &ServerTls) {
    let believed = match settings.mtls {
        MutualTls::Off => "asks clients for no certificate".to_owned(),
        mode => {
            let how = if mode == MutualTls::Required { "requires" } else { "asks for" };
            format!("{how} client certificates of {}", tls.anchors().1.display())
        }
    };
    store::said(&format!("{} shows {} and {believed}", settings.name, tls.certificate_source().display()));
}

async fn serve(provisions: Provisions, data: Option<&Path>) -> Result<(), Failure> {
    // Before anything is announced: who starts the server may stop it at once.
    let stop = stop_signal()?;
    let server = listen(provisions, tell, |settings| data::open(data, settings.history))?;
    reload_on_hangup(server.reload())?;
    announce(&server)?;
    let stop = async {
        let reason = stop.await;
        tell_service_manager(&[NotifyState::Stopping]);
        reason
    };
    server.run(stop, || tell_service_manager(&[NotifyState::Ready])).await.map_err(|error| unusable(&error))
}

/// Who may not join has to change something first.
fn unusable(error: &Unusable) -> Failure {
    Failure::new(Exit::Network, error.to_string())
}

/// A unit of `Type=notify` is started when the server listens. Where nobody asks to be told, nothing is done.
fn tell_service_manager(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "service-manager-not-told");
    }
}

/// Opens all listeners, and then what is kept: a second server by mistake meets the taken port first. A certificate that has to be
/// issued comes last, since it stays issued; all that is only read comes before.
pub(super) fn listen(
    provisions: Provisions,
    told: impl FnOnce(&ServeSettings, &ServerTls),
    archive: impl FnOnce(&ServeSettings) -> Result<Archive, Failure>,
) -> Result<Server, Failure> {
    let settings = provisions.current();
    let ready = if provisions.will_issue()? { None } else { Some(provisions.first()?) };
    let listeners = listeners(&settings)?;
    let metrics = settings.metrics.map(MetricsListener::open).transpose()?;
    let addresses = addresses(&listeners);
    let bus = bus::settings(&settings, &provisions.core())?;
    let archive = archive(&settings)?;
    let read = ready.map_or_else(|| provisions.first(), Ok)?;
    if let Some(tls) = &read.admission.tls {
        told(&settings, tls);
    }
    if let Some(address) = metrics.as_ref().and_then(|metrics| metrics.address().ok()) {
        store::said(&format!("what is counted is at http://{address}/metrics"));
    }
    let server = Server::new(listeners, provisions, read, archive)?;
    let server = server.with_origins(settings.origins).measured(metrics).joining(bus);
    Ok(match settings.assign_ports {
        Some(numbers) => server.assigning(PortRange { numbers, addresses }),
        None => server,
    })
}

fn listeners(settings: &ServeSettings) -> Result<Vec<Listener>, Failure> {
    let tls = settings.tls.iter().map(|endpoint| (*endpoint, Kind::Tls));
    let exactly = |addresses: &[SocketAddr], kind| {
        let endpoint = |address: &SocketAddr| Endpoint { address: *address, may_be_missing: false };
        addresses.iter().map(|address| (endpoint(address), kind)).collect::<Vec<_>>()
    };
    let plaintext = exactly(&settings.plaintext, Kind::Plaintext);
    let websocket = exactly(&settings.websocket, Kind::WebSocket);
    let websocket_tls = exactly(&settings.websocket_tls, Kind::WebSocketTls);
    let mut listeners = Vec::new();
    for (endpoint, kind) in tls.chain(plaintext).chain(websocket).chain(websocket_tls) {
        listeners.extend(Listener::open(endpoint, kind)?);
    }
    Ok(listeners)
}

/// The addresses on which TLS is spoken, each once.
fn addresses(listeners: &[Listener]) -> Vec<IpAddr> {
    let tls = listeners.iter().filter(|listener| listener.kind() == Kind::Tls);
    tls.map(|listener| listener.address().ip()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// What is said of a listener that IRC clients can't use.
fn remark(kind: Kind) -> &'static str {
    match kind {
        Kind::Tls | Kind::Plaintext => "",
        Kind::WebSocket => " (websocket)",
        Kind::WebSocketTls => " (websocket over TLS)",
    }
}

/// Scripts read these lines to learn the ports: the word after `listening on`.
pub(super) fn announce(server: &Server) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = server
        .addresses()
        .try_for_each(|(address, kind)| writeln!(out, "listening on {address}{}", remark(kind)))
        .and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Bug, format!("standard output can't be written: {error}")))
        }
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = String>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let failed = |error| Failure::new(Exit::Bug, format!("the system gave no way to be stopped: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        "Server is shutting down".to_owned()
    })
}

#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = String>, Failure> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
        "Server is shutting down".to_owned()
    })
}

/// SIGHUP has everything read again, as daemons have it: configuration, certificates, revocation.
#[cfg(unix)]
fn reload_on_hangup(reload: Reload) -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let failed = |error| Failure::new(Exit::Bug, format!("the system gave no way to be told to read again: {error}"));
    let mut hangup = signal(SignalKind::hangup()).map_err(failed)?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            reload.ask();
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn reload_on_hangup(_reload: Reload) -> Result<(), Failure> {
    Ok(())
}
