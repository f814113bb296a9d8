//! The repository's files, by their path from its root.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::Result;

pub(crate) fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(relative)
}

pub(crate) fn read(relative: &str) -> Result<String> {
    fs::read_to_string(path(relative)).map_err(|error| format!("{relative}: {error}"))
}

pub(crate) fn write(relative: &str, content: &str) -> Result<()> {
    let path = path(relative);
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    folder.and_then(|()| fs::write(&path, content)).map_err(|error| format!("{relative}: {error}"))
}
