//! Shows that something is happening: a bar in a terminal, a line for each stage elsewhere.

use indicatif::{ProgressBar, ProgressStyle};

use crate::banner::say;

pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new(steps: usize) -> Self {
        let bar = ProgressBar::new(u64::try_from(steps).unwrap_or(u64::MAX));
        let style = ProgressStyle::with_template("Making the demo school {wide_bar} {pos}/{len} {msg:<22}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        if bar.is_hidden() {
            say("Making the demo school");
        }
        Self { bar }
    }

    pub(super) fn stage(&self, name: &'static str) {
        self.bar.set_message(name);
        if self.bar.is_hidden() {
            say(format_args!("  {name}"));
        }
    }

    pub(super) fn step(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
