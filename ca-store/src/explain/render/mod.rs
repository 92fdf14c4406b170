//! A report as text, as a page and as a picture. Nothing is decided here: what is shown was decided before.
//!
//! ```text
//! Report ─► view, picture, evidence ─► sections ─► screen ─► text
//!                                  └─► html | svg
//! ```
//!
//! Every text from outside was escaped when it was put into the report. What comes out as markup is escaped for markup
//! as well, and for a second time for terminals: a page outlives the command that wrote it.

mod evidence;
mod html;
mod layout;
mod markup;
mod picture;
mod screen;
mod style;
mod svg;
mod text;
mod view;

pub use html::{Appendix, html, html_with};
pub use layout::{cut, hang};
pub use screen::{Screen, Section, Turn, joined};
pub use style::{DEFAULT_WIDTH, Style};
pub use svg::svg;
pub use text::{sections, text};

#[cfg(test)]
mod tests;
