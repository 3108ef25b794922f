"""What is public: types, units, meanings.

Quantities are in the unit of their product or demand, money in the model's currency, discounted to the model's first
day where it says so. A step is a week, a month or a quarter, as the model says.
"""

import datetime
import os
from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol, final

import pandas
import polars

__all__ = [
    "Diagnostic",
    "Ensemble",
    "EnsembleError",
    "InputError",
    "Model",
    "Result",
    "Scenario",
    "SolveError",
    "Table",
    "__version__",
    "run",
]

__version__: str

class _ArrowStream(Protocol):
    """A DataFrame of pandas (2.2 or later) or polars, a table of pyarrow, or anything else with this method."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

class InputError(ValueError):
    """An input is wrong. Its text is the report, with the lines that are meant and what would help."""

    diagnostics: list[Diagnostic]
    """All that was found, warnings too, in the order in which it was found."""

class EnsembleError(RuntimeError):
    """The folder of an ensemble is not as it must be, or cannot be read or written. Its text says what would help."""

class SolveError(RuntimeError):
    """The solver stopped before it found an optimum: its text says why. There are no figures then."""

    known: dict[str, str]
    """What is known all the same: model, scenario, foresight, model_hash, scenario_hash."""

@final
class Diagnostic:
    """One problem of an input."""

    @property
    def severity(self) -> Literal["error", "warning"]:
        """Errors stop what was asked, warnings do not."""
    @property
    def code(self) -> str:
        """Stable name of the kind of problem, such as `unknown-id`."""
    @property
    def message(self) -> str:
        """What is wrong."""
    @property
    def label(self) -> str:
        """What is to be said at the place itself; may be empty."""
    @property
    def help(self) -> str | None:
        """What would help."""
    @property
    def file(self) -> str | None:
        """The file, as it was named; `None` where the problem has no place."""
    @property
    def line(self) -> int | None:
        """Its line, from 1. Of a table given as a frame: the header is line 1, the first row line 2."""
    @property
    def column(self) -> int | None:
        """The character in the line, from 1."""

@final
class Table:
    """A table in Arrow's form: numbers are float64, steps int32, days date32, texts utf8, what is not given null.

    pandas, polars, pyarrow, DuckDB and others take it as it is, without copying: `pyarrow.table(table)`,
    `polars.DataFrame(table)`.
    """

    @property
    def name(self) -> str:
        """What the table is called, such as `sites`."""
    @property
    def columns(self) -> list[str]:
        """Names of the columns. Units stand in the book: "The tables of a model", "Results"."""
    def __len__(self) -> int:
        """Number of rows."""
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The table as a capsule of Arrow's C stream interface. Types are the table's own whatever is requested."""
    def to_pandas(self) -> pandas.DataFrame:
        """The table as a DataFrame of pandas; days are datetime64. Needs pandas and pyarrow."""
    def to_polars(self) -> polars.DataFrame:
        """The table as a DataFrame of polars. Needs polars."""

@final
class Model:
    """A model as it was read. It never changes: an edit gives another one."""

    @staticmethod
    def load(path: str | os.PathLike[str] | None = None) -> Model:
        """Reads the model in a folder; `None` = the reference model, which is part of the package.

        Raises InputError with all that is wrong with it.
        """
    @staticmethod
    def read(files: Mapping[str, str]) -> Model:
        """Reads a model from texts by the names of their files: `model.toml`, `sites.csv`, `scenarios/a.toml`, ...

        It may extend `reference/magnets`, the reference model. Raises InputError.
        """
    @property
    def name(self) -> str:
        """The name that `model.toml` gives it."""
    @property
    def hash(self) -> str:
        """SHA-256 of the tables and `model.toml`, in hexadecimal: the `model_hash` of results."""
    @property
    def currency(self) -> str:
        """What money counts, such as `USD`."""
    @property
    def step(self) -> Literal["week", "month", "quarter"]:
        """How long a step is."""
    @property
    def dates(self) -> list[datetime.date]:
        """First day of each step."""
    @property
    def tables(self) -> list[str]:
        """Names of the tables, whether the model has rows of them or not."""
    def table(self, name: str) -> Table:
        """The rows of a table; those of an extended model are among them. Lists are texts with `;` between parts.

        Raises KeyError where there is no such table.
        """
    def with_table(self, name: str, frame: _ArrowStream) -> Model:
        """The model with another table in place of its own, read and checked as a whole.

        Columns are those of the format; others are kept and have no effect, with a warning. Numbers may be of any
        numeric type, days dates or timestamps at midnight, texts plain or categories; null, and NaN of pandas, is
        "not given". The unnamed index of a pandas frame is left out.

        Raises InputError: a line is a row of the frame plus 2. KeyError where there is no such table, TypeError where
        the frame is none.
        """
    @property
    def scenarios(self) -> list[str]:
        """Names of the model's own scenarios, sorted."""
    @property
    def default_scenario(self) -> str | None:
        """The scenario that a run takes where none is given; `None` = no measures."""
    @property
    def warnings(self) -> list[Diagnostic]:
        """What is odd about the model and stops nothing."""

