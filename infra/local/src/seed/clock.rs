//! A clock that is set by hand.

use std::sync::atomic::{AtomicI64, Ordering};

use kernel::{Clock, Timestamp};

pub(super) const DAY: i64 = 24 * 3600;
/// Each look at the clock is this many milliseconds after the one before, so that ids and times have an order.
const MOMENT: i64 = 40;

/// Stands at the time of the step that is being made.
pub(crate) struct SeedClock {
    opened: Timestamp,
    now: AtomicI64,
}

impl SeedClock {
    /// Set to the midnight at which the school opens.
    pub(super) fn new(today: Timestamp, days_of_history: i64) -> Self {
        let midnight = today.seconds().div_euclid(DAY) - days_of_history;
        let opened = Timestamp::from_millis(midnight * DAY * 1000);
        Self { opened, now: AtomicI64::new(opened.millis()) }
    }

    /// A time so many seconds after the school opened.
    pub(super) fn after_opening(&self, seconds: i64) -> Timestamp {
        self.opened.plus_seconds(seconds)
    }

    pub(super) fn set(&self, time: Timestamp) {
        self.now.store(time.millis(), Ordering::Relaxed);
    }
}

impl Clock for SeedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.fetch_add(MOMENT, Ordering::Relaxed))
    }
}
