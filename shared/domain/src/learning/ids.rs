//! Ids of enrolments.

kernel::ids! {
    EnrollmentKind, EnrollmentId, "enr", "enrollment_id";
}
