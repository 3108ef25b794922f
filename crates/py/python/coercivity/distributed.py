"""Runs an ensemble on a Dask cluster: the shards of its folder, wherever there is a worker.

Workers need this package, in the same version, and see the folder under the same path. What comes out is what
``Ensemble.run`` gives, to the last byte, whichever workers ran what, were lost, or came later.
"""

import os
import queue
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

from . import Ensemble, EnsembleError

try:
    from distributed import Client, Future
except ImportError as _error:
    raise ImportError(
        "coercivity.distributed needs Dask's `distributed`, which is not installed: pip install 'coercivity[dask]'"
    ) from _error

__all__ = ["Manifest", "run"]

# Shards that are submitted, for each thread of the workers: one runs, and the next is there when it ends.
_AHEAD = 2

# Seconds after which the connection is looked at though nothing ended, and the workers are counted anew.
_LOOK = 1.0
_COUNT = 5.0


class Manifest(list[dict[str, Any]]):
    """A row for each shard, in order, as ``Ensemble.run_shard`` gives it."""

    merged: dict[str, Any]
    """What ``Ensemble.merge`` gave: ``totals``, ``files`` with the hashes of the tables, and more."""


def run(
    spec: str | os.PathLike[str],
    client: Client,
    *,
    out: str | os.PathLike[str],
    model: str | os.PathLike[str] | None = None,
    shard_size: int | None = None,
    retries: int = 3,
    progress: Callable[[int, int], object] | None = None,
) -> Manifest:
    """Plans an ensemble here, runs on the workers the shards that are not there yet, and merges them here.

    `out` is the folder of the ensemble, on a file system that all workers see under the same path: parts go there and
    not through Dask, whose tasks give a row of the manifest each. `model` and `shard_size` are those of
    `Ensemble.plan`. Each thread of a worker runs a shard of its own and uses one core.

    A shard whose worker is lost, that fails, or whose part turns out not to be whole is run again, `retries` times at
    most; then what went wrong is raised. Where there is no worker, it waits for one, as Dask does. `progress` is called
    with the samples that are done and how many there are. Whatever ends the call, Ctrl-C too, shards that are done are
    kept, and the same call goes on from there.

    Raises InputError, EnsembleError, and ConnectionError when the scheduler is lost.
    """
    if client.asynchronous:
        raise TypeError("the client must not be asynchronous: this call waits until all shards are done")
    ensemble = Ensemble.plan(spec, os.path.abspath(out), model=model, shard_size=shard_size)
    parts = [ensemble.part(index) for index in range(ensemble.shards)]
    rows = {part["index"]: part for part in parts if part is not None}
    missing = [index for index, part in enumerate(parts) if part is None]

    def tell() -> None:
        if progress is not None:
            progress(sum(row["samples"] for row in rows.values()), ensemble.samples)

    tell()
    if missing:
        tasks = _Tasks(client, ensemble)
        try:
            _run_missing(tasks, missing, rows, retries, tell)
        finally:
            tasks.forget()
    manifest = Manifest(rows[index] for index in range(ensemble.shards))
    manifest.merged = ensemble.merge()
    return manifest


def _run_missing(
    tasks: "_Tasks", missing: list[int], rows: dict[int, dict[str, Any]], retries: int, tell: Callable[[], None]
) -> None:
    waiting, failures = deque(missing), Counter[int]()
    while waiting or tasks.flying:
        tasks.check()
        while waiting and tasks.room():
            index = waiting.popleft()
            tasks.submit(index, failures[index])
        ended = tasks.next_ended()
        if ended is None:
            continue
        index, future = ended
        try:
            rows[index] = tasks.row(index, future)
        except CancelledError:
            raise tasks.lost() from None
        except Exception as error:
            tasks.check()
            failures[index] += 1
            if failures[index] > retries:
                error.add_note(f"shard {index} of {tasks.ensemble.dir} failed {failures[index]} times")
                raise
            waiting.append(index)
        else:
            tell()
        finally:
            future.release()


class _Tasks:
    """The few shards that Dask has at a time."""

    def __init__(self, client: Client, ensemble: Ensemble) -> None:
        self.client, self.ensemble = client, ensemble
        self.flying: dict[str, tuple[int, Future]] = {}
        self._ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        # Two calls at once must not share tasks: their folders may differ.
        self._call = uuid.uuid4().hex[:8]
        self._threads, self._counted = 1, -_COUNT

    def room(self) -> bool:
        """Whether another shard is to be submitted."""
        now = time.monotonic()
        if now - self._counted > _COUNT:
            try:
                self._threads = max(1, sum(self.client.nthreads().values()))
            except OSError:
                raise self.lost() from None
            self._counted = now
        return len(self.flying) < _AHEAD * self._threads

    def submit(self, index: int, attempt: int) -> None:
        ensemble = self.ensemble
        key = f"coercivity-{ensemble.hash[:12]}-shard-{index:06}-{self._call}-{attempt}"
        given = (ensemble.dir, ensemble.hash, ensemble.shard_size, index)
        future = self.client.submit(_run_shard, *given, key=key, pure=False)
        self.flying[key] = (index, future)
        future.add_done_callback(lambda future: self._ended.put(future.key))

    def next_ended(self) -> tuple[int, Future] | None:
        try:
            return self.flying.pop(self._ended.get(timeout=_LOOK), None)
        except queue.Empty:
            return None

    def row(self, index: int, future: Future) -> dict[str, Any]:
        """The row of a shard whose part is there: what a worker says is held against what is seen from here."""
        said: dict[str, Any] = future.result()
        seen = self.ensemble.part(index)
        if seen is None or seen["hash"] != said["hash"]:
            raise EnsembleError(
                f"a worker wrote shard {index}, and from here {said['path']} is missing, broken or another: "
                "do all see the same file system?"
            )
        return said

    def check(self) -> None:
        if self.client.status != "running":
            raise self.lost()

    def lost(self) -> ConnectionError:
        done = len(self.ensemble.done())
        return ConnectionError(
            f"the scheduler was lost, or the tasks were cancelled there. {done} of {self.ensemble.shards} shards are done "
            "and kept: the same call goes on from there, with a client of a scheduler that runs"
        )

    def forget(self) -> None:
        """Lets go of all tasks. Those that run already end in their time; their parts are good."""
        for _, future in self.flying.values():
            future.release()
        self.flying.clear()


_lock = threading.Lock()
_opened: dict[tuple[str, str, int], Ensemble] = {}


def _run_shard(dir: str, hash: str, shard_size: int, index: int) -> dict[str, Any]:
    """In a worker: runs a shard with the one core of the thread that was given."""
    with _lock:
        # Of the last folder only: what samples share may be large.
        ensemble = _opened.get((dir, hash, shard_size))
        if ensemble is None:
            ensemble = Ensemble.open(dir)
            if (ensemble.hash, ensemble.shard_size) != (hash, shard_size):
                raise EnsembleError(f"{dir} has another ensemble here than where it was planned")
            _opened.clear()
            _opened[dir, hash, shard_size] = ensemble
    return ensemble.run_shard(index, threads=1)
