//! What a process keeps between calls: configuration, clock and clients.

use std::{sync::Arc, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    config::{
        BehaviorVersion, Credentials, Region, StalledStreamProtectionConfig, retry::RetryConfig,
        timeout::TimeoutConfig,
    },
};
use kernel::{Clock, Id, Kind, SystemClock, Timestamp};
use store::Store;

use crate::Config;

/// The process's long-lived parts.
pub struct App {
    pub config: Config,
    pub store: Store,
    clock: Arc<dyn Clock>,
}

impl App {
    /// An app of given parts.
    #[must_use]
    pub fn new(config: Config, store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { config, store, clock }
    }

    /// The app of a Lambda: everything comes from its environment, nothing from the network.
    ///
    /// # Errors
    /// Names the variable that is missing or wrong.
    pub fn from_env() -> Result<Self, String> {
        let config = Config::from_env()?;
        let store = Store::new(client_from_env()?, config.table.clone());
        Ok(Self::new(config, store, Arc::new(SystemClock)))
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
pub fn with_limits(config: aws_sdk_dynamodb::config::Builder) -> aws_sdk_dynamodb::config::Builder {
    config
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

/// Lambda hands credentials over in the environment, fixed for its life: no chain of providers is needed.
///
/// # Errors
/// Names the variable that is missing.
#[expect(clippy::disallowed_methods, reason = "the variables that Lambda itself sets")]
pub fn client_from_env() -> Result<Client, String> {
    let required =
        |name: &str| std::env::var(name).map_err(|_| format!("environment variable {name} is missing"));
    let credentials = Credentials::new(
        required("AWS_ACCESS_KEY_ID")?,
        required("AWS_SECRET_ACCESS_KEY")?,
        std::env::var("AWS_SESSION_TOKEN").ok(),
        None,
        "lambda",
    );
    let builder = with_limits(aws_sdk_dynamodb::Config::builder())
        .region(Region::new(required("AWS_REGION")?))
        .credentials_provider(credentials);
    // Set by local clouds only.
    let builder = match std::env::var("AWS_ENDPOINT_URL").ok().filter(|url| !url.is_empty()) {
        Some(url) => builder.endpoint_url(url),
        None => builder,
    };
    Ok(Client::from_conf(builder.build()))
}
