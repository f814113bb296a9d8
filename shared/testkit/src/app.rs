//! An app of its own for a test.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

use aws_sdk_dynamodb::{
    Client,
    config::{Credentials, Region, SharedCredentialsProvider, retry::RetryPartition},
    types::AttributeValue,
};
use aws_smithy_http_client::Builder as HttpBuilder;
use domain::{event::Event, identity::SessionId};
use dynoxide::{AttributeValue as Plain, Database, ImportOptions};
use emulators::{ACCESS_KEY, S3, SECRET_KEY, Sqs};
use kernel::{School, Timestamp, UserId};
use objects::Objects;
use runtime::{
    App, ConsumerEntry, Environment, Queues, Registry, ScheduleEntry, TokenKey,
    gateway::Gateway,
    sdk_limits,
    token::{self, SigningKey},
};
use serde_json::Value;
use store::{OUTBOX_SHARDS, Store, create_table};
use tokio::net::TcpListener;

use crate::{
    Tap, TestClock, TestRequest,
    canaries::{Canaries, Kind},
    grants,
};

const TABLE: &str = "lectern-test";
/// The one bucket.
pub const BUCKET: &str = "lectern-test-files";
/// The host of the school `other`.
pub const OTHER_HOST: &str = "other.example";

/// The product on an emulator of its own.
pub struct TestApp {
    gateway: Gateway,
    token_key: TokenKey,
    tap: Tap,
    clock: Arc<TestClock>,
    /// Past the tap, by one of its own: what a test looks at is neither counted nor broken.
    client: Client,
    past: Tap,
    database: Database,
    endpoint: String,
    pub(crate) registry: Registry,
    pub(crate) sqs: Sqs,
    folder: PathBuf,
    _s3: S3,
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
        if !std::thread::panicking() {
            self.tap.canaries().check_all();
            let overlooked = self.sqs.overlooked();
            assert!(
                overlooked.is_empty(),
                "messages wait in {overlooked:?} that this test neither delivered nor looked at: carry() them, or say \
                 with sqs().waiting() that they are there"
            );
        }
    }
}

/// What an app had at a moment, for others of the same process to begin with.
pub struct Snapshot {
    items: Vec<HashMap<String, AttributeValue>>,
    canaries: Canaries,
    at: Timestamp,
}

/// The keys of this process: what one of its apps signed, the others take, as those of one deployment do.
static KEYS: LazyLock<(SigningKey, Value)> =
    LazyLock::new(|| token::generate_key("test").expect("randomness"));

/// A new folder for the bucket of an app.
fn files_folder() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("lectern-test-{}-{number}", std::process::id()))
}

impl TestApp {
    /// An empty school with the features of `registry`.
    ///
    /// # Panics
    /// The emulator does not start.
    pub async fn new(registry: &Registry) -> Self {
        Self::with_variables(registry, &[]).await
    }

    /// Like [`TestApp::new`], with some variables set to other values.
    ///
    /// # Panics
    /// The emulator does not start.
    pub async fn with_variables(registry: &Registry, variables: &[(&str, &str)]) -> Self {
        Self::assembled(registry, variables, |app, _| app).await
    }

