//! SSM: what must not stand in plain environment, read once at the cold start.

use std::time::Duration;

use aws_sdk_ssm::{
    Client,
    config::{
        Builder,
        retry::{RetryConfig, RetryPartition, TokenBucket},
        timeout::TimeoutConfig,
    },
    error::DisplayErrorContext,
};
use aws_types::SdkConfig;

use crate::{App, Service};

/// Init has ten seconds, and a connection to open beside this.
const PATIENCE: Duration = Duration::from_millis(9_500);
/// The longest pause before another attempt; each is random, from nothing up to this.
///
/// An account reads 40 parameters a second unless it pays for more, so of 300 functions that start at once the last has
/// its key after 6.5 seconds at the earliest. It does only while somebody asks for every single read that SSM has to give:
/// pauses that keep growing would leave reads unused and the last ones without time.
const LONGEST_PAUSE: Duration = Duration::from_millis(400);
/// More than fit into that time. Not as many as there are: the SDK counts up to this before it asks.
const ATTEMPTS: u32 = 100;

/// The parameters of this deployment.
pub struct Parameters {
    client: Client,
}

impl Service for Parameters {
    const VARIABLES: &'static [&'static str] = &[];

    async fn start(app: &App) -> Result<Self, String> {
        Ok(Self::new(&app.environment().sdk_config("SSM")?))
    }
}

impl Parameters {
    /// SSM as `config` reaches it.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(LONGEST_PAUSE)
            .with_max_backoff(LONGEST_PAUSE);
        // The SDK's quota of retries is for processes that ask all the time; time ends these.
        let quota = RetryPartition::custom("parameters").token_bucket(TokenBucket::unlimited()).build();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_millis(1_500))
            .operation_timeout(PATIENCE);
        let settings = Builder::from(config)
            .retry_config(retries)
            .retry_partition(quota)
            .timeout_config(timeouts.build());
        Self { client: Client::from_conf(settings.build()) }
    }

    /// What a parameter holds, in clear.
    ///
    /// # Errors
    /// It is not there, or SSM does not say within ten seconds.
    pub async fn get(&self, name: &str) -> Result<String, String> {
        let found = self.client.get_parameters().names(name).with_decryption(true).send().await;
        let found = found.map_err(|error| format!("ssm, {name}: {}", DisplayErrorContext(error)))?;
        let value = found.parameters.unwrap_or_default().pop().and_then(|parameter| parameter.value);
        value.ok_or_else(|| format!("there is no parameter {name}: run scripts/deploy"))
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::config::{Credentials, Region, SharedCredentialsProvider};
    use base64::{Engine, engine::general_purpose::STANDARD};
    use emulators::Ssm;
    use tokio::{task::JoinSet, time::Instant};

    use super::*;
    use crate::{
        Environment,
        fakes::app_in,
        sdk_limits,
        token::{self, TokenKey},
    };

    const NAME: &str = "/lectern/test/token-private-key";

    /// A function that is about to start.
    fn function(ssm: &Ssm, public_keys: &str) -> &'static App {
        let sdk = sdk_limits()
            .region(Region::new("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "test", "test", None, None, "test",
            )))
            .http_client(ssm.http_client());
        let environment = Environment::from_iter([
            ("TABLE_NAME", "nowhere"),
            ("TOKEN_ISSUER", "https://lectern.test"),
            ("TOKEN_PUBLIC_KEYS", public_keys),
            ("TOKEN_KEY_PARAMETER", NAME),
        ]);
        let app = app_in(environment);
        app.keep(Parameters::new(&sdk.build()));
        app
    }

    #[tokio::test(start_paused = true)]
    async fn f13_three_hundred_cold_starts_at_once_have_their_key_within_ten_seconds() {
        let (key, public) = token::generate_key("one").unwrap();
        let ssm = Ssm::holding([(NAME.to_owned(), STANDARD.encode(&key.pkcs8))]).allowing(40);
        let begun = Instant::now();
        let mut starting = JoinSet::new();
        for _ in 0..300 {
            let app = function(&ssm, &public.to_string());
            starting.spawn(async move { app.service::<TokenKey>().await.map(|_| ()) });
        }
        for started in starting.join_all().await {
            started.unwrap();
        }
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(10), "{took:?}");
        // Otherwise the stand-in would have held nobody back.
        assert!(took > Duration::from_secs(6), "{took:?}");
        assert!(ssm.refused() > 300, "{}", ssm.refused());
    }

    #[tokio::test(start_paused = true)]
    async fn f13_a_function_without_its_key_does_not_start_and_says_which() {
        let (key, public) = token::generate_key("one").unwrap();
        let (other, _) = token::generate_key("one").unwrap();
        for (held, why) in [
            (None, "there is no parameter /lectern/test/token-private-key"),
            (Some("bm8ga2V5".to_owned()), "is not a key"),
            (Some("no base64!".to_owned()), "is not base64"),
            (Some(STANDARD.encode(&other.pkcs8)), "its public half is not published"),
        ] {
            let ssm = Ssm::holding(held.map(|held| (NAME.to_owned(), held)));
            let error = function(&ssm, &public.to_string()).service::<TokenKey>().await.err().unwrap();
            assert!(format!("{error:?}").contains(why), "{why}: {error:?}");
        }
        // Throttled for ever: it gives up before Lambda does.
        let ssm = Ssm::holding([(NAME.to_owned(), STANDARD.encode(&key.pkcs8))]).allowing(0);
        let begun = Instant::now();
        assert!(function(&ssm, &public.to_string()).service::<TokenKey>().await.is_err());
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    }
}
