//! The checks: one small function a code (or a family of codes of which only one can hold), its rule above it.
//!
//! To add one: write the function in the file of its subject, name it in [`CHECKS`], give it a good and a bad example
//! in the tests, and a row in `docs/findings.md`.

mod anchors;
mod baseline;
mod clock;
mod elsewhere;
mod extensions;
mod host_names;
mod interception;
mod issuing;
mod key_identifiers;
mod keys;
mod missing;
mod name_constraints;
mod names;
mod namesakes;
mod order;
mod policies;
mod revocation;
mod serial;
mod time;
mod trust;
mod unusable_key;
mod usage;

pub(crate) use anchors::root_above;
pub(crate) use host_names::is_public_suffix;
pub(crate) use missing::{joined_file, missing};
pub(crate) use trust::root_beside;

use super::{Code, Finding, Severity};
use crate::explain::Case;

/// Looks at one path for one thing.
type Check = fn(&Case<'_>) -> Vec<Finding>;

const CHECKS: &[Check] = &[
    trust::broken_link,
    elsewhere::root_in_other_store,
    elsewhere::impersonated,
    anchors::damaged_anchor,
    anchors::leaf_as_anchor,
    anchors::intermediate_as_anchor,
    namesakes::beside_issuer,
    names::same_subject,
    names::same_key,
    names::root_like_host,
    names::issuer_spelling,
    names::empty_issuer,
    host_names::no_san,
    host_names::host,
    host_names::wildcard_too_broad,
    order::chain_order,
    order::extra,
    order::duplicate,
    order::root_sent,
    time::validity,
    time::inverted,
    clock::wrong,
    time::encoding,
    time::long,
    time::expired_alternative,
    issuing::issuer_may_issue,
    issuing::leaf_version,
    issuing::undefined_version,
    issuing::constraints_critical,
    issuing::leaf_is_ca,
    issuing::path_length,
    issuing::depth,
    name_constraints::permitted_names,
    name_constraints::malformed,
    name_constraints::support,
    name_constraints::malformed_names,
    extensions::unknown_critical,
    extensions::critical_policies,
    extensions::malformed,
    extensions::octets_behind,
    extensions::unseen_staple,
    extensions::duplicates,
    extensions::against_their_section,
    extensions::criticality,
    extensions::out_of_place,
    key_identifiers::key_identifiers,
    policies::policies,
    policies::any_policy_mapped,
    baseline::key,
    baseline::digest_of_curve,
    baseline::authority_key_identifier,
    baseline::purposes,
    usage::purpose,
    usage::netscape_type,
    usage::digital_signature,
    usage::key_encipherment,
    unusable_key::unusable_key,
    keys::weak_key,
    keys::weak_signature,
    keys::unverifiable,
    keys::two_algorithms,
    keys::support,
    keys::digest_support,
    keys::parameters_of_ecdsa,
    keys::pss_support,
    keys::private_key,
    serial::numbers,
    serial::encoding,
    serial::reused,
    revocation::revoked,
];

/// Checks of what is a note in some profile, with the code that they find.
const REMARKS: &[(Check, Code)] = &[(baseline::common_name, Code::CommonNameNotInSan)];

/// Everything that is wrong on one path, in no particular order; without `remarks` no more than may be a cause.
pub(crate) fn check(case: &Case<'_>, remarks: bool) -> Vec<Finding> {
    let profile = case.question.profile;
    let remarked =
        REMARKS.iter().filter(|(_, code)| remarks || super::profile::usual(profile, *code) != Severity::Note);
    let checks = CHECKS.iter().chain(remarked.map(|(check, _)| check));
    let mut findings: Vec<Finding> = checks.flat_map(|check| check(case)).collect();
    super::grade(profile, &mut findings);
    findings
}
