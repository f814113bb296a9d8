//! What a package offers. The sum of all registries feeds the API reference, the local cloud and the conformance tests.

use std::{any::type_name, future::Future, pin::Pin};

use domain::event::{Event, EventData};
use kernel::{Result, Timestamp};
use store::Meter;

use crate::{
    Access, App, Budget, Call, Consumer, Endpoint, Input, Output, Reply, RequestParts, Route, Schedule,
    dispatch,
};

pub(crate) type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The names of a feature, all taken from its type: `catalog::publish_course::PublishCourse`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Names {
    type_path: &'static str,
}

impl Names {
    fn of<T>() -> Self {
        Self { type_path: type_name::<T>() }
    }

    fn part(self, from_end: usize) -> &'static str {
        self.type_path.rsplit("::").nth(from_end).unwrap_or_default()
    }

    /// `catalog`
    #[must_use]
    pub fn domain(self) -> &'static str {
        self.part(2)
    }

    /// `publish_course`
    #[must_use]
    pub fn verb_noun(self) -> &'static str {
        self.part(1)
    }

    /// `PublishCourse`: also the logical id in the template.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        self.part(0)
    }

    /// `catalog-publish-course`: the binary, the sample and the Lambda.
    #[must_use]
    pub fn function(self) -> String {
        format!("{}-{}", self.domain(), self.verb_noun().replace('_', "-"))
    }
}

/// An endpoint without its type.
#[derive(Clone, Copy)]
pub struct EndpointEntry {
    pub names: Names,
    pub route: Route,
    pub summary: &'static str,
    pub budget: Budget,
    pub idempotent: bool,
    pub signs_tokens: bool,
    pub access: &'static str,
    pub status: u16,
    pub describe: fn() -> RequestParts,
    pub output: fn() -> Option<serde_json::Value>,
    pub(crate) dispatch: fn(&'static App, Call) -> Pending<Result<Reply>>,
}

/// A consumer without its type.
#[derive(Clone, Copy)]
pub struct ConsumerEntry {
    pub names: Names,
    pub event_type: &'static str,
    pub event_version: u32,
    pub(crate) consume: fn(&'static App, Event) -> Pending<Result<()>>,
}

impl ConsumerEntry {
    /// Applies one event.
    ///
    /// # Errors
    /// The event must be delivered again.
    pub async fn consume(&self, app: &'static App, event: Event) -> Result<()> {
        (self.consume)(app, event).await
    }
}

/// A schedule without its type.
#[derive(Clone, Copy)]
pub struct ScheduleEntry {
    pub names: Names,
    pub expression: &'static str,
    pub(crate) run: fn(&'static App, Timestamp) -> Pending<Result<()>>,
}

/// What a package offers.
#[derive(Clone, Default)]
pub struct Registry {
    pub endpoints: Vec<EndpointEntry>,
    pub consumers: Vec<ConsumerEntry>,
    pub schedules: Vec<ScheduleEntry>,
}

impl EndpointEntry {
    /// The entry of `E`.
    #[must_use]
    pub fn of<E: Endpoint>() -> Self {
        Self {
            names: Names::of::<E>(),
            route: E::ROUTE,
            summary: E::SUMMARY,
            budget: E::BUDGET,
            idempotent: E::IDEMPOTENT,
            signs_tokens: E::SIGNS_TOKENS,
            access: E::Access::RULE,
            status: E::Output::STATUS,
            describe: || {
                let mut parts = RequestParts::default();
                E::Input::describe(&mut parts);
                parts
            },
            output: E::Output::schema,
            dispatch: |app, call| Box::pin(dispatch::endpoint::<E>(app, call)),
        }
    }
}

impl ConsumerEntry {
    /// The entry of `C`.
    #[must_use]
    pub fn of<C: Consumer>() -> Self {
        Self {
            names: Names::of::<C>(),
            event_type: C::Data::TYPE,
            event_version: C::Data::VERSION,
            consume: |app, event| Box::pin(dispatch::consumer::<C>(app, event)),
        }
    }
}

impl ScheduleEntry {
    /// The entry of `S`.
    #[must_use]
    pub fn of<S: Schedule>() -> Self {
        Self {
            names: Names::of::<S>(),
            expression: S::EXPRESSION,
            run: |app, at| Box::pin(async move { S::run(app, at).await }),
        }
    }
}

impl Registry {
    /// Adds an endpoint.
    #[must_use]
    pub fn endpoint<E: Endpoint>(mut self) -> Self {
        self.endpoints.push(EndpointEntry::of::<E>());
        self
    }

    /// Adds a consumer.
    #[must_use]
    pub fn consumer<C: Consumer>(mut self) -> Self {
        self.consumers.push(ConsumerEntry::of::<C>());
        self
    }

    /// Adds a schedule.
    #[must_use]
    pub fn schedule<S: Schedule>(mut self) -> Self {
        self.schedules.push(ScheduleEntry::of::<S>());
        self
    }

    /// Adds what another package offers.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.endpoints.extend(other.endpoints);
        self.consumers.extend(other.consumers);
        self.schedules.extend(other.schedules);
        self
    }
}

/// What a request cost, attached to its response for the log and the tests.
#[derive(Clone, Copy, Debug)]
pub struct Cost(pub Meter);
