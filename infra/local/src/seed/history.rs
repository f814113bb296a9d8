//! Who learned what, and when: made up, the same every time.

use super::clock::DAY;

const HOUR: i64 = 3600;
/// Tenths of a course that learners have behind them, by turns.
const SHARES: [usize; 10] = [10, 3, 0, 8, 5, 10, 2, 6, 10, 1];

/// A course that can be taken.
pub(super) struct Offer {
    /// Its place among all courses.
    pub(super) course: usize,
    /// Seconds after the school opened.
    pub(super) published_at: i64,
    pub(super) lessons: usize,
}

/// One thing that a learner does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Deed {
    Enroll {
        course: usize,
    },
    /// Reads part of the lesson.
    Read {
        course: usize,
        lesson: usize,
        percent: u8,
    },
    Complete {
        course: usize,
        lesson: usize,
    },
}

/// When a course is published: the first two days after the opening, the others every twelve days or so.
pub(super) fn publication(course: usize) -> i64 {
    let course = i64::try_from(course).unwrap_or(0);
    (2 + 11 * course) * DAY + (9 + course % 5) * HOUR + 17 * 60
}

/// What the learner does until `today`, in order. The first learner, whose login is printed, has a course completed,
/// one half done and one just begun.
pub(super) fn deeds(learner: usize, learners: usize, offers: &[Offer], today: i64) -> Vec<(i64, Deed)> {
    let mut deeds = Vec::new();
    for (n, offer) in offers.iter().enumerate() {
        // 7 and the number of learners have no common divisor, so each offer gets as many as it is to have.
        let popularity = learners.saturating_sub(3 + 4 * n).max(2);
        let takes = (learner * 7 + n * 3) % learners < popularity;
        let tenths = match (learner, n) {
            (0, 0) => 10,
            (0, 1) => 5,
            (0, _) => 0,
            _ => SHARES[(learner * 3 + n) % SHARES.len()],
        };
        if learner == 0 && n < 3 || learner != 0 && takes {
            take(&mut deeds, learner * 31 + n * 17, offer, tenths, today);
        }
    }
    deeds.sort_by_key(|(at, _)| *at);
    deeds
}

/// Enrols some time after the publication and goes through `tenths` of the course at a steady pace.
fn take(deeds: &mut Vec<(i64, Deed)>, seed: usize, offer: &Offer, tenths: usize, today: i64) {
    let Offer { course, published_at, lessons } = *offer;
    let seed = i64::try_from(seed).unwrap_or(0);
    let open = (today - published_at - HOUR).max(1);
    let enrolled = published_at + HOUR + seed * 7919 % 71 * (open * 2 / 3) / 71;
    deeds.push((enrolled, Deed::Enroll { course }));
    let done = lessons * tenths / 10;
    // A lesson every other day, faster where little time is left.
    let pause =
        (2 * DAY + seed * 613 % (8 * HOUR)).min((today - enrolled) / (i64::try_from(done).unwrap_or(0) + 2));
    let mut at = enrolled;
    for lesson in 0..done {
        at += pause;
        deeds.push((at - pause / 8, Deed::Read { course, lesson, percent: 60 }));
        deeds.push((at, Deed::Complete { course, lesson }));
    }
    if tenths > 0 && done < lessons {
        let percent = [20, 35, 50, 75][usize::try_from(seed % 4).unwrap_or(0)];
        deeds.push((at + pause / 2, Deed::Read { course, lesson: done, percent }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: i64 = 90 * DAY;

    fn offers() -> Vec<Offer> {
        (0..4).map(|n| Offer { course: n, published_at: publication(n), lessons: 6 + n % 2 }).collect()
    }

    #[test]
    fn a_learner_enrols_after_publication_reads_in_order_and_never_in_the_future() {
        for learner in 0..20 {
            for offer in offers() {
                let all = deeds(learner, 20, &offers(), TODAY);
                let mine: Vec<_> = all
                    .iter()
                    .filter(|(_, deed)| match deed {
                        Deed::Enroll { course }
                        | Deed::Read { course, .. }
                        | Deed::Complete { course, .. } => *course == offer.course,
                    })
                    .collect();
                let Some((first, _)) = mine.first() else { continue };
                assert!(*first > offer.published_at);
                assert!(matches!(mine[0].1, Deed::Enroll { .. }));
                assert_eq!(mine.iter().filter(|(_, deed)| matches!(deed, Deed::Enroll { .. })).count(), 1);
                assert!(mine.iter().all(|(at, _)| *at < TODAY));
            }
        }
    }

    #[test]
    fn popularity_differs_and_progress_runs_from_none_to_all() {
        let mut enrolled = [0; 4];
        let mut completed = std::collections::BTreeSet::new();
        for learner in 0..20 {
            let all = deeds(learner, 20, &offers(), TODAY);
            for (course, count) in enrolled.iter_mut().enumerate() {
                if all.iter().any(|(_, deed)| *deed == Deed::Enroll { course }) {
                    *count += 1;
                    let done = all
                        .iter()
                        .filter(|(_, deed)| matches!(deed, Deed::Complete { course: c, .. } if *c == course));
                    completed.insert(done.count());
                }
            }
        }
        assert!(enrolled.is_sorted_by(|a, b| a > b), "{enrolled:?}");
        assert!(completed.contains(&0) && completed.contains(&6) && completed.len() > 4, "{completed:?}");
    }
}
