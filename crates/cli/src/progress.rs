//! What the program is doing, on standard error.

use std::io::IsTerminal;
use std::time::Duration;

use coercivity_engine::{Progress, Stage};
use indicatif::{ProgressBar, ProgressStyle};

/// A line that changes on a terminal; one line a stage elsewhere.
pub struct Line {
    bar: Option<ProgressBar>,
}

impl Line {
    pub fn new() -> Line {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})").expect("the template is fixed");
            let bar = ProgressBar::new_spinner().with_style(style);
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Line { bar }
    }

    pub fn say(&self, message: String) {
        match &self.bar {
            Some(bar) => bar.set_message(message),
            None => eprintln!("{message}"),
        }
    }

    /// So many of so many are done: a bar with the time left on a terminal, else a line at each tenth.
    pub fn count(&self, n: usize, of: usize, what: &str) {
        match &self.bar {
            Some(bar) if n == 0 => {
                let style = "{msg} {bar:30} {pos} of {len} ({elapsed}, {per_sec}, {eta} left)";
                bar.set_length(of as u64);
                bar.set_message(what.to_string());
                bar.set_style(ProgressStyle::with_template(style).expect("the template is fixed"));
                bar.reset();
            }
            Some(bar) => bar.set_position(n as u64),
            None if n == of || n.is_multiple_of(of.div_ceil(10)) => eprintln!("{what}: {n} of {of}"),
            None => {}
        }
    }

    pub fn done(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Line {
    fn stage(&self, stage: Stage) {
        let of = |plan: usize, plans: usize| if plans > 1 { format!(" plan {plan} of {plans}") } else { String::new() };
        match stage {
            Stage::Building { plan, plans } => {
                // On a terminal the line changes; in a log only what takes time is worth one.
                if self.bar.is_some() {
                    self.say(format!("building{}", of(plan, plans)));
                }
            }
            Stage::Solving { plan, plans, rows, columns } => {
                self.say(format!("solving{}: {rows} rows, {columns} columns", of(plan, plans)));
            }
        }
    }
}
