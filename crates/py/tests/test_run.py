"""Scenarios and runs: what comes out is what the command line writes, and a run can be ended."""

import datetime
import json
import subprocess
import sys

import pyarrow
import pyarrow.parquet
import pytest

import coercivity


def test_scenarios_cost_what_they_do_by_hand(small):
    assert coercivity.run(small).objective == pytest.approx(60)
    assert coercivity.run(small, "outage").objective == pytest.approx(20020)
    outage = coercivity.Scenario.load(small, "outage")
    assert (outage.name, outage.measures, outage.truces, outage.warnings) == ("Outage", ["closure"], [], [])
    # Half of it runs from February on: 10 x 2 + 2 x (5 x 2 + 5 x 1000).
    half = outage.edit("closure", remaining=0.5)
    assert coercivity.run(small, half).objective == pytest.approx(10040)
    # From March on; the day may be a date or its text.
    for day in [datetime.date(2025, 3, 1), "2025-03-01"]:
        assert coercivity.run(small, outage.edit("closure", **{"from": day})).objective == pytest.approx(10040)
    # Edits of one measure add up: half of it, in March.
    both = half.edit("closure", **{"from": "2025-03-01"})
    assert coercivity.run(small, both).objective == pytest.approx(25 * 2 + 5000)
    assert coercivity.run(small, half.edit("closure", off=True)).objective == pytest.approx(60)
    assert coercivity.run(small, outage).objective == pytest.approx(20020)


def test_the_text_of_a_scenario_runs_the_same(small):
    half = coercivity.Scenario.load(small, "outage").edit("closure", remaining=0.5, until=None)
    again = coercivity.Scenario.read(small, half.text)
    assert again.hash == half.hash
    assert coercivity.run(small, again).summary["unmet"] == {"works": [0, 5, 5]}


def test_wrong_edits_and_scenarios_are_told(small):
    outage = coercivity.Scenario.load(small, "outage")
    for wrong, code in [
        (lambda: outage.edit("closur", off=True), "unknown-id"),
        (lambda: outage.edit("closure", remainin=1), "unknown-key"),
        (lambda: outage.edit("closure", remaining=True), "wrong-type"),
        (lambda: outage.edit("closure", remaining=2), "out-of-range"),
        (lambda: coercivity.Scenario.load(small, "outrage"), "missing-file"),
        (lambda: coercivity.run(small, "outrage"), "missing-file"),
        (lambda: coercivity.run(small, without="min"), "unknown-id"),
    ]:
        with pytest.raises(coercivity.InputError) as raised:
            wrong()
        assert [d.code for d in raised.value.diagnostics] == [code]
    with pytest.raises(coercivity.InputError, match="use `outage`"):
        coercivity.run(small, "outrage")
    with pytest.raises(ValueError, match="'announced' or 'perfect'"):
        coercivity.run(small, foresight="none")


def test_a_scenario_is_read_for_the_model_it_runs_with(small):
    outage = coercivity.Scenario.load(small, "outage")
    sites = small.table("sites").to_polars()
    # A site before the mine: what the scenario closes is still the mine.
    other = small.with_table("sites", pyarrow.concat_tables([pyarrow.table(sites[0:0]), two(sites)]))
    # The other site makes the 10 t a month that the mine lacks.
    assert coercivity.run(other, outage).objective == pytest.approx(60)


def two(sites):
    import polars

    first = sites.with_columns(id=polars.lit("another"))
    return pyarrow.table(polars.concat([first, sites]))


def test_a_lost_node(small):
    lost = coercivity.run(small, without="A:ore")
    assert lost.summary["unmet"] == {"works": [10, 10, 10]}
    assert lost.objective == pytest.approx(30000)


def test_a_run_is_what_the_command_line_writes(small_folder, program, tmp_path):
    model = coercivity.Model.load(small_folder)
    for foresight in ["announced", "perfect"]:
        out = tmp_path / foresight
        command = [program, "run", small_folder, "--scenario", "outage", "--foresight", foresight, "--out", out]
        subprocess.run(command, check=True, capture_output=True)
        result = coercivity.run(model, "outage", foresight=foresight)
        assert sorted(f"{name}.parquet" for name in result.tables) == sorted(p.name for p in out.glob("*.parquet"))
        for name in result.tables:
            assert pyarrow.table(result.table(name)).equals(pyarrow.parquet.read_table(out / f"{name}.parquet")), name
        written = json.loads((out / "summary.json").read_text())
        for timing in (written, result.summary):
            del timing["seconds"], timing["command"]
        assert result.summary == written
        assert result.objective == written["objective"]


def test_progress_is_told_and_can_end_a_run(small):
    told = []
    coercivity.run(small, "outage", progress=lambda *stage: told.append(stage))
    assert told == [("building", 1, 1), ("solving", 1, 1)]

    def enough(stage, plan, plans):
        raise LookupError(stage)

    with pytest.raises(LookupError, match="building"):
        coercivity.run(small, progress=enough)
    with pytest.raises(KeyError, match="is 'demand' meant?"):
        coercivity.run(small).table("demands")


# Another thread of Python counts while the solver works; then it presses Ctrl-C. The run would take a minute or more.
INTERRUPTED = """
import os, signal, threading, time
import coercivity

solving = threading.Event()

def press():
    solving.wait()
    count = 0
    while count < 1_000_000:
        count += 1
    os.kill(os.getpid(), signal.SIGINT)

def watch(stage, plan, plans):
    global began
    if stage == "solving":
        began = time.monotonic()
        solving.set()

presser = threading.Thread(target=press)
presser.start()
try:
    coercivity.run(coercivity.Model.load(), "truce-lapses", progress=watch)
except KeyboardInterrupt:
    seconds, tasks = time.monotonic() - began, "/proc/self/task"
    presser.join()
    print(seconds, len(os.listdir(tasks)) if os.path.exists(tasks) else 1)
"""


def test_other_threads_go_on_and_ctrl_c_ends_a_run():
    said = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=True, timeout=600)
    seconds, threads = said.stdout.split()
    assert float(seconds) < 5
    assert int(threads) == 1
