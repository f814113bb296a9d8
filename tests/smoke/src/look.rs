//! A certificate as people meet it: read as text, looked at, scanned, and its code followed in a browser. Each step needs
//! a tool that people would use; one that is missing is skipped, visibly.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use crate::Failure;

/// A folder that goes away with its value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, Failure> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("lectern-look-{}-{count}", std::process::id()));
        fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a tool says, or nothing where it is missing.
#[expect(clippy::print_stdout, reason = "a skip is visible and says why")]
fn run(package: &str, tool: &str, arguments: &[&str], folder: &Path) -> Result<Option<Output>, Failure> {
    let output = Command::new(tool).args(arguments).current_dir(folder).stdin(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => Ok(Some(output)),
        Ok(output) => Err(format!("{tool}: {}", String::from_utf8_lossy(&output.stderr))),
        Err(error) => {
            println!("SKIPPED: {tool} does not start ({error}); apt-get install {package}");
            Ok(None)
        }
    }
}

/// Reads a certificate's PDF, which must say all of `words`, then draws it and returns what its QR code says.
///
/// # Errors
/// A word is missing, or there is no code to be found in the picture.
pub fn scanned(pdf: &[u8], words: &[&str]) -> Result<Option<String>, Failure> {
    let folder = Folder::new()?;
    let at = folder.0.as_path();
    fs::write(at.join("it.pdf"), pdf).map_err(|error| error.to_string())?;
    if let Some(read) = run("poppler-utils", "pdftotext", &["-layout", "it.pdf", "-"], at)? {
        let read = String::from_utf8_lossy(&read.stdout).into_owned();
        if let Some(missing) = words.iter().find(|word| !read.contains(**word)) {
            return Err(format!("{missing:?} is not in the certificate:\n{read}"));
        }
    }
    let picture = ["-r", "150", "-png", "-singlefile", "it.pdf", "it"];
    if run("poppler-utils", "pdftoppm", &picture, at)?.is_none() {
        return Ok(None);
    }
    let code = run("zbar-tools", "zbarimg", &["--quiet", "--raw", "it.png"], at)?;
    Ok(code.map(|code| String::from_utf8_lossy(&code.stdout).trim().to_owned()))
}

/// A page in headless Chromium after its scripts have run.
///
/// # Errors
/// Chromium fails.
pub fn rendered(url: &str) -> Result<Option<String>, Failure> {
    let folder = Folder::new()?;
    let profile = format!("--user-data-dir={}", folder.0.display());
    let quiet = ["--no-first-run", "--disable-sync", "--disable-background-networking"];
    let quieter = ["--disable-component-update", "--disable-quic", "--virtual-time-budget=15000"];
    let first = ["--headless", "--no-sandbox", "--disable-gpu", &profile];
    let arguments = [&first[..], &quiet, &quieter, &["--dump-dom", url]].concat();
    let page = run("chromium", "chromium", &arguments, &folder.0)?;
    Ok(page.map(|page| String::from_utf8_lossy(&page.stdout).into_owned()))
}

/// How wide a page without scripts becomes on a screen of `width` pixels: more, where something sticks out.
///
/// # Errors
/// Chromium fails.
pub fn width_on(width: u32, html: &str) -> Result<Option<u32>, Failure> {
    let folder = Folder::new()?;
    let page = serde_json::Value::from(html).to_string().replace("</", "<\\/");
    let frame = format!(
        "<!doctype html><iframe style='border:0;width:{width}px;height:800px'></iframe><output></output><script>\
         const frame = document.querySelector('iframe'); frame.srcdoc = {page};\
         frame.onload = () => document.querySelector('output').textContent =\
         frame.contentDocument.documentElement.scrollWidth;</script>"
    );
    let file = folder.0.join("frame.html");
    fs::write(&file, frame).map_err(|error| error.to_string())?;
    let Some(page) = rendered(&format!("file://{}", file.display()))? else { return Ok(None) };
    let said = page.split_once("<output>").and_then(|(_, rest)| rest.split_once("</output>"));
    let width = said.and_then(|(width, _)| width.parse().ok());
    width.map(Some).ok_or_else(|| format!("the page was not measured: {page}"))
}
