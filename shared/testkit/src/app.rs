//! An app of its own for a test.

use std::{collections::HashMap, sync::Arc};

use aws_sdk_dynamodb::{
    Client,
    config::{Credentials, Region},
    types::AttributeValue,
};
use aws_smithy_http_client::Builder as HttpBuilder;
use domain::event::Event;
use dynoxide::{AttributeValue as Plain, Database, ImportOptions};
use kernel::{Page, School};
use runtime::{App, Config, ConsumerEntry, Registry, gateway::Gateway, token, with_limits};
use store::{Consistency, Direction, OUTBOX_SHARDS, PageRequest, Store, create_table, keys};
use tokio::net::TcpListener;

use crate::{Tap, TestClock, TestRequest, grants};

const TABLE: &str = "lectern-test";
/// Requests to this host are of the school `other`.
pub(crate) const OTHER_HOST: &str = "other.example";

/// The product on an emulator of its own.
pub struct TestApp {
    gateway: Gateway,
    tap: Tap,
    clock: Arc<TestClock>,
    client: Client,
    database: Database,
    endpoint: String,
}

impl TestApp {
    /// An empty school with the features of `registry`.
    ///
    /// # Panics
    /// The emulator does not start.
    pub async fn new(registry: &Registry) -> Self {
        Self::with_config(registry, |_| {}).await
    }

    /// Like [`TestApp::new`], with a changed configuration.
    ///
    /// # Panics
    /// The emulator does not start.
    pub async fn with_config(registry: &Registry, change: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("bound"));
        let database = Database::memory().expect("an in-memory database");
        tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));

        let tap = Tap::new(HttpBuilder::new().build_http());
        let config = with_limits(aws_sdk_dynamodb::Config::builder())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(&endpoint)
            .http_client(tap.clone());
        let client = Client::from_conf(config.build());
        create_table(&client, TABLE).await.expect("the emulator makes a table");

        let clock = Arc::new(TestClock::default());
        let mut config = config_with_new_key();
        change(&mut config);
        let app: &'static App = Box::leak(Box::new(App::new(
            config,
            Store::new(client.clone(), TABLE.to_owned()),
            Arc::<TestClock>::clone(&clock),
        )));
        Self { gateway: Gateway::new(app, registry), tap, clock, client, database, endpoint }
    }

    /// The app behind the gateway.
    #[must_use]
    pub fn app(&self) -> &'static App {
        self.gateway.app()
    }

    /// The real store on the emulator.
    #[must_use]
    pub fn store(&self) -> &'static Store {
        &self.app().store
    }

    /// The school of requests without a token to `localhost`.
    #[must_use]
    pub fn school(&self) -> School {
        self.app().config.school_of_host("localhost")
    }

    /// Counts and breaks calls to the emulator.
    #[must_use]
    pub fn tap(&self) -> &Tap {
        &self.tap
    }

    /// The clock that everything looks at.
    #[must_use]
    pub fn clock(&self) -> &TestClock {
        &self.clock
    }

    /// Where the emulator answers, for processes of their own.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(crate) fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// A `GET` to `path`, which may have a query.
    pub fn get(&self, path: impl AsRef<str>) -> TestRequest<'_> {
        TestRequest::new(self, "GET", path.as_ref())
    }

    /// A `POST` to `path`.
    pub fn post(&self, path: impl AsRef<str>) -> TestRequest<'_> {
        TestRequest::new(self, "POST", path.as_ref())
    }

    /// A `PUT` to `path`.
    pub fn put(&self, path: impl AsRef<str>) -> TestRequest<'_> {
        TestRequest::new(self, "PUT", path.as_ref())
    }

    /// A `PATCH` to `path`.
    pub fn patch(&self, path: impl AsRef<str>) -> TestRequest<'_> {
        TestRequest::new(self, "PATCH", path.as_ref())
    }

    /// Any method.
    pub fn request(&self, method: &str, path: impl AsRef<str>) -> TestRequest<'_> {
        TestRequest::new(self, method, path.as_ref())
    }

    /// Hands an event to a consumer, held to its role as requests are.
    ///
    /// # Errors
    /// The event would be delivered again.
    pub async fn consume(&self, consumer: &ConsumerEntry, event: Event) -> kernel::Result<()> {
        let (result, taken) = grants::watched(consumer.consume(self.app(), event)).await;
        grants::check(consumer.names, false, &taken);
        result
    }

    /// The events that wait in the outbox, oldest first; of one type if `event_type` is not empty.
    ///
    /// # Panics
    /// The emulator fails.
    pub async fn outbox(&self, event_type: &str) -> Vec<Event> {
        let mut events: Vec<Event> = Vec::new();
        for shard in 0..OUTBOX_SHARDS {
            let partition = keys::outbox_partition(&self.school(), shard);
            let mut cursor: Option<String> = None;
            loop {
                let page =
                    PageRequest { limit: 100, cursor: cursor.as_deref(), direction: Direction::Ascending };
                let Page { items, next_cursor } = self
                    .store()
                    .page::<Event>(&partition, page, None, Consistency::Strong)
                    .await
                    .expect("readable");
                events.extend(items.into_iter().map(|stored| stored.value));
                cursor = next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
        }
        events.sort_by_key(|event| event.id);
        events.retain(|event| event_type.is_empty() || event.event_type == event_type);
        events
    }

    /// Puts many items at once, past the API: for tables of a size that requests would take minutes to make.
    ///
    /// # Panics
    /// The emulator does not take one.
    pub fn import(&self, items: Vec<HashMap<String, AttributeValue>>) {
        let items = items.into_iter().map(|item| plain(item).collect()).collect();
        self.database.import_items(TABLE, items, ImportOptions::default()).expect("well-formed items");
    }

    /// Every item of the table as text: to look for what must not be there, or to compare two states.
    ///
    /// # Panics
    /// The emulator fails.
    #[expect(clippy::disallowed_methods, reason = "a test may look at everything")]
    pub async fn dump(&self) -> Vec<String> {
        let mut items = Vec::new();
        let mut pages = self.client.scan().table_name(TABLE).consistent_read(true).into_paginator().send();
        while let Some(page) = pages.next().await {
            for item in page.expect("the emulator scans").items.unwrap_or_default() {
                items.push(fields_of(&item));
            }
        }
        items.sort();
        items
    }
}

