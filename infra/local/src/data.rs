//! The data directory. Only the files named here are ever touched in it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use crate::Failure;

/// The key of access tokens.
pub(crate) const TOKEN_KEY: &str = "token-key.json";
/// The key of certificates.
pub(crate) const CERTIFICATE_KEY: &str = "certificate-key.json";
/// The key of links to videos.
pub(crate) const VIDEO_KEY: &str = "video-key.txt";
/// The demo school's logins.
pub(crate) const DEMO: &str = "demo.json";
/// What functions find in their environment. Named as SAM's documentation names it.
pub(crate) const ENVIRONMENT: &str = "env.json";
const DATABASE: &str = "lectern.db";
/// Stands while the demo school is being made: whoever finds it begins anew.
const SEEDING: &str = "seeding";
const LOCK: &str = "lock";
/// Everything that a reset removes; the second and third are SQLite's.
const KEPT: [&str; 9] = [
    VIDEO_KEY,
    DATABASE,
    "lectern.db-wal",
    "lectern.db-shm",
    TOKEN_KEY,
    CERTIFICATE_KEY,
    DEMO,
    ENVIRONMENT,
    SEEDING,
];
/// The folders of the bucket, of the mailbox, of the queues and of MediaConvert, which a reset removes too.
const FILES: &str = "files";
const MAIL: &str = "mail";
const QUEUES: &str = "queues";
const JOBS: &str = "jobs";

/// A directory that is ours until we stop.
pub(crate) struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the directory if need be, and refuses one that another local cloud is using.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let cannot = |error| format!("cannot use the data directory {}: {error}", path.display());
        fs::create_dir_all(path).map_err(cannot)?;
        let lock = File::create(path.join(LOCK)).map_err(cannot)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(format!(
                "another local cloud is using {}: stop it, or keep this one's data elsewhere with --data",
                path.display()
            )),
            Err(TryLockError::Error(error)) => Err(cannot(error)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// Where the bucket is.
    pub(crate) fn files(&self) -> PathBuf {
        self.path.join(FILES)
    }

    /// Where the mails are.
    pub(crate) fn mail(&self) -> PathBuf {
        self.path.join(MAIL)
    }

    /// Where the messages are that wait in queues.
    pub(crate) fn queues(&self) -> PathBuf {
        self.path.join(QUEUES)
    }

    /// Where MediaConvert's jobs are.
    pub(crate) fn jobs(&self) -> PathBuf {
        self.path.join(JOBS)
    }

    pub(crate) fn is_half_seeded(&self) -> bool {
        self.path.join(SEEDING).exists()
    }

    pub(crate) fn begin_seeding(&self) -> Result<(), Failure> {
        self.write(SEEDING, b"")
    }

    pub(crate) fn end_seeding(&self) -> Result<(), Failure> {
        self.remove(SEEDING)
    }

    /// Removes what earlier runs kept. The mark of a half-made school goes last.
    pub(crate) fn clear(&self) -> Result<(), Failure> {
        for name in [FILES, MAIL, QUEUES, JOBS] {
            match fs::remove_dir_all(self.path.join(name)) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(self.cannot("remove", name, &error));
                }
                _ => {}
            }
        }
        KEPT.iter().try_for_each(|name| self.remove(name))
    }

    fn remove(&self, name: &str) -> Result<(), Failure> {
        match fs::remove_file(self.path.join(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.cannot("remove", name, &error)),
            _ => Ok(()),
        }
    }

    /// A file's content, if there is one.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        match fs::read(self.path.join(name)) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.cannot("read", name, &error)),
        }
    }

    /// Writes a file that only its owner can read, whole or not at all.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> Result<(), Failure> {
        let new = self.path.join(format!("{name}.new"));
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)
            .and_then(|mut file| file.write_all(content))
            .and_then(|()| fs::rename(&new, self.path.join(name)))
            .map_err(|error| self.cannot("write", name, &error))
    }

    fn cannot(&self, verb: &str, name: &str, error: &std::io::Error) -> Failure {
        format!("cannot {verb} {}: {error}", self.path.join(name).display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("lectern-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        path
    }

    #[test]
    fn a_reset_removes_our_files_and_no_others() {
        let path = fresh("reset");
        let data = DataDir::open(&path).unwrap();
        for name in KEPT {
            data.write(name, b"x").unwrap();
        }
        fs::create_dir_all(data.files().join("bucket")).unwrap();
        fs::create_dir_all(data.mail()).unwrap();
        fs::create_dir_all(data.queues()).unwrap();
        fs::write(path.join("notes.txt"), "mine").unwrap();
        data.clear().unwrap();
        let mut left: Vec<_> = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["lock", "notes.txt"]);
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn a_directory_has_one_user_at_a_time() {
        let path = fresh("lock");
        let first = DataDir::open(&path).unwrap();
        let refused = DataDir::open(&path).err().unwrap();
        assert!(refused.contains("--data"), "{refused}");
        drop(first);
        DataDir::open(&path).unwrap();
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn secrets_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let path = fresh("mode");
        DataDir::open(&path).unwrap().write(TOKEN_KEY, b"{}").unwrap();
        let mode = fs::metadata(path.join(TOKEN_KEY)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::remove_dir_all(path).unwrap();
    }
}
