//! The services that some features ask for, over emulators instead of AWS.

use std::net::SocketAddr;

use aws_sdk_dynamodb::config::{Credentials, Region, SharedCredentialsProvider};
use emulators::{ACCESS_KEY, Files, Mailbox, MediaConvert, S3, SECRET_KEY, Sqs, Ssm};
use mail::{Mailer, Sender};
use objects::Objects;
use runtime::{App, Parameters, Queues, Registry, sdk_limits};
use tokio::net::TcpListener;
use video::Transcoder;

use crate::{Failure, data::DataDir, probe, transcode};

/// The one bucket.
pub(crate) const BUCKET: &str = "lectern";

/// The domain of the mails' sender, and what SES would know of it.
const MAIL_IDENTITY: &str = "lectern.localhost";
const MAIL_SENDER: &str = "Lectern School <no-reply@lectern.localhost>";
const MAIL_CONFIGURATION_SET: &str = "lectern-local";

/// As whom MediaConvert works, which is nobody here.
pub(crate) const TRANSCODER_ROLE: &str = "arn:aws:iam::000000000000:role/lectern-local-transcoder";

/// What runs beside the table.
pub(crate) struct Services {
    pub(crate) sqs: Sqs,
    pub(crate) mailbox: Mailbox,
    s3: S3,
    ssm: Ssm,
    mediaconvert: MediaConvert,
}

impl Services {
    /// Serves files below the data directory on a port of its own at `address`; SSM holds `parameters`. Listeners of
    /// `registry` are told of the files that come.
    pub(crate) async fn start(
        data: &DataDir,
        address: SocketAddr,
        parameters: Vec<(String, String)>,
        registry: &Registry,
    ) -> Result<Self, Failure> {
        let listener =
            TcpListener::bind(address).await.map_err(|error| format!("no port for files: {error}"))?;
        let sqs = Sqs::in_folder(&data.queues())?;
        let (files, queues) = (registry.clone(), sqs.clone());
        let created = move |key: &str, event: &str| {
            files.told_of_file(key).for_each(|queue| drop(queues.send(queue, event, None)));
        };
        let s3 = S3::start(listener, &data.files(), &[BUCKET], created);
        let s3 = s3.map_err(|error| format!("files: {error}"))?;
        let mailbox = Mailbox::in_folder(MAIL_IDENTITY, &data.mail())?;
        let folder = data.files();
        let mediaconvert = MediaConvert::in_folder(&data.jobs(), move |url| probe::container(&folder, url))?;
        let told = registry.told_by("aws.mediaconvert").collect();
        drop(tokio::spawn(transcode::work(mediaconvert.clone(), data.files(), sqs.clone(), told)));
        Ok(Self { sqs, mailbox, s3, ssm: Ssm::holding(parameters), mediaconvert })
    }

    /// What serves the files.
    pub(crate) fn files(&self) -> Files {
        self.s3.files()
    }

    /// Where the files are served to functions.
    pub(crate) fn s3_endpoint(&self) -> String {
        self.s3.endpoint()
    }

    /// Serves the parameters to functions at `address`, and returns where.
    pub(crate) async fn serve_ssm(&self, address: SocketAddr) -> Result<String, Failure> {
        let listener =
            TcpListener::bind(address).await.map_err(|error| format!("no port for parameters: {error}"))?;
        self.ssm.serve(listener).map_err(|error| error.to_string())
    }

    /// The app with all of them.
    pub(crate) fn given_to(&self, app: App) -> App {
        let home = app.environment().optional("PUBLIC_URL").unwrap_or_default().to_owned();
        let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "local");
        let sdk = sdk_limits()
            .region(Region::from_static("local"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
        let client = |endpoint: &str| {
            let settings = aws_sdk_s3::config::Builder::from(&sdk).force_path_style(true);
            aws_sdk_s3::Client::from_conf(settings.endpoint_url(endpoint).build())
        };
        let objects =
            Objects::new(client(&self.s3.endpoint()), BUCKET.to_owned()).with_links_by(client(&home));
        let ssm = sdk.to_builder().endpoint_url("http://ssm.localhost").http_client(self.ssm.http_client());
        let mediaconvert = sdk
            .to_builder()
            .endpoint_url("http://mediaconvert.localhost")
            .http_client(self.mediaconvert.http_client());
        let transcoder =
            Transcoder::new(&mediaconvert.build(), BUCKET.to_owned(), TRANSCODER_ROLE.to_owned());
        with_queues(app, &self.sqs)
            .with_service(objects)
            .with_service(transcoder)
            .with_service(Parameters::new(&ssm.build()))
            .with_service(self.mailer(home))
    }

    fn mailer(&self, home: String) -> Mailer {
        let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "local");
        let sdk = sdk_limits()
            .region(Region::from_static("local"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url("http://email.localhost")
            .http_client(self.mailbox.http_client());
        let sender = Sender {
            from: MAIL_SENDER.to_owned(),
            configuration_set: MAIL_CONFIGURATION_SET.to_owned(),
            home: Some(home),
        };
        Mailer::new(&sdk.build(), Some(sender))
    }
}

/// The app with queues over `sqs`.
pub(crate) fn with_queues(app: App, sqs: &Sqs) -> App {
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "local");
    let sdk = sdk_limits()
        .region(Region::from_static("local"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url("http://sqs.localhost")
        .http_client(sqs.http_client())
        .build();
    app.with_service(Queues::new(aws_sdk_sqs::Client::new(&sdk), Sqs::URL_PREFIX.to_owned()))
}
