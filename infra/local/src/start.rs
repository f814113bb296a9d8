//! From the command line to a served school, and back.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    process::ExitCode,
    sync::Arc,
    time::Instant,
};

use admin::first_admin::{find_account, grant_first_admin};
use kernel::SystemClock;
use runtime::{App, gateway::Gateway};
use tokio::net::TcpListener;

use crate::{
    Args, Failure,
    banner::{self, Banner},
    claims,
    data::DataDir,
    demo::Demo,
    docs,
    dynamo::{self, Dynamo},
    environment::{Endpoints, Environment},
    files, home,
    http::{self, Host},
    mailbox, page,
    pump::Pump,
    seed,
    services::Services,
    site,
    stop::Signals,
    videos,
};

/// Where the emulators are served when nobody else is to reach them.
const PRIVATE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Runs until it is told to stop.
pub async fn main(args: Args) -> ExitCode {
    // What the features log as errors, such as the cause of a 500.
    tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_writer(std::io::stderr).init();
    match run(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            banner::complain(&failure);
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<(), Failure> {
    let started = Instant::now();
    let listener = bind(args.port).await?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let data = DataDir::open(&args.data)?;
    if args.reset || data.is_half_seeded() {
        data.clear()?;
    }
    let dynamo = Dynamo::start(dynamo::open(&data.database())?, args.emulators.unwrap_or(PRIVATE)).await?;
    let environment = Environment::new(&data, address.port(), &args.allow_origin)?;
    let host = args.emulators.unwrap_or(PRIVATE).ip();
    let services =
        Services::start(&data, (host, 0).into(), environment.parameters(), &registry::all()).await?;
    if dynamo.is_empty()? && !args.no_seed {
        data.begin_seeding()?;
        dynamo.hurry(true)?;
        let demo = seed::seed(environment.variables(), dynamo.client(), &services).await?;
        dynamo.hurry(false)?;
        demo.save(&data)?;
        data.end_seeding()?;
    }

    let demo = if args.no_seed { None } else { Demo::load(&data)? };
    let app = App::new(environment.variables(), dynamo.client(), Arc::new(SystemClock))?;
    let app: &'static App = Box::leak(Box::new(services.given_to(app)));
    if let Some(email) = &args.admin {
        appoint(app, email).await?;
    }
    let registry = registry::all();
    let queues = registry.consumers.iter().map(|consumer| consumer.names.function());
    let waiting = queues.flat_map(|queue| services.sqs.waiting(queue));
    let settled = claims::settle(app, waiting, &services.mailbox.messages()).await;
    settled.map_err(|error| format!("{error:?}"))?;
    let gateway = Gateway::new(app, &registry);
    let courses = seed::count_courses(&gateway).await?;
    let (pump, wake) = Pump::new(app, registry, services.sqs.clone()).start();
    let signals = Signals::listen()?;
    let emulators = args.emulators.map(|_| dynamo.address());
    if let Some(table) = emulators {
        let (s3, ssm) = (services.s3_endpoint(), services.serve_ssm((host, 0).into()).await?);
        environment.save(&data, Endpoints { table, s3, ssm })?;
    }
    banner::say(Banner {
        address,
        demo: demo.as_ref(),
        courses,
        data: data.path(),
        emulators,
        ready_after: started.elapsed(),
    });

    let pages = home::pages(address, demo.as_ref())
        .merge(page::style())
        .merge(docs::pages())
        .merge(files::pages(app, services.files()))
        .merge(videos::pages(app, &data))
        .merge(mailbox::pages(services.mailbox.clone()))
        .merge(site::pages(demo.as_ref()));
    let served = http::serve(listener, Host { gateway, wake }, pages, signals).await;
    pump.stop().await;
    dynamo.stop().await;
    banner::say("stopped; the data is kept");
    served
}

/// Makes an account an admin: an empty school has nobody who could.
async fn appoint(app: &App, email: &str) -> Result<(), Failure> {
    let school = app.config.school_of_host("localhost");
    let granted = async {
        let account = find_account(&app.store, &school, email).await?;
        grant_first_admin(&app.store, &school, account).await
    };
    granted.await.map_err(|error: kernel::Error| error.to_string())?;
    banner::say(format_args!("{email} is an admin now"));
    Ok(())
}

async fn bind(port: u16) -> Result<TcpListener, Failure> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => format!(
            "port {port} is in use: stop what listens there, or take another one with --port (0 takes any free one)"
        ),
        _ => format!("cannot listen on port {port}: {error}"),
    })
}
