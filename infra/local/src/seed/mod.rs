//! The demo school. It is made by requests to the real routes, so that it obeys every rule, under a clock that is set
//! to the past, so that it has a history.

mod caller;
mod clock;
mod content;
mod film;
mod history;
mod progress;
mod steps;

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use kernel::{Clock, SystemClock};
use runtime::{App, Environment, gateway::Gateway};
use serde_json::Value;

use self::{caller::Caller, clock::SeedClock, content::Content, steps::Seeder};
use crate::{Failure, banner::CourseCount, demo::Demo, pump::Pump, services::Services};

/// The school opened this long ago.
const DAYS_OF_HISTORY: i64 = 90;

/// Fills an empty table with the demo school.
pub(crate) async fn seed(
    environment: Environment,
    client: Client,
    services: &Services,
) -> Result<Demo, Failure> {
    let content = Content::embedded()?;
    let clock = Arc::new(SeedClock::new(SystemClock.now(), DAYS_OF_HISTORY));
    // The first tokens have to last for the whole history.
    let seconds = ((DAYS_OF_HISTORY + 2) * clock::DAY).to_string();
    let environment =
        environment.with(["ACCESS_TOKEN_SECONDS", "REFRESH_TOKEN_SECONDS"].map(|name| (name, &seconds)));
    let app = App::new(environment, client, Arc::clone(&clock) as Arc<dyn Clock>)?;
    let app: &'static App = Box::leak(Box::new(services.given_to(app)));
    let registry = registry::all();
    let gateway = Gateway::new(app, &registry);
    let pump = Pump::new(app, registry, services.sqs.clone());
    let mut seeder = Seeder::new(app, Caller::new(&gateway), &clock, &content, pump);
    let demo = seeder.run().await?;
    // Events carry their own times; the counts must be right before anybody looks.
    clock.set(SystemClock.now());
    seeder.pump.drain().await;
    Ok(demo)
}

/// Looks at the catalogue as anybody can.
pub(crate) async fn count_courses(gateway: &Gateway) -> Result<CourseCount, Failure> {
    let page = Caller::new(gateway).get("/v1/courses?limit=100", None).await?;
    let courses = page["items"].as_array().map_or(0, Vec::len);
    Ok(CourseCount { courses, more: page["next_cursor"] != Value::Null })
}
