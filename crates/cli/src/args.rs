//! The command line. Help texts teach by examples.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use coercivity_model::Date;
use coercivity_model::calendar::parse_date;

const EXAMPLES: &str = "\
Examples:
  coercivity run                          reference model, if the truce lapses
  coercivity run --scenario full-cut-off  another of its scenarios
  coercivity new my-model                 the reference model, to be edited
  coercivity check my-model               every problem of a model at once
  coercivity run my-model --scenario my-model/scenarios/truce-lapses.toml
  coercivity comply parts.csv             which parts may be delivered
  coercivity serve                        the same to look at, in a browser

It is analysis for resilience and policy: it gives no advice on evading controls.";

/// How much pressure a supply of critical minerals stands: who runs short, when, and where the
/// bottleneck is, under export controls, tariffs, truces and deadlines.
#[derive(Parser)]
#[command(name = "coercivity", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Run a model under a scenario: who runs short, when, at what cost, where the bottleneck is
    Run(Run),
    /// Report every problem of a model and its scenarios at once
    Check(Check),
    /// Write the reference model to a folder, to be edited
    New(New),
    /// Write a model folder from a workbook with a sheet for each table
    Import(Import),
    /// Show what the figures of a model rest on: coverage, confidence, age, sources
    Data(Data),
    /// Balance the reference trade flows of a model with what is made and used
    Balance(Balance),
    /// Find where the chain is narrow: country, stage, site, lane, and what relieving it would save
    Chokepoints(Chokepoints),
    /// Judge a bill of materials: which parts keep to a rule, what proves it, what to ask whom
    Comply(Comply),
    /// Trace what a need used: in which countries each stage of it was done, by month
    Trace(Trace),
    /// How long needs stay met without a site, a country's stage, lanes or an owner, and what that costs
    Survive(Survive),
    /// Run a model many times with what is not known drawn anew, here or on many machines
    Ensemble(Ensemble),
    /// Say what an ensemble means: how likely a shortage is by when, what it costs, what it hangs on
    Summarize(Summarize),
    /// What to do now, not knowing what comes: which stock, plant, contract or redesign a budget buys
    Plan(Plan),
    /// What to ask, offer and threaten: what levers cost whom, what could be agreed, whether it holds
    Bargain(Bargain),
    /// Assess the supply of needs: where it comes from, what may disturb it, what would help (HTML, Markdown)
    Assess(Assess),
    /// Why a need is short: which input was missing where, back to the measure that caused it
    Why(Why),
    /// Replay what happened with the method `market`: 2025's licences, the crisis of 2010
    Backcast(Backcast),
    /// Show the page: who runs short, the policies to be moved, scenarios side by side, every figure
    Serve(Serve),
    /// Write a run as one HTML file that opens without a network, to be handed on or printed
    Report(ReportArgs),
    /// A run of `serve`: reads and writes a folder
    #[command(hide = true)]
    Job(Job),
}

const WHY_EXAMPLES: &str = "\
Examples:
  coercivity why usa-motors --at 2025-06-01 --scenario licensing-2025
  coercivity why us-f35 --at 2026-12-01 --method optimal --foresight perfect

It runs the scenario without any measure, and once without each that had begun
by then. A market takes a second or so for all, an optimum some for each.";

#[derive(ClapArgs)]
#[command(after_help = WHY_EXAMPLES)]
pub struct Why {
    /// Demand that is short
    pub demand: String,
    /// Day on which it is short
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub at: Date,
    /// Model folder; without it, the one that the scenario file names, or the reference model
    #[arg(long, value_name = "DIR")]
    pub model: Option<String>,
    /// Scenario: a file, or the name of one in the model's folder `scenarios`
    #[arg(long, value_name = "FILE|NAME")]
    pub scenario: Option<String>,
    /// Of which method the shortage is
    #[arg(long, value_enum, default_value_t = OneMethod::Market)]
    pub method: OneMethod,
    /// What is known beforehand, where the method is `optimal`
    #[arg(long, value_enum, default_value_t = Foresight::Announced)]
    pub foresight: Foresight,
    /// Print everything as JSON on standard output, and nothing else there
    #[arg(long)]
    pub json: bool,
}

const BACKCAST_EXAMPLES: &str = "\
Examples:
  coercivity backcast 2025-licences       exports of magnets from China
  coercivity backcast 2010-crisis         dysprosium oxide, price outside China
  coercivity backcast 2025-licences --fit find what was fitted again
  coercivity backcast 2010-crisis --svg 2010.svg
  coercivity backcast my-model/backcasts/mine.toml --json

