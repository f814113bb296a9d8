//! A lesson and the summary of it that outlines show.

use kernel::{Change, Prose, Result, Rule, Timestamp, Violations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Course, CourseId, LessonId, Objectives, Title, rules};

/// Longest text of a lesson in bytes.
pub const CONTENT_MAX_BYTES: usize = 64 * 1024;
/// The same as it is stored, in JSON: with it the item stays below 100 KB (R7). Only a text of little else than quotes,
/// backslashes and line breaks is longer so.
const CONTENT_MAX_JSON: usize = 80 * 1024;
/// Content and what is kept of its HTML together.
const KEPT_MAX_BYTES: usize = CONTENT_MAX_JSON;
/// Most minutes of a lesson: a day.
const MAX_MINUTES: u32 = 1440;

/// What a lesson consists of, in MDX.
pub type Content = Prose<0, CONTENT_MAX_BYTES>;

/// What a lesson consists of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContentType {
    Text,
    Video,
    Quiz,
    Lab,
    Assignment,
}

/// A lesson with its content.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Lesson {
    pub id: LessonId,
    pub course_id: CourseId,
    pub title: Title,
    pub content_type: ContentType,
    /// The MDX source exactly as it was written.
    pub content: Content,
    /// The content as learners see it; none where it is made when somebody reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<KeptHtml>,
    pub objectives: Objectives,
    pub duration_minutes: u32,
    /// Readable without an enrolment.
    pub is_preview: bool,
    /// Hidden from learners and left out of progress while false.
    pub is_published: bool,
    /// The video of a video lesson, once it has one.
    pub video_id: Option<String>,
    /// How long that lasts in whole seconds, at least one: what counts as all of it.
    pub video_seconds: Option<u32>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// The HTML of a lesson's content, so that it is not made anew for each reader.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeptHtml {
    /// The version of the renderer that made it.
    pub renderer: u32,
    /// gzip in Base64.
    pub gzip: String,
}

/// What an outline shows of a lesson.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LessonSummary {
    pub id: LessonId,
    pub title: Title,
    pub content_type: ContentType,
    pub duration_minutes: u32,
    pub is_preview: bool,
    pub is_published: bool,
    pub has_video: bool,
}

/// The new lesson.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AddLessonInput")]
#[schemars(example = json!({
    "title": "Your first program", "content_type": "text", "content": "# Hello\n\nWrite `fn main() {}`.",
    "duration_minutes": 8, "is_preview": true,
}))]
pub struct NewLesson {
    pub title: Title,
    pub content_type: ContentType,
    /// MDX, kept as it is; at most 64 KiB.
    #[serde(default)]
    pub content: Content,
    #[serde(default)]
    pub objectives: Objectives,
    #[serde(default)]
    #[schemars(range(min = 0, max = MAX_MINUTES))]
    pub duration_minutes: u32,
    /// Readable without an enrolment.
    #[serde(default)]
    pub is_preview: bool,
    /// Hidden from learners while false; true when absent, but for a video of a published course.
    pub is_published: Option<bool>,
}

/// The fields to change.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "UpdateLessonInput")]
#[schemars(example = json!({ "content": "# Hello again\n", "duration_minutes": 10 }))]
pub struct LessonEdit {
    pub title: Change<Title>,
    /// MDX, kept as it is; at most 64 KiB.
    pub content: Change<Content>,
    pub objectives: Change<Objectives>,
    #[schemars(range(min = 0, max = MAX_MINUTES))]
    pub duration_minutes: Change<u32>,
    pub is_preview: Change<bool>,
    /// Hidden from learners while false.
    pub is_published: Change<bool>,
}

impl Lesson {
    /// A lesson for `course`. Learners see it at once, but for a video of a published course, which waits for its file.
    ///
    /// # Errors
    /// There are violations already, its text is too long, or it would show learners an empty screen.
    pub fn new(
        new: NewLesson,
        violations: Violations,
        course: &Course,
        id: LessonId,
        now: Timestamp,
    ) -> Result<Self> {
        let waits_for_video = new.content_type == ContentType::Video && course.is_published();
        let lesson = Self {
            id,
            course_id: course.id,
            title: new.title,
            content_type: new.content_type,
            content: new.content,
            html: None,
            objectives: new.objectives,
            duration_minutes: new.duration_minutes,
            is_preview: new.is_preview,
            is_published: new.is_published.unwrap_or(!waits_for_video),
            video_id: None,
            video_seconds: None,
            created_at: now,
            updated_at: now,
        };
        lesson.check(violations, course)?;
        Ok(lesson)
    }

