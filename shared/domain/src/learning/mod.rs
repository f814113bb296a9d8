//! Enrolment and progress.

mod enrollment;
mod progress;
mod watched;

pub use enrollment::{Enrollment, EnrollmentKind, EnrollmentStatus};
pub use progress::{LessonProgress, ProgressReport, ProgressStatus, ProgressSummary, summarize};
pub use watched::{MAX_INTERVALS, Watched, check_stretches};