A hit or a miss is said of each thing that was asked for, beside the naive
forecast: what was last seen stays.";

/// Replays.
#[derive(ClapArgs)]
#[command(after_help = BACKCAST_EXAMPLES)]
pub struct Backcast {
    /// Backcast: a file in the folder `backcasts` of a model, or the name of one that is built in
    #[arg(value_name = "FILE|NAME")]
    pub name: String,
    /// Fit the parameters again, and say how sure they are
    #[arg(long)]
    pub fit: bool,
    /// Draw what was observed and what is replayed
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Print everything as JSON on standard output, and nothing else there
    #[arg(long)]
    pub json: bool,
}

const ENSEMBLE_EXAMPLES: &str = "\
Examples:
  coercivity ensemble models/magnets/ensembles/truce.toml
  coercivity ensemble plan truce.toml --shard-size 100 --out shared/truce
  coercivity ensemble shard shared/truce --index 7
  coercivity ensemble merge shared/truce
  coercivity summarize shared/truce

Ctrl-C ends it; shards that are done are kept, and the same command goes on
from there. Exit code 130: stopped in that way.";

#[derive(ClapArgs)]
#[command(after_help = ENSEMBLE_EXAMPLES, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Ensemble {
    #[command(subcommand)]
    pub command: Option<EnsembleCommand>,
    #[command(flatten)]
    pub whole: EnsemblePlan,
    /// Print ensemble.json on standard output, and nothing else there
    #[arg(long)]
    pub json: bool,
}

#[derive(ClapArgs)]
pub struct EnsemblePlan {
    /// Spec: a TOML file that says what is uncertain, and how often to draw it
    #[arg(required = true)]
    pub spec: Option<String>,
    /// Model folder; without it, the one that the spec names, or the reference model
    #[arg(long, value_name = "DIR")]
    pub model: Option<String>,
    /// Folder of the ensemble [default: ensembles/SPEC]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Samples of a shard [default: 64]
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..))]
    pub shard_size: Option<u32>,
}

#[derive(Subcommand)]
pub enum EnsembleCommand {
    /// Write the plan of an ensemble to a folder that stands alone, for shards to be run from
    Plan(EnsemblePlan),
    /// Run one shard, unless its part is there and whole
    Shard {
        /// Folder of the plan
        dir: PathBuf,
        /// Which shard, from 0 [default: SLURM_ARRAY_TASK_ID]
        #[arg(long, value_name = "N")]
        index: Option<usize>,
        /// Print what was written as JSON
        #[arg(long)]
        json: bool,
    },
    /// Merge the parts of all shards; fails unless every sample is there once
    Merge {
        /// Folder of the plan
        dir: PathBuf,
        /// Print ensemble.json on standard output, and nothing else there
        #[arg(long)]
        json: bool,
    },
}

const SUMMARIZE_EXAMPLES: &str = "\
Examples:
  coercivity summarize ensembles/truce
  coercivity summarize ensembles/truce --demand us-fighter --by 2027-07-01
  coercivity summarize ensembles/truce --json > summary.json

Intervals take samples to be independent; those of Latin hypercubes and Sobol
points are laid more evenly, so for them they are wide rather than narrow.";

#[derive(ClapArgs)]
#[command(after_help = SUMMARIZE_EXAMPLES)]
pub struct Summarize {
    /// Folder of an ensemble that is merged
    pub dir: PathBuf,
    /// Demand that is asked for [default: all together]
    #[arg(long, value_name = "ID")]
    pub demand: Option<String>,
    /// Short before this day [default: at any time]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub by: Option<Date>,
    /// Confidence of all intervals
    #[arg(long, value_name = "SHARE", default_value_t = crate::summarize::CONFIDENCE, value_parser = inner_share)]
    pub confidence: f64,
    /// The tail is the worst 1 - ALPHA of all futures
    #[arg(long, value_name = "ALPHA", default_value_t = crate::summarize::ALPHA, value_parser = inner_share)]
    pub alpha: f64,
    /// Print everything as JSON on standard output, and nothing else there
    #[arg(long)]
    pub json: bool,
}

