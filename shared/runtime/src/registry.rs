//! What a package offers. The sum of all registries feeds the API reference, the local cloud and the conformance tests.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    future::Future,
    pin::Pin,
};

use domain::event::{Event, EventId};
use kernel::{Code, Result, Timestamp};
use store::Meter;

use crate::{
    Access, App, Budget, Call, Components, Consumer, Endpoint, Input, Listener, Method, Needs, Output,
    PathParameter, Reply, RequestParts, Route, Schedule, SignIn, Source, StreamReader, Subscription,
    access::Public, dispatch, path,
};

pub(crate) type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The names of a feature, all made of the one that its binary, its sample and its Lambda have: `catalog-publish-course`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Names(&'static str);

impl Names {
    /// The names of the feature `function`.
    #[must_use]
    pub const fn of(function: &'static str) -> Self {
        Self(function)
    }

    /// `catalog-publish-course`
    #[must_use]
    pub fn function(self) -> &'static str {
        self.0
    }

    /// `catalog`
    #[must_use]
    pub fn domain(self) -> &'static str {
        self.0.split_once('-').map_or(self.0, |(domain, _)| domain)
    }

    /// `publish_course`: the feature's file.
    #[must_use]
    pub fn verb_noun(self) -> String {
        self.0.split_once('-').map_or("", |(_, rest)| rest).replace('-', "_")
    }

    /// `CatalogPublishCourse`: what the template's logical ids begin with.
    #[must_use]
    pub fn logical_id(self) -> String {
        self.0.split('-').map(capitalized).collect()
    }
}

/// With its first letter in upper case.
fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// A function, whatever calls it.
#[derive(Clone, Copy)]
pub struct Function {
    pub names: Names,
    pub needs: Needs,
    pub trigger: Trigger,
}

/// What calls a function.
#[derive(Clone, Copy)]
pub enum Trigger {
    Route(EndpointEntry),
    Queue(ConsumerEntry),
    Stream(StreamEntry),
    Schedule(ScheduleEntry),
}

macro_rules! functions {
    ($($entry:ident $trigger:ident;)*) => {$(
        impl From<$entry> for Function {
            fn from(entry: $entry) -> Self {
                Self { names: entry.names, needs: entry.needs, trigger: Trigger::$trigger(entry) }
            }
        }
    )*};
}

functions! { EndpointEntry Route; ConsumerEntry Queue; StreamEntry Stream; ScheduleEntry Schedule; }

