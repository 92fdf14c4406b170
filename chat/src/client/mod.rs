//! The client: a core without I/O, the link to the server, and two ways to show it: lines and a terminal.

pub mod again;
pub mod core;
pub mod help;
pub mod input;
pub mod interface;
mod joiner;
pub mod lines;
pub mod link;
mod people;
mod scram;
pub mod secret;
pub mod session;
pub mod terminal;
pub mod view;
