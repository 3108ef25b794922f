"""Ensembles on a Dask cluster of real processes, some of which are killed: the hash is that of the serial run."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from distributed import Client

import coercivity
import coercivity.distributed
from conftest import part

LIMIT = 240
DASK = Path(sys.executable).with_name("dask")


class Cluster:
    """A scheduler and workers on loopback, each a process that can be killed."""

    def __init__(self, folder):
        self.folder, self.processes = folder, []
        file = folder / f"scheduler-{time.monotonic_ns()}.json"
        self.scheduler = self.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", file)
        self.address = until(lambda: address_in(file), self.scheduler)

    def start(self, *command):
        with open(self.folder / f"{command[0]}-{len(self.processes)}.log", "w") as log:
            process = subprocess.Popen([DASK, *command, "--no-dashboard"], stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def worker(self, threads=1):
        where = ["--host", "127.0.0.1", "--local-directory", self.folder, "--nworkers", "1", "--death-timeout", "60"]
        return self.start("worker", self.address, "--no-nanny", "--nthreads", str(threads), *where)

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()


def address_in(file):
    try:
        return json.loads(file.read_text())["address"]
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def until(found, process):
    """What is found, if it is within the limit and the process lives as long."""
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline and process.poll() is None:
        if value := found():
            return value
        time.sleep(0.02)
    raise AssertionError(f"{process.args} did not get ready")


@contextmanager
def cluster(folder, workers):
    """With so many threads for each worker."""
    cluster = Cluster(folder)
    try:
        cluster.workers = [cluster.worker(threads) for threads in workers]
        with Client(cluster.address, timeout=LIMIT) as client:
            client.wait_for_workers(len(workers), timeout=LIMIT)
            yield cluster, client
    finally:
        cluster.end()


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with cluster(tmp_path_factory.mktemp("dask"), [2]) as (_, client):
        yield client


def nothing_is_left(client):
    """Futures are let go of by a thread of the client's."""
    deadline = time.monotonic() + LIMIT
    while client.futures and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not client.futures


def once(what, samples):
    """Progress that does something when so many samples are done."""
    done = []

    def progress(now, of):
        if now >= samples and not done:
            done.append(now)
            what()

    return progress


def test_a_cluster_gives_what_the_serial_run_does(client, serial, spec, tmp_path):
    tasks, told = [], []

    def progress(now, of):
        told.append((now, of))
        tasks.append(len(client.futures))

    rows = coercivity.distributed.run(spec, client, out=tmp_path / "e", shard_size=1, progress=progress)
    assert [(row["index"], row["samples"], row["kept"]) for row in rows] == [(n, 1, False) for n in range(24)]
    assert rows.merged["files"] == serial[1]["files"]
    assert told == [(n, 24) for n in range(25)]
    # Two for each thread, one that is being let go of, and in the end none.
    assert max(tasks) <= 5
    nothing_is_left(client)
    ensemble = coercivity.Ensemble.open(tmp_path / "e")
    assert [ensemble.part(n) for n in range(24)] == [row | {"kept": True} for row in rows]


def test_only_what_is_missing_or_broken_is_run_again(client, serial, spec, other_spec, tmp_path):
    ensemble = coercivity.Ensemble.plan(spec, tmp_path / "e", shard_size=6)
    other = coercivity.Ensemble.plan(other_spec, tmp_path / "other", shard_size=6)
    other.run_shard(2)
    ensemble.run()
    part(ensemble, 0).write_bytes(part(ensemble, 0).read_bytes()[:-1])
    part(ensemble, 2).write_bytes(part(other, 2).read_bytes())
    rows = coercivity.distributed.run(spec, client, out=ensemble.dir)
    assert [row["kept"] for row in rows] == [False, True, False, True]
    assert rows.merged["files"] == serial[1]["files"]


def test_a_part_that_is_gone_after_its_task_is_run_again(client, serial, spec, tmp_path, monkeypatch):
    mark = tmp_path / "gone"

    def gone(dir, hash, shard_size, index):
        # That of the worker, which is not this one.
        from coercivity.distributed import _run_shard

        row = _run_shard(dir, hash, shard_size, index)
        if index == 1 and not mark.exists():
            mark.touch()
            os.remove(row["path"])
        return row

    monkeypatch.setattr(coercivity.distributed, "_run_shard", gone)
    rows = coercivity.distributed.run(spec, client, out=tmp_path / "e", shard_size=12)
    assert mark.exists() and rows.merged["files"] == serial[1]["files"]


def test_a_shard_that_fails_is_tried_again_and_then_told(client, spec, tmp_path, monkeypatch):
    tries = tmp_path / "tries"
    tries.touch()

    def failing(dir, hash, shard_size, index):
        with tries.open("a") as file:
            file.write("x")
        raise OSError("the disk is full")

    monkeypatch.setattr(coercivity.distributed, "_run_shard", failing)
    with pytest.raises(OSError, match="the disk is full") as raised:
        coercivity.distributed.run(spec, client, out=tmp_path / "e", shard_size=24, retries=2)
    assert tries.read_text() == "xxx"
    assert "shard 0" in raised.value.__notes__[0] and "failed 3 times" in raised.value.__notes__[0]
    nothing_is_left(client)


def test_a_worker_killed_in_the_middle_changes_nothing(serial, spec, tmp_path):
    with cluster(tmp_path, [1, 1]) as (processes, client):
        victim = processes.workers[0]
        kill = once(lambda: os.kill(victim.pid, signal.SIGKILL), samples=4)
        rows = coercivity.distributed.run(spec, client, out=tmp_path / "e", shard_size=1, progress=kill)
        assert victim.wait(LIMIT) == -signal.SIGKILL
        assert len(client.nthreads()) == 1
    assert len(rows) == 24 and rows.merged["files"] == serial[1]["files"]


def test_a_scheduler_killed_in_the_middle_is_told_and_another_goes_on(serial, spec, tmp_path):
    with cluster(tmp_path, [1, 1]) as (processes, client):
        kill = once(processes.scheduler.kill, samples=4)
        with pytest.raises(ConnectionError, match="the same call goes on from there"):
            coercivity.distributed.run(spec, client, out=tmp_path / "e", shard_size=1, progress=kill)
        # Workers finish what they have begun, and go.
        processes.end()
    ensemble = coercivity.Ensemble.open(tmp_path / "e")
    done = ensemble.done()
    assert 4 <= len(done) < 24
    with pytest.raises(coercivity.EnsembleError, match="not every sample is there"):
        ensemble.merge()
    written = {n: part(ensemble, n).stat().st_mtime_ns for n in done}
    with cluster(tmp_path, [1, 1]) as (_, client):
        rows = coercivity.distributed.run(spec, client, out=tmp_path / "e")
    assert [row["index"] for row in rows if row["kept"]] == done
    assert {n: part(ensemble, n).stat().st_mtime_ns for n in done} == written
    assert rows.merged["files"] == serial[1]["files"]


WITHOUT = """
import sys
sys.modules["distributed"] = None
import coercivity
try:
    coercivity.distributed
except ImportError as error:
    print(error)
"""


def test_without_dask_all_else_works_and_it_says_what_to_install():
    said = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True, timeout=LIMIT)
    assert "pip install 'coercivity[dask]'" in said.stdout
