//! `coercivity`: reads models and scenarios, runs them, and shows what comes out.
//!
//! Effects live here and nowhere else: files, terminal, clock, exit codes.

// First, because its macros are seen by the modules after it only.
#[macro_use]
mod terminal;

mod args;
mod asked;
mod assess;
mod backcast;
mod balance;
mod bargain;
mod check;
mod chokepoints;
mod comply;
mod data;
mod ensemble;
mod ensembles;
mod input;
mod job;
mod layout;
mod new;
mod output;
mod plan;
mod progress;
mod run;
mod sensitivity;
mod serve;
mod show;
mod summarize;
mod survive;
mod trace;
mod why;
mod workbook;
mod written;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};

/// Why the program stops without having done what was asked.
pub enum Failure {
    /// The input is wrong; the diagnostics have been printed.
    Input,
    /// Something in the outside world failed: what, and what would help.
    World(String),
    /// The solver stopped short; what is known has been printed.
    Solver(String),
    /// A condition that was asked for does not hold; what was found has been printed.
    NotHeld,
    /// Somebody asked the program to stop; what is kept, and how to go on.
    Interrupted(String),
}

impl Failure {
    /// Exit codes: those of SPEC section 4 (2, a wrong command line, is clap's).
    fn code(&self) -> u8 {
        match self {
            Failure::Input | Failure::World(_) => 1,
            Failure::Solver(_) => 3,
            Failure::NotHeld => 4,
            // What shells give a program that Ctrl-C ended.
            Failure::Interrupted(_) => 130,
        }
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match args.command {
        Command::Run(run) => run::run(&run),
        Command::Check(check) => check::check(&check),
        Command::New(new) => new::new(&new),
        Command::Import(import) => workbook::import(&import),
        Command::Data(data) => data::data(&data),
        Command::Balance(balance) => balance::balance(&balance),
        Command::Chokepoints(args) => chokepoints::chokepoints(&args),
        Command::Comply(comply) => comply::comply(&comply),
        Command::Trace(args) => trace::trace(&args),
        Command::Ensemble(args) => ensemble::ensemble(&args),
        Command::Summarize(args) => summarize::summarize(&args),
        Command::Survive(args) => survive::survive(&args),
        Command::Plan(args) => plan::plan(&args),
        Command::Bargain(args) => bargain::bargain(&args),
        Command::Assess(args) => assess::assess(&args),
        Command::Why(args) => why::tell(&args),
        Command::Backcast(args) => backcast::backcast(&args),
        Command::Serve(args) => serve::serve(&args),
        Command::Report(args) => serve::report(&args),
        Command::Job(args) => job::job(&args),
    };
    let done = done.and_then(|()| match terminal::failure() {
        Some(error) => Err(Failure::World(format!("cannot write to standard output: {error}"))),
        None => Ok(()),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            match &failure {
                Failure::Input | Failure::NotHeld => {}
                Failure::Interrupted(message) => eprintln!("{message}"),
                Failure::World(message) | Failure::Solver(message) => eprintln!("error: {message}"),
            }
            ExitCode::from(failure.code())
        }
    }
}
