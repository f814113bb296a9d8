//! Enrolments: unique by their key, listed by time in index 1.

use domain::learning::Enrollment;
use kernel::School;

use crate::{Entity, keys};

impl Entity for Enrollment {
    const TYPE: &'static str = "enrollment";

    fn index(&self, school: &School) -> Option<(String, String)> {
        Some(keys::enrollment_index(school, self.user_id, self.id, self.enrolled_at))
    }
}
