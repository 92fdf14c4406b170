//! SQUIT (RFC 2812, section 3.1.8). No server is linked here: an operator is told that there is none of that name.

use super::{Verb, When, connect};

pub(super) const VERB: Verb = Verb {
    name: "SQUIT",
    when: When::Registered,
    parameters: 1,
    usage: "SQUIT <server> :<reason> - would cut a link; this server stands alone",
    run: connect::run,
};
