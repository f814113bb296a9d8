//! The bucket: files that are too large for the table, written by functions and read by browsers through links that
//! expire.

use std::time::Duration;

use aws_sdk_s3::{
    Client,
    config::{http::HttpResponse, retry::RetryConfig, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
    presigning::{PresignedRequest, PresigningConfig},
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart, Delete, ObjectIdentifier},
};
use kernel::{Code, Error, Result};
use runtime::{App, Service};
use schemars::JsonSchema;
use serde::Deserialize;

/// How long a link works, unless the function's credentials end before: Lambda renews them every few hours.
const LINK_SECONDS: u64 = 900;
/// How long S3 may take to make parts into a file while somebody waits; a call gives up soon after.
const COMPLETION_PATIENCE: Duration = Duration::from_millis(3500);
/// How long S3 may take to remove the thousand files of a page.
const REMOVAL_PATIENCE: Duration = Duration::from_secs(30);
/// How long whoever has a link may begin to send a file or a part by it.
const UPLOAD_LINK_SECONDS: u64 = 3600;

/// What a browser does with a file that a link leads to: saves it or shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    #[default]
    Attachment,
    Inline,
}

/// A request that whoever has it can send: with these headers, and a body of the length that was asked for, or S3
/// refuses it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed {
    pub url: String,
    /// But the length, which browsers say by themselves.
    pub headers: Vec<(String, String)>,
}

/// A part of a file that has arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Counts from 1.
    pub number: u32,
    /// Names what was sent, in quotes.
    pub etag: String,
    pub bytes: u64,
}

