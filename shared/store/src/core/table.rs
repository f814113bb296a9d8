//! Reads: one item, a batch, a page, a partition.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity},
};
use kernel::{Direction, Error, Page, Result};

use super::{
    cursor,
    entity::{Entity, Item, Stored, decode},
    failure::failure,
    key::{Key, Partition},
    meter,
    random::pause,
};

/// Most keys in one BatchGetItem.
const BATCH_KEYS: usize = 100;
/// How often keys are asked for that DynamoDB leaves out: it does so when it is throttled, and calls that a success.
const BATCH_ATTEMPTS: u32 = 3;

/// Whether a read must see every write that was acknowledged before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Consistency {
    /// For permissions and for what a write is decided on.
    Strong,
    /// Half the price, for what everybody may see a moment late.
    Eventual,
}

/// Which page of a list to read.
#[derive(Clone, Debug)]
pub struct PageRequest<'a> {
    pub limit: u32,
    pub cursor: Option<&'a str>,
    pub direction: Direction,
}

/// The table, through the real client.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) client: Client,
    pub(crate) table: String,
}

/// What a batch read found, to be taken out by key.
#[derive(Debug, Default)]
pub struct Batch(HashMap<(String, String), Item>);

impl Batch {
    /// Takes out what stood at `key`.
    ///
    /// # Errors
    /// The item is not readable as `E`.
    pub fn take<E: Entity>(&mut self, key: &Key<E>) -> Result<Option<Stored<E>>> {
        self.0.remove(&(key.pk.clone(), key.sk.clone())).map(decode).transpose()
    }
}

/// A key without its type, for batches of different things.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AnyKey(String, String);

impl<E> From<&Key<E>> for AnyKey {
    fn from(key: &Key<E>) -> Self {
        Self(key.pk.clone(), key.sk.clone())
    }
}

fn string(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn text(item: &Item, name: &str) -> Option<String> {
    item.get(name)?.as_s().ok().cloned()
}

impl Store {
    /// The table `table` behind `client`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// The item at `key`.
    ///
    /// # Errors
    /// DynamoDB fails, or the item is not readable.
    pub async fn get<E: Entity>(&self, key: &Key<E>, consistency: Consistency) -> Result<Option<Stored<E>>> {
        meter::read();
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("PK", string(&key.pk))
            .key("SK", string(&key.sk))
            .consistent_read(consistency == Consistency::Strong)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(failure)?;
        meter::consumed(&output.consumed_capacity);
        output.item.map(decode).transpose()
    }

    /// The items at `keys`, of any types, in one call per hundred.
    ///
    /// # Errors
    /// DynamoDB fails, or keeps leaving keys out.
    pub async fn batch_get(
        &self,
        keys: impl IntoIterator<Item = AnyKey>,
        consistency: Consistency,
    ) -> Result<Batch> {
        let keys: Vec<Item> = keys
            .into_iter()
            .map(|AnyKey(pk, sk)| {
                HashMap::from([
                    ("PK".to_owned(), AttributeValue::S(pk)),
                    ("SK".to_owned(), AttributeValue::S(sk)),
                ])
            })
            .collect();
        let mut batch = Batch::default();
        for chunk in keys.chunks(BATCH_KEYS) {
            let mut left = chunk.to_vec();
            for attempt in 0..BATCH_ATTEMPTS {
                if attempt > 0 {
                    pause(attempt).await?;
                }
                meter::read();
                let request = KeysAndAttributes::builder()
                    .set_keys(Some(std::mem::take(&mut left)))
                    .consistent_read(consistency == Consistency::Strong)
                    .build()
                    .map_err(Error::internal)?;
                let output = self
                    .client
                    .batch_get_item()
                    .request_items(&self.table, request)
                    .return_consumed_capacity(ReturnConsumedCapacity::Total)
                    .send()
                    .await
                    .map_err(failure)?;
                meter::consumed(output.consumed_capacity.iter().flatten());
                for item in output.responses.into_iter().flatten().flat_map(|(_, items)| items) {
                    if let (Some(pk), Some(sk)) = (text(&item, "PK"), text(&item, "SK")) {
                        batch.0.insert((pk, sk), item);
                    }
                }
                left =
                    output.unprocessed_keys.into_iter().flatten().flat_map(|(_, rest)| rest.keys).collect();
                if left.is_empty() {
                    break;
                }
            }
            if !left.is_empty() {
                return Err(Error::unavailable("dynamodb keeps leaving keys unprocessed"));
            }
        }
        Ok(batch)
    }

    /// One page of a partition that holds nothing but the list. Reads one item beyond the page, to know whether
    /// there is another.
    ///
    /// # Errors
    /// The cursor is of another list, or DynamoDB fails.
    pub async fn page<E: Entity>(
        &self,
        partition: &Partition,
        page: PageRequest<'_>,
        consistency: Consistency,
    ) -> Result<Page<Stored<E>>> {
        let Page { items, next_cursor } = self.page_of_items(partition, page, consistency).await?;
        Ok(Page { items: items.into_iter().map(decode).collect::<Result<_>>()?, next_cursor })
    }

    pub(crate) async fn page_of_items(
        &self,
        partition: &Partition,
        page: PageRequest<'_>,
        consistency: Consistency,
    ) -> Result<Page<Item>> {
        let backward = page.direction == Direction::Descending;
        let after = page.cursor.map(|cursor| cursor::decode(partition, backward, cursor)).transpose()?;
        let index = partition.index();
        let [pk, sk] = ["PK", "SK"].map(|name| format!("{}{name}", index.unwrap_or_default()));
        let condition = match after {
            None => "#pk = :pk".to_owned(),
            Some(_) => format!("#pk = :pk AND #sk {} :after", if backward { "<" } else { ">" }),
        };
        meter::read();
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(index.map(str::to_owned))
            .key_condition_expression(condition)
            .expression_attribute_names("#pk", pk)
            .expression_attribute_values(":pk", string(partition.as_str()))
            .scan_index_forward(!backward)
            .consistent_read(consistency == Consistency::Strong)
            .limit(i32::try_from(page.limit.saturating_add(1)).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        if let Some(after) = after {
            query = query
                .expression_attribute_names("#sk", &sk)
                .expression_attribute_values(":after", AttributeValue::S(after));
        }
        let output = query.send().await.map_err(failure)?;
        meter::consumed(&output.consumed_capacity);
        let mut items = output.items.unwrap_or_default();
        // DynamoDB also ends a page at 1 MB: then there is more even though fewer items came.
        let more = items.len() > limit || output.last_evaluated_key.is_some();
        items.truncate(limit);
        let next_cursor = match items.last() {
            Some(last) if more => {
                text(last, &sk).map(|sort_key| cursor::encode(partition, backward, &sort_key))
            }
            _ => None,
        };
        Ok(Page { items, next_cursor })
    }

    /// Every item of a partition whose size the product bounds (a course, a learner's progress in it).
    pub(crate) async fn whole_partition(
        &self,
        partition: &Partition,
        consistency: Consistency,
    ) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            meter::read();
            let output = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("PK = :pk")
                .expression_attribute_values(":pk", string(partition.as_str()))
                .consistent_read(consistency == Consistency::Strong)
                .set_exclusive_start_key(start)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(failure)?;
            meter::consumed(&output.consumed_capacity);
            items.extend(output.items.unwrap_or_default());
            start = output.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
    }
}
