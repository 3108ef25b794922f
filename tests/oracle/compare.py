#!/usr/bin/env python3
"""Compares the program with the oracle on random models, and reports every difference.

    compare.py [--seeds N] [--first SEED] [--foresight perfect|announced|both] [--binary FILE] [--jobs N] [--keep DIR]

Every seed is compared twice. With perfect foresight, both programs must find the same optimum, the program's costs must add
up to its objective, and both must say the same of what was required. With announced foresight the model is drawn with
--tie-free, because what a surprise costs depends on which of several equally good plans was carried out; where the oracle
still finds that ties move the total (`tie_range`), the seed is counted as tied, and its total is only held against that with
perfect foresight, which no surprise can undercut.

The last line is a count. Exit codes: 0 no difference; 1 at least one; 2 the command line or the set-up is wrong.
"""

import argparse
import concurrent.futures
import json
import os
import queue
import subprocess
import sys
import tempfile
import time

import generate

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
OBJECTIVE = {"perfect": 1e-6, "announced": 1e-5}  # largest relative difference
TIED = 1e-6  # ends of tie_range further apart than this: ties decide, nothing to compare
REQUIRED = 1e-9
SUM = 1e-9
TIES = 3  # runs in which the oracle breaks ties at random
MANY_TIES = 40  # the same where the totals differ, before that is called a difference: some ties show rarely
LEAST_COMPARED = 0.25  # share of the announced seeds that must not be tied: a test that compares nothing holds nothing


