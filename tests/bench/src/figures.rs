//! Times, and how they are written.

use std::time::Duration;

/// What was measured again and again.
#[derive(Default, Clone)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(crate) fn extend(&mut self, times: Vec<Duration>) {
        self.0.extend(times);
    }

    pub(crate) fn append(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// In milliseconds; `percent` 50 is the median.
    pub(crate) fn at(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        sorted
            .get((sorted.len() * percent / 100).min(last))
            .map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
    }
}

/// Milliseconds, with the digits that mean something.
pub(crate) fn ms(value: f64) -> String {
    if value < 10.0 { format!("{value:.2}") } else { format!("{value:.1}") }
}

/// A figure with what it is a multiple of; bold where it is more than allowed.
pub(crate) fn ratio(value: f64, of: f64, allowed: f64) -> String {
    marked(format!("{:.2}", value / of), value > of * allowed)
}

pub(crate) fn megabytes(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let megabytes = bytes as f64 / 1e6;
    format!("{megabytes:.1}")
}

/// Bold where it misses its target.
pub(crate) fn marked(text: String, misses: bool) -> String {
    if misses { format!("**{text}**") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_what_was_measured() {
        let mut times = Times::default();
        for n in (1..=100).rev() {
            times.push(Duration::from_millis(n));
        }
        assert_eq!((times.at(50), times.at(99), times.at(100)), (51.0, 100.0, 100.0));
        assert!(Times::default().at(50).is_nan());
    }

    #[test]
    fn what_misses_is_bold() {
        assert_eq!(ratio(3.0, 2.0, 1.5), "1.50");
        assert_eq!(ratio(3.1, 2.0, 1.5), "**1.55**");
    }
}
