//! The part of a CPU that a small Lambda gets, by a cgroup quota. 1,769 MB of memory stand for one CPU; the quota is per
//! 20 ms, as Lambda's seems to be.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tokio::process::Command;

use crate::Failure;

const PERIOD_MICROS: u64 = 20_000;
const MEMORY_OF_ONE_CPU: u64 = 1769;

/// A cgroup. It is removed with this value, when the processes in it have ended.
pub(crate) struct Share {
    folder: PathBuf,
    is_v2: bool,
}

impl Share {
    /// Makes one without a limit.
    pub(crate) fn new() -> Result<Self, Failure> {
        let v1 = Path::new("/sys/fs/cgroup/cpu");
        let is_v2 = !v1.join("cpu.cfs_quota_us").exists() && !v1.join("cgroup.procs").exists();
        let parent = if is_v2 { Path::new("/sys/fs/cgroup") } else { v1 };
        let folder = parent.join(format!("lectern-bench-{}", std::process::id()));
        let needs = |error: std::io::Error| {
            format!("{}: {error}; a CPU share needs a writable cgroup, so run this as root", folder.display())
        };
        if is_v2 {
            fs::write(parent.join("cgroup.subtree_control"), "+cpu").map_err(needs)?;
        }
        fs::create_dir(&folder).map_err(needs)?;
        Ok(Self { folder, is_v2 })
    }

    fn write(&self, name: &str, value: &str) -> Result<(), Failure> {
        let file = self.folder.join(name);
        fs::write(&file, value).map_err(|error| format!("{}: {error}", file.display()))
    }

    /// Gives the processes in it what a Lambda of `megabytes` has; `None` gives them whole CPUs.
    pub(crate) fn limit(&self, megabytes: Option<u64>) -> Result<(), Failure> {
        let quota = megabytes.map(|megabytes| PERIOD_MICROS * megabytes / MEMORY_OF_ONE_CPU);
        if self.is_v2 {
            let quota = quota.map_or_else(|| "max".to_owned(), |micros| micros.to_string());
            return self.write("cpu.max", &format!("{quota} {PERIOD_MICROS}"));
        }
        self.write("cpu.cfs_period_us", &PERIOD_MICROS.to_string())?;
        self.write("cpu.cfs_quota_us", &quota.map_or_else(|| "-1".to_owned(), |micros| micros.to_string()))
    }

    /// How it is done, for the report.
    pub(crate) fn means(&self) -> &'static str {
        if self.is_v2 { "a cgroup v2 quota per 20 ms" } else { "a cgroup v1 quota per 20 ms" }
    }

    /// A command that is in it from the first moment, and says so in its first line.
    pub(crate) fn command(&self, binary: &Path) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", r#"echo $$ >"$0" && echo inside && exec "$1""#]);
        command.arg(self.folder.join("cgroup.procs")).arg(binary);
        command
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // A killed process leaves its cgroup a moment later; what stays behind is an empty folder.
        for _ in 0..1000 {
            if fs::remove_dir(&self.folder).is_ok() {
                break;
            }
            std::thread::yield_now();
        }
    }
}
