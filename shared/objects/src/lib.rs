//! The bucket: files that are too large for the table, written by functions and read by browsers through links that
//! expire.

use std::time::Duration;

use aws_sdk_s3::{Client, error::SdkError, presigning::PresigningConfig, primitives::ByteStream};
use kernel::{Error, Result};
use runtime::{App, Service};
use schemars::JsonSchema;
use serde::Deserialize;

/// How long a link works, unless the function's credentials end before: Lambda renews them every few hours.
const LINK_SECONDS: u64 = 900;

/// What a browser does with a file that a link leads to: saves it or shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    #[default]
    Attachment,
    Inline,
}

/// The bucket of this deployment.
pub struct Objects {
    client: Client,
    /// Signs links: for the address where browsers reach the bucket, which for a local cloud is another one.
    signer: Client,
    bucket: String,
}

impl Service for Objects {
    const VARIABLES: &'static [&'static str] = &["BUCKET_NAME"];

    async fn start(app: &App) -> std::result::Result<Self, String> {
        let config = app.environment().sdk_config("S3")?;
        // An emulator has no host name per bucket.
        let path_style = config.endpoint_url().is_some();
        let settings = aws_sdk_s3::config::Builder::from(&config).force_path_style(path_style);
        let bucket = app.environment().required("BUCKET_NAME")?;
        Ok(Self::new(Client::from_conf(settings.build()), bucket.to_owned()))
    }
}

impl Objects {
    /// The bucket `bucket` behind `client`.
    #[must_use]
    pub fn new(client: Client, bucket: String) -> Self {
        Self { signer: client.clone(), client, bucket }
    }

    /// The same bucket with links by `signer`.
    #[must_use]
    pub fn with_links_by(self, signer: Client) -> Self {
        Self { signer, ..self }
    }

    /// Writes a file, over whatever stands there.
    ///
    /// # Errors
    /// S3 fails.
    pub async fn put(&self, name: &str, content_type: &str, body: Vec<u8>) -> Result<()> {
        let put = self.client.put_object().bucket(&self.bucket).key(name).content_type(content_type);
        put.body(ByteStream::from(body)).send().await.map_err(failure)?;
        Ok(())
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It is not there, or S3 fails.
    pub async fn get(&self, name: &str) -> Result<Vec<u8>> {
        let found = self.client.get_object().bucket(&self.bucket).key(name).send().await.map_err(failure)?;
        Ok(found.body.collect().await.map_err(Error::internal)?.to_vec())
    }

    /// A link under which anybody who has it can get a file for 15 minutes, as `file_name`.
    ///
    /// # Errors
    /// The link cannot be signed.
    pub async fn link(&self, name: &str, file_name: &str, disposition: Disposition) -> Result<String> {
        let expiry =
            PresigningConfig::expires_in(Duration::from_secs(LINK_SECONDS)).map_err(Error::internal)?;
        let disposition = match disposition {
            Disposition::Attachment => format!("attachment; filename=\"{file_name}\""),
            Disposition::Inline => format!("inline; filename=\"{file_name}\""),
        };
        let get = self.signer.get_object().bucket(&self.bucket).key(name);
        let request = get.response_content_disposition(disposition).presigned(expiry).await;
        Ok(request.map_err(failure)?.uri().to_owned())
    }
}

/// What S3 says goes to the log; the caller learns that it was no fault of theirs.
fn failure<E, R>(error: SdkError<E, R>) -> Error
where
    E: std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match error {
        SdkError::ServiceError(_) => Error::internal(error),
        _ => Error::unavailable(error),
    }
}