    /// The lesson as `edit` makes it. Its type stays what it is.
    ///
    /// # Errors
    /// There are violations already, its text is too long, or it would show learners an empty screen.
    pub fn edit(
        &self,
        edit: LessonEdit,
        violations: Violations,
        course: &Course,
        now: Timestamp,
    ) -> Result<Self> {
        let mut lesson = Self { updated_at: now, ..self.clone() };
        edit.title.apply(&mut lesson.title);
        edit.content.apply(&mut lesson.content);
        if lesson.content != self.content {
            lesson.html = None;
        }
        edit.objectives.apply(&mut lesson.objectives);
        edit.duration_minutes.apply(&mut lesson.duration_minutes);
        edit.is_preview.apply(&mut lesson.is_preview);
        edit.is_published.apply(&mut lesson.is_published);
        lesson.check(violations, course)?;
        Ok(lesson)
    }

    fn check(&self, mut violations: Violations, course: &Course) -> Result<()> {
        // The schema counts characters, and what an item may hold is counted in bytes.
        let is_escaped = |byte: &u8| matches!(byte, b'"' | b'\\' | b'\n' | b'\r' | b'\t');
        let bytes = self.content.len();
        let stored = bytes + self.content.as_bytes().iter().filter(|byte| is_escaped(byte)).count();
        violations.require(
            bytes <= CONTENT_MAX_BYTES && stored <= CONTENT_MAX_JSON,
            "/content",
            Rule::TOO_LONG,
            "must have at most 64 KiB, and 80 where quotes, backslashes, tabs and line breaks count twice",
        );
        let is_shown = course.is_published() && self.is_published;
        let is_empty = self.content_type == ContentType::Video && self.video_id.is_none();
        violations.require(
            !(is_shown && is_empty),
            "/is_published",
            rules::VIDEO_MISSING,
            "a video lesson of a published course stays hidden until it has its video",
        );
        violations.finish()
    }

    /// Shows the video `id` of this length from now on; `false` where it shows a newer one, whose id is the greater.
    /// Whether learners see the lesson stays its author's to say.
    pub fn attach_video(&mut self, id: &str, duration_ms: u64, now: Timestamp) -> bool {
        if self.content_type != ContentType::Video || self.video_id.as_deref().is_some_and(|shown| shown > id)
        {
            return false;
        }
        self.video_id = Some(id.to_owned());
        let seconds = u32::try_from(duration_ms / 1000).unwrap_or(u32::MAX);
        self.video_seconds = Some(seconds.clamp(1, MAX_MINUTES * 60));
        let minutes = duration_ms.div_ceil(60_000);
        self.duration_minutes = u32::try_from(minutes).unwrap_or(MAX_MINUTES).min(MAX_MINUTES);
        self.updated_at = now;
        true
    }

    /// Keeps the HTML of its content, if both fit into an item.
    pub fn keep_html(&mut self, html: KeptHtml) {
        let fits = self.content.len() + html.gzip.len() <= KEPT_MAX_BYTES;
        self.html = fits.then_some(html);
    }

