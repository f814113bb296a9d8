//! What a function finds in its environment: here, and where `sam local` runs it.

use std::{collections::BTreeMap, net::SocketAddr};

use serde_json::json;

use crate::{
    Failure,
    data::{CERTIFICATE_KEY, DataDir, ENVIRONMENT, TOKEN_KEY, VIDEO_KEY},
    dynamo::TABLE,
    services::{BUCKET, TRANSCODER_ROLE},
    signing_key, site,
};

/// Stays the same whatever the port is, so that tokens outlive a restart.
const ISSUER: &str = "http://lectern.localhost";
const SCHOOL_NAME: &str = "Lectern School";
const VIDEO_KEY_PARAMETER: &str = "/lectern/local/video-private-key";

/// Every variable of the templates, but those whose default is right everywhere.
pub(crate) struct Environment {
    variables: BTreeMap<String, String>,
    /// What the parameters hold that some variables name.
    parameters: Vec<(String, String)>,
}

/// Where functions that run elsewhere reach the emulators.
pub(crate) struct Endpoints {
    pub(crate) table: SocketAddr,
    pub(crate) s3: String,
    pub(crate) ssm: String,
}

impl Environment {
    /// For pages that are served on `port`, and those of `allowed_origins` and of every other port of this machine.
    ///
    /// # Errors
    /// The keys cannot be read or made.
    pub(crate) fn new(data: &DataDir, port: u16, allowed_origins: &[String]) -> Result<Self, Failure> {
        let public_url = format!("http://localhost:{port}");
        let own = ["http://localhost:*", "http://127.0.0.1:*"].map(str::to_owned);
        let origins = [&own, allowed_origins].concat().join(",");
        let (mut variables, mut parameters) = (BTreeMap::new(), Vec::new());
        for (file, prefix) in [(TOKEN_KEY, "TOKEN"), (CERTIFICATE_KEY, "CERTIFICATE")] {
            let pair = signing_key::load_or_make(data, file, prefix)?;
            let parameter = format!("/lectern/local/{}-private-key", prefix.to_lowercase());
            variables.insert(format!("{prefix}_KEY_PARAMETER"), parameter.clone());
            variables.insert(format!("{prefix}_PUBLIC_KEYS"), pair.public);
            parameters.push((parameter, pair.private));
        }
        let video_key = match data.read(VIDEO_KEY)? {
            Some(kept) => String::from_utf8_lossy(&kept).into_owned(),
            None => {
                let made = video::generate_key()?;
                data.write(VIDEO_KEY, made.as_bytes())?;
                made
            }
        };
        parameters.push((VIDEO_KEY_PARAMETER.to_owned(), video_key));
        variables.extend(
            [
                ("TABLE_NAME", TABLE),
                ("TOKEN_ISSUER", ISSUER),
                ("ALLOWED_ORIGINS", &origins),
                ("PUBLIC_URL", &public_url),
                ("SCHOOL_NAME", SCHOOL_NAME),
                ("SITE_VERSION", site::VERSION),
                ("BUCKET_NAME", BUCKET),
                ("TRANSCODER_ROLE", TRANSCODER_ROLE),
                ("VIDEO_KEY_PARAMETER", VIDEO_KEY_PARAMETER),
                ("VIDEO_KEY_ID", "local"),
                ("TRANSCODER_ENDPOINT", ""),
                // `sam local` gives a parameter without a value its own name as value.
                ("SCHOOL_HOSTS", ""),
                ("CALLS_PER_MINUTE", ""),
                ("EDGE_SECRET", ""),
                // All come from this machine.
                ("REGISTRATIONS_PER_HOUR", "1000000"),
                // They cost nothing here.
                ("RECORDINGS_PER_DAY", "1000000"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        Ok(Self { variables, parameters })
    }

    /// What the features here find.
    pub(crate) fn variables(&self) -> runtime::Environment {
        self.variables.clone().into_iter().collect()
    }

    /// What SSM holds, by name.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        self.parameters.clone()
    }

    /// Writes the file for `sam local --env-vars`. A function gets the variables that its template declares; the endpoints
    /// are in the file for whoever starts the functions.
    pub(crate) fn save(&self, data: &DataDir, endpoints: Endpoints) -> Result<(), Failure> {
        let mut variables = self.variables.clone();
        let Endpoints { table, s3, ssm } = endpoints;
        variables.insert("AWS_ENDPOINT_URL".to_owned(), format!("http://{table}"));
        variables.insert("AWS_ENDPOINT_URL_S3".to_owned(), s3);
        variables.insert("AWS_ENDPOINT_URL_SSM".to_owned(), ssm);
        let content = serde_json::to_vec_pretty(&json!({ "Parameters": variables }))
            .map_err(|error| error.to_string())?;
        data.write(ENVIRONMENT, &content)
    }
}
