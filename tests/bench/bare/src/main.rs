//! What a Lambda on this stack costs at least: the same runtime, SDK and settings as `runtime::serve`, one GetItem, no
//! product. `WARM_UP` asks for the call during Init that the product makes; `TABLE_NAME`, `PK` and `SK` name the item.

use std::{env, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    config::{
        BehaviorVersion, Credentials, Region, StalledStreamProtectionConfig, retry::RetryConfig,
        timeout::TimeoutConfig,
    },
    types::AttributeValue,
};
use aws_smithy_http_client::{Builder, tls::Provider};
use lambda_http::{Body, Error, Request, Response, service_fn};

#[cfg(feature = "aws-lc")]
fn tls() -> Provider {
    Provider::Rustls(aws_smithy_http_client::tls::rustls_provider::CryptoMode::AwsLc)
}

#[cfg(feature = "ring")]
fn tls() -> Provider {
    Provider::Rustls(aws_smithy_http_client::tls::rustls_provider::CryptoMode::Ring)
}

#[cfg(feature = "s2n")]
fn tls() -> Provider {
    Provider::S2nTls
}

struct Item {
    client: Client,
    table: String,
    pk: String,
    sk: String,
}

impl Item {
    fn from_env() -> Result<Self, Error> {
        let credentials = Credentials::new(
            variable("AWS_ACCESS_KEY_ID")?,
            variable("AWS_SECRET_ACCESS_KEY")?,
            None,
            None,
            "lambda",
        );
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_millis(1000))
            .operation_attempt_timeout(Duration::from_millis(1500))
            .operation_timeout(Duration::from_millis(3500));
        let retries =
            RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(50));
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(Builder::new().tls_provider(tls()).build_https())
            .timeout_config(timeouts.build())
            .retry_config(retries)
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .region(Region::new(variable("AWS_REGION")?))
            .credentials_provider(credentials)
            .endpoint_url(variable("AWS_ENDPOINT_URL")?)
            .build();
        Ok(Self {
            client: Client::from_conf(config),
            table: variable("TABLE_NAME")?,
            pk: variable("PK")?,
            sk: variable("SK")?,
        })
    }

    /// How many attributes it has.
    async fn get(&self) -> Result<usize, Error> {
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("PK", AttributeValue::S(self.pk.clone()))
            .key("SK", AttributeValue::S(self.sk.clone()))
            .send()
            .await?;
        Ok(found.item.map_or(0, |item| item.len()))
    }
}

#[expect(clippy::disallowed_methods, reason = "it has no configuration but this")]
fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("environment variable {name} is missing"))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_http::tracing::init_default_subscriber();
    let item = Item::from_env()?;
    if variable("WARM_UP").is_ok() {
        item.get().await?;
    }
    let item = &item;
    lambda_http::run(service_fn(move |_: Request| async move {
        let body = item.get().await?.to_string();
        Ok::<_, Error>(Response::new(Body::Text(body)))
    }))
    .await
}