@final
class Scenario:
    """Measures and truces, read for a model. It never changes: an edit gives another one.

    Run with another model, it is read for that one.
    """

    @staticmethod
    def load(model: Model, name: str) -> Scenario:
        """Reads one of the model's own scenarios by name, else the file of that path. Raises InputError.

        A model that was read from texts knows the files given with it, and those of the reference model.
        """
    @staticmethod
    def read(model: Model, text: str) -> Scenario:
        """Reads a scenario from the text of a scenario file. Raises InputError."""
    def edit(self, id: str, *, off: bool = False, **keys: float | str | datetime.date | None) -> Scenario:
        """The scenario with one measure or truce changed: left out (`off`), or with other values of its keys.

        Keys are those of the scenario file: dates (`from` is a word of Python: write `**{"from": day}`) and
        the measure's figures, in the units of the format. `None` takes away the `until` of a measure (no end) or the
        `rate` of a release (no limit). Edits of one id add up; `off` is as last said.

        Raises InputError with the keys that there are.
        """
    @property
    def name(self) -> str:
        """The name that its file gives it; with edits it says so."""
    @property
    def hash(self) -> str:
        """SHA-256 of the files, in hexadecimal: the `scenario_hash` of results; empty for no measures."""
    @property
    def text(self) -> str:
        """The scenario with its edits as one file, which runs the same on the command line."""
    @property
    def measures(self) -> list[str]:
        """Ids of the measures, in order."""
    @property
    def truces(self) -> list[str]:
        """Ids of the truces, in order."""
    @property
    def warnings(self) -> list[Diagnostic]:
        """What is odd about the scenario and stops nothing."""

@final
class Result:
    """What a run found."""

    @property
    def summary(self) -> dict[str, Any]:
        """The figures of `summary.json`. Lists by demand have a number a step, in the demand's unit.

        `command` is empty and `seconds` has no reading and writing: what gives these figures again is the call.
        """
    @property
    def objective(self) -> float:
        """Total cost, discounted, in the model's currency."""
    @property
    def tables(self) -> list[str]:
        """Names of the tables: demand, options, sites, flows, stocks, prices, and observations if the model has any."""
    def table(self, name: str) -> Table:
        """A table of results, as `coercivity run` writes it. Raises KeyError where there is no such table."""

def run(
    model: Model,
    scenario: Scenario | str | None = None,
    *,
    foresight: Literal["announced", "perfect"] = "announced",
    without: str | None = None,
    progress: Callable[[str, int, int], object] | None = None,
) -> Result:
    """Runs a model under a scenario: the plans of least discounted cost, as `coercivity run` computes them.

    `scenario`: a scenario, or the name or path of one; `None` = the model's default, else no measures. `foresight`:
    plans made anew whenever something is announced, or one that knows everything. `without`: a node that is lost from
    the first step on, such as `sep-lynas`, `CHN:oxide` or `mag-h:CHN>USA`. `progress` is called with "building" or
    "solving", the plan, and how many there are; what it raises ends the run.

    Other threads go on meanwhile. Ctrl-C ends the run with KeyboardInterrupt, and nothing of it goes on.

    Raises InputError (scenario, node), SolveError.
    """