const RUN_EXAMPLES: &str = "\
Examples:
  coercivity run                          reference model, scenario truce-lapses
  coercivity run --scenario baseline      what the chain does without measures
  coercivity run --foresight perfect      as if everything were known before
  coercivity run --without CHN:oxide      as if China separated nothing
  coercivity run my-model --scenario s.toml --out results/s
  coercivity run --json > summary.json    for programs
  coercivity run --ranges                 least and greatest unmet of each need
  coercivity run --method both            the optimum, and what people do

Exit codes: 0 done; 1 the input is wrong; 2 the command line is wrong; 3 the solver stopped short.";

#[derive(ClapArgs)]
#[command(after_help = RUN_EXAMPLES)]
pub struct Run {
    /// Model folder; without it, the one that the scenario file names, or the reference model
    pub model: Option<String>,
    /// Scenario: a file, or the name of one in the model's folder `scenarios`
    #[arg(long, value_name = "FILE|NAME")]
    pub scenario: Option<String>,
    /// What is computed: `optimal` = the least total cost if everybody acts together; `market` = what happens if
    /// nobody plans, in weeks; `both`, and what disorder costs
    #[arg(long, value_enum, default_value_t = Method::Optimal)]
    pub method: Method,
    /// What is known beforehand: what has been announced, or everything
    #[arg(long, value_enum, default_value_t = Foresight::Announced)]
    pub foresight: Foresight,
    /// Node that is lost from the first step on, known from the start: a site, `CHN:oxide`, `CHN`,
    /// `magnet:CHN>USA`, `owner:Lynas`, several joined by `+`
    #[arg(long, value_name = "NODE")]
    pub without: Option<String>,
    /// Folder for the results [default: results/SCENARIO; with --json: none]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace the output folder even if this program did not write it
    #[arg(long)]
    pub force: bool,
    /// Print summary.json on standard output, and nothing else there
    #[arg(long)]
    pub json: bool,
    /// For each short demand, the least and greatest unmet among solutions within 0.01% of the best:
    /// two more programs for each, which takes hours on a model of the reference model's size
    #[arg(long)]
    pub ranges: bool,
    /// Write the linear program (perfect foresight) as MPS, for any other solver to check
    #[arg(long, value_name = "FILE")]
    pub write_mps: Option<PathBuf>,
    /// Write the tables of results as one workbook
    #[arg(long, value_name = "FILE")]
    pub xlsx: Option<PathBuf>,
    /// Seconds that the solver may take for one program
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub time_limit: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Method {
    Optimal,
    Market,
    Both,
}

/// Where two at a time would make no sense.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OneMethod {
    Optimal,
    Market,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Foresight {
    Announced,
    Perfect,
}

impl From<Foresight> for coercivity_engine::Foresight {
    fn from(foresight: Foresight) -> Self {
        match foresight {
            Foresight::Announced => Self::Announced,
            Foresight::Perfect => Self::Perfect,
        }
    }
}

const CHECK_EXAMPLES: &str = "\
Examples:
  coercivity check                        the reference model and its scenarios
  coercivity check my-model               a model and all of its scenarios
  coercivity check my-model --scenario a.toml --scenario b.toml

Exit codes: 0 no error (there may be warnings); 1 at least one error.";

#[derive(ClapArgs)]
#[command(after_help = CHECK_EXAMPLES)]
pub struct Check {
    /// Model folder; without it, the reference model
    pub model: Option<String>,
    /// Scenarios to check instead of all in the model's folder `scenarios`
    #[arg(long, value_name = "FILE|NAME")]
    pub scenario: Vec<String>,
    /// Print the diagnostics as JSON on standard output
    #[arg(long)]
    pub json: bool,
}

const NEW_EXAMPLES: &str = "\
Example:
  coercivity new my-model
  coercivity run my-model";

#[derive(ClapArgs)]
#[command(after_help = NEW_EXAMPLES)]
pub struct New {
    /// Folder to write; it must not exist yet, or be empty
    pub dir: PathBuf,
}

const IMPORT_EXAMPLES: &str = "\
Example:
  coercivity import my-plant.xlsx my-plant
  coercivity check my-plant

Sheets are named like the tables (sites, lanes, stocks, ...), with the names of columns in the first
row. The sheet `model` has a key and a value in each row: `format` 1, and `extends` reference/magnets
for a model whose rows lie over the reference model.";

#[derive(ClapArgs)]
#[command(after_help = IMPORT_EXAMPLES)]
pub struct Import {
    /// Workbook (.xlsx)
    pub book: String,
    /// Folder to write
    pub dir: PathBuf,
    /// Replace the folder even if it is there already
    #[arg(long)]
    pub force: bool,
}

const DATA_EXAMPLES: &str = "\
Examples:
  coercivity data                         the reference model
  coercivity data my-model --check        fails if a figure has no source
  coercivity data --json > data.json
  coercivity data --sensitivity           the ten figures that matter most
  coercivity data --sensitivity --by 1    if every guess were 1% off

A figure is a number or a date in a table. Its source and confidence are those of its row, or of
columns such as `capacity.source` for that figure alone. Its range is a row of uncertainty.csv.

Exit codes: 0 done; 1 the model is wrong, or with --check a figure has no source, no confidence or
no range; 3 the solver stopped short.";

#[derive(ClapArgs)]
#[command(after_help = DATA_EXAMPLES)]
pub struct Data {
    /// Model folder; without it, the reference model
    pub model: Option<String>,
    /// Fail if a figure has no source or no confidence, and name each; of a model with an
    /// uncertainty.csv also if a recalled or assumed figure has no range
    #[arg(long)]
    pub check: bool,
    /// Rank the ranges by what they may change of the total cost, and run the 20 first ones again at
    /// both ends (perfect foresight): which of them change the headline? Takes minutes
    #[arg(long, conflicts_with = "check")]
    pub sensitivity: bool,
    /// Scenario of --sensitivity: a file, or the name of one in the model's folder `scenarios`
    #[arg(long, value_name = "FILE|NAME", requires = "sensitivity")]
    pub scenario: Option<String>,
    /// With --sensitivity: instead of the ranges, every recalled or assumed figure lower and higher by
    /// so many percent, a date by so much of a year
    #[arg(long, value_name = "PERCENT", requires = "sensitivity", value_parser = percent)]
    pub by: Option<f64>,
    /// With --by: only the figures of this confidence
    #[arg(long, value_name = "CONFIDENCE", requires = "by", value_parser = ["recalled", "assumed"])]
    pub confidence: Option<String>,
    /// Print the same as JSON on standard output; of --sensitivity every range
    #[arg(long)]
    pub json: bool,
}

const BALANCE_EXAMPLES: &str = "\
Examples:
  coercivity balance                      the reference model
  coercivity balance my-model --out balanced.csv
  coercivity balance my-model --out my-model/lanes.csv --force
  coercivity balance my-model --check     fails if a flow does not fit
  coercivity balance --json > balance.json

Each flow moves as little as it must, in proportion to how well its figure is known: by its range in
uncertainty.csv, else by its confidence.

Exit codes: 0 done; 1 the input is wrong; 2 the command line is wrong; 3 the solver stopped short;
4 with --check, a flow moves by more than 10% and by more than 10 units.";

#[derive(ClapArgs)]
#[command(after_help = BALANCE_EXAMPLES)]
pub struct Balance {
    /// Model folder; without it, the reference model
    pub model: Option<String>,
    /// Write lanes.csv with the balanced flows, all else as it is
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the file even if it is there already
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Fail if a flow moves by more than 10% and by more than 10 units, and name each
    #[arg(long)]
    pub check: bool,
    /// Print the same as JSON on standard output
    #[arg(long)]
    pub json: bool,
}

const CHOKEPOINTS_EXAMPLES: &str = "\
Examples:
  coercivity chokepoints                  reference model, truce-lapses
  coercivity chokepoints --at 2027-01-01  concentration and cuts of 2027
  coercivity chokepoints --demand us-missiles --demand usa-cars
  coercivity chokepoints my-model --scenario s.toml --out choke
  coercivity chokepoints --json > chokepoints.json

Output, use and savings are those of a run with perfect foresight. A min-cut is what limits a need
if the capacities and measures of the day last.

Exit codes: 0 done; 1 the input is wrong; 2 the command line is wrong; 3 the solver stopped short.";

#[derive(ClapArgs)]
#[command(after_help = CHOKEPOINTS_EXAMPLES)]
pub struct Chokepoints {
    /// Model folder; without it, the one that the scenario file names, or the reference model
    pub model: Option<String>,
    /// Scenario: a file, or the name of one in the model's folder `scenarios`
    #[arg(long, value_name = "FILE|NAME")]
    pub scenario: Option<String>,
    /// Day of the min-cuts, and first day of the year whose output is counted [default: the model's
    /// first day]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub at: Option<Date>,
    /// Demand whose min-cut is wanted, or all of a region or group; may be given again [default: all]
    #[arg(long, value_name = "DEMAND|REGION")]
    pub demand: Vec<String>,
    /// Print the same as JSON on standard output, and nothing else there
    #[arg(long)]
    pub json: bool,
    /// Write the tables as CSV and Parquet, and chokepoints.json
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace the output folder even if this program did not write it
    #[arg(long)]
    pub force: bool,
}

const COMPLY_EXAMPLES: &str = "\
Examples:
  coercivity comply --template bom        empty tables and an example
  coercivity comply bom/example/parts.csv --on 2027-01-01
  coercivity comply supplier.xlsx --rule mofcom-0.1
  coercivity comply parts.csv --questions letters --out statement
  coercivity comply november/parts.csv --diff october/parts.csv
  coercivity comply parts.csv --rule my-rule.toml --json > statement.json

Rules of the program:
  dfars-2027   US defence: SmCo and NdFeB magnets, tantalum, tungsten
  mofcom-0.1   China: rare earths worth 0.1% of a foreign-made part

Exit codes: 0 all parts pass; 1 the input is wrong; 2 the command line is wrong; 4 some part does not pass.";

#[derive(ClapArgs)]
#[command(after_help = COMPLY_EXAMPLES)]
pub struct Comply {
    /// Bill of materials: a workbook (.xlsx), or a CSV table of parts
    #[arg(required_unless_present = "template")]
    pub bom: Option<String>,
    /// Rule: one that comes with the program, or a file
    #[arg(long, value_name = "NAME|FILE", default_value = "dfars-2027")]
    pub rule: String,
    /// Date of delivery [default: today]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub on: Option<Date>,
    /// Table of declarations [default: declarations.csv beside the table of parts, if it is there]
    #[arg(long, value_name = "FILE")]
    pub declarations: Option<String>,
    /// Write a page for each supplier with the questions that are open
    #[arg(long, value_name = "DIR")]
    pub questions: Option<PathBuf>,
    /// An earlier bill of materials: show what has changed since
    #[arg(long, value_name = "OLD")]
    pub diff: Option<String>,
    /// Write verdicts.csv, statement.json and the printable statement.html
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace the output folders even if this program did not write them
    #[arg(long)]
    pub force: bool,
    /// Print statement.json on standard output, and nothing else there
    #[arg(long)]
    pub json: bool,
    /// Write empty tables, a workbook and an example to a new folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["bom", "on", "declarations", "questions", "diff", "out", "json"])]
    pub template: Option<PathBuf>,
}

const TRACE_EXAMPLES: &str = "\
Examples:
  coercivity trace us-f35                 whose ore is in it, whose oxide, ...
  coercivity trace us-f35 --from 2026-11-01 --until 2027-05-01
  coercivity trace us-f35 --what-if without CHN
  coercivity trace us-f35 --what-if without CHN:oxide+CHN:metal
  coercivity trace need my-model --scenario cut --out trace-of-need
  coercivity trace us-f35 --json > trace.json

NODE: a site, REGION, REGION:STAGE, PRODUCT:FROM>TO, owner:NAME; several are joined by +. It is gone
from the first step on.

Exit codes: 0 done; 1 the input is wrong, the need is never met, or goods go round in a loop that
nothing enters; 2 the command line is wrong; 3 the solver stopped short.";

#[derive(ClapArgs)]
#[command(after_help = TRACE_EXAMPLES)]
pub struct Trace {
    /// Need to trace: an id of demands.csv
    pub demand: String,
    /// Model folder; without it, the one that the scenario file names, or the reference model
    pub model: Option<String>,
    /// Scenario: a file, or the name of one in the model's folder `scenarios`
    #[arg(long, value_name = "FILE|NAME")]
    pub scenario: Option<String>,
    /// What is known beforehand: what has been announced, or everything
    #[arg(long, value_enum, default_value_t = Foresight::Announced)]
    pub foresight: Foresight,
    /// Only steps from this day on
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub from: Option<Date>,
    /// Only steps before this day
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub until: Option<Date>,
    /// Run once more with a node gone, and show both side by side
    #[arg(long, num_args = 2, value_names = ["without", "NODE"])]
    pub what_if: Option<Vec<String>>,
    /// Folder for the shares of each month (trace.csv and .parquet) and trace.json
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace the output folder even if this program did not write it
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Print trace.json on standard output, and nothing else there
    #[arg(long)]
    pub json: bool,
}

const SURVIVE_EXAMPLES: &str = "\
Examples:
  coercivity survive                      every country's stage and every site
  coercivity survive --without CHN:oxide --without CHN:metal+CHN:magnet
  coercivity survive --scenario baseline --demand us-f35 --demand EU
  coercivity survive --at 2026-11-10 --for 6m --each owners
  coercivity survive --without 'magnet:CHN>USA' --json

Nodes:
  sep-lynas      a site             CHN:oxide     a country at a stage
  CHN            a country          CHN:ox-dy     the same, of one product
  owner:Lynas    sites of an owner  mag-h:CHN>USA lanes of a product or stage

Exit codes: 0 done; 1 the input is wrong; 2 the command line is wrong; 3 the solver stopped short.";

#[derive(ClapArgs)]
#[command(after_help = SURVIVE_EXAMPLES)]
pub struct Survive {
    /// Model folder; without it, the one that the scenario file names, or the reference model
    pub model: Option<String>,
    /// Scenario: a file, or the name of one in the model's folder `scenarios`
    #[arg(long, value_name = "FILE|NAME")]
    pub scenario: Option<String>,
    /// Day of the loss; stocks are what the announced run leaves then [default: the model's first day]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub at: Option<Date>,
    /// Time until a node is back: days, weeks, months or years, such as 90d, 8w, 6m, 1y [default: never]
    #[arg(long = "for", value_name = "TIME", value_parser = days)]
    pub recover: Option<f64>,
    /// Node that is lost, or several joined by `+` that are lost together; may be given again
    #[arg(long, value_name = "NODE")]
    pub without: Vec<String>,
    /// Lose each of these in turn [default: stages,sites]
    #[arg(long, value_name = "KIND", value_enum, value_delimiter = ',', conflicts_with = "without")]
    pub each: Vec<Each>,
    /// Demand that must stay met, or all of a region or group; may be given again [default: all]
    #[arg(long, value_name = "DEMAND|REGION")]
    pub demand: Vec<String>,
    /// Folder for the results: survive and lost, each as CSV and Parquet
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace the output folder even if this program did not write it
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Print the same as JSON on standard output, and nothing else there
    #[arg(long)]
    pub json: bool,
    /// Seconds that the solver may take for one program
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub time_limit: Option<f64>,
}

/// Nodes that are lost one after the other.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Each {
    Stages,
    Sites,
    Lanes,
    Owners,
}

