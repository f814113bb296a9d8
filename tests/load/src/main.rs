//! Sends learners through the whole loop at once: register, find, enrol, open, progress, complete. Bounded in count and
//! time, and to this machine. Prints what it measured, then looks whether everything is as if they had come one by one.

mod learner;
mod report;

use std::{
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Parser;
use smoke::{Api, Failure, text};
use tokio::{sync::Semaphore, task::JoinSet};

use learner::Learner;
use report::Report;

/// Learners at once against a running local cloud.
#[derive(Parser, Clone)]
struct Args {
    /// Where the local cloud answers; another host than this machine is refused
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    url: String,
    /// How many learners, all of them on their way at once
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=5000))]
    learners: u32,
    /// How many requests at once: the others wait, as people pause
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    at_once: u32,
    /// Give up after so many seconds
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=1800))]
    seconds: u64,
}

#[tokio::main]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a measurement tells what it found")]
async fn main() -> ExitCode {
    let args = Args::parse();
    let limit = Duration::from_secs(args.seconds);
    let outcome = match tokio::time::timeout(limit, run(args)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(format!("not done after {} s", limit.as_secs())),
    };
    match outcome {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("load: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<String, Failure> {
    let local = ["http://127.0.0.1:", "http://localhost:"].iter().any(|start| args.url.starts_with(start));
    if !local {
        return Err("this load is for the local cloud on this machine alone".to_owned());
    }
    let api = Api::new(&args.url);
    let course = free_course(&api).await?;
    let before = enrollment_count(&api, &course).await?;

    let begun = Instant::now();
    let run = format!("{:x}", std::process::id());
    let gate = Arc::new(Semaphore::new(args.at_once as usize));
    let mut learners = JoinSet::new();
    for number in 0..args.learners {
        let mut learner = Learner::new(&api, &gate, &run, number);
        let course = course.clone();
        learners.spawn(async move {
            let done = learner.take(&course).await;
            (learner, done)
        });
    }
    let mut report = Report::default();
    let mut finished = Vec::new();
    while let Some(joined) = learners.join_next().await {
        let (learner, done) = joined.map_err(|error| error.to_string())?;
        report.add(&learner, done);
        finished.push(learner);
    }
    report.took(begun.elapsed());
    let report = report.finish(args.learners)?;
    for learner in &finished {
        learner.check(&course).await?;
    }
    let wanted = before + u64::from(args.learners);
    counted(&api, &course, wanted).await?;
    Ok(format!("{report}errors 0; every enrolment once, every completion once, every sum right"))
}

/// The most popular free course.
async fn free_course(api: &Api) -> Result<String, Failure> {
    let page = api.call("GET /v1/courses?price=free&sort=popularity&limit=1", None, None, 200).await?;
    text(&page["items"][0], "id")
        .map_err(|_| "the school has no free course: start it with its demo school".to_owned())
}

async fn enrollment_count(api: &Api, course: &str) -> Result<u64, Failure> {
    let shown = api.call(&format!("GET /v1/courses/{course}"), None, None, 200).await?;
    shown["stats"]["enrollment_count"].as_u64().ok_or_else(|| format!("no count in {shown}"))
}

/// Waits, by asking, until every enrolment is counted, once each.
async fn counted(api: &Api, course: &str, wanted: u64) -> Result<(), Failure> {
    let mut count = 0;
    for _ in 0..20_000 {
        count = enrollment_count(api, course).await?;
        if count >= wanted {
            break;
        }
    }
    if count == wanted { Ok(()) } else { Err(format!("{count} enrolments counted, not {wanted}")) }
}
