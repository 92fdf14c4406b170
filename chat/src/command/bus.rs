//! The bus of a server that is one of several: where it is, and who this node is there.

use chat::bus::{BusSettings, NodeCard};
use chat::config::ServeSettings;
use chat::config::bus::BusChoice;
use chat::core::Settings;
use chat::core::network::{Charter, PROTOCOL};
use chat::tls::{bundle, bus};
use std::path::Path;
use std::sync::Arc;

use super::password_file;
use crate::failure::{Exit, Failure};

/// What the bus is started with; none for a server by itself.
pub(super) fn settings(serve: &ServeSettings, core: &Settings) -> Result<Option<BusSettings>, Failure> {
    let Some(BusChoice { mut address, password_file, bundle }) = serve.bus.clone() else { return Ok(None) };
    if let Some(file) = password_file {
        address.password = Some(password_file::read(&file)?);
    }
    let tls = bundle.as_deref().map(client).transpose()?;
    address.bundle = bundle;
    let charter = serde_json::to_string(&Charter::of(core))
        .map_err(|error| Failure::new(Exit::Bug, format!("the settings can't be written: {error}")))?;
    let (name, version, description) = (core.name.clone(), core.version.clone(), core.description.clone());
    let card = NodeCard { name, version, description, protocol: PROTOCOL, charter };
    Ok(Some(BusSettings { address, network: core.network.clone(), tls, card, history: None }))
}

fn client(file: &Path) -> Result<Arc<rustls::ClientConfig>, Failure> {
    Ok(Arc::new(bus::config(bundle::read(file, None)?)?))
}