const PLAN_EXAMPLES: &str = "\
Examples:
  coercivity plan models/magnets/plans/defence-budget.toml
  coercivity plan defence-budget.toml --budget 1e9 --frontier
  coercivity plan defence-budget.toml --frontier --values --out plan
  coercivity plan small.toml --method extensive --gap 0
  coercivity plan defence-budget.toml --time-limit 600 --json

Ctrl-C or the time limit gives the best plan known by then and how much better
another might be. A gap is a share of what the plan saves against doing nothing.

Exit codes: 0 done; 1 the input is wrong; 2 the command line is wrong;
3 stopped short, with what is known; 4 the requirements cannot be met.";

#[derive(ClapArgs)]
#[command(after_help = PLAN_EXAMPLES)]
pub struct Plan {
    /// Plan: a file that says what can be done, with how much money, against which futures
    #[arg(value_name = "SPEC")]
    pub spec: String,
    /// Model folder; without it, the one that the spec names, or the reference model
    #[arg(long, value_name = "DIR")]
    pub model: Option<String>,
    /// Money for all options together, instead of the spec's
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    pub budget: Option<f64>,
    /// Find the best portfolio of each budget of the spec's frontier too
    #[arg(long)]
    pub frontier: bool,
    /// Say too what it is worth to know what comes, and to wait, and how wrong the plan can be
    #[arg(long)]
    pub values: bool,
    /// How the portfolio is found
    #[arg(long, value_enum, default_value_t = PlanMethod::Benders)]
    pub method: PlanMethod,
    /// How much better another plan may be at most, as a share of what this one saves
    #[arg(long, value_name = "SHARE", default_value_t = 0.01, value_parser = gap)]
    pub gap: f64,
    /// Seconds after which the best that is known is shown
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub time_limit: Option<f64>,
    /// Folder for the results: plan.json, and portfolio, frontier and regret as CSV and Parquet
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace the output folder even if this program did not write it
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Print plan.json on standard output, and nothing else there
    #[arg(long)]
    pub json: bool,
}

