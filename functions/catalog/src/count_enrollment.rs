//! enrollment.created → the course's enrolment count and its place by popularity

use domain::{event::Event, learning::EnrollmentCreated};
use kernel::{Error, Result};
use runtime::{App, Consumer, Needs, Table};
use store::{Consistency, keys};

/// Counts an enrolment, once per event however often it is delivered. The count lives apart from the enrolment so
/// that a thousand learners who enrol at once do not queue for one item.
pub struct CountEnrollment;

impl Consumer for CountEnrollment {
    const NAME: &'static str = "catalog-count-enrollment";
    const NEEDS: Needs = Needs::table(&[Table::Delete, Table::Put]);
    type Data = EnrollmentCreated;

    async fn consume(app: &App, event: &Event, data: EnrollmentCreated) -> Result<()> {
        let key = keys::course_card(&event.school, data.course_id);
        let card = app.store.get(&key, Consistency::Strong).await?;
        let card = card.ok_or_else(|| Error::internal(format!("course {} has no card", data.course_id)))?;
        let mut counted = card.value.clone();
        counted.enrollment_count = counted.enrollment_count.saturating_add(1);
        let mut change = app.store.transaction(&event.school);
        Self::once(&mut change, event, app.now()).replace_card(&card, &counted);
        change.commit().await
    }
}
