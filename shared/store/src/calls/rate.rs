//! Token buckets (R28), kept as one number: the time at which the bucket will be full again. A call takes a token by
//! moving that time by one interval; a bucket that is empty refuses.
//!
//! [`Store::take_token`] is for what one person does. Where many share a bucket at the same moment, as a class does that
//! signs in behind one address, [`Store::hold_token`] and [`Store::wait_for_token`] take without a race.

use std::time::Duration;

use aws_sdk_dynamodb::{
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use kernel::{Code, Error, Result, School, Timestamp};

use super::{
    bucket::{RateBucket, RateWindow, TTL_MARGIN_SECONDS},
    keys,
};
use crate::core::{
    entity::Entity,
    failure::failure,
    key::Key,
    meter,
    random::{pause, rest, token},
    table::{Consistency, Store},
};

/// How often something may be done: `burst` at once, then one for each `per_seconds / burst`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RateLimit {
    pub name: &'static str,
    pub burst: u32,
    pub per_seconds: u32,
}

/// How often a bucket is tried again that others keep changing.
const ATTEMPTS: u32 = 12;
/// How often [`Store::wait_for_token`] looks again, which takes about three seconds: a call has 4.5 in all.
pub const TURNS: u32 = 9;
/// How long it waits before it does, and up to twice that.
const TURN: Duration = Duration::from_millis(220);
/// A bucket that is full later than any token could make it was written by a clock that has been set back since (F6), and
/// counts as full. Clocks that differ by less are no reason: then the tokens of one machine would be given out by another.
const SKEW_MILLIS: i64 = 60_000;

/// Leaves the bucket to the others for a moment, from the second lost race on.
async fn settle(attempt: u32) -> Result<()> {
    if attempt > 1 { pause(attempt - 2).await } else { Ok(()) }
}

impl RateLimit {
    fn interval_millis(self) -> i64 {
        i64::from(self.per_seconds) * 1000 / i64::from(self.burst.max(1))
    }

    fn window_millis(self) -> i64 {
        i64::from(self.per_seconds) * 1000
    }

    fn refused(self, millis: i64) -> Error {
        let seconds = u32::try_from(millis / 1000 + 1).unwrap_or(u32::MAX);
        let per = match self.per_seconds {
            60 => "a minute".to_owned(),
            3600 => "an hour".to_owned(),
            86400 => "a day".to_owned(),
            seconds => format!("in {seconds} seconds"),
        };
        let detail = format!("at most {} {per}; try again in {seconds} s", self.burst);
        Error::new(Code::RATE_LIMITED, detail).retry_after(seconds)
    }

    /// Takes one token at `now`: when the bucket will be full again, or how many milliseconds until there is one.
    fn take(self, full_at: i64, now: i64) -> std::result::Result<i64, i64> {
        let window = self.window_millis();
        let full_at = if full_at > now + window + SKEW_MILLIS { now } else { full_at };
        let taken = full_at.max(now) + self.interval_millis();
        if taken - now <= window { Ok(taken) } else { Err(taken - now - window) }
    }
}

impl Store {
    /// Takes one of `subject`'s tokens. Costs a read and a write. The time is asked after the bucket was read: with an
    /// earlier one, the tokens of those who came first would seem to be taken in the future.
    ///
    /// # Errors
    /// [`Code::RATE_LIMITED`] with the seconds to wait, also when others keep taking tokens at the same moment.
    pub async fn take_token(
        &self,
        school: &School,
        limit: RateLimit,
        subject: &str,
        now: impl Fn() -> Timestamp,
    ) -> Result<()> {
        let key = keys::rate_bucket(school, limit.name, subject);
        for attempt in 0..ATTEMPTS {
            settle(attempt).await?;
            let bucket = self.get(&key, Consistency::Strong).await?;
            let full_at = bucket.as_ref().map_or(0, |bucket| bucket.value.full_at);
            let full_at = match limit.take(full_at, now().millis()) {
                Ok(full_at) => full_at,
                Err(millis) => return Err(limit.refused(millis)),
            };
            let mut change = self.transaction(school);
            change.upsert(&key, &RateBucket { full_at, held: 0 }, bucket.map(|bucket| bucket.rev));
            match change.commit().await {
                Err(error) if error.code() == Code::CONFLICT => {}
                done => return done,
            }
        }
        Err(limit.refused(0))
    }

