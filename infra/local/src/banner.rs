//! What the terminal shows.

use std::{io::Write, net::SocketAddr, path::Path, time::Duration};

use crate::{demo::Demo, seed::CourseCount};

/// What somebody who just started it wants to know.
pub(crate) struct Banner<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) demo: Option<&'a Demo>,
    pub(crate) courses: CourseCount,
    pub(crate) data: &'a Path,
    pub(crate) ready_after: Duration,
}

#[expect(clippy::print_stdout, reason = "the banner is what the command is for")]
pub(crate) fn print(banner: &Banner<'_>) {
    let url = format!("http://localhost:{}", banner.address.port());
    println!(
        "\nLectern is ready after {:.1} s: a school with {}",
        banner.ready_after.as_secs_f64(),
        banner.courses
    );
    println!("  home        {url}");
    println!("  reference   {url}/docs");
    for (role, login) in banner.demo.iter().flat_map(|demo| demo.logins()) {
        println!("  {role:<11} {} / {}", login.email, login.password);
    }
    println!(
        "  data        {} (begin anew with --reset)",
        banner.data.display()
    );
    println!("  stop        Ctrl-C\n");
    let _ = std::io::stdout().flush();
}

#[expect(clippy::print_stdout, reason = "the last word to whoever pressed Ctrl-C")]
pub(crate) fn print_stopped() {
    println!("stopped; the data is kept");
}

#[expect(clippy::print_stderr, reason = "the command's error")]
pub(crate) fn complain(failure: &str) {
    eprintln!("local: {failure}");
}
