//! What a function finds in its environment: here, and where `sam local` runs it.

use std::{collections::BTreeMap, net::SocketAddr};

use serde_json::json;

use crate::{
    Failure,
    data::DataDir,
    dynamo::TABLE,
    services::BUCKET,
    signing_key::{self, CERTIFICATE_FILE, TOKEN_FILE},
};

/// Named as SAM's documentation names it.
pub(crate) const FILE: &str = "env.json";
/// Stays the same whatever the port is, so that tokens outlive a restart.
const ISSUER: &str = "http://lectern.localhost";
const SCHOOL_NAME: &str = "Lectern School";

/// Every variable of the templates, but those whose default is right everywhere.
pub(crate) struct Environment(BTreeMap<String, String>);

impl Environment {
    /// For pages that are served on `port`, and those of `allowed_origins` and of every other port of this machine.
    ///
    /// # Errors
    /// The keys cannot be read or made.
    pub(crate) fn new(data: &DataDir, port: u16, allowed_origins: &[String]) -> Result<Self, Failure> {
        let public_url = format!("http://localhost:{port}");
        let own = ["http://localhost:*", "http://127.0.0.1:*"].map(str::to_owned);
        let origins = [&own, allowed_origins].concat().join(",");
        let mut variables = BTreeMap::new();
        variables.extend(signing_key::load_or_make(data, TOKEN_FILE, "TOKEN")?);
        variables.extend(signing_key::load_or_make(data, CERTIFICATE_FILE, "CERTIFICATE")?);
        variables.extend(
            [
                ("TABLE_NAME", TABLE),
                ("TOKEN_ISSUER", ISSUER),
                ("ALLOWED_ORIGINS", &origins),
                ("PUBLIC_URL", &public_url),
                ("SCHOOL_NAME", SCHOOL_NAME),
                ("BUCKET_NAME", BUCKET),
                // `sam local` gives a parameter without a value its own name as value.
                ("SCHOOL_HOSTS", ""),
                ("CALLS_PER_MINUTE", ""),
                // All come from this machine.
                ("REGISTRATIONS_PER_HOUR", "1000000"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        Ok(Self(variables))
    }

    pub(crate) fn lookup(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    /// Writes the file for `sam local --env-vars`. A function gets the variables that its template declares, so the
    /// private key goes to those that sign; the endpoint is in the file for whoever starts the functions.
    pub(crate) fn save(&self, data: &DataDir, emulators: SocketAddr, s3: &str) -> Result<(), Failure> {
        let mut variables = self.0.clone();
        variables.insert("AWS_ENDPOINT_URL_S3".to_owned(), s3.to_owned());
        variables.insert("AWS_ENDPOINT_URL".to_owned(), format!("http://{emulators}"));
        let content = serde_json::to_vec_pretty(&json!({ "Parameters": variables }))
            .map_err(|error| error.to_string())?;
        data.write(FILE, &content)
    }
}
