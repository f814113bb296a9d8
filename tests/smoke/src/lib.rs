//! The product from outside, wherever it runs: a client that checks statuses, and the learner loop.

use std::time::Duration;

mod api;
mod letters;
mod login;
pub mod look;
mod school_day;
mod traces;

pub use api::{Api, text};
pub use letters::Letters;
pub use login::Login;
pub use school_day::{SchoolDay, Taken};

/// What went wrong, in words for whoever ran it: without secrets, since it is printed.
pub type Failure = String;

/// How long what follows events may take, and how often to look.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(200);
