//! Writes. A change is one transaction: everything conditional, everything at once, its events beside it. A single
//! write without company goes as a plain conditional put, which costs half.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    error::{DisplayErrorContext, SdkError},
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    types::{
        AttributeValue, ConditionCheck, Delete, Put, ReturnConsumedCapacity,
        ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
    },
};
use kernel::{Code, Error, Result, School, Timestamp};

use super::{
    entity::{Entity, Form, Item, encode},
    failure::failure,
    key::Key,
    meter,
    random::{pause, token},
    table::Store,
};

/// Most actions in a transaction (DynamoDB's limit).
const MAX_ACTIONS: usize = 100;
/// How often a transaction that collided with another one is sent.
const ATTEMPTS: u32 = 6;
/// How often one is sent that DynamoDB cancels for want of capacity. The client does not see a throttled call there and
/// sends it once; so this is the load of every other call in an outage (F3).
const THROTTLED_ATTEMPTS: u32 = 3;

type Refusal = Box<dyn Fn() -> Error + Send + Sync>;

enum Action {
    Put { item: Item, condition: &'static str, values: Option<Item> },
    Delete { pk: String, sk: String, rev: Option<u64> },
    Check { pk: String, sk: String, rev: u64 },
    Add { pk: String, sk: String, attribute: &'static str, amount: i64 },
}

/// A change in the making.
pub struct Transaction<'a> {
    store: &'a Store,
    pub(crate) school: &'a School,
    actions: Vec<(Action, Refusal)>,
    failed: Option<Error>,
}

/// What a lost race reads as: the caller may look again and retry.
fn conflict() -> Error {
    Error::new(Code::CONFLICT, "somebody else changed this at the same moment; try again")
}

impl Store {
    /// Begins a change in `school`.
    #[must_use]
    pub fn transaction<'a>(&'a self, school: &'a School) -> Transaction<'a> {
        Transaction { store: self, school, actions: Vec::new(), failed: None }
    }
}

impl Transaction<'_> {
    /// Writes a new item; if one stands there, the whole change fails with `taken`.
    pub fn create<E: Entity>(
        &mut self,
        key: &Key<E>,
        value: &E,
        taken: impl Fn() -> Error + Send + Sync + 'static,
    ) -> &mut Self {
        self.put(key, value, 1, "attribute_not_exists(PK)", None, Box::new(taken))
    }

    /// Like [`Transaction::create`], but an item whose time to live is over counts as absent: DynamoDB removes it late.
    pub fn create_or_expired<E: Entity>(
        &mut self,
        key: &Key<E>,
        value: &E,
        now: Timestamp,
        taken: impl Fn() -> Error + Send + Sync + 'static,
    ) -> &mut Self {
        let now = Item::from([(":now".to_owned(), AttributeValue::N(now.seconds().to_string()))]);
        self.put(key, value, 1, "attribute_not_exists(PK) OR #ttl <= :now", Some(now), Box::new(taken))
    }

    /// Writes an item whatever stands there: for values that carry their own truth.
    pub fn put_over<E: Entity>(&mut self, key: &Key<E>, value: &E) -> &mut Self {
        self.put(key, value, 1, "", None, Box::new(conflict))
    }

    /// Replaces the item that was read in revision `rev`; if it has moved on, the whole change fails with
    /// [`Code::CONFLICT`].
    pub fn replace<E: Entity>(&mut self, key: &Key<E>, value: &E, rev: u64) -> &mut Self {
        self.replace_or(key, value, rev, conflict)
    }

    /// Like [`Transaction::replace`], failing with `stale`.
    pub fn replace_or<E: Entity>(
        &mut self,
        key: &Key<E>,
        value: &E,
        rev: u64,
        stale: impl Fn() -> Error + Send + Sync + 'static,
    ) -> &mut Self {
        self.put(key, value, rev + 1, "rev = :rev", Some(revision(rev)), Box::new(stale))
    }

    /// Creates the item when it was absent as read, else replaces it.
    pub fn upsert<E: Entity>(&mut self, key: &Key<E>, value: &E, rev: Option<u64>) -> &mut Self {
        match rev {
            None => self.create(key, value, conflict),
            Some(rev) => self.replace(key, value, rev),
        }
    }

    /// Removes an item, present or not.
    pub fn delete<E: Entity>(&mut self, key: &Key<E>) -> &mut Self {
        let action = Action::Delete { pk: key.pk.clone(), sk: key.sk.clone(), rev: None };
        self.actions.push((action, Box::new(conflict)));
        self
    }

