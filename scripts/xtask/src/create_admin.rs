//! The first admin of a deployed school, written to its table with the credentials of the environment.

use std::io::{Write, stdin, stdout};

use aws_sdk_dynamodb::Client;
use domain::identity::User;
use kernel::School;
use runtime::Environment;
use store::Store;

use crate::Result;

#[derive(clap::Args)]
pub(crate) struct CreateAdmin {
    /// The table: lectern-STAGE
    #[arg(long)]
    table: String,
    #[arg(long, default_value = "main")]
    school: String,
    /// Do not ask: for scripts
    #[arg(long)]
    yes: bool,
    /// Of an account that registered already and whose address is confirmed
    email: String,
}

impl CreateAdmin {
    pub(crate) fn create(&self) -> Result<String> {
        let store =
            Store::new(Client::new(&Environment::of_process().sdk_config("DYNAMODB")?), self.table.clone());
        let school = self.school.parse().map_err(|error| format!("--school: {error}"))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(|error| error.to_string())?.block_on(self.grant(&store, &school))
    }

    async fn grant(&self, store: &Store, school: &School) -> Result<String> {
        let told = |error: kernel::Error| error.to_string();
        let account = admin::first_admin::find_account(store, school, &self.email).await.map_err(told)?;
        show(&account.value);
        if account.value.email_verified && !self.yes && !agreed()? {
            return Err("nothing was changed".to_owned());
        }
        admin::first_admin::grant_first_admin(store, school, account).await.map_err(told)?;
        Ok(format!("{} is an admin of {} now", self.email, self.school))
    }
}

/// Whom it is about: an address alone does not tell who made the account.
#[expect(clippy::print_stdout, reason = "a person is to look at it")]
fn show(account: &User) {
    println!("id         {}", account.id);
    println!("name       {}", account.display_name());
    println!("email      {}", account.email);
    println!("confirmed  {}", if account.email_verified { "yes" } else { "no" });
    println!("created    {}", account.created_at);
}

/// Asks on the terminal; no answer is no.
#[expect(clippy::print_stdout, reason = "a person is asked")]
fn agreed() -> Result<bool> {
    print!("Make this account an admin? [y/N] ");
    stdout().flush().map_err(|error| error.to_string())?;
    let mut answer = String::new();
    stdin().read_line(&mut answer).map_err(|error| error.to_string())?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