/// How a plan is found.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanMethod {
    /// By cuts of each future
    Benders,
    /// All futures as one program
    Extensive,
}

const BARGAIN_EXAMPLES: &str = "\
Examples:
  coercivity bargain models/magnets/bargains/chips-for-magnets.toml
  coercivity bargain chips-for-magnets.toml --out bargain
  coercivity bargain chips-for-magnets.toml --time-limit 600
  coercivity bargain chips-for-magnets.toml --json > bargain.json

Every combination of levers is a run of the engine, and is kept on disk as soon as it is
done. Ctrl-C or the time limit ends the runs; the same command goes on from there. What is
kept is used as long as program, model, scenario and levers stay the same; players,
weights and positions can change.

Exit codes: 0 done; 1 the input is wrong; 2 the command line is wrong;
3 the solver stopped short; 130 interrupted.";

#[derive(ClapArgs)]
#[command(after_help = BARGAIN_EXAMPLES)]
pub struct Bargain {
    /// Bargain: a file that says who talks, about which measures, and what each cares about
    #[arg(value_name = "SPEC")]
    pub spec: String,
    /// Model folder; without it, the one that the spec names, or the reference model
    #[arg(long, value_name = "DIR")]
    pub model: Option<String>,
    /// Folder in which runs are kept [default: coercivity/bargains in the user's cache folder]
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// Seconds after which no more runs are made
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub time_limit: Option<f64>,
    /// Folder for the results: bargain.json, and its tables as CSV and Parquet
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace the output folder even if this program did not write it
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Print bargain.json on standard output, and nothing else there
    #[arg(long)]
    pub json: bool,
}

