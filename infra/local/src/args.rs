//! The command line.

use std::path::PathBuf;

/// Lectern on this machine: every route over an emulated DynamoDB, for development and demonstration.
#[derive(clap::Parser, Clone, Debug)]
#[command(name = "local", version)]
pub struct Args {
    /// Port on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 3000)]
    pub port: u16,
    /// Where the data is kept
    #[arg(long, value_name = "DIR", default_value = ".local")]
    pub data: PathBuf,
    /// Delete the kept data first
    #[arg(long)]
    pub reset: bool,
    /// Begin with an empty school instead of the demo school
    #[arg(long)]
    pub no_seed: bool,
    /// Make the account with this email an admin
    #[arg(long, value_name = "EMAIL")]
    pub admin: Option<String>,
}
