//! What the terminal shows. Whoever reads it may go away without taking the school down, so nothing here fails.

use std::{
    fmt::{self, Display, Formatter},
    io::Write,
    net::SocketAddr,
    path::Path,
    time::Duration,
};

use crate::demo::Demo;

/// Prints a line.
pub(crate) fn say(line: impl Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Prints why it did not work.
pub(crate) fn complain(failure: &str) {
    let _ = writeln!(std::io::stderr(), "local: {failure}");
}

/// How many courses learners can find, as far as one page of the list tells.
pub(crate) struct CourseCount {
    pub(crate) courses: usize,
    pub(crate) more: bool,
}

impl Display for CourseCount {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (self.courses, self.more) {
            (0, _) => f.write_str("no published courses"),
            (1, false) => f.write_str("1 published course"),
            (courses, more) => write!(f, "{courses}{} published courses", if more { "+" } else { "" }),
        }
    }
}

/// What somebody who just started it wants to know.
pub(crate) struct Banner<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) demo: Option<&'a Demo>,
    pub(crate) courses: CourseCount,
    pub(crate) data: &'a Path,
    pub(crate) emulators: Option<SocketAddr>,
    pub(crate) ready_after: Duration,
}

impl Display for Banner<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let url = format!("http://localhost:{}", self.address.port());
        let seconds = self.ready_after.as_secs_f64();
        writeln!(f, "\nLectern is ready after {seconds:.2} s: a school with {}", self.courses)?;
        writeln!(f, "  home        {url}")?;
        writeln!(f, "  reference   {url}/docs")?;
        writeln!(f, "  mailbox     {url}/mailbox")?;
        for (role, login) in self.demo.iter().flat_map(|demo| demo.logins()) {
            writeln!(f, "  {role:<11} {} / {}", login.email, login.password)?;
        }
        writeln!(f, "  data        {} (begin anew with --reset)", self.data.display())?;
        if let Some(emulators) = self.emulators {
            writeln!(f, "  emulators   http://{emulators}, open to whoever reaches it")?;
        }
        writeln!(f, "  stop        Ctrl-C")
    }
}
