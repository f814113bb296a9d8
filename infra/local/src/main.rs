//! `cargo run --bin local`: Lectern on this machine.

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    local::main(local::Args::parse()).await
}