    /// Whether `subject` has a token, which it keeps. Costs a read.
    ///
    /// # Errors
    /// DynamoDB fails.
    pub async fn has_token(
        &self,
        school: &School,
        limit: RateLimit,
        subject: &str,
        now: impl Fn() -> Timestamp,
    ) -> Result<bool> {
        let bucket = self.get(&keys::rate_bucket(school, limit.name, subject), Consistency::Strong).await?;
        Ok(limit.take(bucket.map_or(0, |bucket| bucket.value.full_at), now().millis()).is_ok())
    }

    /// Counts what `subject` does, `burst` times in each window of `per_seconds`. Costs a write and never has to try
    /// again, whoever else counts: for what many do at the same moment behind one address. Around the end of a window
    /// twice as much may happen. Returns how often it happened in this one.
    ///
    /// # Errors
    /// [`Code::RATE_LIMITED`] with the seconds until the window ends.
    pub async fn count_in_window(
        &self,
        school: &School,
        limit: RateLimit,
        subject: &str,
        now: Timestamp,
    ) -> Result<u32> {
        let seconds = i64::from(limit.per_seconds.max(1));
        let window = now.seconds().div_euclid(seconds);
        let ends = (window + 1) * seconds;
        let key = keys::rate_window(school, limit.name, &format!("{subject} {window}"));
        meter::write();
        let output = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("PK", AttributeValue::S(key.pk))
            .key("SK", AttributeValue::S(key.sk))
            .update_expression("ADD #count :one SET #et = :et, #sv = :sv, #rev = :sv, #ttl = :ttl")
            .expression_attribute_names("#count", "count")
            .expression_attribute_names("#et", "et")
            .expression_attribute_names("#sv", "sv")
            .expression_attribute_names("#rev", "rev")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .expression_attribute_values(":et", AttributeValue::S(RateWindow::TYPE.to_owned()))
            .expression_attribute_values(":sv", AttributeValue::N(RateWindow::VERSION.to_string()))
            .expression_attribute_values(":ttl", AttributeValue::N((ends + TTL_MARGIN_SECONDS).to_string()))
            .return_values(ReturnValue::UpdatedNew)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(failure)?;
        meter::consumed_in_writing(&output.consumed_capacity);
        let count =
            output.attributes.as_ref().and_then(|item| item.get("count")?.as_n().ok()?.parse::<u32>().ok());
        let count = count.ok_or_else(|| Error::internal("a count without a number"))?;
        if count <= limit.burst { Ok(count) } else { Err(limit.refused((ends - now.seconds()) * 1000 - 1)) }
    }

    /// Takes one of `subject`'s tokens, which is to be given back or spent: one write, two while some are missing. Those who
    /// take at the same moment do not disturb each other.
    ///
    /// # Errors
    /// [`Code::RATE_LIMITED`] with the seconds to wait.
    pub async fn hold_token(
        &self,
        school: &School,
        limit: RateLimit,
        subject: &str,
        now: impl Fn() -> Timestamp,
    ) -> Result<()> {
        let key = keys::rate_bucket(school, limit.name, subject);
        self.try_hold(&key, limit, &now).await?.map_err(|(millis, _)| limit.refused(millis))
    }

