//! A real Redis as the bus is told of it.

use std::sync::Arc;

use chat::bus::{Address, BusSettings};
use rustls::ClientConfig;
use tests::redis::Redis;

use crate::node::card;

/// What the bus is started with for this Redis.
pub(crate) trait Settings {
    fn address(&self) -> Address;
    fn settings(&self, name: &str) -> BusSettings;
    fn tls_settings(&self, name: &str, tls: Arc<ClientConfig>) -> BusSettings;
}

impl Settings for Redis {
    fn address(&self) -> Address {
        Address::parse(&format!("redis://{}", self.place())).expect("an address")
    }

    fn settings(&self, name: &str) -> BusSettings {
        let network = "test".to_owned();
        BusSettings { address: self.address(), network, tls: None, card: card(name), history: None }
    }

    fn tls_settings(&self, name: &str, tls: Arc<ClientConfig>) -> BusSettings {
        let address = Address::parse(&format!("rediss://localhost:{}", self.port())).expect("an address");
        BusSettings { address, tls: Some(tls), ..self.settings(name) }
    }
}
