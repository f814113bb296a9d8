//! A certificate as people meet it: read as text, scanned, verified in a browser, in their mail, and without the school.

use std::{path::Path, process::Command};

use smoke::{Taken, look};
use tests::text;

use crate::server::{Server, data_dir};

const VERIFY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/verify-certificate");

#[tokio::test]
async fn a_completed_course_becomes_a_pdf_whose_code_leads_to_its_proof() {
    let data = data_dir();
    let server = Server::start(&data, &[]).await;
    let admin = server.sign_in(&data, "admin").await;
    let taken = server.school_day(&admin, async |taken| look_at(&server, &data, taken).await).await;
    // The day takes back what nobody earned.
    if let Some(page) = look::rendered(&taken.verify_url).unwrap() {
        assert!(page.contains("revoked") && !page.contains("This certificate is valid"), "{page}");
    }
    let (_, code) = taken.verify_url.split_once("?code=").unwrap();
    let (exit, log) = server.stop().await;
    assert_eq!(exit, 0);
    let verified: Vec<_> = log.iter().filter(|line| line.contains("/v1/verify/")).collect();
    assert!(!verified.is_empty() && !log.iter().any(|line| line.contains(code)), "{verified:?}");
    std::fs::remove_dir_all(data).unwrap();
}

/// Looks at what a school day gave its learner.
async fn look_at(server: &Server, data: &Path, taken: &Taken) {
    let Taken { certificate, verify_url, learner, pdf, .. } = taken;
    let learner = server.api.sign_in(&learner.email, &learner.password).await.unwrap();
    let number = text(certificate, "certificate_no");
    let (page, code) = verify_url.split_once("?code=").unwrap();
    assert_eq!(page, format!("{}/v1/verify/{number}", server.url));
    let words = ["Lena Example", "A school day", "Theo Example", &number, code];
    if let Some(scanned) = look::scanned(pdf, &words).unwrap() {
        assert_eq!(scanned, *verify_url);
    }
    if let Some(page) = look::rendered(verify_url).unwrap() {
        assert!(page.contains("This certificate is valid") && page.contains("Lena Example"), "{page}");
    }
    let page = reqwest::Client::new().get(verify_url).header("accept", "text/html").send().await.unwrap();
    let page = page.text().await.unwrap();
    for width in [320, 390] {
        if let Some(seen) = look::width_on(width, &page).unwrap() {
            assert_eq!(seen, width, "on a phone nothing sticks out");
        }
    }

    // What the school's own pages do with the PDF: they get it from the same port, and show it.
    let own = format!("{}/v1/certificates/{}?disposition=inline", server.url, text(certificate, "id"));
    let client = reqwest::Client::new();
    let shown = client.get(own).bearer_auth(&learner).send().await.unwrap();
    let link = text(&shown.json().await.unwrap(), "pdf_url");
    assert!(link.starts_with(&format!("{}/", server.url)), "{link}");
    let fetched = client.get(&link).header("origin", &server.url).send().await.unwrap();
    assert_eq!(fetched.status(), 200);
    let header = |name: &str| fetched.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("access-control-allow-origin"), server.url);
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(header("content-disposition"), format!("inline; filename=\"{number}.pdf\""));
    assert_eq!(fetched.bytes().await.unwrap(), *pdf);
    let elsewhere = client.get(&link).header("origin", "https://evil.example").send().await.unwrap();
    assert!(elsewhere.headers().get("access-control-allow-origin").is_none());
    let (bare, _) = link.split_once('?').unwrap();
    assert_eq!(client.get(bare).send().await.unwrap().status(), 403);

    // Without the school: the PDF and a copy of the published keys are enough.
    let (file, keys) = (data.join("certificate.pdf"), data.join("jwks.json"));
    std::fs::write(&file, pdf).unwrap();
    let published = reqwest::get(format!("{}/.well-known/jwks.json", server.url)).await.unwrap();
    std::fs::write(&keys, published.bytes().await.unwrap()).unwrap();
    let verify = |file, keys| Command::new(VERIFY).args([file, keys]).output().unwrap();
    let verified = verify(&file, &keys);
    let said = String::from_utf8_lossy(&verified.stdout);
    for expected in ["genuine", "this is rendering 1;", &number] {
        assert!(verified.status.success() && said.contains(expected), "{verified:?}");
    }
    let at = pdf.windows(14).position(|part| part == b"<pdf:Keywords>").unwrap() + 40;
    let mut forged = pdf.clone();
    forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
    std::fs::write(&file, forged).unwrap();
    assert!(!verify(&file, &keys).status.success(), "a forged one is refused");

    if let Some(page) = look::rendered(&format!("{}/mailbox", server.url)).unwrap() {
        for subject in [
            "Confirm your address at Lectern School",
            "You are enrolled: A school day",
            "Your certificate: A school day",
        ] {
            assert!(page.contains(subject), "{subject} is not in {page}");
        }
    }
}
