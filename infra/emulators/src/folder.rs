//! A folder that keeps values as JSON files, each whole or not at all whenever the process dies. Nothing waits for the
//! disk, so what the machine itself loses, by a power cut, may be gone.

use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

/// A file that is being written; whoever dies leaves it behind, and the next write takes its place.
const UNFINISHED: &str = "unfinished";

#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder if need be, and returns it with what it keeps, in no order.
    ///
    /// # Errors
    /// The folder cannot be used, or a file in it is not one of ours.
    pub(crate) fn open<T: DeserializeOwned>(path: &Path) -> Result<(Self, Vec<T>), String> {
        let cannot = |error: io::Error| format!("cannot use {}: {error}", path.display());
        fs::create_dir_all(path).map_err(cannot)?;
        let mut kept = Vec::new();
        for file in fs::read_dir(path).map_err(cannot)? {
            let file = file.map_err(cannot)?.path();
            if file.extension().is_some_and(|extension| extension == "json") {
                let value = serde_json::from_slice(&fs::read(&file).map_err(cannot)?);
                kept.push(value.map_err(|error| {
                    format!("{} cannot be read: {error}; move it elsewhere", file.display())
                })?);
            }
        }
        Ok((Self(path.to_owned()), kept))
    }

    /// Keeps a value in place of what had its name.
    pub(crate) fn keep(&self, name: &str, value: &impl Serialize) -> io::Result<()> {
        let unfinished = self.0.join(UNFINISHED);
        fs::write(&unfinished, serde_json::to_vec_pretty(value)?)?;
        fs::rename(unfinished, self.file(name))
    }

    /// Removes a value, present or not.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.file(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.json"))
    }
}
