//! Keys of enrolments and progress.

use domain::{
    catalog::{CourseId, LessonId},
    learning::{Enrollment, EnrollmentId, LessonProgress},
};
use kernel::{School, Timestamp, UserId};

use crate::{
    core::key::{GSI1, Key, Partition, at, partition, partition_of_index},
    identity::keys::user_partition,
};

/// A learner's enrolment in a course: its key makes it unique.
#[must_use]
pub fn enrollment(school: &School, user: UserId, course: CourseId) -> Key<Enrollment> {
    at(user_partition(school, user), format_args!("ENROLLMENT#{course}"))
}

/// Index 1: a learner's enrolments by time.
#[must_use]
pub fn enrollments_partition(school: &School, user: UserId) -> Partition {
    partition_of_index(GSI1, school, format_args!("ENROLLMENTS#{user}"))
}

pub(crate) fn enrollment_index(
    school: &School,
    user: UserId,
    id: EnrollmentId,
    at: Timestamp,
) -> (String, String) {
    (enrollments_partition(school, user).into(), format!("{at}#{id}"))
}

/// A learner's progress in the lessons of a course.
#[must_use]
pub fn progress_partition(school: &School, user: UserId, course: CourseId) -> Partition {
    partition(school, format_args!("PROGRESS#{user}#{course}"))
}

/// A learner's progress in one lesson.
#[must_use]
pub fn progress(school: &School, user: UserId, course: CourseId, lesson: LessonId) -> Key<LessonProgress> {
    at(progress_partition(school, user, course), lesson)
}
