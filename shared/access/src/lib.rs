//! Permissions about things: who may edit a course, enrol in it, learn from its lessons. Each reads what it decides on
//! together with who calls, in as few round trips as the keys allow, and hands all of it to the feature. Whoever has no
//! valid session hears that first, and what a caller may not see reads as what does not exist.

mod course_applicant;
mod course_author;
mod course_learner;
mod course_reader;
mod lesson_author;
mod lesson_learner;
mod lesson_reader;
mod module_author;
mod recording_owner;
mod video_author;
mod video_learner;
mod video_reader;

pub use course_applicant::CourseApplicant;
pub use course_author::CourseAuthor;
pub use course_learner::CourseLearner;
pub use course_reader::CourseReader;
pub use lesson_author::LessonAuthor;
pub use lesson_learner::LessonLearner;
pub use lesson_reader::LessonReader;
pub use module_author::ModuleAuthor;
pub use recording_owner::RecordingOwner;
pub use video_author::VideoAuthor;
pub use video_learner::VideoLearner;
pub use video_reader::VideoReader;