const ASSESS_EXAMPLES: &str = "\
Examples:
  coercivity assess                       the EU's needs, if the truce lapses
  coercivity assess --demand deu-traction --demand deu-wind
  coercivity assess --demand DEU --scenario baseline --out assessment-2026
  coercivity assess my-model --demand my-plant --force
  coercivity assess --demand DEU --quarters --json > assessment.json

Frames:
  crma-24   EU Critical Raw Materials Act, article 24: where materials are extracted, processed and
            recycled; what may affect supply; how vulnerable it is; what would help

On the reference model it takes some five minutes, in quarters one. It is analysis, and no
legal advice.

Exit codes: 0 done; 1 the input is wrong; 2 the command line is wrong; 3 the solver stopped short.";

#[derive(ClapArgs)]
#[command(after_help = ASSESS_EXAMPLES)]
pub struct Assess {
    /// Model folder; without it, the one that the scenario file names, or the reference model
    pub model: Option<String>,
    /// What the document is for
    #[arg(long, value_enum, default_value_t = Frame::Crma24)]
    pub frame: Frame,
    /// Need that is assessed, or all of a region or group; may be given again [default: EU, else all]
    #[arg(long, value_name = "DEMAND|REGION")]
    pub demand: Vec<String>,
    /// Scenario: a file, or the name of one in the model's folder `scenarios`
    #[arg(long, value_name = "FILE|NAME")]
    pub scenario: Option<String>,
    /// Count in quarters: rougher, and done in a third of the time or less
    #[arg(long)]
    pub quarters: bool,
    /// Folder for assessment.html, assessment.md, assessment.json and the tables [default: assessment;
    /// with --json: none]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace the output folder even if this program did not write it
    #[arg(long)]
    pub force: bool,
    /// Print assessment.json on standard output, and nothing else there
    #[arg(long)]
    pub json: bool,
    /// Seconds that the solver may take for one program
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub time_limit: Option<f64>,
}

