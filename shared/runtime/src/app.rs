//! What a process keeps between calls: configuration, clock and clients.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, StalledStreamProtectionConfig, retry::RetryConfig, timeout::TimeoutConfig},
};
use aws_types::{SdkConfig, sdk_config};
use kernel::{Clock, Error, Id, Kind, Result, SystemClock, Timestamp};
use store::Store;

use crate::{Config, Environment, Remembered, registry::Pending};

/// What some features need and most do not: a client, a key, a setting. What no feature of a binary asks for is not linked
/// into it, and its function has none of its variables.
pub trait Service: Send + Sync + Sized + 'static {
    /// The variables that a function has for it, besides those of [`Config`].
    const VARIABLES: &'static [&'static str];

    /// Makes the service of a process.
    ///
    /// # Errors
    /// Names the variable that is missing or wrong, or what could not be read.
    fn start(app: &App) -> impl Future<Output = std::result::Result<Self, String>> + Send;
}

/// A service without its type: how a feature says that it needs it.
#[derive(Clone, Copy, Debug)]
pub struct ServiceEntry {
    pub variables: &'static [&'static str],
    start: fn(&'static App) -> Pending<Result<()>>,
}

impl ServiceEntry {
    /// The entry of `S`.
    #[must_use]
    pub const fn of<S: Service>() -> Self {
        Self {
            variables: S::VARIABLES,
            start: |app| Box::pin(async move { app.service::<S>().await.map(|_| ()) }),
        }
    }

    /// Makes it now, so that no request waits for it.
    ///
    /// # Errors
    /// As [`App::service`].
    pub async fn start(&self, app: &'static App) -> Result<()> {
        (self.start)(app).await
    }
}

type Services = HashMap<TypeId, &'static (dyn Any + Send + Sync)>;

/// The process's long-lived parts.
pub struct App {
    pub config: Config,
    pub store: Store,
    environment: Environment,
    clock: Arc<dyn Clock>,
    services: Mutex<Services>,
    remembered: Mutex<Services>,
    watch: fn(&'static [&'static str]),
}

impl App {
    /// The app of an environment, with its table behind `client`.
    ///
    /// # Errors
    /// Names the variable that is missing or wrong.
    pub fn new(
        environment: Environment,
        client: Client,
        clock: Arc<dyn Clock>,
    ) -> std::result::Result<Self, String> {
        let config = Config::of(&environment)?;
        let store = Store::new(client, config.table.clone());
        Ok(Self {
            config,
            store,
            environment,
            clock,
            services: Mutex::default(),
            remembered: Mutex::default(),
            watch: |_| {},
        })
    }

    /// The app of a Lambda: everything comes from its environment, nothing from the network.
    ///
    /// # Errors
    /// Names the variable that is missing or wrong.
    pub fn of_process() -> std::result::Result<Self, String> {
        let environment = Environment::of_process();
        let client = Client::new(&environment.sdk_config("DYNAMODB")?);
        Self::new(environment, client, Arc::new(SystemClock))
    }

    /// What services start from.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    fn services(&self) -> MutexGuard<'_, Services> {
        self.services.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process's `S`, made when it is first asked for.
    ///
    /// # Errors
    /// The environment is incomplete, or what it names cannot be read.
    pub async fn service<S: Service>(&self) -> Result<&'static S> {
        (self.watch)(S::VARIABLES);
        let known = self.services().get(&TypeId::of::<S>()).copied();
        if let Some(known) = known {
            return known.downcast_ref().ok_or_else(|| Error::internal("a service of another type"));
        }
        // Two that ask at once may make two; the later one stays.
        Ok(self.keep(S::start(self).await.map_err(Error::internal)?))
    }

    pub(crate) fn keep<S: Service>(&self, service: S) -> &'static S {
        let service: &'static S = Box::leak(Box::new(service));
        self.services().insert(TypeId::of::<S>(), service);
        service
    }

    /// The `V` of each `K` that calls of this process came to know.
    pub fn remembered<K: Send + 'static, V: Send + 'static>(&self) -> &'static Remembered<K, V> {
        let mut all = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all
            .entry(TypeId::of::<Remembered<K, V>>())
            .or_insert_with(|| Box::leak(Box::<Remembered<K, V>>::default()));
        known.downcast_ref().expect("it stands under its own type")
    }

    /// Knows no more than a process that has just started. Tests count calls from there.
    pub fn forget(&self) {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Gives the process its `S`: hosts that are no Lambda have theirs from elsewhere.
    #[must_use]
    pub fn with_service<S: Service>(self, service: S) -> Self {
        self.keep(service);
        self
    }

    /// Lets `watch` see the variables of each service that is asked for: tests hold functions to what they were given.
    #[must_use]
    pub fn watched(self, watch: fn(&'static [&'static str])) -> Self {
        Self { watch, ..self }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new id.
    #[must_use]
    pub fn id<K: Kind>(&self) -> Id<K> {
        Id::generate(self.now())
    }
}

/// Timeouts and retries of every SDK client. The SDK sets no attempt or operation timeout by itself (R15); together
/// with the deadline of a call these keep an answer below five seconds whatever a dependency does.
#[must_use]
pub fn sdk_limits() -> sdk_config::Builder {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_millis(1000))
                .operation_attempt_timeout(Duration::from_millis(1500))
                .operation_timeout(Duration::from_millis(3500))
                .build(),
        )
        .retry_config(
            RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(50)),
        )
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled()) // the attempt timeout covers it
}
