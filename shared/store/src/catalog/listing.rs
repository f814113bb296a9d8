//! The catalogue: a course's card in every ordering that it belongs to, each copy written together with the card itself.

use std::collections::BTreeSet;

use domain::catalog::{CourseCard, ListingFilter, Sort, listing_positions};
use kernel::{Page, Result, School};

use super::keys::{self, CoursePointer};
use crate::core::{
    entity::{Entity, Stored, decode, type_of},
    key::Partition,
    table::{AnyKey, Consistency, PageRequest, Store},
    transaction::Transaction,
};

impl Transaction<'_> {
    /// Replaces a card and its copies in the catalogue: up to 32, and as many that leave their places. A card that says
    /// the same as before costs only itself.
    pub fn replace_card(&mut self, before: &Stored<CourseCard>, after: &CourseCard) -> &mut Self {
        let school = self.school;
        self.replace(&keys::course_card(school, after.id), after, before.rev);
        if before.value == *after {
            return self;
        }
        let old: BTreeSet<_> = listing_positions(&before.value).into_iter().collect();
        let new: BTreeSet<_> = listing_positions(after).into_iter().collect();
        for position in old.difference(&new) {
            self.delete(&keys::listing(school, position));
        }
        for position in &new {
            self.put_over(&keys::listing(school, position), after);
        }
        self
    }
}

impl Store {
    /// One page of the catalogue, in one query.
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

    /// The cards of a list whose items are cards or name one, as an author's courses do, and places in the catalogue that
    /// an earlier version wrote. Those that are only named take a batch; one that is gone since is left out.
    ///
    /// # Errors
    /// The cursor is of another list, or DynamoDB fails.
    pub async fn cards_of(
        &self,
        school: &School,
        list: &Partition,
        page: PageRequest<'_>,
    ) -> Result<Page<CourseCard>> {
        let Page { items, next_cursor } = self.page_of_items(list, page, Consistency::Eventual).await?;
        let (mut cards, mut named) = (Vec::with_capacity(items.len()), Vec::new());
        for item in items {
            if type_of(&item) == Some(CoursePointer::TYPE) {
                let target = decode::<CoursePointer>(item)?.value.target;
                named.push((cards.len(), keys::course_card(school, target)));
                cards.push(None);
            } else {
                cards.push(Some(decode::<CourseCard>(item)?.value));
            }
        }
        let keys = named.iter().map(|(_, key)| AnyKey::from(key));
        let mut batch = self.batch_get(keys, Consistency::Eventual).await?;
        for (place, key) in named {
            cards[place] = batch.take(&key)?.map(|card| card.value);
        }
        Ok(Page { items: cards.into_iter().flatten().collect(), next_cursor })
    }
}
