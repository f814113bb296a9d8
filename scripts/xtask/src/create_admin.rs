//! The first admin of a deployed school, written to its table with the credentials of the environment.

use aws_sdk_dynamodb::Client;
use store::Store;

use crate::Result;

#[derive(clap::Args)]
pub(crate) struct CreateAdmin {
    /// The table: lectern-STAGE
    #[arg(long)]
    table: String,
    #[arg(long, default_value = "main")]
    school: String,
    /// Of an account that registered already
    email: String,
}

impl CreateAdmin {
    pub(crate) fn create(&self) -> Result<String> {
        let store = Store::new(Client::new(&runtime::sdk_config("DYNAMODB")?), self.table.clone());
        let school = self.school.parse().map_err(|error| format!("--school: {error}"))?;
        let work = local::grant_first_admin(&store, &school, &self.email);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(|error| error.to_string())?.block_on(work).map_err(|error| error.to_string())?;
        Ok(format!("{} is an admin of {} now", self.email, self.school))
    }
}