/// What an assessment is for.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Frame {
    #[value(name = "crma-24")]
    Crma24,
}

const SERVE_EXAMPLES: &str = "\
Examples:
  coercivity serve                        the reference model, at port 7420
  coercivity serve my-model --port 8000   your own
  coercivity serve --ensemble ens/truce   with how likely a shortage is, by when
  coercivity serve --plan plans/defence   with what a budget buys
  coercivity serve --bargain chips        with what could be agreed
  curl http://127.0.0.1:7420/api/v1/model

What the page shows can be asked for by programs too: the book's chapter \"The API\".
Finished runs are kept, so that they are there at once the next time.

Exit codes: 0 ended by Ctrl-C; 1 the model, an ensemble, a plan or a bargain is wrong, or the
address is taken.";

#[derive(ClapArgs)]
#[command(after_help = SERVE_EXAMPLES)]
pub struct Serve {
    /// Model folder; without it, the reference model
    pub model: Option<String>,
    /// Folder of an ensemble that is merged, for the page Futures; may be given again
    #[arg(long, value_name = "DIR")]
    pub ensemble: Vec<PathBuf>,
    /// Folder that `coercivity plan --out` wrote, for the page Mitigation; may be given again
    #[arg(long, value_name = "DIR")]
    pub plan: Vec<PathBuf>,
    /// Folder that `coercivity bargain --out` wrote, for the page Bargaining; may be given again
    #[arg(long, value_name = "DIR")]
    pub bargain: Vec<PathBuf>,
    /// Port; 0 takes any that is free
    #[arg(long, default_value_t = 7420)]
    pub port: u16,
    /// Address to listen at; any but that of this machine itself lets others start runs
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", value_parser = crate::serve::host)]
    pub host: std::net::IpAddr,
    /// Folder for finished runs, at most 64 [default: coercivity/runs in the user's cache folder]
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// Seconds that a run may take [default: 1800]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub time_limit: Option<f64>,
}

