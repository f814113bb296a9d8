//! Enrolment and progress.

mod codes;
mod enrollment;
mod events;
mod ids;
mod progress;
pub mod rules;
mod watched;

pub use codes::{ALREADY_ENROLLED, COMPLETED_BY_KIND, PAYMENT_REQUIRED};
pub use enrollment::{Enrollment, EnrollmentKind, EnrollmentStatus};
pub(crate) use events::EVENTS;
pub use events::{CourseCompleted, EnrollmentCreated, LessonCompleted};
pub use ids::EnrollmentId;
pub use progress::{LessonProgress, ProgressReport, ProgressStatus, ProgressSummary, summarize};
pub use watched::{MAX_INTERVALS, Watched, check_stretches, whole_seconds};
