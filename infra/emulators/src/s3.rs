//! S3: buckets are folders. Served over HTTP, since browsers follow its links; links and requests must be signed.

use std::{io, net::SocketAddr, path::Path};

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use tokio::{net::TcpListener, task::JoinHandle};

/// The one account that the emulators know.
pub const ACCESS_KEY: &str = "local";
/// Its secret, which is none: the emulators listen on this machine alone.
pub const SECRET_KEY: &str = "local-secret";

/// A running S3. It stops when this is dropped.
pub struct S3 {
    address: SocketAddr,
    service: S3Service,
    server: JoinHandle<()>,
}

impl S3 {
    /// Serves the buckets `buckets` below `folder` on `listener`.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub fn start(listener: TcpListener, folder: &Path, buckets: &[&str]) -> io::Result<Self> {
        for bucket in buckets {
            std::fs::create_dir_all(folder.join(bucket))?;
        }
        let files = FileSystem::new(folder).map_err(|error| io::Error::other(format!("{error:?}")))?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = service.build();
        let address = listener.local_addr()?;
        let served = service.clone();
        let server = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = served.clone();
                tokio::spawn(async move {
                    let http = Builder::new(TokioExecutor::new());
                    // A client that goes away is no news.
                    let _ = http.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Ok(Self { address, service, server })
    }

    /// Where it answers.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What answers, to be served at another address too.
    #[must_use]
    pub fn service(&self) -> S3Service {
        self.service.clone()
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.server.abort();
    }
}
