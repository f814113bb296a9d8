//! DynamoDB on this machine: an emulator over one SQLite file, served to the real client.

use std::{fs::OpenOptions, net::SocketAddr, os::unix::fs::OpenOptionsExt, path::Path, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    config::{Credentials, Region, SharedCredentialsProvider},
};
use dynoxide::{Database, server};
use store::create_table;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time};

use crate::Failure;

/// The one table.
pub(crate) const TABLE: &str = "lectern";
/// DynamoDB removes items within days after their time to live; here it is minutes.
const TTL_SWEEP: Duration = Duration::from_secs(600);
/// What is under way when we stop gets this long.
const GRACE: Duration = Duration::from_secs(5);

/// Opens the file that keeps everything.
pub(crate) fn open(file: &Path) -> Result<Database, Failure> {
    let path = file.to_str().ok_or("the data directory's name is not UTF-8")?;
    let cannot = |error: std::io::Error| format!("cannot open {path}: {error}");
    // It holds password hashes; SQLite gives its other files the same mode.
    OpenOptions::new().append(true).create(true).mode(0o600).open(file).map_err(cannot)?;
    Database::new(path).map_err(|error| format!("cannot open {path}: {error}"))
}

/// The running emulator.
pub(crate) struct Dynamo {
    database: Database,
    address: SocketAddr,
    client: Client,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), String>>,
    sweeper: JoinHandle<()>,
}

impl Dynamo {
    /// Serves `database` at `address`, with the table in it.
    pub(crate) async fn start(database: Database, address: SocketAddr) -> Result<Self, Failure> {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| format!("cannot serve DynamoDB at {address}: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(server::serve_with_shutdown(listener, database.clone(), async {
            let _ = stopped.await;
        }));
        let credentials = Credentials::new("local", "local", None, None, "local");
        let sdk = runtime::sdk_limits()
            .endpoint_url(format!("http://{address}"))
            .region(Region::from_static("local"))
            .credentials_provider(SharedCredentialsProvider::new(credentials));
        let client = Client::new(&sdk.build());
        let known =
            database.get_table_metadata(TABLE).map_err(|error| format!("cannot read the data: {error}"))?;
        if known.is_none() {
            create_table(&client, TABLE)
                .await
                .map_err(|error| format!("cannot create the table: {error}"))?;
        }
        let sweeper = tokio::spawn(sweep(database.clone()));
        Ok(Self { database, address, client, stop, server, sweeper })
    }

    /// Where it is served.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    /// Whether nothing was ever written.
    pub(crate) fn is_empty(&self) -> Result<bool, Failure> {
        let tables = self.database.table_stats().map_err(|error| error.to_string())?;
        Ok(tables.iter().all(|table| table.item_count == 0))
    }

    /// Stops waiting for the disk at each commit, while nothing is lost that could not be made again.
    pub(crate) fn hurry(&self, hurry: bool) -> Result<(), Failure> {
        let done =
            if hurry { self.database.enable_bulk_loading() } else { self.database.disable_bulk_loading() };
        done.map_err(|error| error.to_string())
    }

    /// Lets the last request finish and closes the file.
    pub(crate) async fn stop(self) {
        self.sweeper.abort();
        drop(self.client);
        let _ = self.stop.send(());
        let _ = time::timeout(GRACE, self.server).await;
    }
}

async fn sweep(database: Database) {
    let mut ticks = time::interval(TTL_SWEEP);
    loop {
        ticks.tick().await;
        let database = database.clone();
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        if let Ok(Err(error)) = swept {
            tracing::warn!("items past their time to live stay for now: {error}");
        }
    }
}