class Oracle:
    """The oracle in a process of its own: one question, one answer."""

    def __init__(self):
        command = [sys.executable, os.path.join(HERE, "oracle.py"), "--batch"]
        # One thread each, so that several oracles do not fight over the cores.
        env = dict(os.environ, OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            return {"status": "error", "message": f"the oracle ended (exit code {self.process.wait()})"}
        return json.loads(answer)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def apart(a, b):
    """Relative difference; absolute below 1."""
    return abs(a - b) / max(1.0, abs(a), abs(b))


def run_program(binary, folder, foresight):
    command = [binary, "run", os.path.join(folder, "model"), "--scenario", os.path.join(folder, "scenario.toml")]
    command += ["--foresight", foresight, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise RuntimeError(f"the program ended with exit code {done.returncode}:\n{done.stderr.strip()}")
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        raise RuntimeError(f"the program printed something else than JSON:\n{done.stdout[:400].strip()}") from None


def differences(found, wanted, foresight):
    """What the program says otherwise than the oracle, one line each."""
    if wanted["status"] != "optimal":
        return [f"the oracle has no answer: {wanted.get('message', wanted['status'])}"]
    wrong = []
    if sorted(found["required"]) != sorted(wanted["required"]):
        wrong.append(f"required: demands {sorted(found['required'])} here, {sorted(wanted['required'])} in the oracle")
    for demand in sorted(set(found["required"]) & set(wanted["required"])):
        here, there = found["required"][demand], wanted["required"][demand]
        if len(here) != len(there):
            wrong.append(f"required.{demand}: {len(here)} steps here, {len(there)} in the oracle")
        for step, (a, b) in enumerate(zip(here, there)):
            if apart(a, b) > REQUIRED:
                wrong.append(f"required.{demand} in step {step}: {a!r} here, {b!r} in the oracle")
    total = found["unmet_value"] + sum(found["costs"].values())
    if apart(total, found["objective"]) > SUM:
        wrong.append(f"costs and unmet value add up to {total!r}, the objective is {found['objective']!r}")
    a, b = found["objective"], wanted["objective"]
    if tied(wanted):
        if a < b and apart(a, b) > OBJECTIVE[foresight]:
            wrong.append(f"objective: {a!r} here, less than {b!r} with perfect foresight in the oracle")
    elif apart(a, b) > OBJECTIVE[foresight]:
        wrong.append(f"objective: {a!r} here, {b!r} in the oracle, {apart(a, b):.1e} apart")
    return wrong


def tied(wanted):
    return apart(*wanted.get("tie_range", [0.0, 0.0])) > TIED


def compare(seed, foresight, binary, work, oracle):
    """The differences of one seed, and whether it was tied."""
    folder = os.path.join(work, f"{foresight}-{seed}")
    generate.Generator(seed, foresight == "announced").write(folder)
    model, scenario = os.path.join(folder, "model"), os.path.join(folder, "scenario.toml")
    try:
        found = run_program(binary, folder, foresight)
    except RuntimeError as error:
        return str(error).splitlines(), False
    wrong, was_tied = [], False
    for ties in (TIES, MANY_TIES) if foresight == "announced" else (0,):
        wanted = oracle.ask(model=model, scenario=scenario, foresight=foresight, ties=ties)
        was_tied = tied(wanted)
        if was_tied:
            wanted["objective"] = oracle.ask(model=model, scenario=scenario)["objective"]
        wrong = differences(found, wanted, foresight)
        if not wrong or was_tied:
            break
    return wrong, was_tied


def how_to_reproduce(seed, foresight, binary):
    folder = f"/tmp/seed-{seed}-{foresight}"
    tie_free = " --tie-free" if foresight == "announced" else ""
    inputs = f"{folder}/model --scenario {folder}/scenario.toml --foresight {foresight}"
    program = os.path.relpath(binary, ROOT) if binary.startswith(ROOT + os.sep) else binary
    python = os.path.relpath(sys.executable, ROOT) if sys.executable.startswith(ROOT + os.sep) else sys.executable
    return [
        f"{python} tests/oracle/generate.py {seed} {folder}{tie_free}",
        f"{python} tests/oracle/oracle.py {inputs}" + (f" --ties {MANY_TIES}" if tie_free else ""),
        f"{program} run {inputs} --json",
    ]


def compare_all(jobs, binary, work, workers):
    """(seed, foresight, differences, whether tied) of every job, in the order of the jobs."""
    oracles = queue.SimpleQueue()
    made = [Oracle() for _ in range(workers)]
    for oracle in made:
        oracles.put(oracle)

    def one(job):
        oracle = oracles.get()
        try:
            return (*job, *compare(*job, binary, work, oracle))
        finally:
            oracles.put(oracle)

    try:
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            yield from pool.map(one, jobs)
    finally:
        for oracle in made:
            oracle.close()


def main():
    parser = argparse.ArgumentParser(description="compares the program with the oracle on random models")
    parser.add_argument("--seeds", type=int, default=80, help="how many seeds (default 80)")
    parser.add_argument("--first", type=int, default=1, help="the first seed (default 1)")
    parser.add_argument("--foresight", choices=("perfect", "announced", "both"), default="both")
    parser.add_argument("--binary", default=os.path.join(ROOT, "target", "release", "coercivity"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="seeds at once (default: cores)")
    parser.add_argument("--keep", metavar="DIR", help="write the models here and leave them")
    args = parser.parse_args()
    binary = os.path.abspath(args.binary)
    if not os.path.exists(binary):
        print(f"there is no program at {binary}: build it first (cargo build --release)", file=sys.stderr)
        return 2
    if args.seeds < 1 or args.jobs < 1:
        print("--seeds and --jobs must be at least 1", file=sys.stderr)
        return 2
    foresights = ["perfect", "announced"] if args.foresight == "both" else [args.foresight]
    jobs = [(seed, f) for f in foresights for seed in range(args.first, args.first + args.seeds)]
    begin = time.monotonic()
    failed, ties = [], 0
    with tempfile.TemporaryDirectory(prefix="coercivity-compare-") as scratch:
        for seed, foresight, wrong, was_tied in compare_all(jobs, binary, args.keep or scratch, args.jobs):
            ties += was_tied
            if wrong:
                failed.append((seed, foresight))
                print(f"seed {seed}, {foresight} foresight:")
                print("".join(f"    {line}\n" for line in wrong) + "  to reproduce, from the root of the repository:")
                print("".join(f"    {line}\n" for line in how_to_reproduce(seed, foresight, binary)), flush=True)
    for foresight in foresights:
        count = sum(f == foresight for _, f in failed)
        note = f", {ties} tied (only held against perfect foresight)" if foresight == "announced" else ""
        print(f"{foresight} foresight: {args.seeds} seeds, {count} differ{note}")
    enough = "announced" not in foresights or args.seeds - ties >= LEAST_COMPARED * args.seeds
    if not enough:
        print(f"too few seeds with announced foresight could be compared: {args.seeds - ties} of {args.seeds}")
    bad = {seed for seed, _ in failed}
    print(f"{time.monotonic() - begin:.0f} s")
    print(f"{args.seeds - len(bad)} passed, {len(bad)} failed")
    return 0 if not bad and enough else 1


if __name__ == "__main__":
    sys.exit(main())
