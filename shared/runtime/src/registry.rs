//! What a package offers. The sum of all registries feeds the API reference, the local cloud and the conformance tests.

use std::{any::type_name, collections::HashSet, future::Future, pin::Pin};

use domain::event::Event;
use kernel::{Code, EventId, Result, Timestamp};
use store::Meter;

use crate::{
    Access, Alias, App, Budget, Call, Consumer, Endpoint, Input, Listener, Output, Reply, RequestParts,
    Route, Schedule, SignIn, StreamReader, Subscription, dispatch,
};

pub(crate) type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The names of a feature, all taken from its type: `catalog::publish_course::PublishCourse`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Names {
    type_path: &'static str,
}

impl Names {
    pub(crate) fn of<T>() -> Self {
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
    pub alias: Option<Alias>,
    pub signs_tokens: bool,
    pub access: &'static str,
    pub sign_in: SignIn,
    /// Those of the feature, and those of its access.
    errors: [&'static [Code]; 2],
    pub location: Option<&'static str>,
    pub status: u16,
    pub describe: fn() -> RequestParts,
    pub output: fn() -> serde_json::Value,
    /// The headers of success that the output promises.
    pub headers: fn() -> &'static [&'static str],
    pub(crate) dispatch: fn(&'static App, Call) -> Pending<Result<Reply>>,
}

/// A consumer or a listener without its type.
#[derive(Clone, Copy)]
pub struct ConsumerEntry {
    pub names: Names,
    /// Type and version of the events that it subscribes to; none for a listener.
    pub events: &'static [(&'static str, u32)],
    /// A message as it comes, of a listener.
    pub sample: Option<&'static str>,
    pub(crate) consume: fn(&'static App, String) -> Pending<Result<()>>,
}

impl ConsumerEntry {
    /// Applies a message, given its body.
    ///
    /// # Errors
    /// It must be delivered again.
    pub async fn consume(&self, app: &'static App, body: String) -> Result<()> {
        (self.consume)(app, body).await
    }
}

/// A reader of the table's stream without its type.
#[derive(Clone, Copy)]
pub struct StreamEntry {
    pub names: Names,
    pub(crate) read: fn(&'static App, Vec<Event>) -> Pending<HashSet<EventId>>,
}

impl StreamEntry {
    /// Takes events and gives those that must come again.
    pub async fn read(&self, app: &'static App, events: Vec<Event>) -> HashSet<EventId> {
        (self.read)(app, events).await
    }
}

/// A schedule without its type.
#[derive(Clone, Copy)]
pub struct ScheduleEntry {
    pub names: Names,
    pub expression: &'static str,
    pub(crate) run: fn(&'static App, Timestamp) -> Pending<Result<()>>,
}

impl ScheduleEntry {
    /// Runs for the tick at `at`.
    ///
    /// # Errors
    /// The job failed.
    pub async fn run(&self, app: &'static App, at: Timestamp) -> Result<()> {
        (self.run)(app, at).await
    }
}

/// What a package offers.
#[derive(Clone, Default)]
pub struct Registry {
    /// Package and what it is about.
    pub tags: Vec<(&'static str, &'static str)>,
    pub endpoints: Vec<EndpointEntry>,
    /// Answers what no endpoint takes: `$default`.
    pub fallback: Option<EndpointEntry>,
    pub consumers: Vec<ConsumerEntry>,
    pub schedules: Vec<ScheduleEntry>,
    pub streams: Vec<StreamEntry>,
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
            alias: E::ALIAS,
            signs_tokens: E::SIGNS_TOKENS,
            access: E::Access::RULE,
            sign_in: E::Access::SIGN_IN,
            errors: [E::ERRORS, E::Access::ERRORS],
            location: E::LOCATION,
            status: E::Output::STATUS,
            describe: || {
                let mut parts = RequestParts::default();
                E::Input::describe(&mut parts);
                parts
            },
            output: E::Output::content,
            headers: E::Output::headers,
            dispatch: |app, call| Box::pin(dispatch::endpoint::<E>(app, call)),
        }
    }

    /// Every code that it can refuse with.
    #[must_use]
    pub fn codes(&self) -> Vec<Code> {
        let mut codes = (self.describe)().errors;
        codes.extend(self.errors.into_iter().chain([self.sign_in.errors()]).flatten());
        if self.route.parameters().next().is_some() {
            codes.push(Code::NotFound);
        }
        if self.route.parameters().any(|name| kernel::id_prefix(name).is_some()) {
            codes.push(Code::InvalidPath);
        }
        if self.budget.writes > 0 {
            codes.push(Code::Conflict);
        }
        if self.idempotent {
            codes.extend([Code::InvalidHeader, Code::IdempotencyKeyReused]);
        }
        codes.extend([Code::Internal, Code::Unavailable]);
        codes.sort_by_key(|code| (code.status(), code.name()));
        codes.dedup();
        codes
    }
}

impl ConsumerEntry {
    /// The entry of `C`.
    #[must_use]
    pub fn of<C: Consumer>() -> Self {
        Self {
            names: Names::of::<C>(),
            events: C::Data::EVENTS,
            sample: None,
            consume: |app, body| Box::pin(dispatch::consumer::<C>(app, body)),
        }
    }

    /// The entry of `L`.
    #[must_use]
    pub fn of_listener<L: Listener>() -> Self {
        Self {
            names: Names::of::<L>(),
            events: &[],
            sample: Some(L::SAMPLE),
            consume: |app, body| Box::pin(dispatch::listener::<L>(app, body)),
        }
    }
}

impl StreamEntry {
    /// The entry of `R`.
    #[must_use]
    pub fn of<R: StreamReader>() -> Self {
        Self { names: Names::of::<R>(), read: |app, events| Box::pin(R::read(app, events)) }
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
    /// Says what the package is about: its name and description in `Cargo.toml`.
    #[must_use]
    pub fn about(mut self, package: &'static str, description: &'static str) -> Self {
        self.tags.push((package, description));
        self
    }

    /// Lets `E` answer what no endpoint takes.
    #[must_use]
    pub fn fallback<E: Endpoint>(mut self) -> Self {
        self.fallback = Some(EndpointEntry::of::<E>());
        self
    }

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

    /// Adds a listener.
    #[must_use]
    pub fn listener<L: Listener>(mut self) -> Self {
        self.consumers.push(ConsumerEntry::of_listener::<L>());
        self
    }

    /// Adds a reader of the stream.
    #[must_use]
    pub fn stream<R: StreamReader>(mut self) -> Self {
        self.streams.push(StreamEntry::of::<R>());
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
        self.tags.extend(other.tags);
        self.endpoints.extend(other.endpoints);
        self.fallback = self.fallback.or(other.fallback);
        self.consumers.extend(other.consumers);
        self.schedules.extend(other.schedules);
        self.streams.extend(other.streams);
        self
    }
}

/// What a request cost, attached to its response for the log and the tests.
#[derive(Clone, Copy, Debug)]
pub struct Cost(pub Meter);
