//! The product from outside, wherever it runs: a client that checks statuses, and the learner loop.

mod api;
pub mod look;
mod school_day;

pub use api::{Api, text};
pub use school_day::{Taken, school_day};

/// What went wrong, in words for whoever ran it.
pub type Failure = String;