@final
class Ensemble:
    """An ensemble in its folder: the plan, the parts that shards write, and the tables merged from them.

    A shard may run anywhere, at any time, and again: what comes out is the same to the last byte. What samples share is
    kept as long as this is.
    """

    @staticmethod
    def plan(
        spec: str | os.PathLike[str],
        out: str | os.PathLike[str] | None = None,
        *,
        model: str | os.PathLike[str] | None = None,
        shard_size: int | None = None,
    ) -> Ensemble:
        """Reads a spec and makes the folder of its ensemble, or opens the one that is there if it is of the same ensemble.

        `out`: the folder; `None` = `ensembles/` and the name of the spec's file. `model`: a model's folder, before the
        one that the spec names. `shard_size`: samples of a shard; `None` = 64. A folder that is there keeps its own.
        A new plan tries some samples first, which takes as long as they do.

        Raises InputError (spec, model, scenario), EnsembleError (the folder has something else). Ctrl-C ends it.
        """
    @staticmethod
    def open(dir: str | os.PathLike[str]) -> Ensemble:
        """Opens the folder of an ensemble. Raises EnsembleError where it has no plan, or is not as it was planned."""
    @property
    def dir(self) -> str:
        """The folder."""
    @property
    def name(self) -> str:
        """The name that the spec gives it."""
    @property
    def hash(self) -> str:
        """SHA-256 of the program's version, the spec, the model and the scenario, in hexadecimal."""
    @property
    def samples(self) -> int:
        """Number of samples."""
    @property
    def shards(self) -> int:
        """Number of shards."""
    @property
    def shard_size(self) -> int:
        """Samples of a shard; the last one may have fewer."""
    def done(self) -> list[int]:
        """Indexes of the shards whose part is there and whole. Reads all parts."""
    def part(self, index: int) -> dict[str, Any] | None:
        """What `run_shard` gives for a part that is there and whole; `None` = not there, broken, or of another plan.

        Raises IndexError where there is no such shard.
        """
    def run_shard(
        self,
        index: int,
        *,
        threads: int | None = None,
        progress: Callable[[int, int], object] | None = None,
    ) -> dict[str, Any]:
        """Runs a shard, unless its part is there and whole, and gives what stands in the manifest of it.

        That is: index, first (sample), samples (how many), path, hash (of the part's bytes, SHA-256) and kept (whether
        it was there already). `threads`: how many samples are run at a time; `None` = as many as there are cores, or
        RAYON_NUM_THREADS. `progress` is called with the samples that are done and how many there are; what it raises
        ends the run.

        Other threads go on meanwhile. Ctrl-C ends the run with KeyboardInterrupt, and nothing of the shard is kept.

        Raises IndexError where there is no such shard, EnsembleError where the part cannot be written.
        """
    def run(
        self, *, threads: int | None = None, progress: Callable[[int, int], object] | None = None
    ) -> dict[str, Any]:
        """Runs all shards that are not there yet, merges them, and gives what `merge` does.

        `threads` and `progress` as for `run_shard`, with the samples of all shards. Ctrl-C ends the run with
        KeyboardInterrupt; shards that are done are kept, and the same call goes on from there.
        """
    def merge(self) -> dict[str, Any]:
        """Merges the parts to `samples.parquet` and `demands.parquet`, and gives what stands in `ensemble.json`.

        `totals` in it says what became of the samples, `files` the SHA-256 of the tables. Raises EnsembleError unless
        every sample is there exactly once.
        """
    @property
    def tables(self) -> list[str]:
        """Names of the merged tables: samples, demands."""
    def table(self, name: str) -> Table:
        """A merged table: `samples` has a row for each sample, `demands` one for each sample and demand.

        It is read some rows at a time by whoever takes it. Money is discounted, in the model's currency; unmet demand is
        in the demand's unit. Raises KeyError where there is no such table, EnsembleError before the parts are merged.
        """
