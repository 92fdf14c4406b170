//! From what was typed to what `ca-store` is asked for.

use std::path::Path;

use ca_store::key::Seal;
use ca_store::profile::Purpose;
use ca_store::request::{CrlRequest, CsrRequest, InitCaRequest, IssueRequest, RenewRequest, SignRequest};
use ca_store::{Error, ImportRequest, RecertifyRequest, RolloverRequest};
use time::Duration;

use crate::command::flags::Terms;
use crate::command::request::What;
use crate::command::{crl, init_ca, issue, renew, rollover, sign};
use crate::passphrase;

/// The CA that was asked for.
pub(crate) fn init_ca(args: &init_ca::Args) -> Result<InitCaRequest, Error> {
    Ok(InitCaRequest {
        name: args.name.clone().unwrap_or_default(),
        intermediate: args.intermediate.clone(),
        attributes: args.subject.attributes(),
        key: args.key,
        days: args.days,
        permit_dns: args.permit_dns.clone(),
        permit_ip: args.permit_ip.clone(),
        seal: seal(args)?,
        root_key_out: args.root_key_out.clone(),
        allow_host_like_name: args.allow_host_like_name,
    })
}

/// The CA that is to be taken over.
pub(crate) fn import_ca(args: &init_ca::Args, certificate: &Path, key: &Path) -> Result<ImportRequest, Error> {
    Ok(ImportRequest {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        chain: args.chain.clone(),
        crl: args.crl.clone(),
        passphrase: passphrase::given(&args.passphrase)?,
        kdf: args.kdf,
    })
}

/// The server certificate that was asked for.
pub(crate) fn issue_server(args: &issue::ServerArgs) -> Result<IssueRequest, Error> {
    if args.names.is_empty() && args.terms.csr.is_none() {
        return Err(Error::NameMissing { purpose: Purpose::Server });
    }
    let request = IssueRequest::server(args.names.iter());
    with_terms(IssueRequest { common_name: args.common_name.clone(), ..request }, &args.terms)
}

/// The client certificate that was asked for.
pub(crate) fn issue_client(args: &issue::ClientArgs) -> Result<IssueRequest, Error> {
    let request = match &args.name {
        Some(name) => IssueRequest::client(name),
        None => return Err(Error::NameMissing { purpose: Purpose::Client }),
    };
    with_terms(IssueRequest { email: args.email.clone(), ..request }, &args.terms)
}

/// The key and the request that were asked for.
pub(crate) fn csr(what: &What) -> CsrRequest {
    let (purpose, names, common_name, email, terms) = match what {
        What::Server { names, common_name, terms } => {
            (Purpose::Server, names.clone(), common_name.clone(), None, terms)
        }
        What::Client { name, email, terms } => (Purpose::Client, one(name), None, email.clone(), terms),
        What::Intermediate { name, terms } => (Purpose::Intermediate, one(name), None, None, terms),
    };
    let attributes = terms.subject.attributes();
    CsrRequest { purpose, names, email, common_name, attributes, key: terms.key, out: terms.out.clone() }
}

fn one(name: &Option<String>) -> Vec<String> {
    name.iter().cloned().collect()
}

/// The revocation lists that were asked for.
pub(crate) fn crl(args: &crl::Args) -> Result<CrlRequest, Error> {
    let days = args.days.map(|days| Duration::days(days.into()));
    Ok(CrlRequest {
        life: days.or(args.hours.map(|hours| Duration::hours(hours.into()))),
        delta: args.delta,
        partitions: args.partitions,
        url: args.url.clone(),
        out: args.out.clone(),
        publish: args.publish.clone(),
        root_key: args.root_key.root_key.clone(),
        passphrase: passphrase::given(&args.passphrase)?,
    })
}

/// The new generation of CAs that was asked for.
pub(crate) fn rollover(args: &rollover::Args) -> Result<RolloverRequest, Error> {
    Ok(RolloverRequest {
        generation: args.generation(),
        name: args.name.clone(),
        issuing: args.issuing.clone(),
        key: args.key,
        days: args.days,
        root_key: args.root_key.root_key.clone(),
        root_key_out: args.root_key_out.clone(),
        passphrase: passphrase::given(&args.passphrase)?,
        allow_host_like_name: args.allow_host_like_name,
    })
}

/// The CA's certificate that is to be made anew for the same key.
pub(crate) fn recertify(args: &rollover::Args) -> Result<RecertifyRequest, Error> {
    Ok(RecertifyRequest {
        generation: args.generation(),
        days: args.days,
        root_key: args.root_key.root_key.clone(),
        passphrase: passphrase::given(&args.passphrase)?,
    })
}

/// The request that is to be signed.
pub(crate) fn sign(args: &sign::Args) -> SignRequest {
    let (csr, names, out) = (args.csr.clone(), args.names.clone(), args.out.clone());
    let root_key = args.root_key.root_key.clone();
    SignRequest { csr, purpose: args.profile, names, days: args.days, out, root_key }
}

/// The renewal of `name` that was asked for.
pub(crate) fn renew(args: &renew::Args, name: &str) -> Result<RenewRequest, Error> {
    let passphrase = passphrase::given(&args.passphrase)?;
    let (add, hook) = (args.add.clone(), args.hook.clone());
    Ok(RenewRequest { name: name.to_owned(), add, rekey: args.rekey, days: args.days, hook, passphrase })
}

fn with_terms(request: IssueRequest, terms: &Terms) -> Result<IssueRequest, Error> {
    let passphrase = passphrase::given(&terms.passphrase)?;
    let (csr, out) = (terms.csr.clone(), terms.out.clone());
    let attributes = terms.subject.attributes();
    Ok(IssueRequest { days: terms.days, key: terms.key, csr, attributes, out, passphrase, ..request })
}

/// What new keys are encrypted with; nothing, unless a passphrase is given.
fn seal(args: &init_ca::Args) -> Result<Option<Seal>, Error> {
    let passphrase = match args.passphrase_prompt {
        true => Some(passphrase::ask_twice("Passphrase for the new keys")?),
        false => passphrase::given(&args.passphrase)?,
    };
    Ok(passphrase.map(|passphrase| Seal { passphrase, kdf: args.kdf }))
}