    /// Removes the item that was read in revision `rev`; if it is gone or has moved on, the whole change fails with
    /// [`Code::CONFLICT`]: of those who use the same thing up, one does.
    pub fn take<E: Entity>(&mut self, key: &Key<E>, rev: u64) -> &mut Self {
        let action = Action::Delete { pk: key.pk.clone(), sk: key.sk.clone(), rev: Some(rev) };
        self.actions.push((action, Box::new(conflict)));
        self
    }

    /// Lets the change pass only while the item is still in revision `rev`.
    pub fn unchanged<E: Entity>(&mut self, key: &Key<E>, rev: u64) -> &mut Self {
        let action = Action::Check { pk: key.pk.clone(), sk: key.sk.clone(), rev };
        self.actions.push((action, Box::new(conflict)));
        self
    }

    /// Adds to a counter of an existing item without regard to its revision. What is not an attribute does not compile.
    pub fn add<E: Entity>(&mut self, key: &Key<E>, attribute: &'static str, amount: i64) -> &mut Self {
        const { assert!(matches!(E::FORM, Form::Attributes), "only Form::Attributes has counters to add to") };
        let action = Action::Add { pk: key.pk.clone(), sk: key.sk.clone(), attribute, amount };
        self.actions.push((action, Box::new(conflict)));
        self
    }

    fn put<E: Entity>(
        &mut self,
        key: &Key<E>,
        value: &E,
        new_rev: u64,
        condition: &'static str,
        values: Option<Item>,
        refusal: Refusal,
    ) -> &mut Self {
        match encode(self.school, key, value, new_rev) {
            Ok(item) => self.actions.push((Action::Put { item, condition, values }, refusal)),
            Err(error) => {
                self.fail(error);
            }
        }
        self
    }

    /// Remembers the first failure of the making; [`Transaction::commit`] tells it and sends nothing.
    pub(crate) fn fail(&mut self, error: Error) -> &mut Self {
        self.failed = self.failed.take().or(Some(error));
        self
    }

    /// The items that it would put, for imports that need no conditions.
    ///
    /// # Errors
    /// A value has no item form.
    pub fn into_items(self) -> Result<Vec<HashMap<String, AttributeValue>>> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let put = |(action, _)| if let Action::Put { item, .. } = action { Some(item) } else { None };
        Ok(self.actions.into_iter().filter_map(put).collect())
    }

    /// Sends the change: all of it happens, or nothing.
    ///
    /// # Errors
    /// The refusal of the first action whose condition does not hold; [`Code::CONFLICT`] when it kept colliding with
    /// other changes; [`Code::UNAVAILABLE`] when the table cannot take it now.
    pub async fn commit(self) -> Result<()> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.actions.is_empty() || self.actions.len() > MAX_ACTIONS {
            return Err(Error::internal(format!("a transaction of {} actions", self.actions.len())));
        }
        let actions = match <[_; 1]>::try_from(self.actions) {
            Ok([(Action::Put { item, condition, values }, refusal)]) => {
                return put_alone(self.store, item, condition, values, &refusal).await;
            }
            Ok(single) => Vec::from(single),
            Err(actions) => actions,
        };
        let (actions, refusals): (Vec<_>, Vec<_>) = actions.into_iter().unzip();
        let items: Vec<TransactWriteItem> =
            actions.into_iter().map(|action| self.store.prepare(action)).collect::<Result<_>>()?;
        // The same token on every attempt: if the first one did commit and its reply was lost, the next is a no-op.
        let token = token()?;
        let mut throttled = 0;
        for attempt in 0..ATTEMPTS {
            meter::write();
            let sent = self
                .store
                .client
                .transact_write_items()
                .set_transact_items(Some(items.clone()))
                .client_request_token(&token)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await;
            let error = match sent {
                Ok(output) => {
                    meter::consumed_in_writing(output.consumed_capacity.iter().flatten());
                    return Ok(());
                }
                Err(error) => error,
            };
            let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) =
                error.as_service_error()
            else {
                return Err(failure(error));
            };
            let codes: Vec<&str> =
                canceled.cancellation_reasons().iter().filter_map(|reason| reason.code()).collect();
            if let Some(refused) = codes.iter().position(|code| *code == "ConditionalCheckFailed") {
                return Err(refusals.get(refused).map_or_else(conflict, |refusal| refusal()));
            }
            if codes.iter().any(|code| ["ThrottlingError", "ProvisionedThroughputExceeded"].contains(code)) {
                throttled += 1;
                if throttled == THROTTLED_ATTEMPTS {
                    return Err(Error::unavailable(format!("dynamodb: {}", DisplayErrorContext(error))));
                }
            } else if !codes.contains(&"TransactionConflict") {
                return Err(failure(error));
            }
            pause(attempt).await?;
        }
        Err(conflict())
    }
}

