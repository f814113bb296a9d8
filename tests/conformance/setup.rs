//! What `./scripts/setup` does on a machine that has nothing but Debian, tried with stand-ins for what it would fetch.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::{
    fs,
    io::Write,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// What a stand-in writes down before it does its part.
const NOTE: &str = "#!/bin/bash\necho \"${0##*/} $*\" >>\"$HOME/log\"\n";
/// Makes a command that notes its calls.
const MAKE: &str = "make() { printf '%s\\n' '#!/bin/bash' 'echo \"${0##*/} $*\" >>\"$HOME/log\"' >\"$1\"; chmod +x \"$1\"; }\n";

/// A machine without compiler, Rust or curl.
struct Machine(PathBuf);

impl Machine {
    fn new(name: &str, user: u32) -> Self {
        let machine =
            Self(std::env::temp_dir().join(format!("lectern-machine-{name}-{}", std::process::id())));
        let _ = fs::remove_dir_all(&machine.0);
        fs::create_dir_all(machine.0.join("bin")).unwrap();
        for tool in ["bash", "cat", "chmod", "dirname", "env", "mkdir", "script", "sh"] {
            let found = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(tool));
            let found =
                found.iter().find(|path| path.exists()).unwrap_or_else(|| panic!("{tool} is missing"));
            symlink(found, machine.0.join("bin").join(tool)).unwrap();
        }
        machine.stub("id", &format!("#!/bin/bash\necho {user}\n"));
        let rustup_init =
            "cat <<'INIT'\necho \"rustup-init $*\" >>\"$HOME/log\"\nmkdir -p \"$HOME/.cargo/bin\"\n";
        let installs =
            format!("{MAKE}make \"$HOME/.cargo/bin/cargo\"; make \"$HOME/.cargo/bin/rustup\"\nINIT\n");
        machine.stub("fetch", &format!("{NOTE}{rustup_init}{installs}"));
        let packages = "if [ \"$1\" = install ]; then make \"$HOME/bin/cc\"; mv() { cat \"$1\" >\"$2\"; chmod +x \"$2\"; }; \
                        mv \"$HOME/bin/fetch\" \"$HOME/bin/curl\"; fi\n";
        machine.stub("apt-get", &format!("{NOTE}{MAKE}{packages}"));
        machine
    }

    fn stub(&self, name: &str, text: &str) {
        let path = self.0.join("bin").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs a shell line in the repository as if on this machine, with somebody's answers on its input.
    fn run(&self, line: &str, answers: &str, is_ci: bool) -> Output {
        let mut command = Command::new("/bin/bash");
        command.args(["-c", line]).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).env_clear();
        command.env("PATH", self.0.join("bin")).env("HOME", &self.0).env("SHELL", "/bin/bash");
        if is_ci {
            command.env("CI", "true");
        }
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Whoever asks nothing may be gone by now.
        let _ = child.stdin.take().unwrap().write_all(answers.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// What was called so far.
    fn log(&self) -> Vec<String> {
        let log = fs::read_to_string(self.0.join("log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const SETUP: &str = "./scripts/setup local";
/// The same at a terminal.
const AT_TERMINAL: &str = "script --quiet --return --command './scripts/setup local' /dev/null";

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_machine_with_nothing_gets_a_compiler_and_rust_and_is_told_so_first() {
    let machine = Machine::new("bare", 0);
    let done = machine.run(SETUP, "", false);
    assert!(done.status.success(), "{}", said(&done));
    let (packages, rust) = (said(&done).find("build-essential curl"), said(&done).find("Rust, by rustup"));
    assert!(packages.is_some() && packages < rust, "{}", said(&done));
    let log = machine.log();
    let order = ["apt-get update", "apt-get install", "curl", "rustup-init", "rustup toolchain install"];
    assert_eq!(log.len(), order.len(), "{log:?}");
    assert!(log.iter().zip(order).all(|(call, wanted)| call.starts_with(wanted)), "{log:?}");
    assert!(log[1].contains(" build-essential curl"), "{log:?}");
    assert!(log[3].contains("--default-toolchain none"), "rust-toolchain.toml names the version: {log:?}");

    let again = machine.run(SETUP, "", false);
    assert!(again.status.success() && said(&again).is_empty(), "{}", said(&again));
    assert_eq!(machine.log(), log, "nothing is left to do");
}

#[test]
fn somebody_at_a_terminal_is_asked_and_ci_is_not() {
    let machine = Machine::new("asked", 0);
    let refused = machine.run(AT_TERMINAL, "n\n", false);
    assert!(
        !refused.status.success() && said(&refused).contains("nothing was installed"),
        "{}",
        said(&refused)
    );
    assert!(machine.log().is_empty(), "{:?}", machine.log());
    // The packages, but not Rust.
    let halfway = machine.run(AT_TERMINAL, "y\nn\n", false);
    assert!(!halfway.status.success() && machine.log().len() == 2, "{} {:?}", said(&halfway), machine.log());
    let agreed = machine.run(AT_TERMINAL, "\n", false);
    assert!(agreed.status.success() && machine.log().len() == 5, "{} {:?}", said(&agreed), machine.log());

    let machine = Machine::new("ci", 0);
    let done = machine.run(AT_TERMINAL, "", true);
    assert!(done.status.success() && machine.log().len() == 5, "{} {:?}", said(&done), machine.log());
}

/// As GitHub's runners are: no root, nobody to ask, and a sudo that wants no password.
#[test]
fn f13_who_needs_no_password_for_sudo_is_root_enough() {
    let machine = Machine::new("runner", 1000);
    machine.stub("sudo", &format!("{NOTE}[ \"$1\" != -n ] || shift\nexec \"$@\"\n"));
    machine.stub("true", "#!/bin/bash\n");
    let done = machine.run(SETUP, "", true);
    assert!(done.status.success(), "{}", said(&done));
    let log = machine.log();
    let installs = log.iter().filter(|call| call.starts_with("apt-get install")).count();
    assert_eq!(installs, 1, "{log:?}");
    assert!(
        log.iter().any(|call| call.starts_with("sudo env ") && call.contains("apt-get install")),
        "{log:?}"
    );

    // One that wants a password, and nobody who could be asked.
    let machine = Machine::new("password", 1000);
    machine.stub("sudo", "#!/bin/bash\n[ \"$1\" = -n ] && exit 1\nexec \"$@\"\n");
    let refused = machine.run(SETUP, "", true);
    assert!(
        !refused.status.success() && said(&refused).contains("missing: sudo apt-get"),
        "{}",
        said(&refused)
    );
    assert!(machine.log().is_empty(), "{:?}", machine.log());
}

#[test]
fn who_may_install_nothing_is_told_what_to_ask_for() {
    let machine = Machine::new("nobody", 1000);
    let refused = machine.run(SETUP, "", false);
    assert!(!refused.status.success(), "{}", said(&refused));
    assert!(
        said(&refused).contains("missing: sudo apt-get install -y build-essential curl"),
        "{}",
        said(&refused)
    );
    assert!(machine.log().is_empty());
}
