"""Ensembles: however they are cut up, ended and gone on with, what is merged is the same to the last byte."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

import coercivity
from conftest import SPEC, part

LIMIT = 300


def test_an_ensemble_is_what_its_spec_says(serial, spec):
    ensemble, merged = serial
    assert (ensemble.name, ensemble.samples, ensemble.done()) == ("Stocks, demand and costs", 24, [0])
    assert (merged["ensemble"], merged["totals"]["optimal"]) == (ensemble.hash, 24)
    assert merged == json.loads((Path(ensemble.dir) / "ensemble.json").read_text())
    assert repr(ensemble) == "<Ensemble Stocks, demand and costs: 24 samples in 1 shards of 24>"
    # Planned again it is the one that is there, in shards as it has them.
    assert coercivity.Ensemble.plan(spec, ensemble.dir, shard_size=3).shards == 1


def test_tables_are_the_files_that_were_merged(serial):
    ensemble, _ = serial
    for name in ensemble.tables:
        table = ensemble.table(name)
        written = pyarrow.parquet.read_table(Path(ensemble.dir) / f"{name}.parquet")
        read = pyarrow.table(table)
        assert read.equals(written) and len(table) == written.num_rows and table.columns == written.column_names
        # Whoever asks again gets all of it again.
        assert pyarrow.table(table).equals(written)
        assert table.to_polars().height == table.to_pandas().shape[0] == len(table)


# Sizes of shards, and the order in which they are run.
@pytest.mark.parametrize("size", [1, 7])
def test_shards_of_any_size_in_any_order_give_the_same(size, serial, spec, tmp_path):
    ensemble = coercivity.Ensemble.plan(spec, tmp_path / "e", shard_size=size)
    order = list(range(ensemble.shards))
    random.Random(size).shuffle(order)
    rows = [ensemble.run_shard(index, threads=1 + index % 2) for index in order]
    assert [(row["index"], row["first"], row["kept"]) for row in rows] == [(n, n * size, False) for n in order]
    assert ensemble.done() == sorted(order)
    assert ensemble.merge()["files"] == serial[1]["files"]


def test_processes_of_the_command_line_give_the_same(serial, spec, program, tmp_path):
    def coercivity_(*args, **env):
        env = os.environ | env
        said = subprocess.run([program, "ensemble", *args], env=env, capture_output=True, text=True, timeout=LIMIT)
        assert said.returncode == 0, said.stderr
        return said.stdout

    folder = tmp_path / "e"
    coercivity_("plan", spec, "--out", folder, "--shard-size", "9")
    for index, threads in [(2, 1), (0, 2), (1, 1)]:
        row = json.loads(coercivity_("shard", folder, "--index", str(index), "--json", RAYON_NUM_THREADS=str(threads)))
        # A part written by the command is one for Python.
        assert coercivity.Ensemble.open(folder).part(index) == row | {"kept": True}
    assert json.loads(coercivity_("merge", folder, "--json"))["files"] == serial[1]["files"]


# Runs one shard after another and says how far it is.
CHILD = """
import sys
import coercivity

ensemble = coercivity.Ensemble.open(sys.argv[1])
for index in range(ensemble.shards):
    ensemble.run_shard(index, threads=1, progress=lambda done, of: print(index, done, flush=True))
