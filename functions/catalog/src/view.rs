//! What this package's routes show. Nothing here comes from a client.

use domain::catalog::{
    CategoryId, Content, ContentType, Course, CourseCard, CourseDescription, CourseId, CourseStatus,
    Language, Lesson, LessonId, LessonSummary, Level, LongDescription, Module, ModuleDescription, ModuleId,
    Objectives, Prerequisites, Slug, Tag, Tags, Title,
};
use kernel::{Money, Timestamp, UserId};
use schemars::JsonSchema;
use serde::Serialize;

/// A course without its outline.
#[derive(Clone, Serialize, JsonSchema)]
pub struct CourseView {
    pub id: CourseId,
    pub slug: Slug,
    pub status: CourseStatus,
    pub author_id: UserId,
    pub title: Title,
    pub description: CourseDescription,
    /// Markdown.
    pub long_description: LongDescription,
    pub level: Option<Level>,
    pub category_id: Option<CategoryId>,
    pub price: Money,
    pub language: Language,
    pub tags: Tags,
    pub objectives: Objectives,
    pub prerequisites: Prerequisites,
    /// A video that shows what it is about, for whoever sees the course: `GET /v1/videos/{video_id}`.
    pub trailer_video_id: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub published_at: Option<Timestamp>,
}

impl From<&Course> for CourseView {
    fn from(course: &Course) -> Self {
        let course = course.clone();
        Self {
            trailer_video_id: course.shown_trailer().map(str::to_owned),
            id: course.id,
            slug: course.slug,
            status: course.status,
            author_id: course.author_id,
            title: course.title,
            description: course.description,
            long_description: course.long_description,
            level: course.level,
            category_id: course.category_id,
            price: course.price,
            language: course.language,
            tags: course.tags,
            objectives: course.objectives,
            prerequisites: course.prerequisites,
            created_at: course.created_at,
            updated_at: course.updated_at,
            published_at: course.published_at,
        }
    }
}

/// A course in a list.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "CourseCard")]
pub struct CardView {
    pub id: CourseId,
    pub slug: Slug,
    pub status: CourseStatus,
    pub title: Title,
    pub description: CourseDescription,
    pub level: Option<Level>,
    pub category_id: Option<CategoryId>,
    /// The course's first three.
    pub tags: Vec<Tag>,
    pub price: Money,
    pub instructor: InstructorName,
    pub lesson_count: u32,
    pub duration_minutes: u32,
    pub enrollment_count: u32,
    /// 0.00 to 5.00; 0 while nobody has rated, which no route takes yet.
    pub average_rating: f64,
    pub rating_count: u32,
    pub created_at: Timestamp,
    pub published_at: Option<Timestamp>,
}

/// Who teaches, in a list.
#[derive(Clone, Serialize, JsonSchema)]
pub struct InstructorName {
    pub id: UserId,
    pub name: String,
}

/// A rating in stars.
pub(crate) fn stars(hundredths: u16) -> f64 {
    f64::from(hundredths) / 100.0
}

impl From<CourseCard> for CardView {
    fn from(card: CourseCard) -> Self {
        Self {
            id: card.id,
            slug: card.slug,
            status: card.status,
            title: card.title,
            description: card.description,
            level: card.level,
            category_id: card.category_id,
            tags: card.tags,
            price: card.price,
            instructor: InstructorName { id: card.author_id, name: card.author_name },
            lesson_count: card.lesson_count,
            duration_minutes: card.duration_minutes,
            enrollment_count: card.enrollment_count,
            average_rating: stars(card.rating_hundredths),
            rating_count: card.rating_count,
            created_at: card.created_at,
            published_at: card.published_at,
        }
    }
}

/// A module.
#[derive(Clone, Serialize, JsonSchema)]
pub struct ModuleView {
    pub id: ModuleId,
    pub course_id: CourseId,
    pub title: Title,
    pub description: ModuleDescription,
}

impl From<&Module> for ModuleView {
    fn from(module: &Module) -> Self {
        Self {
            id: module.id,
            course_id: module.course_id,
            title: module.title.clone(),
            description: module.description.clone(),
        }
    }
}

/// A new part of a course. Adding it raised the course's revision too.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Added{T}")]
pub struct Added<T> {
    #[serde(flatten)]
    pub part: T,
    /// The course's new revision, in quotes for the `If-Match` of the next edit of it.
    pub course_rev: u64,
}

/// A lesson's line in an outline.
#[derive(Clone, Serialize, JsonSchema)]
pub struct LessonLine {
    pub id: LessonId,
    pub title: Title,
    pub content_type: ContentType,
    pub duration_minutes: u32,
    pub is_preview: bool,
    pub is_published: bool,
}

impl From<&LessonSummary> for LessonLine {
    fn from(lesson: &LessonSummary) -> Self {
        Self {
            id: lesson.id,
            title: lesson.title.clone(),
            content_type: lesson.content_type,
            duration_minutes: lesson.duration_minutes,
            is_preview: lesson.is_preview,
            is_published: lesson.is_published,
        }
    }
}

/// A lesson with its content.
#[derive(Clone, Serialize, JsonSchema)]
pub struct LessonView {
    pub id: LessonId,
    pub course_id: CourseId,
    pub title: Title,
    pub content_type: ContentType,
    /// MDX as it was written.
    pub content: Content,
    pub objectives: Objectives,
    pub duration_minutes: u32,
    pub is_preview: bool,
    pub is_published: bool,
    /// What `GET /v1/videos/{video_id}` shows, once a video lesson has a film.
    pub video_id: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl From<Lesson> for LessonView {
    fn from(lesson: Lesson) -> Self {
        Self {
            id: lesson.id,
            course_id: lesson.course_id,
            title: lesson.title,
            content_type: lesson.content_type,
            content: lesson.content,
            objectives: lesson.objectives,
            duration_minutes: lesson.duration_minutes,
            is_preview: lesson.is_preview,
            is_published: lesson.is_published,
            video_id: lesson.video_id,
            created_at: lesson.created_at,
            updated_at: lesson.updated_at,
        }
    }
}