const REPORT_EXAMPLES: &str = "\
Examples:
  coercivity report                       report.html of the default scenario
  coercivity report --scenario snap-back --out snap-back.html
  coercivity report my-model --foresight perfect
  coercivity report --plan plans/defence  with what a budget buys
  coercivity report --bargain chips       with what could be agreed

Exit codes: 0 done; 1 the input is wrong, or the program was built without its page; 3 the solver stopped
short.";

#[derive(ClapArgs)]
#[command(after_help = REPORT_EXAMPLES)]
pub struct ReportArgs {
    /// Model folder; without it, the one that the scenario file names, or the reference model
    pub model: Option<String>,
    /// Scenario: a file, or the name of one in the model's folder `scenarios`
    #[arg(long, value_name = "FILE|NAME")]
    pub scenario: Option<String>,
    /// What is known beforehand: what has been announced, or everything
    #[arg(long, value_enum, default_value_t = Foresight::Announced)]
    pub foresight: Foresight,
    /// Folder that `coercivity plan --out` wrote, to be shown beside the run
    #[arg(long, value_name = "DIR")]
    pub plan: Option<PathBuf>,
    /// Folder that `coercivity bargain --out` wrote, to be shown beside the run
    #[arg(long, value_name = "DIR")]
    pub bargain: Option<PathBuf>,
    /// File to write
    #[arg(long, value_name = "FILE", default_value = "report.html")]
    pub out: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
}

#[derive(ClapArgs)]
pub struct Job {
    /// Folder with request.json and scenario.toml
    pub dir: PathBuf,
}

fn date(text: &str) -> Result<Date, String> {
    parse_date(text).ok_or_else(|| "it must be a day of the calendar, written YYYY-MM-DD".to_string())
}

fn amount(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
        _ => Err("it must be an amount of money such as 2500000 or 2.5e6".to_string()),
    }
}

fn gap(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..1.0).contains(&value) => Ok(value),
        _ => Err("it must be a share of at least 0 and below 1, such as 0.01".to_string()),
    }
}

fn percent(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('%').parse::<f64>() {
        Ok(value) if value > 0.0 && value <= 100.0 => Ok(value),
        _ => Err("it must be a number of percent above 0 and at most 100".to_string()),
    }
}

/// Days of a time such as 90d, 8w, 6m or 1y: months and years by the rule of SPEC section 1.
fn days(text: &str) -> Result<f64, String> {
    let units = [("d", 1.0), ("w", 7.0), ("m", 365.0 / 12.0), ("y", 365.0)];
    let parsed = units.iter().find_map(|(unit, days)| Some(text.strip_suffix(unit)?.parse::<f64>().ok()? * days));
    match parsed {
        Some(days) if days.is_finite() && days > 0.0 => Ok(days),
        _ => Err("it must be a number above 0 and d, w, m or y: 90d, 8w, 6m, 1y".to_string()),
    }
}

/// A share that is neither none nor all.
fn inner_share(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|share| 0.0 < *share && *share < 1.0)
        .ok_or("a number between 0 and 1, such as 0.9".to_string())
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value > 0.0 => Ok(value),
        _ => Err("it must be a number of seconds above 0".to_string()),
    }
}