    /// The lesson's line in the outline.
    #[must_use]
    pub fn summary(&self) -> LessonSummary {
        LessonSummary {
            id: self.id,
            title: self.title.clone(),
            content_type: self.content_type,
            duration_minutes: self.duration_minutes,
            is_preview: self.is_preview,
            is_published: self.is_published,
            has_video: self.video_id.is_some(),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use kernel::Id;
    use serde_json::Value;

    use super::*;
    use crate::catalog::{
        CourseStatus,
        course::tests::{LATER, NOW, course},
    };

    fn added(sent: Value, course: &Course) -> Result<Lesson> {
        Lesson::new(
            serde_json::from_value(sent).unwrap(),
            Violations::default(),
            course,
            Id::generate(NOW),
            NOW,
        )
    }

    fn edited(lesson: &Lesson, sent: Value, course: &Course) -> Result<Lesson> {
        lesson.edit(serde_json::from_value(sent).unwrap(), Violations::default(), course, LATER)
    }

    /// A lesson of ten minutes that learners see.
    pub(in crate::catalog) fn lesson(course: &Course) -> Lesson {
        let sent = json!({ "title": "Bowline", "content_type": "text", "duration_minutes": 10 });
        added(sent, course).unwrap()
    }

    fn courses() -> [Course; 2] {
        [CourseStatus::Draft, CourseStatus::Published].map(|status| Course { status, ..course() })
    }

    #[track_caller]
    fn assert_refused(result: Result<Lesson>, pointer: &str, rule: Rule) {
        let error = result.unwrap_err();
        let [violation] = error.violation_list() else { panic!("{error:?}") };
        assert_eq!((&*violation.pointer, violation.code), (pointer, rule));
    }

    #[test]
    fn a_new_lesson_shows_at_once_but_for_a_video_of_a_published_course() {
        let [draft, published] = courses();
        let shows = |kind: &str, asked: Option<bool>, course: &Course| {
            let sent = json!({ "title": " Bowline ", "content_type": kind, "is_published": asked });
            added(sent, course).map(|lesson| lesson.is_published)
        };
        for kind in ["text", "quiz", "video"] {
            assert!(shows(kind, None, &draft).unwrap(), "{kind}");
        }
        assert!(shows("text", None, &published).unwrap());
        assert!(!shows("video", None, &published).unwrap());
        assert!(!shows("text", Some(false), &published).unwrap());
        assert!(shows("video", Some(true), &published).is_err());
    }

    #[test]
    fn learners_of_a_published_course_never_see_an_empty_screen() {
        let [draft, published] = courses();
        let sent = json!({ "title": "Bowline", "content_type": "video", "is_published": true });
        assert_refused(added(sent.clone(), &published), "/is_published", rules::VIDEO_MISSING);
        let video = added(sent, &draft).unwrap();
        assert_refused(edited(&video, json!({}), &published), "/is_published", rules::VIDEO_MISSING);
        let hidden = edited(&video, json!({ "is_published": false }), &published).unwrap();
        let show = json!({ "is_published": true });
        assert_refused(edited(&hidden, show.clone(), &published), "/is_published", rules::VIDEO_MISSING);
        let filmed = Lesson { video_id: Some("a-video".to_owned()), ..hidden };
        assert!(edited(&filmed, show, &published).unwrap().is_published);
    }

    #[test]
    fn a_text_is_bounded_in_bytes() {
        let [draft, _] = courses();
        let sent =
            |content: String| json!({ "title": "Bowline", "content_type": "text", "content": content });
        let most = "é".repeat(CONTENT_MAX_BYTES / 2);
        let lesson = added(sent(most.clone()), &draft).unwrap();
        assert_eq!(lesson.content, &*most);
        assert_refused(added(sent(format!("{most}x")), &draft), "/content", Rule::TOO_LONG);
        // As it is stored it has no more than a quarter besides.
        let quotes =
            |count: usize| format!("{}{}", "x".repeat(CONTENT_MAX_BYTES - count), "\"".repeat(count));
        let most_quotes = CONTENT_MAX_JSON - CONTENT_MAX_BYTES;
        let quoted = added(sent(quotes(most_quotes)), &draft).unwrap();
        assert_eq!(json!(quoted.content).to_string().len(), CONTENT_MAX_JSON + 2);
        assert_refused(added(sent(quotes(most_quotes + 1)), &draft), "/content", Rule::TOO_LONG);
        for escaped in ["\"", "\\", "\n", "\r", "\t"] {
            assert_refused(
                added(sent(escaped.repeat(CONTENT_MAX_BYTES)), &draft),
                "/content",
                Rule::TOO_LONG,
            );
        }
        let longer = json!({ "content": format!("{most}x") });
        assert_refused(edited(&lesson, longer, &draft), "/content", Rule::TOO_LONG);
    }

    #[test]
    fn the_newest_video_is_shown_in_whatever_order_they_get_ready() {
        let [draft, _] = courses();
        let mut text = lesson(&draft);
        assert!(!text.attach_video("vid_2", 1, LATER) && text.video_id.is_none(), "of a text");
        let mut video = added(json!({ "title": "Bowline", "content_type": "video" }), &draft).unwrap();
        assert!(video.attach_video("vid_2", 60_001, LATER));
        assert_eq!(
            (video.video_id.as_deref(), video.duration_minutes, video.updated_at),
            (Some("vid_2"), 2, LATER)
        );
        assert_eq!(video.video_seconds, Some(60), "whole seconds alone");
        let before = video.clone();
        assert!(!video.attach_video("vid_1", 1, NOW));
        assert_eq!(video, before);
        assert!(video.attach_video("vid_2", 59_000, LATER), "made anew");
        assert_eq!((video.duration_minutes, video.video_seconds), (1, Some(59)));
        assert!(video.attach_video("vid_3", u64::MAX, LATER));
        assert_eq!((video.duration_minutes, video.video_seconds), (MAX_MINUTES, Some(MAX_MINUTES * 60)));
        assert!(video.attach_video("vid_4", 500, LATER));
        assert_eq!(video.video_seconds, Some(1), "the shortest film has a second too");
    }

    #[test]
    fn what_is_absent_stays() {
        let [draft, _] = courses();
        let before = lesson(&draft);
        let after = edited(&before, json!({}), &draft).unwrap();
        assert_eq!(after, Lesson { updated_at: LATER, ..before.clone() });
        let after = edited(&before, json!({ "title": " Bends ", "duration_minutes": 7 }), &draft).unwrap();
        let title = "Bends".into();
        assert_eq!(after, Lesson { title, duration_minutes: 7, updated_at: LATER, ..before });
    }
}
