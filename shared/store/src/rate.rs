//! Token buckets (R28), kept as one number: the time at which the bucket will be full again. A call takes a token by
//! moving that time by one interval; a bucket that is empty refuses.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, ReturnValue};
use kernel::{Code, Error, Result, School, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Consistency, Entity, Store, failure::failure, keys, meter, transaction::pause};

/// How often something may be done: `burst` at once, then one for each `per_seconds / burst`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RateLimit {
    pub name: &'static str,
    pub burst: u32,
    pub per_seconds: u32,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RateBucket {
    /// Milliseconds since the epoch at which no token is missing.
    full_at: i64,
}

impl Entity for RateBucket {
    const TYPE: &'static str = "rate_bucket";

    fn ttl(&self) -> Option<i64> {
        Some(self.full_at / 1000 + 60)
    }
}

/// How often something happened in a window of time. Written by `UpdateItem` alone, and read by nobody.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RateWindow {
    count: u32,
}

impl Entity for RateWindow {
    const TYPE: &'static str = "rate_window";
}

/// How often a bucket is tried again that others keep changing: those who take and those who give back.
const ATTEMPTS: u32 = 12;

/// Leaves the bucket to the others for a moment, from the second lost race on.
async fn settle(attempt: u32) -> Result<()> {
    if attempt > 1 { pause(attempt - 2).await } else { Ok(()) }
}

impl RateLimit {
    fn interval_millis(self) -> i64 {
        i64::from(self.per_seconds) * 1000 / i64::from(self.burst.max(1))
    }

    fn refused(self, millis: i64) -> Error {
        let seconds = u32::try_from(millis / 1000 + 1).unwrap_or(u32::MAX);
        let detail = format!("at most {} in {} seconds", self.burst, self.per_seconds);
        Error::new(Code::RateLimited, detail).retry_after(seconds)
    }

    /// Takes one token at `now`: when the bucket will be full again, or how many milliseconds until there is one.
    fn take(self, full_at: i64, now: i64) -> std::result::Result<i64, i64> {
        let window = i64::from(self.per_seconds) * 1000;
        let taken = full_at.max(now) + self.interval_millis();
        if taken - now <= window { Ok(taken) } else { Err(taken - now - window) }
    }
}

impl Store {
    /// Takes one of `subject`'s tokens. Costs a read and a write. The time is asked after the bucket was read: with an
    /// earlier one, the tokens of those who came first would seem to be taken in the future.
    ///
    /// # Errors
    /// [`Code::RateLimited`] with the seconds to wait, also when others keep taking tokens at the same moment.
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
            change.upsert(&key, &RateBucket { full_at }, bucket.map(|bucket| bucket.rev));
            match change.commit().await {
                Err(error) if error.code() == Code::Conflict => {}
                done => return done,
            }
        }
        Err(limit.refused(0))
    }

    /// Counts what `subject` does, `burst` times in each window of `per_seconds`. Costs a write and never has to try
    /// again, whoever else counts: for what many do at the same moment behind one address. Around the end of a window
    /// twice as much may happen.
    ///
    /// # Errors
    /// [`Code::RateLimited`] with the seconds until the window ends.
    pub async fn count_in_window(
        &self,
        school: &School,
        limit: RateLimit,
        subject: &str,
        now: Timestamp,
    ) -> Result<()> {
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
            .expression_attribute_values(":ttl", AttributeValue::N((ends + 60).to_string()))
            .return_values(ReturnValue::UpdatedNew)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(failure)?;
        meter::consumed_in_writing(&output.consumed_capacity);
        let count =
            output.attributes.as_ref().and_then(|item| item.get("count")?.as_n().ok()?.parse::<u32>().ok());
        let count = count.ok_or_else(|| Error::internal("a count without a number"))?;
        if count <= limit.burst { Ok(()) } else { Err(limit.refused((ends - now.seconds()) * 1000 - 1)) }
    }

    /// Whether `subject` has a token left, without taking it. Costs a read.
    ///
    /// # Errors
    /// [`Code::RateLimited`] with the seconds to wait.
    pub async fn check_token(
        &self,
        school: &School,
        limit: RateLimit,
        subject: &str,
        now: impl Fn() -> Timestamp,
    ) -> Result<()> {
        let bucket = self.get(&keys::rate_bucket(school, limit.name, subject), Consistency::Strong).await?;
        let full_at = bucket.map_or(0, |bucket| bucket.value.full_at);
        limit.take(full_at, now().millis()).map(|_| ()).map_err(|millis| limit.refused(millis))
    }

    /// Puts one token back: what it was taken for turned out to be harmless. Costs a read and a write. Gives up
    /// silently when others keep changing the bucket: it fills by itself.
    ///
    /// # Errors
    /// DynamoDB fails.
    pub async fn give_token_back(&self, school: &School, limit: RateLimit, subject: &str) -> Result<()> {
        let key = keys::rate_bucket(school, limit.name, subject);
        for attempt in 0..ATTEMPTS {
            settle(attempt).await?;
            let Some(bucket) = self.get(&key, Consistency::Strong).await? else { return Ok(()) };
            let full_at = bucket.value.full_at - limit.interval_millis();
            let mut change = self.transaction(school);
            change.replace(&key, &RateBucket { full_at }, bucket.rev);
            match change.commit().await {
                Err(error) if error.code() == Code::Conflict => {}
                done => return done,
            }
        }
        Ok(())
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
