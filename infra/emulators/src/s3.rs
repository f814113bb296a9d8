//! S3: buckets are folders. Served over HTTP, since browsers follow its links; links and requests must be signed.

use std::{
    fmt::Write as _,
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use data_encoding::HEXLOWER;
use http::{Method, Request, Response, StatusCode};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use md5::{Digest, Md5};
use percent_encoding::percent_decode_str;
use s3s::{
    Body, HttpError,
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};

/// The one account that the emulators know.
pub const ACCESS_KEY: &str = "local";
/// Its secret, which need not be one: the emulators listen on this machine alone.
pub const SECRET_KEY: &str = "local-secret";

/// A running S3. It stops when this is dropped.
pub struct S3 {
    address: SocketAddr,
    files: Files,
    server: JoinHandle<()>,
}

/// What hears the key of a file that comes into being, and the event of it.
type Told = dyn Fn(&str, &str) + Send + Sync;

/// What answers S3's requests, at whatever address.
#[derive(Clone)]
pub struct Files {
    service: S3Service,
    folder: PathBuf,
    created: Arc<Told>,
}

impl S3 {
    /// Serves the buckets `buckets` below `folder` on `listener`. `created` hears the key of each file that comes into being
    /// over it, with the event that S3 would send to EventBridge.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub fn start(
        listener: TcpListener,
        folder: &Path,
        buckets: &[&str],
        created: impl Fn(&str, &str) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        for bucket in buckets {
            std::fs::create_dir_all(folder.join(bucket))?;
        }
        let system = FileSystem::new(folder).map_err(|error| io::Error::other(format!("{error:?}")))?;
        let mut service = S3ServiceBuilder::new(system);
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let files = Files { service: service.build(), folder: folder.to_owned(), created: Arc::new(created) };
        let address = listener.local_addr()?;
        let served = files.clone();
        let server = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let files = served.clone();
                let service = service_fn(move |request: Request<Incoming>| {
                    let files = files.clone();
                    async move { files.answer(request.map(Body::from)).await }
                });
                tokio::spawn(async move {
                    let http = Builder::new(TokioExecutor::new());
                    // A client that goes away is not worth a line.
                    let _ = http.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Ok(Self { address, files, server })
    }

    /// Where it answers.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What answers, to be served at another address too.
    #[must_use]
    pub fn files(&self) -> Files {
        self.files.clone()
    }
}

impl Files {
    /// Answers a request, and tells of the file that it completes.
    ///
    /// # Errors
    /// The request cannot be read.
    pub async fn answer(&self, mut request: Request<Body>) -> Result<Response<Body>, HttpError> {
        let (file, upload) = (written(&request), listed(&request));
        let ended = upload_of(&request).is_some_and(|upload| !self.takes_parts(&upload));
        let changed = match ended_by(&request) {
            Some(upload) => {
                let body =
                    request.body_mut().store_all_limited(MOST_PARTS_BYTES).await.map_err(HttpError::new)?;
                let said = String::from_utf8_lossy(&body).into_owned();
                self.takes_parts(&upload) && !self.has_parts(&upload, &said)
            }
            None => false,
        };
        if changed {
            let answer = Response::builder().status(StatusCode::BAD_REQUEST);
            let answer = answer.body(Body::from(INVALID_PART.to_owned()));
            return answer.map_err(|error| HttpError::new(Box::new(error)));
        }
        let mut answer = self.service.call(request).await?;
        // The library lists nothing, or forbids, where S3 knows no such upload.
        if ended && (answer.status().is_success() || answer.status() == StatusCode::FORBIDDEN) {
            *answer.status_mut() = StatusCode::NOT_FOUND;
            *answer.body_mut() = Body::from(NO_SUCH_UPLOAD.to_owned());
            answer.headers_mut().remove("content-length");
        }
        if !answer.status().is_success() {
            return Ok(answer);
        }
        if let Some((bucket, key)) = file {
            let etag = answer.headers().get("etag").and_then(|etag| etag.to_str().ok());
            (self.created)(&key, &event(&self.folder, &bucket, &key, etag.unwrap_or_default()));
        }
        if let Some(upload) = upload {
            let parts = self.parts(&upload).map_err(|error| HttpError::new(Box::new(error)))?;
            *answer.body_mut() = Body::from(parts);
            answer.headers_mut().remove("content-length");
        }
        Ok(answer)
    }

    fn takes_parts(&self, upload: &str) -> bool {
        self.folder.join(format!(".upload-{upload}.json")).exists()
    }

    /// Whether the parts that a request to end an upload names are there as it names them, which the library does not ask.
    fn has_parts(&self, upload: &str, said: &str) -> bool {
        let between = |text: &str, tag: &str| {
            let (_, rest) = text.split_once(&format!("<{tag}>"))?;
            Some(rest.split_once("</")?.0.to_owned())
        };
        said.split("<Part>").skip(1).all(|part| {
            let (number, etag) = (between(part, "PartNumber"), between(part, "ETag"));
            let (Some(number), Some(etag)) = (number, etag) else { return false };
            let file = self.folder.join(format!(".upload_id-{upload}.part-{number}"));
            let there = std::fs::read(file).map(|bytes| HEXLOWER.encode(&Md5::digest(bytes)));
            there.is_ok_and(|there| etag.contains(&there))
        })
    }

    /// The parts of an upload as `ListParts` lists them. The library's own list names no etags.
    fn parts(&self, upload: &str) -> io::Result<String> {
        let prefix = format!(".upload_id-{upload}.part-");
        let mut listed = String::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(number) = name.to_str().and_then(|name| name.strip_prefix(&prefix)) else { continue };
            let etag = HEXLOWER.encode(&Md5::digest(std::fs::read(entry.path())?));
            let size = entry.metadata()?.len();
            let _ = write!(
                listed,
                "<Part><PartNumber>{number}</PartNumber><ETag>&quot;{etag}&quot;</ETag><Size>{size}</Size></Part>"
            );
        }
        Ok(format!("<ListPartsResult>{listed}</ListPartsResult>"))
    }
}

const NO_SUCH_UPLOAD: &str =
    "<Error><Code>NoSuchUpload</Code><Message>The specified upload does not exist.</Message></Error>";

const INVALID_PART: &str = "<Error><Code>InvalidPart</Code><Message>One or more of the specified parts could not be found.</Message></Error>";
/// Ten thousand parts fit into it.
const MOST_PARTS_BYTES: usize = 2 * 1024 * 1024;

/// The upload that a request makes into a file.
fn ended_by<B>(request: &Request<B>) -> Option<String> {
    upload_of(request).filter(|_| request.method() == Method::POST)
}

/// The upload in parts that a request is about.
fn upload_of<B>(request: &Request<B>) -> Option<String> {
    let upload = |part: &str| part.strip_prefix("uploadId=").map(str::to_owned);
    request.uri().query()?.split('&').find_map(upload)
}

/// The upload whose parts a request lists.
fn listed<B>(request: &Request<B>) -> Option<String> {
    upload_of(request).filter(|_| request.method() == Method::GET)
}

/// Bucket and key of the file that a request completes, if it succeeds.
fn written<B>(request: &Request<B>) -> Option<(String, String)> {
    let query = request.uri().query().unwrap_or_default();
    let has = |name: &str| query.split('&').any(|part| part.split('=').next() == Some(name));
    let completes = match *request.method() {
        Method::PUT => !has("partNumber"),
        Method::POST => has("uploadId"),
        _ => false,
    };
    let (bucket, key) = request.uri().path().trim_start_matches('/').split_once('/')?;
    // Names of buckets need no encoding; what cannot be decoded is refused by S3.
    let key = percent_decode_str(key).decode_utf8().ok()?;
    (completes && !key.is_empty()).then(|| (bucket.to_owned(), key.into_owned()))
}

/// What S3 tells EventBridge, which names the key as it is: only S3's own notifications encode it. Later writes of a key have the greater sequencer.
fn event(folder: &Path, bucket: &str, key: &str, etag: &str) -> String {
    let file: PathBuf = folder.join(bucket).join(key);
    let metadata = std::fs::metadata(file).ok();
    let written = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
    let since = written.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok()).unwrap_or_default();
    let object = json!({
        "key": key,
        "size": metadata.map_or(0, |metadata| metadata.len()),
        "etag": etag.trim_matches('"'),
        "sequencer": format!("{:032X}", since.as_nanos()),
    });
    json!({
        "version": "0",
        "id": format!("{:032x}", since.as_nanos()),
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "000000000000",
        "region": "local",
        "resources": [format!("arn:aws:s3:::{bucket}")],
        "detail": { "version": "0", "bucket": { "name": bucket }, "object": object, "reason": "PutObject" },
    })
    .to_string()
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_into_being_whole() {
        let of = |method: &str, uri: &str| {
            written(&Request::builder().method(method).uri(uri).body(()).expect("a request"))
        };
        let file = Some(("b".to_owned(), "videos/one.mp4".to_owned()));
        assert_eq!(of("PUT", "/b/videos/one.mp4"), file);
        assert_eq!(of("POST", "/b/videos/one.mp4?uploadId=u"), file);
        assert_eq!(of("PUT", "/b/videos/one.mp4?partNumber=1&uploadId=u"), None, "a part");
        assert_eq!(of("POST", "/b/videos/one.mp4?uploads"), None, "a beginning");
        assert_eq!(of("PUT", "/b"), None, "a bucket");
        assert_eq!(of("GET", "/b/videos/one.mp4"), None);
        let encoded = Some(("b".to_owned(), "covers/a b+ü%.png".to_owned()));
        assert_eq!(of("PUT", "/b/covers/a%20b+%C3%BC%25.png"), encoded);
        assert_eq!(of("PUT", "/b/covers/a%20b%2B%C3%BC%25.png"), encoded);
        assert_eq!(of("PUT", "/b/%FF"), None, "no text");
    }
}
