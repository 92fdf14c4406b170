//! The look of `pki request`.

use std::io::{self, Write};

use ca_store::csr::MadeRequest;
use ca_store::facts::escape;
use ca_store::profile::Purpose;
use ca_store::san::San;
use serde_json::{Value, json};

use super::{field, typed};
use crate::outcome::Outcome;

/// A key and a request were made.
pub(crate) struct RequestMade {
    pub(crate) made: MadeRequest,
}

impl Outcome for RequestMade {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let made = &self.made;
        let sans = made.sans.iter().map(San::to_string);
        let own = made.common_name.clone().filter(|name| made.sans.iter().all(|san| san.to_string() != *name));
        let holder = match made.purpose {
            Purpose::Server => "a server",
            Purpose::Client => "a client",
            Purpose::Intermediate => "an intermediate CA",
        };
        writeln!(out, "Request made, for {holder}")?;
        field(out, "names", &own.into_iter().chain(sans).collect::<Vec<_>>().join(", "))?;
        if made.subject.attributes().count() > 1 {
            field(out, "subject", &made.subject.to_string())?;
        }
        field(out, "key", made.key.as_str())?;
        writeln!(out, "Files in {}", escape(&typed(&made.folder)))?;
        writeln!(out, "  request.csr  the request: what goes to whoever has the CA")?;
        writeln!(out, "  privkey.pem  its private key, readable by you alone: it stays here")?;
        writeln!(out, "Next")?;
        writeln!(out, "  # where the CA is:")?;
        writeln!(out, "  pki sign request.csr --profile {}", made.purpose)?;
        writeln!(out, "  # here, when cert.pem, fullchain.pem and ca.pem have come back:")?;
        writeln!(out, "  {}", escape(&self.afterwards()))
    }

    fn json(&self) -> Value {
        let made = &self.made;
        json!({
            "purpose": made.purpose.as_str(),
            "common_name": made.common_name,
            "subject": made.subject.to_string(),
            "sans": made.sans.iter().map(San::to_string).collect::<Vec<_>>(),
            "key": made.key.as_str(),
            "files": { "folder": made.folder, "request": made.request_file, "privkey": made.key_file },
        })
    }
}

impl RequestMade {
    fn afterwards(&self) -> String {
        let made = &self.made;
        let key = typed(&made.key_file);
        match made.purpose {
            Purpose::Intermediate => format!("pki init-ca --import cert.pem {key} --chain ca.pem"),
            purpose => {
                format!("pki diagnose --chain fullchain.pem --key {key} --trust ca.pem --purpose {purpose}")
            }
        }
    }
}
