//! Printing that does not end the program.
//!
//! The standard macros panic where standard output is closed (`coercivity check | head -1`) or full.
//! Those of this module stand in for them throughout the program: the first failure is kept, what
//! follows is not printed, and `main` asks in the end.

use std::fmt::Arguments;
use std::io::{self, Write};
use std::sync::OnceLock;

static FAILURE: OnceLock<io::Error> = OnceLock::new();

macro_rules! println {
    () => { $crate::terminal::print(format_args!("\n")) };
    ($($arg:tt)*) => { $crate::terminal::print(format_args!("{}\n", format_args!($($arg)*))) };
}

macro_rules! eprint {
    ($($arg:tt)*) => { $crate::terminal::print_error(format_args!($($arg)*)) };
}

macro_rules! eprintln {
    ($($arg:tt)*) => { $crate::terminal::print_error(format_args!("{}\n", format_args!($($arg)*))) };
}

pub fn print(text: Arguments) {
    if FAILURE.get().is_none()
        && let Err(error) = io::stdout().write_fmt(text)
    {
        let _ = FAILURE.set(error);
    }
}

/// Where standard error cannot be written there is nobody left to tell.
pub fn print_error(text: Arguments) {
    let _ = io::stderr().write_fmt(text);
}

/// Why standard output could not be written, unless its reader simply had enough.
pub fn failure() -> Option<&'static io::Error> {
    if let Err(error) = io::stdout().flush() {
        let _ = FAILURE.set(error);
    }
    FAILURE.get().filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
}
