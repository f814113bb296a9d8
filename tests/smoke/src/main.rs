//! Goes through a school day on any deployment, and says whether every answer was as promised.

use std::process::ExitCode;

use clap::Parser;
use smoke::{Api, Failure, Letters, SchoolDay, Taken, look, text};
use tokio::signal::unix::{SignalKind, signal};

/// One course made, published, taken and completed on a deployment, in the school of the host that is called. What it
/// leaves behind is the course as a draft, a revoked certificate, and two students whose passwords nobody knows.
#[derive(Parser)]
struct Args {
    /// Where the API answers
    #[arg(long)]
    url: String,
    /// Of an account that is an admin
    #[arg(long, value_name = "EMAIL")]
    admin: String,
    /// Where the mails that it causes can be read as JSON, such as the local cloud's /mailbox.json
    #[arg(long, value_name = "URL")]
    mailbox: Option<String>,
    /// The admin's password
    #[arg(long, env = "LECTERN_ADMIN_PASSWORD", hide_env_values = true)]
    password: String,
}

#[tokio::main]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "it tells how far it came")]
async fn main() -> ExitCode {
    match run(&Args::parse()).await {
        Ok(()) => {
            println!("every answer was as promised");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("smoke: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> Result<(), Failure> {
    let api = Api::new(&args.url);
    let admin = api.sign_in(&args.admin, &args.password).await?;
    let done = go(args, &api, &admin).await;
    let left = api.sign_out(&admin).await;
    done.and(left)
}

#[expect(clippy::print_stdout, reason = "it tells how far it came")]
async fn go(args: &Args, api: &Api, admin: &str) -> Result<(), Failure> {
    let day = SchoolDay { api, admin, letters: args.mailbox.as_deref().map(Letters::at) };
    let look = async |taken: &Taken| look_at(args, taken);
    day.go(|step| println!("  {step}"), told_to_stop()?, look).await.map(drop)
}

#[expect(clippy::print_stdout, reason = "it tells how far it came")]
fn look_at(args: &Args, taken: &Taken) -> Result<(), Failure> {
    println!("  read and scan");
    let Taken { certificate, instructor_name, verify_url, pdf, .. } = taken;
    let number = text(certificate, "certificate_no")?;
    let Some(url) = look::scanned(pdf, &["Lena Example", instructor_name, "A school day", &number])? else {
        return Ok(());
    };
    if url != *verify_url {
        return Err(format!("the certificate's code says {url}"));
    }
    let path = url.find("/v1/verify/").and_then(|at| url.get(at..)).unwrap_or_default();
    // An emulated deployment has a host name without an address.
    let page = look::rendered(&format!("{}{path}", args.url))?;
    match page {
        Some(page) if !page.contains("This certificate is valid") || !page.contains("Lena Example") => {
            Err(format!("the certificate's code leads to {page}"))
        }
        _ => Ok(()),
    }
}

/// Comes with Ctrl-C, or when CI cancels.
fn told_to_stop() -> Result<impl Future<Output = ()>, Failure> {
    let catch = |kind| signal(kind).map_err(|error| format!("cannot catch signals: {error}"));
    let (mut interrupt, mut terminate) = (catch(SignalKind::interrupt())?, catch(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
