//! Goes through a school day on any deployment, and says whether every answer was as promised.

use std::process::ExitCode;

use clap::Parser;
use smoke::{Api, Failure, Taken, look, school_day, text};

/// One course made, published, taken and completed on a deployment. It leaves that course and two accounts behind.
#[derive(Parser)]
struct Args {
    /// Where the API answers
    #[arg(long)]
    url: String,
    /// Of an account that is an admin
    #[arg(long, value_name = "EMAIL")]
    admin: String,
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

#[expect(clippy::print_stdout, reason = "it tells how far it came")]
async fn run(args: &Args) -> Result<(), Failure> {
    let api = Api::new(&args.url);
    let admin = api.sign_in(&args.admin, &args.password).await?;
    let Taken { certificate, pdf, .. } = school_day(&api, &admin, |step| println!("  {step}")).await?;

    println!("  read and scan");
    let number = text(&certificate, "certificate_no")?;
    let Some(url) = look::scanned(&pdf, &["Lena Example", "Theo Example", "A school day", &number])? else {
        return Ok(());
    };
    let path = format!("/v1/verify/{number}");
    if !url.ends_with(&path) {
        return Err(format!("the certificate's code says {url}"));
    }
    // An emulated deployment has a host name without an address.
    let page = look::rendered(&format!("{}{path}", args.url))?;
    match page {
        Some(page) if !page.contains("This certificate is valid") || !page.contains("Lena Example") => {
            Err(format!("the certificate's code leads to {page}"))
        }
        _ => Ok(()),
    }
}