/// A put has no request token: when its reply was lost and the client sent it again, the condition fails on our own
/// item. An old item with the random mark of this very write is that case; without the mark a racer who wrote the
/// same value would look like it, and two calls would share one token of a rate limit.
async fn put_alone(
    store: &Store,
    mut item: Item,
    condition: &'static str,
    values: Option<Item>,
    refusal: &Refusal,
) -> Result<()> {
    let mark = AttributeValue::S(token()?);
    item.insert("wid".to_owned(), mark.clone());
    meter::write();
    let sent = store
        .client
        .put_item()
        .table_name(&store.table)
        .set_item(Some(item))
        .set_condition_expression((!condition.is_empty()).then(|| condition.to_owned()))
        .set_expression_attribute_names(names(condition))
        .set_expression_attribute_values(values)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await;
    let is_ours = |old: Option<&Item>| old.and_then(|old| old.get("wid")) == Some(&mark);
    match sent {
        Ok(output) => {
            meter::consumed_in_writing(&output.consumed_capacity);
            Ok(())
        }
        Err(SdkError::ServiceError(error)) => match error.into_err() {
            PutItemError::ConditionalCheckFailedException(failed) if is_ours(failed.item()) => Ok(()),
            PutItemError::ConditionalCheckFailedException(_) => Err(refusal()),
            PutItemError::TransactionConflictException(_) => Err(conflict()),
            other => Err(failure(SdkError::<PutItemError, ()>::service_error(other, ()))),
        },
        Err(error) => Err(failure(error)),
    }
}

fn revision(rev: u64) -> Item {
    Item::from([(":rev".to_owned(), AttributeValue::N(rev.to_string()))])
}

/// `ttl` is a reserved word.
fn names(condition: &str) -> Option<HashMap<String, String>> {
    condition.contains("#ttl").then(|| HashMap::from([("#ttl".to_owned(), "ttl".to_owned())]))
}

impl Store {
    fn prepare(&self, action: Action) -> Result<TransactWriteItem> {
        let builder = TransactWriteItem::builder();
        let builder = match action {
            Action::Put { item, condition, values } => builder.put(
                Put::builder()
                    .table_name(&self.table)
                    .set_item(Some(item))
                    .set_condition_expression((!condition.is_empty()).then(|| condition.to_owned()))
                    .set_expression_attribute_names(names(condition))
                    .set_expression_attribute_values(values)
                    .build()
                    .map_err(Error::internal)?,
            ),
            Action::Delete { pk, sk, rev } => builder.delete(
                Delete::builder()
                    .table_name(&self.table)
                    .key("PK", AttributeValue::S(pk))
                    .key("SK", AttributeValue::S(sk))
                    .set_condition_expression(rev.map(|_| "rev = :rev".to_owned()))
                    .set_expression_attribute_values(rev.map(revision))
                    .build()
                    .map_err(Error::internal)?,
            ),
            Action::Check { pk, sk, rev } => builder.condition_check(
                ConditionCheck::builder()
                    .table_name(&self.table)
                    .key("PK", AttributeValue::S(pk))
                    .key("SK", AttributeValue::S(sk))
                    .condition_expression("rev = :rev")
                    .set_expression_attribute_values(Some(revision(rev)))
                    .build()
                    .map_err(Error::internal)?,
            ),
            Action::Add { pk, sk, attribute, amount } => builder.update(
                Update::builder()
                    .table_name(&self.table)
                    .key("PK", AttributeValue::S(pk))
                    .key("SK", AttributeValue::S(sk))
                    .update_expression("ADD #a :n")
                    .condition_expression("attribute_exists(PK)")
                    .expression_attribute_names("#a", attribute)
                    .expression_attribute_values(":n", AttributeValue::N(amount.to_string()))
                    .build()
                    .map_err(Error::internal)?,
            ),
        };
        Ok(builder.build())
    }
}
