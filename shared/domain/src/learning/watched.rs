//! Which seconds of a video were seen: the union of all reported intervals, so that seeing one minute ten times is
//! one minute.

use kernel::Violations;
use serde::{Deserialize, Serialize};

use super::rules;

/// Most disjoint stretches kept for one lesson (about 12 KB). Watching makes a handful; only a made-up report has more.
pub const MAX_INTERVALS: usize = 1000;

/// Notes every reported stretch `[from, to]` that ends where it begins or before: a player's mistake, which would
/// otherwise lose what was watched.
pub fn check_stretches(stretches: &[[f64; 2]], pointer: &str, violations: &mut Violations) {
    for (n, [from, to]) in stretches.iter().enumerate() {
        if from >= to {
            violations.add(format!("{pointer}/{n}"), rules::EMPTY_STRETCH, "must end after it begins");
        }
    }
}

/// The whole seconds of stretches that a player reports in fractions: one that was played to half or more was seen. Where
/// one stretch ends and the next begins they agree, so that no second is lost between reports; and a player that stops a
/// frame before the end has played the last second of even the shortest film. The schema bounds what is kept.
#[must_use]
pub fn whole_seconds(stretches: &[[f64; 2]]) -> Vec<(u32, u32)> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 86400")]
    let whole = |at: f64| at.clamp(0.0, 86_400.0).round() as u32;
    stretches.iter().map(|[from, to]| (whole(*from), whole(*to))).collect()
}

/// Disjoint, sorted stretches `[from, to)` in whole seconds.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Watched(Vec<(u32, u32)>);

impl Watched {
    /// Adds stretches in any order, overlapping or not; what lies beyond `end` is cut off.
    pub fn add(&mut self, stretches: impl IntoIterator<Item = (u32, u32)>, end: Option<u32>) {
        let end = end.unwrap_or(u32::MAX);
        self.0.extend(
            stretches
                .into_iter()
                .map(|(from, to)| (from.min(end), to.min(end)))
                .filter(|(from, to)| from < to),
        );
        self.0.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(self.0.len());
        for (from, to) in self.0.drain(..) {
            match merged.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        self.0 = merged;
    }

    /// How many seconds were seen at least once.
    #[must_use]
    pub fn seconds(&self) -> u32 {
        self.0.iter().map(|(from, to)| to - from).sum()
    }

    /// Whether this second was seen.
    #[must_use]
    pub fn has(&self, second: u32) -> bool {
        self.0.iter().any(|(from, to)| (*from..*to).contains(&second))
    }

    /// Notes at `pointer` when there are more stretches than a lesson keeps.
    pub fn check(&self, pointer: &str, violations: &mut Violations) {
        violations.require(
            self.0.len() <= MAX_INTERVALS,
            pointer,
            rules::TOO_MANY_INTERVALS,
            "these make more than 1000 separate stretches of one lesson",
        );
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn stretches() -> impl Strategy<Value = Vec<(u32, u32)>> {
        prop::collection::vec((0u32..200, 0u32..200), 0..20)
    }

    #[test]
    fn half_a_second_played_is_a_second_seen() {
        let seen = |stretches: &[[f64; 2]]| {
            let mut watched = Watched::default();
            watched.add(whole_seconds(stretches), Some(12));
            watched.seconds()
        };
        // A film of 12.48 seconds, played to its end, a frame less, and by the clock of a player that runs ahead.
        for end in [12.4, 12.48, 12.51, 11.97] {
            assert_eq!(seen(&[[0.0, end]]), 12, "{end}");
        }
        assert_eq!(seen(&[[0.0, 0.4], [0.4, 3.3], [3.3, 7.9]]), 8, "reported in parts");
        assert_eq!((seen(&[[0.6, 1.4]]), seen(&[[3.0, 3.5]]), seen(&[[3.0, 3.4]])), (0, 1, 0));
        assert_eq!(whole_seconds(&[[-1.0, f64::MAX]]), [(0, 86_400)]);
    }

    proptest! {
        #[test]
        fn union_counts_each_second_once(all in stretches(), end in prop::option::of(0u32..200)) {
            let mut watched = Watched::default();
            watched.add(all.clone(), end);
            let model: BTreeSet<u32> = all.iter().flat_map(|(from, to)| *from..*to)
                .filter(|second| end.is_none_or(|end| *second < end)).collect();
            prop_assert_eq!(watched.seconds() as usize, model.len());
            prop_assert!((0..200).all(|second| watched.has(second) == model.contains(&second)));
        }

        #[test]
        fn order_and_repetition_do_not_matter(first in stretches(), second in stretches()) {
            let (mut left, mut right) = (Watched::default(), Watched::default());
            left.add(first.clone(), None);
            left.add(second.clone(), None);
            right.add(second.clone(), None);
            right.add(first, None);
            right.add(second, None);
            prop_assert_eq!(left, right);
        }
    }
}
