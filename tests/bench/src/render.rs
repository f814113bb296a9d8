//! What a certificate's PDF costs, with its table and its bucket beside it.

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    certificates::{Certificate, CertificateIssued},
    learning::CourseCompleted,
};
use emulators::{ACCESS_KEY, Message, S3, SECRET_KEY, Ssm};
use kernel::Id;
use runtime::token;
use store::{Consistency, keys};
use testkit::TestApp;
use tests::{consumer, event};
use tokio::net::TcpListener;

use crate::{
    Args, Failure,
    compare::UNCOUNTED,
    figures::{Times, marked, megabytes, ms},
    process::{Lambda, Memory, Process, zipped},
    report::{self, Table},
};

const BINARY: &str = "target/lambda/certificates-render-certificate/bootstrap";
const BUCKET: &str = "bench";
/// The parameter with the key that signs certificates.
const KEY: &str = "/lectern/bench/certificate-private-key";
/// Names that need every kind of font, in turn.
const NAMES: [&str; 6] = [
    "Grace Hopper",
    "Amélie Brontë-Nakamura",
    "محمد بن عبد الله",
    "क्षितिज श्रीवास्तव",
    "山田 さくら",
    "Nguyễn Thị Ánh",
];

/// Measures, prints, and writes the section.
pub(crate) async fn run(args: &Args) -> Result<(), Failure> {
    let load = report::load();
    let app = TestApp::new(&registry::all()).await;
    let folder = std::env::temp_dir().join(format!("lectern-bench-{}", std::process::id()));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| error.to_string())?;
    let s3 = S3::start(listener, &folder, &[BUCKET], |_, _| {}).map_err(|error| error.to_string())?;
    let lambda = Lambda { binary: BINARY.into(), environment: environment(&app, &s3).await? };

    let (mut first, mut warm) = (Times::default(), Times::default());
    for start in 0..args.starts {
        let payload = issued(&app, NAMES[start % NAMES.len()]).await?;
        let mut process = Process::start(&lambda, None).await?;
        let (took, response) = process.call(payload).await?;
        done(&response)?;
        first.push(process.init + took);
        process.stop().await?;
    }
    let mut process = Process::start(&lambda, None).await?;
    for number in 0..UNCOUNTED + args.requests {
        let payload = issued(&app, NAMES[number % NAMES.len()]).await?;
        let (took, response) = process.call(payload).await?;
        done(&response)?;
        if number >= UNCOUNTED {
            warm.push(took);
        }
    }
    let memory = process.memory()?;
    process.stop().await?;
    drop(s3);
    std::fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    report::publish(args, "render", &load, &text(args, &first, &warm, memory)?)
}

/// The variables of the function, as the templates set them.
async fn environment(app: &TestApp, s3: &S3) -> Result<Vec<(String, String)>, Failure> {
    let config = &app.app().config;
    let keys = serde_json::to_string(&config.public_keys).map_err(|error| error.to_string())?;
    let (key, published) = token::generate_key("bench").map_err(|error| error.to_string())?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| error.to_string())?;
    let ssm = Ssm::holding([(KEY.to_owned(), STANDARD.encode(&key.pkcs8))]).serve(listener);
    let variables = [
        ("TABLE_NAME", config.table.clone()),
        ("TOKEN_ISSUER", config.issuer.clone()),
        ("TOKEN_PUBLIC_KEYS", keys),
        ("PUBLIC_URL", config.issuer.clone()),
        ("SCHOOL_NAME", "Lectern".to_owned()),
        ("CERTIFICATE_KEY_PARAMETER", KEY.to_owned()),
        ("CERTIFICATE_PUBLIC_KEYS", published.to_string()),
        ("BUCKET_NAME", BUCKET.to_owned()),
        ("AWS_REGION", "eu-central-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
        ("AWS_ENDPOINT_URL", app.endpoint().to_owned()),
        ("AWS_ENDPOINT_URL_S3", s3.endpoint()),
        ("AWS_ENDPOINT_URL_SSM", ssm.map_err(|error| error.to_string())?),
    ];
    Ok(variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Issues a certificate and returns the message that asks for its PDF.
async fn issued(app: &TestApp, name: &str) -> Result<String, Failure> {
    let completed = CourseCompleted {
        enrollment_id: app.app().id(),
        user_id: app.app().id(),
        course_id: app.app().id(),
        course_title: "Knots That Hold: Rope Work for Sailors and Climbers".to_owned(),
        author_id: Id::generate(app.app().now()),
        learner_name: name.to_owned(),
        duration_minutes: 720,
        completed_at: app.app().now(),
    };
    app.consume(&consumer("certificates-issue-certificate"), &event(app, &completed))
        .await
        .map_err(|error| error.to_string())?;
    let key = keys::certificate(&app.school(), Certificate::id_for(completed.enrollment_id));
    let stored = app.store().get(&key, Consistency::Strong).await.map_err(|error| error.to_string())?;
    let certificate = stored.ok_or("no certificate was issued")?.value;
    let issued = CertificateIssued {
        certificate_id: certificate.id,
        certificate_no: certificate.number,
        user_id: certificate.user_id,
        course_id: certificate.course_id,
        course_title: certificate.course_title,
        learner_name: certificate.learner_name,
    };
    let body = serde_json::to_string(&event(app, &issued)).map_err(|error| error.to_string())?;
    let message = Message { id: "bench".to_owned(), body, receives: 1, reason: None };
    serde_json::to_string(&Message::batch(&[message])).map_err(|error| error.to_string())
}

fn done(response: &serde_json::Value) -> Result<(), Failure> {
    let failed = response["batchItemFailures"].as_array().is_none_or(|failures| !failures.is_empty());
    if failed { Err(format!("no PDF was made: {response}")) } else { Ok(()) }
}

fn text(args: &Args, first: &Times, warm: &Times, memory: Memory) -> Result<String, Failure> {
    let size = zipped(Path::new(BINARY))?;
    let mut table = Table::new(&["figure", "target", "measured"]);
    let mut row = |figure: &str, target: &str, measured: String| {
        table.row(&[figure.to_owned(), target.to_owned(), measured]);
    };
    row("exec → first PDF in the bucket, ms", "80", marked(ms(first.at(50)), first.at(50) > 80.0));
    row("p50, ms", "10", marked(ms(warm.at(50)), warm.at(50) > 10.0));
    row("p99, ms", "", ms(warm.at(99)));
    row("resident, MB", "128", marked(megabytes(memory.resident), memory.resident > 128_000_000));
    row("peak, MB", "", megabytes(memory.peak));
    row("zipped, MB", "40", marked(megabytes(size), size > 40_000_000));
    Ok(format!(
        "Median of {} starts; {} PDFs one after the other.\n\n{}",
        args.starts,
        args.requests,
        table.text()
    ))
}
