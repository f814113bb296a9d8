//! Measures what a Lambda of the product costs beside what it must cost. `scripts/bench` builds what it measures and runs
//! it from the root of the repository; `tests/bench/RESULTS.md` is what it found.

mod cold;
mod compare;
mod figures;
mod floor;
mod opt;
mod process;
mod recorder;
mod render;
mod report;
mod routes;
mod runtime_api;
mod scene;
mod share;
mod tls;
mod video;

use std::process::ExitCode;

use clap::{Parser, ValueEnum};

type Failure = String;

#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    /// Every route of the learner loop beside the bare Lambda
    Routes,
    /// Cold starts behind TLS with the CPU of a small Lambda
    Tls,
    /// As built, and all compiled for speed
    Opt,
    /// The PDF of a certificate
    Render,
    /// A lesson's video: what a viewer's reports cost, how long an upload and the first frame take
    Video,
}

/// Measures the release binaries.
#[derive(Parser)]
struct Args {
    #[arg(value_enum, default_value = "routes")]
    mode: Mode,
    /// How often each function is started
    #[arg(long, default_value_t = 11)]
    starts: usize,
    /// How many warm requests each function answers
    #[arg(long, default_value_t = 300)]
    requests: usize,
    /// Only these routes, and leave tests/bench/RESULTS.md as it is
    #[arg(long = "route", value_enum)]
    routes: Vec<routes::Route>,
    /// Only print, and leave tests/bench/RESULTS.md as it is
    #[arg(long)]
    dry_run: bool,
}

#[tokio::main]
#[expect(clippy::print_stderr, reason = "a measurement tells what went wrong")]
async fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = match args.mode {
        Mode::Routes => compare::run(&args).await,
        Mode::Tls => cold::run(&args).await,
        Mode::Opt => opt::run(&args).await,
        Mode::Render => render::run(&args).await,
        Mode::Video => video::run(&args).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("bench: {failure}");
            ExitCode::FAILURE
        }
    }
}