    /// Like [`TestApp::with_variables`], with more services than queues and bucket; their calls can go through the tap.
    ///
    /// # Panics
    /// The emulator does not start.
    pub async fn assembled(
        registry: &Registry,
        variables: &[(&str, &str)],
        with_services: impl FnOnce(App, &Tap) -> App,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("bound"));
        let database = Database::memory().expect("an in-memory database");
        tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));

        let tap = Tap::new(HttpBuilder::new().build_http());
        let credentials = Credentials::new("test", "test", None, None, "test");
        let sdk = sdk_limits()
            .region(Region::new("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(&endpoint)
            .http_client(tap.clone())
            .build();
        let past = Tap::new(HttpBuilder::new().build_http());
        let client = Client::new(&sdk.to_builder().http_client(past.clone()).build());
        create_table(&client, TABLE).await.expect("the emulator makes a table");

        let sqs = Sqs::default();
        let folder = files_folder();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let s3 = {
            let (registry, sqs) = (registry.clone(), sqs.clone());
            let created = move |key: &str, event: &str| {
                registry.told_of_file(key).for_each(|queue| drop(sqs.send(queue, event, None)));
            };
            S3::start(listener, &folder, &[BUCKET], created).expect("a folder for files")
        };
        let clock = Arc::new(TestClock::default());
        let (environment, token_key) = environment(variables);
        // Retries share an allowance per process; each app has its own, so that no test uses up another's.
        let retries = RetryPartition::new(endpoint.clone());
        let own = aws_sdk_dynamodb::config::Builder::from(&sdk).retry_partition(retries).build();
        let own = Client::from_conf(own);
        let queues = {
            let sdk = sdk.to_builder().http_client(tap.over(sqs.http_client()));
            Queues::new(aws_sdk_sqs::Client::new(&sdk.build()), Sqs::URL_PREFIX.to_owned())
        };
        let objects = {
            let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "test");
            let sdk = sdk
                .to_builder()
                .endpoint_url(s3.endpoint())
                .credentials_provider(SharedCredentialsProvider::new(credentials));
            let settings = aws_sdk_s3::config::Builder::from(&sdk.build()).force_path_style(true);
            Objects::new(aws_sdk_s3::Client::from_conf(settings.build()), BUCKET.to_owned())
        };
        let app = App::new(environment, own, Arc::<TestClock>::clone(&clock)).expect("complete");
        let app = app.watched(grants::note_variables).with_service(token_key.clone());
        let app = with_services(app.with_service(queues).with_service(objects), &tap);
        let app: &'static App = Box::leak(Box::new(app));
        let gateway = Gateway::new(app, registry);
        Self {
            gateway,
            token_key,
            registry: registry.clone(),
            tap,
            clock,
            client,
            past,
            database,
            endpoint,
            sqs,
            folder,
            _s3: s3,
        }
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

    /// What signs access tokens.
    #[must_use]
    pub fn token_key(&self) -> &TokenKey {
        &self.token_key
    }

    /// An access token of this moment.
    ///
    /// # Panics
    /// The key is not a valid one.
    #[must_use]
    pub fn token(&self, school: &School, user: UserId, session: SessionId) -> String {
        let app = self.app();
        self.token_key.sign(&app.config, school, user, session, app.now()).expect("a key")
    }

    /// The queues.
    #[must_use]
    pub fn sqs(&self) -> &Sqs {
        &self.sqs
    }

    /// A file in the bucket.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.folder.join(BUCKET).join(name)).ok()
    }

    /// Takes a file out of the bucket behind everybody's back.
    ///
    /// # Panics
    /// There is none.
    pub fn remove_file(&self, name: &str) {
        std::fs::remove_file(self.folder.join(BUCKET).join(name)).expect("a file");
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

    /// From now on time is virtual: whoever waits has waited as soon as nothing else is to be done, and the clock goes
    /// along. Calls take none.
    ///
    /// # Panics
    /// The test's runtime has several threads.
    pub fn use_virtual_time(&self) {
        tokio::time::pause();
        self.clock.run();
        self.tap.use_virtual_time();
        self.past.use_virtual_time();
    }

    /// From now on reads that need not be consistent find the table as it was `then`, whatever was and is written later.
    ///
    /// # Panics
    /// The second emulator does not start.
    pub async fn read_behind(&self, then: &Snapshot) {
        self.read_from(then.items.clone()).await;
    }

    /// From now on reads that need not be consistent find nothing, as if nothing had arrived there yet.
    ///
    /// # Panics
    /// The second emulator does not start.
    pub async fn read_far_behind(&self) {
        self.read_from(Vec::new()).await;
    }

    async fn read_from(&self, items: Vec<HashMap<String, AttributeValue>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("bound"));
        let replica = Database::memory().expect("an in-memory database");
        tokio::spawn(dynoxide::server::serve_on(listener, replica.clone()));
        let there = self.client.config().to_builder().endpoint_url(&endpoint).build();
        create_table(&Client::from_conf(there), TABLE).await.expect("the emulator makes a table");
        let items = items.into_iter().map(|item| plain(item).collect()).collect();
        replica.import_items(TABLE, items, ImportOptions::default()).expect("well-formed items");
        self.tap.read_behind(endpoint);
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
    ///
    /// # Panics
    /// The function's role does not grant what it did.
    pub async fn consume(&self, consumer: &ConsumerEntry, event: &Event) -> kernel::Result<()> {
        self.hear(consumer, serde_json::to_string(event).expect("JSON")).await
    }

    /// Hands a message to a consumer or a listener, held to its role as requests are.
    ///
    /// # Errors
    /// The message would be delivered again.
    ///
    /// # Panics
    /// The function's role does not grant what it did.
    pub async fn hear(&self, consumer: &ConsumerEntry, body: String) -> kernel::Result<()> {
        // What a test makes up is known where it says.
        if let Ok(event) = serde_json::from_str::<Event>(&body) {
            self.tap.canaries().learn_of(&event.school, &event.data, &[Kind::Name]);
        }
        // On the heap, or a long test is larger than a thread's stack.
        let (result, taken) = Box::pin(grants::watched(consumer.consume(self.app(), body))).await;
        grants::check(&(*consumer).into(), false, &taken);
        result
    }

    /// Runs a schedule for the tick of this moment, held to its role as requests are.
    ///
    /// # Errors
    /// The job failed.
    pub async fn run(&self, schedule: &ScheduleEntry) -> kernel::Result<()> {
        let (result, taken) = Box::pin(grants::watched(schedule.run(self.app(), self.app().now()))).await;
        grants::check(&(*schedule).into(), false, &taken);
        result
    }

    /// The events that wait in the outbox, oldest first; of one type if `event_type` is not empty.
    ///
    /// # Panics
    /// The emulator fails.
    pub async fn outbox(&self, event_type: &str) -> Vec<Event> {
        let store = Store::new(self.client.clone(), TABLE.to_owned());
        let mut events: Vec<Event> = Vec::new();
        for shard in 0..OUTBOX_SHARDS {
            let mut cursor: Option<String> = None;
            loop {
                let waiting =
                    store.waiting_events(&self.school(), shard, cursor.as_deref()).await.expect("readable");
                events.extend(waiting.events);
                cursor = waiting.next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
        }
        events.sort_by_key(|event| event.id);
        events.retain(|event| event_type.is_empty() || event.event_type == event_type);
        events
    }

    /// Removes what its time to live says is over, as DynamoDB does some time later.
    ///
    /// # Panics
    /// The emulator fails.
    #[expect(clippy::disallowed_methods, reason = "DynamoDB looks at everything too")]
    pub async fn expire(&self) {
        let now = self.app().now().seconds();
        let items =
            self.client.scan().table_name(TABLE).consistent_read(true).into_paginator().items().send();
        let items: Vec<_> = items.try_collect().await.expect("the emulator scans");
        for mut item in items {
            let ttl = item.get("ttl").and_then(|ttl| ttl.as_n().ok()?.parse::<i64>().ok());
            if ttl.is_some_and(|ttl| ttl < now) {
                let key = ["PK", "SK"].into_iter().filter_map(|name| item.remove_entry(name)).collect();
                let deletion = self.client.delete_item().table_name(TABLE).set_key(Some(key));
                deletion.send().await.expect("the emulator deletes");
            }
        }
    }

    /// Puts many items at once, past the API: for tables of a size that requests would take minutes to make.
    ///
    /// # Panics
    /// The emulator does not take one.
    pub fn import(&self, items: Vec<HashMap<String, AttributeValue>>) {
        let items = items.into_iter().map(|item| plain(item).collect()).collect();
        self.database.import_items(TABLE, items, ImportOptions::default()).expect("well-formed items");
    }

    /// The table as it is now, for another app of this process. Files and messages are not in it.
    ///
    /// # Panics
    /// The emulator fails.
    pub async fn snapshot(&self) -> Snapshot {
        Snapshot { items: self.items().await, canaries: self.tap.canaries().clone(), at: self.app().now() }
    }

    /// Goes on from a snapshot, in place of the empty table that an app begins with.
    pub fn begin_with(&self, snapshot: &Snapshot) {
        self.import(snapshot.items.clone());
        self.tap.canaries().learn_from(&snapshot.canaries);
        self.clock.catch_up(snapshot.at);
    }

    /// Every item of the table as text: to look for what must not be there, or to compare two states.
    ///
    /// # Panics
    /// The emulator fails.
    pub async fn dump(&self) -> Vec<String> {
        let mut items: Vec<String> =
            self.items().await.into_iter().map(|item| fields_of(&opened(item))).collect();
        items.sort();
        items
    }

    /// Bytes of the largest item, as DynamoDB counts them: names and texts, and at most 21 for a number.
    ///
    /// # Panics
    /// The emulator does not answer.
    pub async fn largest_item(&self) -> usize {
        let bytes =
            |(name, value): (&String, &AttributeValue)| name.len() + value.as_s().map_or(21, String::len);
        self.items().await.iter().map(|item| item.iter().map(bytes).sum()).max().unwrap_or_default()
    }

    #[expect(clippy::disallowed_methods, reason = "a test may look at everything")]
    async fn items(&self) -> Vec<HashMap<String, AttributeValue>> {
        let mut items = Vec::new();
        let mut pages = self.client.scan().table_name(TABLE).consistent_read(true).into_paginator().send();
        while let Some(page) = pages.next().await {
            items.extend(page.expect("the emulator scans").items.unwrap_or_default());
        }
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

/// An item with the fields of its body as attributes, which is how it reads in either form.
fn opened(mut item: HashMap<String, AttributeValue>) -> HashMap<String, AttributeValue> {
    if let Some(AttributeValue::S(body)) = item.remove("b") {
        let body: Value = serde_json::from_str(&body).expect("JSON");
        let fields: HashMap<String, AttributeValue> = serde_dynamo::to_item(body).expect("an object");
        item.extend(fields);
    }
    item
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

fn environment(variables: &[(&str, &str)]) -> (Environment, TokenKey) {
    let (key, published) = KEYS.clone();
    let environment = Environment::from_iter([
        ("TABLE_NAME", TABLE),
        ("TOKEN_ISSUER", "https://lectern.test"),
        ("PUBLIC_URL", "https://lectern.test"),
        ("SCHOOL_NAME", "Lectern"),
        ("SITE_VERSION", "test"),
        ("ALLOWED_ORIGINS", "https://app.lectern.test"),
        ("APP_VERSION", "test"),
    ]);
    let own = [("TOKEN_PUBLIC_KEYS", published.to_string()), ("SCHOOL_HOSTS", format!("{OTHER_HOST}=other"))];
    let environment = environment.with(own).with(variables.iter().copied());
    let seconds = environment.number("ACCESS_TOKEN_SECONDS").expect("a number").unwrap_or(3600);
    (environment, TokenKey::new(key, seconds))
}
