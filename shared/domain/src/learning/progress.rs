//! Progress in a lesson and in a course. It only grows: what was seen stays seen, what was completed stays completed.

use kernel::{Timestamp, Violations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Watched;
use crate::catalog::{CourseId, Lesson, LessonId};

/// Share of a video, in percent, that counts as having seen it.
const VIDEO_COMPLETE_PERCENT: u64 = 90;

/// Where a learner stands in a lesson.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProgressStatus {
    #[default]
    NotStarted,
    InProgress,
    Completed,
}

/// What a player or a page tells.
#[derive(Clone, Debug, Default)]
pub struct ProgressReport {
    /// 0 to 100.
    pub percent: Option<u8>,
    pub position_seconds: Option<u32>,
    /// Stretches `[from, to)` that were really played.
    pub watched: Vec<(u32, u32)>,
    /// The learner says that they are done.
    pub complete: bool,
}

/// A learner's progress in one lesson.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct LessonProgress {
    pub lesson_id: LessonId,
    pub course_id: CourseId,
    pub status: ProgressStatus,
    pub percent: u8,
    /// Where to resume: the last report wins.
    pub position_seconds: u32,
    pub watched: Watched,
    pub watched_seconds: u32,
    pub completed_at: Option<Timestamp>,
    pub updated_at: Timestamp,
}

impl LessonProgress {
    /// Nothing done yet.
    #[must_use]
    pub fn none(lesson_id: LessonId, course_id: CourseId, now: Timestamp) -> Self {
        Self {
            lesson_id,
            course_id,
            status: ProgressStatus::NotStarted,
            percent: 0,
            position_seconds: 0,
            watched: Watched::default(),
            watched_seconds: 0,
            completed_at: None,
            updated_at: now,
        }
    }

    /// Whether the lesson is completed.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.status == ProgressStatus::Completed
    }

    /// Takes a report in.
    pub fn apply(
        &mut self,
        report: &ProgressReport,
        lesson: &Lesson,
        now: Timestamp,
        violations: &mut Violations,
    ) {
        let length = lesson.video_seconds();
        self.watched.add(report.watched.iter().copied(), length);
        self.watched.check("/watched", violations);
        self.watched_seconds = self.watched.seconds();
        if let Some(position) = report.position_seconds {
            self.position_seconds = length.map_or(position, |length| position.min(length));
        }
        let mut percent = u64::from(self.percent.max(report.percent.unwrap_or(0).min(100)));
        if let Some(length) = length {
            let seen = u64::from(self.watched_seconds) * 100 / u64::from(length);
            percent = percent.max(seen);
            if seen >= VIDEO_COMPLETE_PERCENT {
                percent = 100;
            }
        }
        if report.complete {
            percent = 100;
        }
        self.percent = u8::try_from(percent.min(100)).expect("at most 100");
        if self.percent == 100 && !self.is_completed() {
            self.status = ProgressStatus::Completed;
            self.completed_at = Some(now);
        }
        let touched = self.percent > 0 || self.watched_seconds > 0 || self.position_seconds > 0;
        if self.status == ProgressStatus::NotStarted && touched {
            self.status = ProgressStatus::InProgress;
        }
        self.updated_at = now;
    }
}

/// A course's progress at a glance. Only visible lessons count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
pub struct ProgressSummary {
    pub total_lessons: u32,
    pub completed_lessons: u32,
    pub in_progress_lessons: u32,
    pub not_started_lessons: u32,
    /// Completed lessons of all, rounded down: 100 only when every lesson is completed.
    #[schemars(range(max = 100))]
    pub completion_percent: u32,
    pub watched_seconds: u32,
}

