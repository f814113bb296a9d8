//! A job by the clock. It may run twice for one tick and late for another: what it does depends on `at` alone.

use std::future::Future;

use kernel::{Result, Timestamp};

use crate::App;

/// Runs at the times that [`Schedule::EXPRESSION`] names.
pub trait Schedule: 'static {
    /// As EventBridge Scheduler writes it: `rate(5 minutes)`, `cron(0 3 * * ? *)`, in UTC.
    const EXPRESSION: &'static str;

    fn run(app: &App, at: Timestamp) -> impl Future<Output = Result<()>> + Send;
}
