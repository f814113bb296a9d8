//! Chores of the repository: files that are generated from the code, and the beginnings of new functions.

mod access_patterns;
mod costs;
mod create_admin;
mod generated;
mod grants;
mod names;
mod new_function;
mod redrive;
mod samples;
mod school_hosts;
mod signing_key;
mod source;
mod stage_key;
mod templates;
mod verify_certificate;
mod video_key;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use costs::Costs;
use create_admin::CreateAdmin;
use generated::Generated;
use grants::Grants;
use new_function::NewFunction;
use redrive::Redrive;
use school_hosts::SchoolHosts;
use signing_key::NewSigningKey;
use stage_key::StageKey;
use verify_certificate::VerifyCertificate;

type Result<T> = std::result::Result<T, String>;

#[derive(Parser)]
#[command(about)]
struct Xtask {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Write the SAM templates: infra/DOMAIN.yaml, the stacks in template.yaml, and their names
    Templates(Mode),
    /// Write who uses which key into shared/store/ACCESS_PATTERNS.md
    AccessPatterns(Mode),
    /// Write infra/openapi.json
    Openapi(Mode),
    /// Write events/schemas/EVENT.vN.json, and events/goldens/EVENT.vN.json where there is none
    Schemas(Mode),
    /// Write events/samples/FUNCTION.json, which `sam local invoke -e` takes
    Samples(Mode),
    /// Measure what a month of a learner and an hour of video cost on AWS, and write it into the README
    Costs(Costs),
    /// Find what roles grant for nothing, after the tests
    Grants(Grants),
    /// Make a registered account an admin of a deployed school
    CreateAdmin(CreateAdmin),
    /// Make a key that signs access tokens or certificates, and print it with its secret half
    SigningKey(NewSigningKey),
    /// Decide with which key a stage signs; scripts/deploy asks
    StageKey(StageKey),
    /// Say the key of links to videos, a new one where standard input has none; scripts/deploy asks
    VideoKey,
    /// Check that the hosts of schools lead to a stage; scripts/deploy asks
    SchoolHosts(SchoolHosts),
    /// Send the dead letters of a function back to its queue
    Redrive(Redrive),
    /// Check a certificate offline
    VerifyCertificate(VerifyCertificate),
    /// Begin a function: feature, binary, test, template block and sample
    NewFunction(NewFunction),
}

#[derive(clap::Args)]
struct Mode {
    /// Write nothing; fail when a file is not what it would be
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    let registry = registry::all();
    let done = match Xtask::parse().chore {
        Chore::Templates(mode) => templates::of(&registry).and_then(|files| files.finish(mode.check)),
        Chore::AccessPatterns(mode) => access_patterns::page().and_then(|page| page.finish(mode.check)),
        Chore::Openapi(mode) => Generated::openapi(&registry).finish(mode.check),
        Chore::Schemas(mode) => Generated::schemas().and_then(|files| files.finish(mode.check)),
        Chore::Samples(mode) => samples::of(&registry).and_then(|samples| samples.finish(mode.check)),
        Chore::Grants(grants) => grants.compare(),
        Chore::Costs(costs) => costs.write(),
        Chore::CreateAdmin(admin) => admin.create(),
        Chore::SigningKey(key) => key.make(),
        Chore::StageKey(key) => key.decide(),
        Chore::VideoKey => video_key::found_or_made(),
        Chore::SchoolHosts(hosts) => hosts.check(),
        Chore::Redrive(redrive) => redrive.run(),
        Chore::VerifyCertificate(certificate) => certificate.verify(),
        Chore::NewFunction(function) => function.begin(),
    };
    match done {
        Ok(said) => {
            #[expect(clippy::print_stdout, reason = "a chore tells what it did")]
            {
                println!("{said}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "a chore tells why it failed")]
            {
                eprintln!("{error}");
            }
            ExitCode::FAILURE
        }
    }
}
