//! Writes a certificate and says what it cost: `cargo run --release -p pdf --example certificate -- out.pdf [name]`
#![expect(clippy::print_stdout, reason = "it says what it measured")]

use std::time::Instant;

use pdf::{Certificate, Signatory, Wording};

const LOGO: &[u8] = include_bytes!("logo.svg");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let started = Instant::now();
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("where to write the PDF to?")?;
    let name = arguments.next().unwrap_or_else(|| "Amélie Brontë-Nakamura".to_owned());
    let render = |name: &str| {
        pdf::certificate(&Certificate {
            school_name: "Lectern School of Seamanship",
            logo: Some(LOGO),
            accent: [31, 78, 121].into(),
            wording: Wording::ENGLISH,
            learner_name: name,
            course_title: "Knots That Hold: Rope Work for Sailors and Climbers",
            instructor_name: "Grace Hopper",
            signatory: Some(Signatory { name: "Ada Lovelace", title: "Head of School" }),
            duration: Some("12 hours"),
            grade: None,
            completed_on: jiff::civil::date(2026, 11, 20),
            number: "CERT-2026-000123",
            verify_url: "https://learn.example.school/v1/verify/CERT-2026-000123?code=7Q2M-0K9R-XW4T-H8VE",
            code: Some("7Q2M-0K9R-XW4T-H8VE"),
            credential: Some("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJleGFtcGxlIn0.c2lnbmF0dXJl"),
        })
    };
    let pdf = render(&name)?;
    let first = started.elapsed();
    std::fs::write(&path, &pdf)?;

    let mut times: Vec<_> = (0..200)
        .map(|index| {
            let started = Instant::now();
            render(&format!("{name} {index}")).map(|_| started.elapsed())
        })
        .collect::<Result<_, _>>()?;
    times.sort();
    let resident = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident =
        resident.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: unknown").to_owned();
    println!("{path}: {} bytes", pdf.len());
    println!("first {first:.1?}, then p50 {:.1?}, p95 {:.1?}", times[100], times[190]);
    println!("memory at most {}", resident.trim_start_matches("VmHWM:").trim());
    Ok(())
}
