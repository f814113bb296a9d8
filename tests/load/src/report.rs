//! What was measured.

use std::{collections::BTreeMap, fmt::Write, time::Duration};

use smoke::Failure;

use crate::learner::Learner;

#[derive(Default)]
pub(crate) struct Report {
    times: BTreeMap<&'static str, Vec<Duration>>,
    failures: Vec<Failure>,
    elapsed: Duration,
}

impl Report {
    pub(crate) fn add(&mut self, learner: &Learner, done: Result<(), Failure>) {
        for (what, time) in &learner.times {
            self.times.entry(what).or_default().push(*time);
        }
        self.failures.extend(done.err());
    }

    pub(crate) fn took(&mut self, elapsed: Duration) {
        self.elapsed = elapsed;
    }

    /// The table, if nothing failed.
    pub(crate) fn finish(mut self, learners: u32) -> Result<String, Failure> {
        let mut text = format!("{:<16} {:>7} {:>9} {:>9} {:>9}\n", "ms", "count", "p50", "p95", "p99");
        let mut requests = 0;
        for (what, times) in &mut self.times {
            times.sort_unstable();
            requests += times.len();
            let at = |percent: usize| {
                times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1000.0
            };
            let _ = writeln!(
                text,
                "{what:<16} {:>7} {:>9.1} {:>9.1} {:>9.1}",
                times.len(),
                at(50),
                at(95),
                at(99)
            );
        }
        let seconds = self.elapsed.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = requests as f64 / seconds;
        let _ =
            writeln!(text, "{learners} learners, {requests} requests in {seconds:.1} s: {rate:.0} a second");
        if let Some(first) = self.failures.first() {
            return Err(format!("{text}{} learners failed; the first: {first}", self.failures.len()));
        }
        Ok(text)
    }
}
