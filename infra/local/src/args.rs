//! The command line.

use std::{net::SocketAddr, path::PathBuf};

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
    /// Let pages of this origin call with credentials, such as `https://app.test`; may be repeated. Those on any port of
    /// this machine may anyway
    #[arg(long, value_name = "ORIGIN")]
    pub allow_origin: Vec<String>,
    /// Serve the emulated DynamoDB at this address, for functions that run elsewhere on this machine, such as
    /// 172.17.0.1:8000 for containers on Docker's bridge, and write their environment to env.json in the data
    /// directory. The emulator accepts any credentials: whoever reaches the address can read and change everything
    #[arg(long, value_name = "ADDRESS")]
    pub emulators: Option<SocketAddr>,
}