"""


def started(folder, shard):
    """A process that runs the shards of a folder, as soon as it is in this one. How far it is there is not told each time."""
    child = subprocess.Popen([sys.executable, "-c", CHILD, folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in child.stdout:
        if line.split()[0] == shard:
            return child
    raise AssertionError(f"it never came to shard {shard}: {child.communicate()}")


def test_a_process_killed_in_the_middle_leaves_whole_parts_or_none(serial, spec, tmp_path):
    ensemble = coercivity.Ensemble.plan(spec, tmp_path / "e", shard_size=8)
    child = started(ensemble.dir, "1")
    child.kill()
    child.communicate(timeout=LIMIT)
    assert child.returncode == -signal.SIGKILL
    assert sorted(os.listdir(part(ensemble, 0).parent)) == [part(ensemble, 0).name]
    # As if it had been killed while writing.
    (part(ensemble, 0).parent / ".coercivity-killed").write_bytes(part(ensemble, 0).read_bytes()[:1000])
    before = part(ensemble, 0).stat().st_mtime_ns
    assert ensemble.run()["files"] == serial[1]["files"]
    assert part(ensemble, 0).stat().st_mtime_ns == before


def test_ctrl_c_ends_a_shard_and_keeps_nothing_of_it(spec, tmp_path):
    ensemble = coercivity.Ensemble.plan(spec, tmp_path / "e", shard_size=8)
    child = started(ensemble.dir, "1")
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=30)
    assert said.rstrip().endswith("KeyboardInterrupt"), said
    assert ensemble.done() == [0]


def test_what_was_stopped_leaves_nothing_behind_that_changes_a_figure(serial, spec, tmp_path):
    ensemble = coercivity.Ensemble.plan(spec, tmp_path / "e", shard_size=24)

    def enough(done, of):
        raise LookupError(done)

    # In the run that others go on from, which is the first.
    with pytest.raises(LookupError):
        ensemble.run_shard(0, progress=enough)
    assert ensemble.done() == []
    assert ensemble.run()["files"] == serial[1]["files"]


def test_a_part_that_is_not_whole_or_of_another_ensemble_is_noticed(serial, spec, other_spec, tmp_path):
    ensemble = coercivity.Ensemble.plan(spec, tmp_path / "e", shard_size=6)
    other = coercivity.Ensemble.plan(other_spec, tmp_path / "other", shard_size=6)
    other.run_shard(1)
    ensemble.run()
    for index, bytes in [
        (0, part(ensemble, 0).read_bytes()[:-20]),
        (1, part(other, 1).read_bytes()),
        (2, part(ensemble, 3).read_bytes()),
        (3, b""),
    ]:
        part(ensemble, index).write_bytes(bytes)
        assert ensemble.part(index) is None
        with pytest.raises(coercivity.EnsembleError, match=rf"shard {index} \(samples"):
            ensemble.merge()
        assert not ensemble.run_shard(index)["kept"]
    assert ensemble.merge()["files"] == serial[1]["files"]


def test_what_is_wrong_is_told(serial, spec, other_spec, tmp_path):
    ensemble, _ = serial
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(SPEC.replace('table = "stocks"', 'table = "stoks"'))
    with pytest.raises(coercivity.InputError) as raised:
        coercivity.Ensemble.plan(wrong, tmp_path / "wrong")
    errors = [(d.code, d.help) for d in raised.value.diagnostics if d.severity == "error"]
    assert errors == [("unknown-id", "use `stocks`")]
    with pytest.raises(coercivity.EnsembleError, match="has no plan"):
        coercivity.Ensemble.open(tmp_path)
    with pytest.raises(coercivity.EnsembleError, match="has another ensemble"):
        coercivity.Ensemble.plan(other_spec, ensemble.dir)
    with pytest.raises(IndexError, match="there is no shard 1: the plan has 1"):
        ensemble.run_shard(1)
    with pytest.raises(KeyError, match="is 'samples' meant?"):
        ensemble.table("sample")
    with pytest.raises(ValueError, match="at least one"):
        coercivity.Ensemble.plan(spec, tmp_path / "none", shard_size=0)
    new = coercivity.Ensemble.plan(spec, tmp_path / "new")
    with pytest.raises(coercivity.EnsembleError, match="merge the parts first"):
        new.table("samples")
    # What was planned is what is run: parts of an edited spec would be of another ensemble.
    (tmp_path / "new" / "spec.toml").write_text(SPEC.replace("high = 1.3", "high = 1.4"))
    with pytest.raises(coercivity.EnsembleError, match="changed since"):
        coercivity.Ensemble.open(tmp_path / "new")
