//! A job by the clock. It may run twice for one tick and late for another: what it does depends on `at` alone.

use std::future::Future;

use kernel::{Result, Timestamp};

use crate::{App, Needs};

/// Runs at the times that [`Schedule::EXPRESSION`] names.
pub trait Schedule: 'static {
    /// The function's name: `<domain>-<verb>-<noun>`, after which its file and its binary are called.
    const NAME: &'static str;
    const NEEDS: Needs = Needs::NOTHING;
    /// As a rule of EventBridge writes it: `rate(5 minutes)`, `cron(0 3 * * ? *)`, in UTC.
    const EXPRESSION: &'static str;

    fn run(app: &App, at: Timestamp) -> impl Future<Output = Result<()>> + Send;
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use kernel::{Code, Error};

    use super::*;
    use crate::{ScheduleEntry, fakes};

    static RUNS: Mutex<Vec<Timestamp>> = Mutex::new(Vec::new());

    struct SweepOutbox;

    impl Schedule for SweepOutbox {
        const NAME: &'static str = "events-sweep-outbox";
        const EXPRESSION: &'static str = "rate(5 minutes)";

        async fn run(_: &App, at: Timestamp) -> Result<()> {
            RUNS.lock().unwrap().push(at);
            if at == Timestamp::default() {
                Err(Error::new(Code::UNAVAILABLE, "as the test wants it"))
            } else {
                Ok(())
            }
        }
    }

    #[tokio::test]
    async fn a_tick_reaches_the_job_with_its_time_and_its_failure_comes_back() {
        let entry = ScheduleEntry::of::<SweepOutbox>();
        assert_eq!(entry.expression, "rate(5 minutes)");
        assert_eq!(entry.names.logical_id(), "EventsSweepOutbox");
        let app = fakes::app();
        let tick = fakes::NOW.plus_seconds(-60);
        // Twice for one tick: what a job does depends on the tick's time, not on the clock.
        for _ in 0..2 {
            (entry.run)(app, tick).await.unwrap();
        }
        let failed = (entry.run)(app, Timestamp::default()).await.unwrap_err();
        assert_eq!(failed.code(), Code::UNAVAILABLE);
        assert_eq!(*RUNS.lock().unwrap(), [tick, tick, Timestamp::default()]);
    }
}
