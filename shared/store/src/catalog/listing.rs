//! The catalogue: pointers in every ordering, moved together with the card that they follow.

use std::collections::BTreeSet;

use domain::catalog::{CourseCard, ListingFilter, Sort, listing_positions};
use kernel::{Page, Result, School};

use super::keys::{self, CoursePointer};
use crate::core::{
    entity::Stored,
    key::Partition,
    table::{AnyKey, Consistency, PageRequest, Store},
    transaction::Transaction,
};

impl Transaction<'_> {
    /// Replaces a card and moves its places in the catalogue: at most 64 pointers, and only those that change.
    pub fn replace_card(&mut self, before: &Stored<CourseCard>, after: &CourseCard) -> &mut Self {
        let school = self.school;
        self.replace(&keys::course_card(school, after.id), after, before.rev);
        let old: BTreeSet<_> = listing_positions(&before.value).into_iter().collect();
        let new: BTreeSet<_> = listing_positions(after).into_iter().collect();
        for position in old.difference(&new) {
            self.delete(&keys::listing(school, position));
        }
        for position in new.difference(&old) {
            self.put_over(&keys::listing(school, position), &CoursePointer { target: after.id });
        }
        self
    }
}

impl Store {
    /// One page of the catalogue: the pointers of the page in one query, their cards in one batch.
    ///
    /// # Errors
    /// The cursor is of another list, or DynamoDB fails.
    pub async fn list_cards(
        &self,
        school: &School,
        filter: &ListingFilter,
        sort: Sort,
        page: PageRequest<'_>,
    ) -> Result<Page<CourseCard>> {
        self.cards_of(school, &keys::listing_partition(school, filter, sort), page).await
    }

    /// The cards that a list of pointers names. A card that is gone since is left out.
    ///
    /// # Errors
    /// The cursor is of another list, or DynamoDB fails.
    pub async fn cards_of(
        &self,
        school: &School,
        list: &Partition,
        page: PageRequest<'_>,
    ) -> Result<Page<CourseCard>> {
        let pointers = self.page::<CoursePointer>(list, page, Consistency::Eventual).await?;
        let keys: Vec<_> =
            pointers.items.iter().map(|pointer| keys::course_card(school, pointer.value.target)).collect();
        let mut batch = self.batch_get(keys.iter().map(AnyKey::from), Consistency::Eventual).await?;
        let mut items = Vec::with_capacity(keys.len());
        for key in &keys {
            items.extend(batch.take(key)?.map(|card| card.value));
        }
        Ok(Page { items, next_cursor: pointers.next_cursor })
    }
}