    /// Like [`Store::hold_token`], but who finds none waits for one as long as others hold some that may come back, and
    /// looks again [`TURNS`] times. Where nobody holds any, all were spent, and waiting would only cost. Whoever waits
    /// keeps a function busy, so no more begin to than `waiting` allows, at the price of a write each.
    ///
    /// # Errors
    /// [`Code::RATE_LIMITED`] with the seconds to wait.
    pub async fn wait_for_token(
        &self,
        school: &School,
        limit: RateLimit,
        waiting: RateLimit,
        subject: &str,
        now: impl Fn() -> Timestamp,
    ) -> Result<()> {
        let key = keys::rate_bucket(school, limit.name, subject);
        let mut turn = 0;
        loop {
            match self.try_hold(&key, limit, &now).await? {
                Ok(()) => return Ok(()),
                Err((millis, held)) if held <= 0 || turn == TURNS => return Err(limit.refused(millis)),
                Err(_) if turn == 0 => {
                    self.count_in_window(school, waiting, subject, now()).await?;
                }
                Err(_) => {}
            }
            rest(TURN).await?;
            turn += 1;
        }
    }

    /// Puts a held token back: what it was held for turned out to be harmless. One write.
    ///
    /// # Errors
    /// DynamoDB fails.
    pub async fn give_token_back(&self, school: &School, limit: RateLimit, subject: &str) -> Result<()> {
        let changes = "full_at = full_at - :interval, held = held - :one";
        self.settle_token(school, limit, subject, changes, &[(":interval", limit.interval_millis())]).await
    }

    /// Says that a held token will not come back, so that nobody waits for it. One write.
    ///
    /// # Errors
    /// DynamoDB fails.
    pub async fn spend_token(&self, school: &School, limit: RateLimit, subject: &str) -> Result<()> {
        self.settle_token(school, limit, subject, "held = held - :one", &[]).await
    }

    async fn settle_token(
        &self,
        school: &School,
        limit: RateLimit,
        subject: &str,
        changes: &str,
        numbers: &[(&str, i64)],
    ) -> Result<()> {
        let key = keys::rate_bucket(school, limit.name, subject);
        // Nothing to settle where the bucket has expired meanwhile.
        let _ = self.change_bucket(&key, changes, None, "held > :zero", numbers).await?;
        Ok(())
    }

    /// Takes a token, or says in how many milliseconds there will be one and how many are held. By the time when it was told
    /// what is taken: for one who asked earlier and came later, the last token would seem to be taken in the future.
    async fn try_hold(
        &self,
        key: &Key<RateBucket>,
        limit: RateLimit,
        now: &impl Fn() -> Timestamp,
    ) -> Result<std::result::Result<(), (i64, i64)>> {
        let (interval, window) = (limit.interval_millis(), limit.window_millis());
        for _ in 0..ATTEMPTS {
            let at = now().millis();
            let ttl = Some((at + window) / 1000 + TTL_MARGIN_SECONDS);
            let first = [(":now", at), (":never", at + window + SKEW_MILLIS), (":first", at + interval)];
            let is_full = "attribute_not_exists(PK) OR full_at <= :now OR full_at > :never";
            let changes = "full_at = :first, held = :one";
            let Some(bucket) = self.change_bucket(key, changes, ttl, is_full, &first).await? else {
                return Ok(Ok(()));
            };
            if let Err(millis) = limit.take(bucket.full_at, now().millis()) {
                return Ok(Err((millis, bucket.held)));
            }
            let further = [(":now", at), (":latest", at + window - interval), (":interval", interval)];
            let is_used = "full_at > :now AND full_at <= :latest";
            let changes = "full_at = full_at + :interval, held = if_not_exists(held, :zero) + :one";
            let Some(bucket) = self.change_bucket(key, changes, ttl, is_used, &further).await? else {
                return Ok(Ok(()));
            };
            if let Err(millis) = limit.take(bucket.full_at, now().millis()) {
                return Ok(Err((millis, bucket.held)));
            }
            // It has filled up between the two.
        }
        Err(limit.refused(0))
    }

