//! What learners see of a lesson's text.

use std::io::{Read, Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::catalog::{KeptHtml, Lesson};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use kernel::{Error, Result};

/// Makes the HTML and keeps it with the lesson, unless it has that of this text already.
///
/// # Errors
/// Memory cannot be written to: a bug.
pub(crate) fn keep(lesson: &mut Lesson) -> Result<()> {
    if lesson.html.as_ref().is_some_and(|html| html.renderer == markup::VERSION) {
        return Ok(());
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(markup::html(&lesson.content).as_bytes()).map_err(Error::internal)?;
    let gzip = STANDARD.encode(gzip.finish().map_err(Error::internal)?);
    lesson.keep_html(KeptHtml { renderer: markup::VERSION, gzip });
    Ok(())
}

/// The HTML that is kept, or made anew where none is or by an older renderer.
///
/// # Errors
/// What is kept cannot be read.
pub(crate) fn of(lesson: &Lesson) -> Result<String> {
    let Some(kept) = lesson.html.as_ref().filter(|html| html.renderer == markup::VERSION) else {
        return Ok(markup::html(&lesson.content));
    };
    let gzip = STANDARD.decode(&kept.gzip).map_err(Error::internal)?;
    let mut html = String::new();
    let _ = GzDecoder::new(gzip.as_slice()).read_to_string(&mut html).map_err(Error::internal)?;
    Ok(html)
}
