//! What a function finds in its environment: here, and where `sam local` runs it.

use std::{collections::BTreeMap, net::SocketAddr};

use serde_json::json;

use crate::{Failure, data::DataDir, dynamo::TABLE, token_key::TokenKey};

/// Named as SAM's documentation names it.
pub(crate) const FILE: &str = "env.json";
/// Stays the same whatever the port is, so that tokens outlive a restart.
const ISSUER: &str = "http://lectern.localhost";

/// Every variable of the templates, but those whose default is right everywhere.
pub(crate) struct Environment(BTreeMap<String, String>);

impl Environment {
    /// For pages that are served on `port`.
    pub(crate) fn new(key: TokenKey, port: u16) -> Self {
        let origins = format!("http://localhost:{port},http://127.0.0.1:{port}");
        let mut variables: BTreeMap<_, _> = key.into_variables().into_iter().collect();
        variables.extend(
            [
                ("TABLE_NAME", TABLE),
                ("TOKEN_ISSUER", ISSUER),
                ("ALLOWED_ORIGINS", &origins),
                // `sam local` gives a parameter without a value its own name as value.
                ("SCHOOL_HOSTS", ""),
                ("CALLS_PER_MINUTE", ""),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        Self(variables)
    }

    pub(crate) fn lookup(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    /// Writes the file for `sam local --env-vars`. A function gets the variables that its template declares, so the
    /// private key goes to those that sign; the endpoint is in the file for whoever starts the functions.
    pub(crate) fn save(&self, data: &DataDir, emulators: SocketAddr) -> Result<(), Failure> {
        let mut variables = self.0.clone();
        variables.insert("AWS_ENDPOINT_URL".to_owned(), format!("http://{emulators}"));
        let content = serde_json::to_vec_pretty(&json!({ "Parameters": variables }))
            .map_err(|error| error.to_string())?;
        data.write(FILE, &content)
    }
}
