//! What a process keeps between calls: configuration, clock and clients.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_sdk_dynamodb::{
    Client,
    config::{
        BehaviorVersion, Credentials, Region, SharedCredentialsProvider, StalledStreamProtectionConfig,
        retry::RetryConfig, timeout::TimeoutConfig,
    },
};
use aws_types::{SdkConfig, sdk_config};
use kernel::{Clock, Error, Id, Kind, Result, SystemClock, Timestamp};
use store::Store;

use crate::Config;

/// A client that some features need and most do not: what no feature of a binary asks for is not linked into it.
pub trait Service: Send + Sync + Sized + 'static {
    /// The service of a Lambda: everything comes from its environment, nothing from the network.
    ///
    /// # Errors
    /// Names the variable that is missing or wrong.
    fn from_env() -> std::result::Result<Self, String>;
}

type Services = HashMap<TypeId, &'static (dyn Any + Send + Sync)>;

/// The process's long-lived parts.
pub struct App {
    pub config: Config,
    pub store: Store,
    clock: Arc<dyn Clock>,
    services: Mutex<Services>,
}

impl App {
    /// An app of given parts.
    #[must_use]
    pub fn new(config: Config, store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { config, store, clock, services: Mutex::default() }
    }

    /// The app of a Lambda: everything comes from its environment, nothing from the network.
    ///
    /// # Errors
    /// Names the variable that is missing or wrong.
    pub fn from_env() -> std::result::Result<Self, String> {
        let config = Config::from_env()?;
        let store = Store::new(Client::new(&sdk_config("DYNAMODB")?), config.table.clone());
        Ok(Self::new(config, store, Arc::new(SystemClock)))
    }

    /// The process's `S`, made when it is first asked for.
    ///
    /// # Errors
    /// The environment is incomplete.
    pub fn service<S: Service>(&self) -> Result<&'static S> {
        let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = services.get(&TypeId::of::<S>()) {
            return known.downcast_ref().ok_or_else(|| Error::internal("a service of another type"));
        }
        let made: &'static S = Box::leak(Box::new(S::from_env().map_err(Error::internal)?));
        services.insert(TypeId::of::<S>(), made);
        Ok(made)
    }

    /// Gives the process its `S`: hosts that are no Lambda have theirs from elsewhere.
    #[must_use]
    pub fn with_service<S: Service>(self, service: S) -> Self {
        let services = || self.services.lock().unwrap_or_else(PoisonError::into_inner);
        services().insert(TypeId::of::<S>(), Box::leak(Box::new(service)));
        self
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

/// A variable that a service cannot do without.
#[expect(
    clippy::disallowed_methods,
    reason = "services read their own variables when they are first asked for"
)]
pub fn required_variable(name: &str) -> std::result::Result<String, String> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    value.ok_or_else(|| format!("environment variable {name} is missing"))
}

/// What the SDK client of `service` begins with in a Lambda. Lambda hands credentials over in the environment, fixed for its
/// life: no chain of providers is needed.
///
/// # Errors
/// Names the variable that is missing.
#[expect(clippy::disallowed_methods, reason = "the variables that Lambda itself sets")]
pub fn sdk_config(service: &str) -> std::result::Result<SdkConfig, String> {
    let credentials = Credentials::new(
        required_variable("AWS_ACCESS_KEY_ID")?,
        required_variable("AWS_SECRET_ACCESS_KEY")?,
        std::env::var("AWS_SESSION_TOKEN").ok(),
        None,
        "lambda",
    );
    // Set by local clouds only.
    let endpoint = |name: &str| std::env::var(name).ok().filter(|url| !url.is_empty());
    let mut config = sdk_limits()
        .region(Region::new(required_variable("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials));
    config.set_endpoint_url(
        endpoint(&format!("AWS_ENDPOINT_URL_{service}")).or_else(|| endpoint("AWS_ENDPOINT_URL")),
    );
    Ok(config.build())
}
