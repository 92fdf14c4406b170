//! One chat on several nodes over a real Redis: real servers, real clients, and what goes wrong between them.

mod ailing;
mod client;
mod comes;
mod cut;
mod expiry;
mod missed;
mod node;
mod order;
mod paste;
mod people;
mod wire;