    /// Changes a bucket where it stands, or returns what stands there when `only_if` does not hold. When the reply got lost
    /// and the client sent it again, the bucket has the random mark of this very write, as a plain put has.
    async fn change_bucket(
        &self,
        key: &Key<RateBucket>,
        changes: &str,
        ttl: Option<i64>,
        only_if: &str,
        numbers: &[(&str, i64)],
    ) -> Result<Option<RateBucket>> {
        let mark = AttributeValue::S(token()?);
        let number = |number: i64| AttributeValue::N(number.to_string());
        let lives = if ttl.is_some() { ", #ttl = :ttl" } else { "" };
        meter::write();
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("PK", AttributeValue::S(key.pk.clone()))
            .key("SK", AttributeValue::S(key.sk.clone()))
            .update_expression(format!(
                "SET {changes}, et = :et, sv = :sv, rev = if_not_exists(rev, :zero) + :one, wid = :wid{lives}"
            ))
            .condition_expression(format!("({only_if}) AND (attribute_not_exists(wid) OR wid <> :wid)"))
            .expression_attribute_values(":et", AttributeValue::S(RateBucket::TYPE.to_owned()))
            .expression_attribute_values(":sv", AttributeValue::N(RateBucket::VERSION.to_string()))
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":wid", mark.clone())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        if let Some(ttl) = ttl {
            update = update
                .expression_attribute_names("#ttl", "ttl")
                .expression_attribute_values(":ttl", number(ttl));
        }
        for (name, value) in numbers {
            update = update.expression_attribute_values(*name, number(*value));
        }
        let error = match update.send().await {
            Ok(output) => {
                meter::consumed_in_writing(&output.consumed_capacity);
                return Ok(None);
            }
            Err(error) => error,
        };
        let Some(UpdateItemError::ConditionalCheckFailedException(failed)) = error.as_service_error() else {
            return Err(failure(error));
        };
        let Some(item) = failed.item() else { return Ok(Some(RateBucket { full_at: 0, held: 0 })) };
        if item.get("wid") == Some(&mark) {
            return Ok(None);
        }
        serde_dynamo::from_item(item.clone()).map(Some).map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LOGIN: RateLimit = RateLimit { name: "login", burst: 5, per_seconds: 60 };

    #[test]
    fn r28_five_at_once_then_one_each_twelve_seconds() {
        let mut full_at = 0;
        for _ in 0..5 {
            full_at = LOGIN.take(full_at, 1_000_000).unwrap();
        }
        assert_eq!(LOGIN.take(full_at, 1_000_000), Err(12_000));
        assert_eq!(LOGIN.take(full_at, 1_011_999), Err(1));
        assert!(LOGIN.take(full_at, 1_012_000).is_ok());
    }

    #[test]
    fn f6_a_clock_that_was_set_back_neither_locks_out_nor_opens_what_is_closed() {
        let mut full_at = 0;
        for _ in 0..5 {
            full_at = LOGIN.take(full_at, 1_000_000).unwrap();
        }
        // Machines differ by seconds: what one has taken is taken for the other.
        for behind in [1, 1000, 59_999] {
            assert!(LOGIN.take(full_at, 1_000_000 - behind).is_err(), "{behind} ms behind");
        }
        let back = 1_000_000 - 600_000;
        full_at = LOGIN.take(full_at, back).unwrap();
        for _ in 1..5 {
            full_at = LOGIN.take(full_at, back).unwrap();
        }
        assert_eq!(LOGIN.take(full_at, back), Err(12_000), "the limit is the same by the new time");
    }

    #[test]
    fn f6_a_bucket_outlives_the_time_at_which_it_is_full_by_any_clock() {
        let year_2038 = 2_147_483_648_000;
        let full_at = LOGIN.take(0, year_2038).unwrap();
        let ttl = RateBucket { full_at, held: 0 }.ttl().unwrap();
        assert!(ttl > full_at / 1000 + 600, "{ttl}");
    }

    proptest! {
        #[test]
        fn r28_no_window_holds_more_than_twice_the_burst(steps in prop::collection::vec(0i64..20_000, 1..200)) {
            let (mut full_at, mut now, mut taken) = (0, 1_000_000, Vec::new());
            for step in steps {
                now += step;
                if let Ok(next) = LOGIN.take(full_at, now) {
                    full_at = next;
                    taken.push(now);
                }
            }
            for start in &taken {
                let within = taken.iter().filter(|time| (*start..start + 60_000).contains(*time)).count();
                prop_assert!(within < 10, "{within} in one minute");
            }
        }
    }
}
