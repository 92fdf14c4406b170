//! RESTART (RFC 2812, section 4.4). As with DIE, the service manager's work.

use super::{Verb, When, die};

pub(super) const VERB: Verb = Verb {
    name: "RESTART",
    when: When::Registered,
    parameters: 0,
    usage: "RESTART - would start the server anew; its service manager does that, and REHASH reads the configuration again",
    run: die::run,
};