/// An endpoint without its type.
#[derive(Clone, Copy)]
pub struct EndpointEntry {
    pub names: Names,
    pub needs: Needs,
    pub route: Route,
    pub summary: &'static str,
    pub budget: Budget,
    pub waves: u32,
    pub shared_seconds: Option<u32>,
    pub idempotent: bool,
    pub access: &'static str,
    pub(crate) who: &'static str,
    pub sign_in: SignIn,
    /// Those of the feature, and those of its access.
    errors: [&'static [Code]; 2],
    pub location: Option<&'static str>,
    pub status: u16,
    /// What stands in the path.
    pub path: fn() -> Vec<PathParameter>,
    pub describe: fn() -> RequestParts,
    pub(crate) output: fn(&mut Components) -> serde_json::Value,
    /// The headers of success that the output promises.
    pub headers: fn() -> &'static [&'static str],
    pub(crate) dispatch: fn(&'static App, Call) -> Pending<Result<Reply>>,
}

/// A consumer or a listener without its type.
#[derive(Clone, Copy)]
pub struct ConsumerEntry {
    pub names: Names,
    pub needs: Needs,
    /// Type and version of the events that it subscribes to; none for a listener.
    pub events: &'static [(&'static str, u32)],
    /// Where the messages of a listener come from, and one as it comes.
    pub heard: Option<(Source, &'static str)>,
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
    pub needs: Needs,
    pub(crate) read: fn(&'static App, Vec<Event>) -> Pending<HashSet<EventId>>,
}

impl StreamEntry {
    /// Takes events and returns those that must come again.
    pub async fn read(&self, app: &'static App, events: Vec<Event>) -> HashSet<EventId> {
        (self.read)(app, events).await
    }
}

/// A schedule without its type.
#[derive(Clone, Copy)]
pub struct ScheduleEntry {
    pub names: Names,
    pub needs: Needs,
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
    /// Domains with an API of their own.
    pub apart: BTreeSet<&'static str>,
}

impl EndpointEntry {
    /// The entry of `E`.
    ///
    /// # Panics
    /// The route has a parameter that neither `Access` nor `Input` takes, or they take one that it does not have.
    #[must_use]
    pub fn of<E: Endpoint>() -> Self {
        path::must_match::<E>();
        Self {
            names: Names::of(E::NAME),
            needs: E::NEEDS,
            route: E::ROUTE,
            summary: E::SUMMARY,
            budget: E::BUDGET,
            waves: E::WAVES,
            shared_seconds: E::SHARED_SECONDS,
            idempotent: E::IDEMPOTENT,
            access: E::Access::RULE,
            who: E::Access::WHO,
            sign_in: E::Access::SIGN_IN,
            errors: [E::ERRORS, E::Access::ERRORS],
            location: E::LOCATION,
            status: E::Output::STATUS,
            path: path::of::<E>,
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

    /// Whether it answers HEAD too: what everybody may GET.
    #[must_use]
    pub fn answers_head(&self) -> bool {
        self.route.method == Method::Get && self.access == Public::RULE
    }

    /// Every code that it can refuse with.
    #[must_use]
    pub fn codes(&self) -> Vec<Code> {
        let mut codes = (self.describe)().errors;
        codes.extend(self.errors.into_iter().chain([self.sign_in.errors()]).flatten());
        for parameter in (self.path)() {
            codes.push(Code::NOT_FOUND);
            codes.extend(parameter.errors);
        }
        if self.budget.writes > 0 {
            codes.push(Code::CONFLICT);
        }
        if self.idempotent {
            codes.extend([Code::INVALID_HEADER, Code::IDEMPOTENCY_KEY_REUSED]);
        }
        codes.extend([Code::BODY_TOO_LARGE, Code::INTERNAL, Code::UNAVAILABLE]);
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
            names: Names::of(C::NAME),
            needs: C::NEEDS,
            events: C::Data::EVENTS,
            heard: None,
            consume: |app, body| Box::pin(dispatch::consumer::<C>(app, body)),
        }
    }

    /// The entry of `L`.
    #[must_use]
    pub fn of_listener<L: Listener>() -> Self {
        Self {
            names: Names::of(L::NAME),
            needs: L::NEEDS,
            events: &[],
            heard: Some((L::SOURCE, L::SAMPLE)),
            consume: |app, body| Box::pin(dispatch::listener::<L>(app, body)),
        }
    }
}

impl StreamEntry {
    /// The entry of `R`.
    #[must_use]
    pub fn of<R: StreamReader>() -> Self {
        Self {
            names: Names::of(R::NAME),
            needs: R::NEEDS,
            read: |app, events| Box::pin(R::read(app, events)),
        }
    }
}

impl ScheduleEntry {
    /// The entry of `S`.
    #[must_use]
    pub fn of<S: Schedule>() -> Self {
        Self {
            names: Names::of(S::NAME),
            needs: S::NEEDS,
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

    /// Puts the routes of a domain on an API of their own, since one takes 300 integrations. They have to begin with
    /// `/v1/<domain>/`, by which the site's distribution leads there; by its own address each API serves only its routes.
    #[must_use]
    pub fn apart(mut self, domain: &'static str) -> Self {
        self.apart.insert(domain);
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

    /// Every function, the fallback among them.
    #[must_use]
    pub fn functions(&self) -> Vec<Function> {
        let routes = self.endpoints.iter().chain(&self.fallback).copied().map(Function::from);
        let queues = self.consumers.iter().copied().map(Function::from);
        let streams = self.streams.iter().copied().map(Function::from);
        routes
            .chain(queues)
            .chain(streams)
            .chain(self.schedules.iter().copied().map(Function::from))
            .collect()
    }

    /// The functions that are told when the file `key` comes into being.
    pub fn told_of_file(&self, key: &str) -> impl Iterator<Item = &'static str> {
        let is_below = |entry: &&ConsumerEntry| match entry.heard {
            Some((Source::Created(folder), _)) => {
                key.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
            }
            _ => false,
        };
        self.consumers.iter().filter(is_below).map(|entry| entry.names.function())
    }

    /// The functions that are told what happens in `service`, such as `aws.mediaconvert`.
    pub fn told_by(&self, service: &str) -> impl Iterator<Item = &'static str> {
        let is_told = move |entry: &&ConsumerEntry| match entry.heard {
            Some((Source::Pattern(pattern), _)) => pattern.contains(service),
            _ => false,
        };
        self.consumers.iter().filter(is_told).map(|entry| entry.names.function())
    }

    /// The functions that subscribe to each type of event, all of them sorted.
    #[must_use]
    pub fn subscriptions(&self) -> BTreeMap<&'static str, Vec<&'static str>> {
        let mut subscriptions: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for consumer in &self.consumers {
            for (event, _) in consumer.events {
                subscriptions.entry(*event).or_default().push(consumer.names.function());
            }
        }
        subscriptions.values_mut().for_each(|functions| functions.sort_unstable());
        subscriptions
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
        self.apart.extend(other.apart);
        self
    }
}

/// What a request cost, attached to its response for the log and the tests.
#[derive(Clone, Copy, Debug)]
pub struct Cost(pub Meter);
