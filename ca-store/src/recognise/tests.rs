//! The tables hold together, and each family's words lead to their causes.

use super::normalise::folded;
use super::{MAX_CANDIDATES, Standing, recognise, table};
use crate::finding::Code;
