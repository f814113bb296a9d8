//! A clock that tests move. It also moves one millisecond at each look, so that ids sort as they were made.

use std::sync::{
    OnceLock,
    atomic::{AtomicI64, Ordering},
};

use kernel::{Clock, Timestamp};
use tokio::time::Instant;

/// Starts at 2026-01-15T09:00:00Z.
#[derive(Debug)]
pub struct TestClock {
    millis: AtomicI64,
    /// Since when it goes with the time of the test's runtime.
    running: OnceLock<Instant>,
}

impl Default for TestClock {
    fn default() -> Self {
        Self { millis: AtomicI64::new(1_768_467_600_000), running: OnceLock::new() }
    }
}

impl TestClock {
    /// Moves by `seconds`, forward or back.
    pub fn advance(&self, seconds: i64) {
        self.millis.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// Moves on to `then`.
    pub(crate) fn catch_up(&self, then: Timestamp) {
        self.millis.fetch_max(then.millis(), Ordering::SeqCst);
    }

    /// Lets it go with virtual time, for what waits.
    pub(crate) fn run(&self) {
        self.running.get_or_init(Instant::now);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let run = self.running.get().map_or(0, |since| since.elapsed().as_millis());
        let run = i64::try_from(run).expect("a test of this age");
        Timestamp::from_millis(self.millis.fetch_add(1, Ordering::SeqCst) + run)
    }
}
