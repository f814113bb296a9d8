//! Progress in a lesson and in a course. It only grows: what was seen stays seen, what was completed stays completed.

use kernel::{Error, Result, Timestamp, UserId, Violations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{COMPLETED_BY_KIND, Watched};
use crate::{
    catalog::{ContentType, CourseId, Lesson, LessonId},
    video::{BUCKETS, VideoWatched},
};

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
    /// Height of the picture that was played last.
    pub rendition: Option<u32>,
    /// The learner says that they are done.
    pub complete: bool,
}

impl ProgressReport {
    /// Whether it says that `lesson` is done, be it for the second time: by word, or by playing its video to the end.
    #[must_use]
    pub fn says_done(&self, lesson: &Lesson) -> bool {
        let reaches = |end: u32| self.watched.iter().any(|(_, to)| *to >= end);
        self.complete || self.percent == Some(100) || lesson.video_seconds.is_some_and(reaches)
    }
}

/// What completes a lesson of this type; none where its learners say so themselves.
fn completed_by(content_type: ContentType) -> Option<&'static str> {
    match content_type {
        ContentType::Text => None,
        ContentType::Video => Some("a video is completed by watching it"),
        ContentType::Quiz => Some("a quiz is completed by passing it"),
        ContentType::Lab => Some("a lab is completed by passing it"),
        ContentType::Assignment => Some("an assignment is completed by its grade"),
    }
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
    /// Of whatever videos the lesson has shown: one that takes another's place takes nothing back.
    pub watched: Watched,
    pub watched_seconds: u32,
    /// So many of them an event has told of.
    #[serde(default)]
    pub told_seconds: u32,
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
            told_seconds: 0,
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
    ///
    /// # Errors
    /// There are violations already, too much of a made-up report would have to be kept, or it says that a lesson is done
    /// which is completed by doing it. What is left then is not to be kept.
    pub fn apply(
        &mut self,
        report: &ProgressReport,
        mut violations: Violations,
        lesson: &Lesson,
        now: Timestamp,
    ) -> Result<()> {
        let length = lesson.video_seconds;
        self.watched.add(report.watched.iter().copied(), length);
        self.watched.check("/watched", &mut violations);
        violations.finish()?;
        let is_said = report.complete || report.percent.is_some();
        if let Some(instead) = completed_by(lesson.content_type).filter(|_| is_said) {
            return Err(Error::new(COMPLETED_BY_KIND, instead));
        }
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
        Ok(())
    }

    /// What others are told of the lesson's video, after the progress was as `before`: only when a twentieth of it is
    /// covered for the first time, so at most twenty times a viewer, or the lesson is completed. A twentieth is covered when
    /// its middle second was seen, which hangs on the union alone and not on the order of reports.
    #[must_use]
    pub fn tell(
        &mut self,
        before: &Self,
        report: &ProgressReport,
        lesson: &Lesson,
        user_id: UserId,
    ) -> Option<VideoWatched> {
        let (video_id, length) = (lesson.video_id.as_deref()?.parse().ok()?, lesson.video_seconds?);
        let is_new = |bucket: &u8| {
            let middle = (2 * u32::from(*bucket) + 1) * length / (2 * u32::from(BUCKETS));
            self.watched.has(middle) && !before.watched.has(middle)
        };
        let buckets: Vec<u8> = (0..BUCKETS).filter(is_new).collect();
        let is_completed = self.is_completed() && !before.is_completed();
        if buckets.is_empty() && !is_completed {
            return None;
        }
        let told = std::mem::replace(&mut self.told_seconds, self.watched_seconds);
        Some(VideoWatched {
            user_id,
            course_id: self.course_id,
            lesson_id: self.lesson_id,
            video_id,
            is_first: told == 0,
            buckets,
            seconds: self.watched_seconds - told,
            rendition: report.rendition,
            is_completed,
        })
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
    use crate::{
        catalog::{Content, Objectives},
        video::VideoId,
    };

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    /// A lesson; a video has a film of ten minutes.
    fn lesson(content_type: ContentType) -> Lesson {
        let is_video = content_type == ContentType::Video;
        Lesson {
            id: LessonId::generate(NOW),
            course_id: CourseId::generate(NOW),
            title: "Loops".into(),
            content_type,
            content: Content::default(),
            html: None,
            objectives: Objectives::default(),
            duration_minutes: 10,
            is_preview: false,
            is_published: true,
            video_id: is_video.then(|| VideoId::generate(NOW).to_string()),
            video_seconds: is_video.then_some(600),
            created_at: NOW,
            updated_at: NOW,
        }
    }

    fn after(lesson: &Lesson, reports: &[ProgressReport]) -> LessonProgress {
        let mut progress = LessonProgress::none(lesson.id, lesson.course_id, NOW);
        for report in reports {
            progress.apply(report, Violations::default(), lesson, NOW).unwrap();
        }
        progress
    }

    fn watched(from: u32, to: u32) -> ProgressReport {
        ProgressReport { watched: vec![(from, to)], ..ProgressReport::default() }
    }

    fn by_word() -> ProgressReport {
        ProgressReport { complete: true, ..ProgressReport::default() }
    }

    fn percent(percent: u8) -> ProgressReport {
        ProgressReport { percent: Some(percent), ..ProgressReport::default() }
    }

    #[test]
    fn a_video_is_completed_at_ninety_percent_of_its_seconds() {
        let video = lesson(ContentType::Video);
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
        let text = lesson(ContentType::Text);
        assert_eq!(after(&text, &[percent(99)]).status, ProgressStatus::InProgress);
        assert_eq!(after(&text, &[percent(100)]).status, ProgressStatus::Completed);
        assert_eq!(after(&text, &[by_word()]).percent, 100);
        assert_eq!(after(&text, &[percent(0)]).status, ProgressStatus::NotStarted);
    }

    #[test]
    fn nothing_but_a_text_is_completed_by_word() {
        for kind in [ContentType::Video, ContentType::Quiz, ContentType::Lab, ContentType::Assignment] {
            let lesson = lesson(kind);
            for report in [by_word(), percent(100), percent(0)] {
                let mut progress = LessonProgress::none(lesson.id, lesson.course_id, NOW);
                let refused = progress.apply(&report, Violations::default(), &lesson, NOW);
                assert_eq!(refused.unwrap_err().code(), COMPLETED_BY_KIND, "{kind:?}");
            }
            let resumed = ProgressReport { position_seconds: Some(7), ..ProgressReport::default() };
            assert_eq!(after(&lesson, &[resumed]).position_seconds, 7, "{kind:?}");
        }
    }

    #[test]
    fn a_film_that_takes_anothers_place_takes_nothing_back() {
        let mut video = lesson(ContentType::Video);
        let mut progress = after(&video, &[watched(0, 600)]);
        let before = progress.clone();
        video.video_seconds = Some(1200);
        progress.apply(&watched(0, 10), Violations::default(), &video, NOW.plus_seconds(60)).unwrap();
        assert_eq!((progress.percent, progress.watched_seconds), (100, 600));
        assert_eq!(progress.completed_at, before.completed_at);
        video.video_seconds = Some(60);
        assert_eq!(after(&video, &[watched(0, 90)]).watched_seconds, 60);
    }

    #[test]
    fn a_lesson_is_said_to_be_done_by_word_or_by_the_end_of_its_video() {
        let (text, video) = (lesson(ContentType::Text), lesson(ContentType::Video));
        assert!(by_word().says_done(&text) && percent(100).says_done(&text) && !percent(99).says_done(&text));
        assert!(watched(590, 600).says_done(&video) && !watched(0, 599).says_done(&video));
        assert!(!watched(0, 600).says_done(&text));
    }

    #[test]
    fn others_are_told_of_a_twentieth_once_and_of_the_completion_wherever_it_comes() {
        let video = lesson(ContentType::Video);
        let mut progress = LessonProgress::none(video.id, video.course_id, NOW);
        let mut told = |from, to| {
            let (before, report) = (progress.clone(), watched(from, to));
            progress.apply(&report, Violations::default(), &video, NOW).unwrap();
            let told = progress.tell(&before, &report, &video, UserId::generate(NOW));
            told.map(|told| (told.is_first, told.buckets, told.seconds, told.is_completed))
        };
        assert_eq!(told(0, 15), None, "the middle of the first is second 15");
        assert_eq!(told(15, 16), Some((true, vec![0], 16, false)));
        assert_eq!(told(0, 16), None, "again");
        assert_eq!(told(16, 45), None);
        assert_eq!(told(40, 80), Some((false, vec![1, 2], 64, false)));
        assert_eq!(told(80, 530), Some((false, (3..18).collect(), 450, false)));
        assert_eq!(told(530, 540), Some((false, vec![], 10, true)), "completed between two middles");
        assert_eq!(told(540, 600), Some((false, vec![18, 19], 60, false)));
        assert_eq!(told(0, 600), None);
    }

    fn report(is_video: bool) -> impl Strategy<Value = ProgressReport> {
        (
            prop::option::of(0u8..=100),
            prop::option::of(0u32..1000),
            prop::collection::vec((0u32..700, 0u32..700), 0..4),
            prop::bool::weighted(0.05),
        )
            .prop_map(move |(percent, position_seconds, watched, complete)| ProgressReport {
                percent: percent.filter(|_| !is_video),
                position_seconds,
                watched,
                rendition: None,
                complete: complete && !is_video,
            })
    }

    fn lesson_and_reports() -> impl Strategy<Value = (Lesson, Vec<ProgressReport>)> {
        any::<bool>().prop_flat_map(|is_video| {
            let lesson = lesson(if is_video { ContentType::Video } else { ContentType::Text });
            (Just(lesson), prop::collection::vec(report(is_video), 1..12))
        })
    }

    proptest! {
        #[test]
        fn progress_never_shrinks_and_never_uncompletes((lesson, reports) in lesson_and_reports()) {
            let mut progress = LessonProgress::none(lesson.id, lesson.course_id, NOW);
            for (n, report) in reports.iter().enumerate() {
                let before = progress.clone();
                let now = NOW.plus_seconds(i64::try_from(n).unwrap());
                progress.apply(report, Violations::default(), &lesson, now).unwrap();
                prop_assert!(progress.percent >= before.percent);
                prop_assert!(progress.watched_seconds >= before.watched_seconds);
                prop_assert!(!before.is_completed() || progress.completed_at == before.completed_at);
                prop_assert_eq!(progress.is_completed(), progress.percent == 100);
            }
        }

        #[test]
        fn what_was_reached_does_not_depend_on_the_order_of_reports(
            reports in prop::collection::vec(report(true), 1..8),
        ) {
            let lesson = lesson(ContentType::Video);
            let forward = after(&lesson, &reports);
            let backward = after(&lesson, &reports.iter().rev().cloned().collect::<Vec<_>>());
            prop_assert_eq!(forward.percent, backward.percent);
            prop_assert_eq!(forward.watched, backward.watched);
            prop_assert_eq!(forward.status, backward.status);
        }

        #[test]
        fn each_twentieth_that_was_seen_is_told_of_once_whatever_the_order(
            reports in prop::collection::vec(report(true), 1..8),
        ) {
            let lesson = lesson(ContentType::Video);
            let told = |reports: &[ProgressReport]| {
                let mut progress = LessonProgress::none(lesson.id, lesson.course_id, NOW);
                let (mut buckets, mut seconds, mut firsts, mut completions) = (Vec::new(), 0, 0, 0);
                for report in reports {
                    let before = progress.clone();
                    progress.apply(report, Violations::default(), &lesson, NOW).unwrap();
                    if let Some(told) = progress.tell(&before, report, &lesson, UserId::generate(NOW)) {
                        buckets.extend(told.buckets);
                        seconds += told.seconds;
                        firsts += u32::from(told.is_first);
                        completions += u32::from(told.is_completed);
                    }
                }
                assert_eq!((seconds, firsts <= 1), (progress.told_seconds, true));
                assert_eq!(completions, u32::from(progress.is_completed()));
                buckets.sort_unstable();
                (buckets, completions)
            };
            let once = told(&reports);
            prop_assert!(once.0.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", once.0);
            let late: Vec<_> = reports.iter().rev().chain(&reports).cloned().collect();
            prop_assert_eq!(once, told(&late));
        }

        #[test]
        fn a_summary_adds_up(done in 0u32..30, begun in 0u32..30, open in 0u32..30) {
            let lesson = lesson(ContentType::Text);
            let full = after(&lesson, &[by_word()]);
            let half = after(&lesson, &[percent(50)]);
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
