//! What follows from a change of a course.

use domain::catalog::{Course, CourseCard, moved_counts};
use kernel::School;
use runtime::access::SignedIn;
use store::{Stored, Transaction, keys};

/// Writes the card, the places in the catalogue and the counts of categories as they follow from the edit of a course.
pub(crate) fn follow(
    change: &mut Transaction<'_>,
    school: &School,
    before: &Course,
    after: &Course,
    card: &Stored<CourseCard>,
    editor: &SignedIn,
) {
    let mut new_card = card.value.clone();
    new_card.follow_edit(after, &editor.account.value);
    change.replace_card(card, &new_card);
    for (category, amount) in moved_counts(before, after) {
        change.add(&keys::category(school, category), "course_count", amount);
    }
}