/// A file as it stands there now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// Names its content, without quotes.
    pub etag: String,
    pub bytes: u64,
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

    /// Removes the files whose names begin with `prefix` and for which `is_old` holds.
    ///
    /// # Errors
    /// S3 fails, or keeps one of them.
    pub async fn clear(&self, prefix: &str, is_old: impl Fn(&str) -> bool) -> Result<()> {
        let list = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let mut pages = list.into_paginator().send();
        while let Some(page) = pages.next().await {
            let named = page.map_err(failure)?.contents.unwrap_or_default().into_iter();
            let named = named.filter_map(|object| object.key).filter(|key| is_old(key));
            let old = named.map(|key| ObjectIdentifier::builder().key(key).build().map_err(Error::internal));
            let old = old.collect::<Result<Vec<_>>>()?;
            if old.is_empty() {
                continue;
            }
            // A page has no more than a request takes.
            let old =
                Delete::builder().set_objects(Some(old)).quiet(true).build().map_err(Error::internal)?;
            let patience = TimeoutConfig::builder()
                .operation_attempt_timeout(REMOVAL_PATIENCE)
                .operation_timeout(REMOVAL_PATIENCE);
            let patient = aws_sdk_s3::config::Builder::new().timeout_config(patience.build());
            let remove = self.client.delete_objects().bucket(&self.bucket).delete(old);
            let removed = remove.customize().config_override(patient).send().await;
            if let Some(kept) = removed.map_err(failure)?.errors.unwrap_or_default().first() {
                return Err(Error::internal(format!("{kept:?}")));
            }
        }
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

    /// What S3 says of a file; none where there is none.
    ///
    /// # Errors
    /// S3 fails.
    pub async fn look(&self, name: &str) -> Result<Option<Found>> {
        match self.client.head_object().bucket(&self.bucket).key(name).send().await {
            Ok(found) => Ok(Some(Found {
                etag: found.e_tag.unwrap_or_default().trim_matches('"').to_owned(),
                bytes: found.content_length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0),
            })),
            // Whoever may not list is not told that there is none.
            Err(error)
                if error.raw_response().is_some_and(|told| [403, 404].contains(&told.status().as_u16())) =>
            {
                Ok(None)
            }
            Err(error) => Err(failure(error)),
        }
    }

    /// The first bytes of a file, as many as there are.
    ///
    /// # Errors
    /// It is not there, or S3 fails.
    pub async fn beginning(&self, name: &str, bytes: u64) -> Result<Vec<u8>> {
        let get = self.client.get_object().bucket(&self.bucket).key(name);
        let found =
            get.range(format!("bytes=0-{}", bytes.saturating_sub(1))).send().await.map_err(failure)?;
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

/// Files that come from browsers, past any function.
impl Objects {
    /// What sends exactly so many bytes as the new file `name`, once: what stands there is never replaced.
    ///
    /// # Errors
    /// It cannot be signed.
    pub async fn upload_link(&self, name: &str, content_type: &str, bytes: u64) -> Result<Signed> {
        let put = self.signer.put_object().bucket(&self.bucket).key(name).content_type(content_type);
        let put = put.content_length(length(bytes)?).if_none_match("*");
        Ok(signed(&put.presigned(upload_expiry()?).await.map_err(failure)?))
    }

    /// Begins a file that comes in parts, and returns what S3 calls the upload.
    ///
    /// # Errors
    /// S3 fails.
    pub async fn begin_upload(&self, name: &str, content_type: &str) -> Result<String> {
        let create = self.client.create_multipart_upload().bucket(&self.bucket).key(name);
        let begun = create.content_type(content_type).send().await.map_err(failure)?;
        begun.upload_id.ok_or_else(|| Error::internal("an upload without an id"))
    }

    /// What sends exactly so many bytes as a part, as often as need be: the last one counts.
    ///
    /// # Errors
    /// It cannot be signed.
    pub async fn part_link(&self, name: &str, upload: &str, number: u32, bytes: u64) -> Result<Signed> {
        let part = self.signer.upload_part().bucket(&self.bucket).key(name).upload_id(upload);
        let part = part.part_number(number.try_into().map_err(Error::internal)?);
        let part = part.content_length(length(bytes)?).presigned(upload_expiry()?).await;
        Ok(signed(&part.map_err(failure)?))
    }

    /// The parts that have arrived, in order; none where the upload has ended.
    ///
    /// # Errors
    /// S3 fails.
    pub async fn parts(&self, name: &str, upload: &str) -> Result<Option<Vec<Part>>> {
        let list = self.client.list_parts().bucket(&self.bucket).key(name).upload_id(upload);
        let mut pages = list.into_paginator().send();
        let mut parts = Vec::new();
        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                Err(error) if error.code() == Some("NoSuchUpload") => return Ok(None),
                Err(error) => return Err(failure(error)),
            };
            for part in page.parts.unwrap_or_default() {
                let number = part.part_number.and_then(|number| u32::try_from(number).ok());
                let bytes = part.size.and_then(|size| u64::try_from(size).ok());
                let (Some(number), Some(bytes), Some(etag)) = (number, bytes, part.e_tag) else {
                    return Err(Error::internal("a part without number, size or etag"));
                };
                parts.push(Part { number, etag, bytes });
            }
        }
        parts.sort_by_key(|part| part.number);
        Ok(Some(parts))
    }

    /// Makes the parts into the file; nothing where it is one already. S3 may take minutes over a large one: it goes on
    /// when nobody waits any more, so whoever asks again later finds the file.
    ///
    /// # Errors
    /// [`Code::CONFLICT`] where a part is another one by now or the upload has ended, [`Code::UNAVAILABLE`] while S3 is still at it, or S3 fails.
    pub async fn complete_upload(&self, name: &str, upload: &str, parts: &[Part]) -> Result<()> {
        let parts = parts.iter().map(|part| {
            let number = i32::try_from(part.number).map_err(Error::internal)?;
            Ok(CompletedPart::builder().part_number(number).e_tag(&part.etag).build())
        });
        let parts =
            CompletedMultipartUpload::builder().set_parts(Some(parts.collect::<Result<_>>()?)).build();
        let complete = self.client.complete_multipart_upload().bucket(&self.bucket).key(name);
        let patience = TimeoutConfig::builder()
            .operation_attempt_timeout(COMPLETION_PATIENCE)
            .operation_timeout(COMPLETION_PATIENCE);
        // Asked again while S3 is at it, it only says that it is.
        let once = aws_sdk_s3::config::Builder::new()
            .retry_config(RetryConfig::disabled())
            .timeout_config(patience.build());
        let complete = complete.upload_id(upload).multipart_upload(parts).if_none_match("*");
        match complete.customize().config_override(once).send().await {
            Err(error) if error.code() == Some("PreconditionFailed") => Ok(()),
            // It was ended meanwhile, for whatever reason, or a part was sent again: whoever asks again sees which.
            Err(error) if matches!(error.code(), Some("NoSuchUpload" | "InvalidPart")) => {
                Err(Error::new(Code::CONFLICT, "the upload changed meanwhile"))
            }
            Err(error)
                if matches!(
                    error.code(),
                    Some("ConditionalRequestConflict" | "OperationAborted" | "SlowDown")
                ) =>
            {
                Err(Error::unavailable(error))
            }
            sent => sent.map(|_| ()).map_err(failure),
        }
    }
}

fn length(bytes: u64) -> Result<i64> {
    i64::try_from(bytes).map_err(Error::internal)
}

fn upload_expiry() -> Result<PresigningConfig> {
    PresigningConfig::expires_in(Duration::from_secs(UPLOAD_LINK_SECONDS)).map_err(Error::internal)
}

fn signed(request: &PresignedRequest) -> Signed {
    let headers = request.headers().filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Signed { url: request.uri().to_owned(), headers: headers.collect() }
}

/// What S3 says goes to the log; the caller learns that it was no fault of theirs.
fn failure<E>(error: SdkError<E, HttpResponse>) -> Error
where
    E: std::error::Error + Send + Sync + 'static,
{
    let is_busy = error.raw_response().is_some_and(|told| told.status().as_u16() >= 500);
    match error {
        SdkError::ServiceError(_) if !is_busy => Error::internal(error),
        _ => Error::unavailable(error),
    }
}