fn plain(item: HashMap<String, AttributeValue>) -> impl Iterator<Item = (String, Plain)> {
    item.into_iter().map(|(name, value)| (name, plain_value(value)))
}

fn plain_value(value: AttributeValue) -> Plain {
    match value {
        AttributeValue::S(text) => Plain::S(text),
        AttributeValue::N(number) => Plain::N(number),
        AttributeValue::Bool(truth) => Plain::BOOL(truth),
        AttributeValue::L(items) => Plain::L(items.into_iter().map(plain_value).collect()),
        AttributeValue::M(members) => Plain::M(plain(members).collect()),
        AttributeValue::Null(_) => Plain::NULL(true),
        other => panic!("no entity has a {other:?}"),
    }
}

/// An item as text, the same for the same item: a map has no order of its own.
fn fields_of(item: &HashMap<String, AttributeValue>) -> String {
    let mut fields: Vec<String> =
        item.iter().map(|(name, value)| format!("{name}={}", text_of(value))).collect();
    fields.sort();
    fields.join(" ")
}

fn text_of(value: &AttributeValue) -> String {
    match value {
        AttributeValue::M(members) => format!("{{{}}}", fields_of(members)),
        AttributeValue::L(items) => format!("[{}]", items.iter().map(text_of).collect::<Vec<_>>().join(", ")),
        other => format!("{other:?}"),
    }
}

fn config_with_new_key() -> Config {
    let (signing_key, public_keys) = token::generate_key("test").expect("randomness");
    let public_keys = public_keys.to_string();
    let mut config = Config::from_lookup(|name| match name {
        "TABLE_NAME" => Some(TABLE.to_owned()),
        "TOKEN_ISSUER" => Some("https://lectern.test".to_owned()),
        "TOKEN_PUBLIC_KEYS" => Some(public_keys.clone()),
        "SCHOOL_HOSTS" => Some(format!("{OTHER_HOST}=other")),
        "ALLOWED_ORIGINS" => Some("https://app.lectern.test".to_owned()),
        "APP_VERSION" => Some("test".to_owned()),
        _ => None,
    })
    .expect("complete");
    config.signing_key = Some(signing_key);
    config
}
