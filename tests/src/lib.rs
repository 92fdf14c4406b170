//! What every test of the programs needs: the built binaries, a sandbox to run them in, real peers to judge them, and
//! certificate chains that neither of our crates had a hand in.
//!
//! ```text
//! programs ─► sandbox ─► outcome      a command, run to its end within a deadline
//!                 └────► running      a program that keeps running: its lines as they come, its end
//! ports                               free ones, for servers that cannot choose
//! peers                               openssl, curl, … or a reason why the test is skipped
//! irssi, redis                        two of them that keep running
//! chains                              good and bad chains, made with the openssl command line
//! sources                             what the crates' own sources and manifests say
//! ```
//!
//! Nothing here links to `ca-store` or `chat`: the programs are judged from outside. A helper that finds its
//! expectation broken panics with the command, what was expected and all that was printed.

pub mod bars;
pub mod cfssl;
pub mod chains;
pub mod filled;
pub mod irc;
pub mod irssi;
pub mod judges;
pub mod outcome;
pub mod peers;
pub mod ports;
pub mod programs;
pub mod redis;
pub mod running;
pub mod sandbox;
pub mod screen;
pub mod sources;
pub mod spent;
pub mod tls_client;

pub use outcome::Outcome;
pub use running::Running;
pub use sandbox::Sandbox;
