//! enrollment.created → the course's enrolment count and its place by popularity

fn main() -> Result<(), runtime::Error> {
    runtime::serve_consumer::<catalog::count_enrollment::CountEnrollment>()
}