/// Sums up the progress (absent where nothing was done) in the visible lessons.
pub fn summarize<'a>(lessons: impl IntoIterator<Item = Option<&'a LessonProgress>>) -> ProgressSummary {
    let mut summary = ProgressSummary::default();
    for progress in lessons {
        summary.total_lessons += 1;
        match progress.map_or(ProgressStatus::NotStarted, |progress| progress.status) {
            ProgressStatus::NotStarted => summary.not_started_lessons += 1,
            ProgressStatus::InProgress => summary.in_progress_lessons += 1,
            ProgressStatus::Completed => summary.completed_lessons += 1,
        }
        let watched = progress.map_or(0, |progress| progress.watched_seconds);
        summary.watched_seconds = summary.watched_seconds.saturating_add(watched);
    }
    summary.completion_percent =
        (summary.completed_lessons * 100).checked_div(summary.total_lessons).unwrap_or(0);
    summary
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalog::{Content, ContentType, Objectives};

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn lesson(content_type: ContentType, duration_minutes: u32) -> Lesson {
        Lesson {
            id: LessonId::generate(NOW),
            course_id: CourseId::generate(NOW),
            title: "Loops".into(),
            content_type,
            content: Content::default(),
            html: None,
            objectives: Objectives::default(),
            duration_minutes,
            is_preview: false,
            is_published: true,
            video_id: None,
            created_at: NOW,
            updated_at: NOW,
        }
    }

    fn after(lesson: &Lesson, reports: &[ProgressReport]) -> LessonProgress {
        let mut progress = LessonProgress::none(lesson.id, lesson.course_id, NOW);
        for report in reports {
            progress.apply(report, lesson, NOW, &mut Violations::default());
        }
        progress
    }

    fn watched(from: u32, to: u32) -> ProgressReport {
        ProgressReport { watched: vec![(from, to)], ..ProgressReport::default() }
    }

    #[test]
    fn a_video_is_completed_at_ninety_percent_of_its_seconds() {
        let video = lesson(ContentType::Video, 10);
        assert_eq!(after(&video, &[watched(0, 539)]).status, ProgressStatus::InProgress);
        assert_eq!(after(&video, &[watched(0, 540)]).status, ProgressStatus::Completed);
        // Dragging to the end or playing one minute ten times is not watching.
        let dragged = ProgressReport { position_seconds: Some(600), ..ProgressReport::default() };
        assert_eq!(after(&video, &[dragged]).status, ProgressStatus::InProgress);
        let repeated = vec![watched(0, 60); 10];
        assert_eq!(after(&video, &repeated).watched_seconds, 60);
    }

    #[test]
    fn a_text_is_completed_at_one_hundred_percent_or_by_hand() {
        let text = lesson(ContentType::Text, 10);
        let percent = |percent| ProgressReport { percent: Some(percent), ..ProgressReport::default() };
        assert_eq!(after(&text, &[percent(99)]).status, ProgressStatus::InProgress);
        assert_eq!(after(&text, &[percent(100)]).status, ProgressStatus::Completed);
        let by_hand = ProgressReport { complete: true, ..ProgressReport::default() };
        assert_eq!(after(&text, &[by_hand]).percent, 100);
        assert_eq!(after(&text, &[percent(0)]).status, ProgressStatus::NotStarted);
    }

    fn report() -> impl Strategy<Value = ProgressReport> {
        (
            prop::option::of(0u8..=100),
            prop::option::of(0u32..1000),
            prop::collection::vec((0u32..700, 0u32..700), 0..4),
            prop::bool::weighted(0.05),
        )
            .prop_map(|(percent, position_seconds, watched, complete)| ProgressReport {
                percent,
                position_seconds,
                watched,
                complete,
            })
    }

    proptest! {
        #[test]
        fn progress_never_shrinks_and_never_uncompletes(
            reports in prop::collection::vec(report(), 1..12),
            is_video in any::<bool>(),
        ) {
            let lesson = lesson(if is_video { ContentType::Video } else { ContentType::Text }, 10);
            let mut progress = LessonProgress::none(lesson.id, lesson.course_id, NOW);
            for (n, report) in reports.iter().enumerate() {
                let before = progress.clone();
                let now = NOW.plus_seconds(i64::try_from(n).unwrap());
                progress.apply(report, &lesson, now, &mut Violations::default());
                prop_assert!(progress.percent >= before.percent);
                prop_assert!(progress.watched_seconds >= before.watched_seconds);
                prop_assert!(!before.is_completed() || progress.completed_at == before.completed_at);
                prop_assert_eq!(progress.is_completed(), progress.percent == 100);
            }
        }

        #[test]
        fn what_was_reached_does_not_depend_on_the_order_of_reports(
            reports in prop::collection::vec(report(), 1..8),
        ) {
            let lesson = lesson(ContentType::Video, 10);
            let forward = after(&lesson, &reports);
            let backward = after(&lesson, &reports.iter().rev().cloned().collect::<Vec<_>>());
            prop_assert_eq!(forward.percent, backward.percent);
            prop_assert_eq!(forward.watched, backward.watched);
            prop_assert_eq!(forward.status, backward.status);
        }

        #[test]
        fn a_summary_adds_up(done in 0u32..30, begun in 0u32..30, open in 0u32..30) {
            let lesson = lesson(ContentType::Text, 1);
            let full = after(&lesson, &[ProgressReport { complete: true, ..ProgressReport::default() }]);
            let half = after(&lesson, &[ProgressReport { percent: Some(50), ..ProgressReport::default() }]);
            let all = std::iter::repeat_n(Some(&full), done as usize)
                .chain(std::iter::repeat_n(Some(&half), begun as usize))
                .chain(std::iter::repeat_n(None, open as usize));
            let summary = summarize(all);
            prop_assert_eq!(summary.total_lessons, done + begun + open);
            prop_assert_eq!(
                summary.completed_lessons + summary.in_progress_lessons + summary.not_started_lessons,
                summary.total_lessons
            );
            prop_assert_eq!(summary.completion_percent == 100, begun + open == 0 && done > 0);
        }
    }
}
