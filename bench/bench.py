#!/usr/bin/env python3
"""Time and memory of the reference model, here and in Python.  Run by `./x bench`, which builds what it needs.

    bench.py [--quick | --ensemble | --market | --plan | --bargain] [--release DIR]

All are given the same program with the same solver settings (settings.py):

    here       `coercivity run --foresight perfect --json`: reads the model, builds the program, solves it, sums up
    highspy    reads the program as exported to MPS, solves it
    linopy     builds the program from arrays in memory (those of the MPS file), solves it

An ensemble (ensemble.toml) is run on one core, `coercivity ensemble`, beside a Python loop (ensemble_peer.py) that builds each
sample's whole program in linopy and solves it with highspy; and what pruning, reuse and a warm start each give is timed.

The market (bench_market) runs the reference model in weeks, on one core, without tables, beside the same equations in plain
numpy (market_peer.py), without measures.

The plan of the defence budget (`coercivity plan`) is found by cuts of each future and as one program, with few futures and months
and with 50 futures of 24 months: to a gap of 1% of what it saves, which is far less than 1% of the total.

The bargain of chips for magnets (`coercivity bargain`) is run with an empty folder of what is known, and again with the full one.

Besides, every country's stage and every site of the reference model is lost in turn (`coercivity survive`, baseline,
all cores), and a bill of materials of 100,000 parts (parts.py) is judged under both rules and all documents are written.

CPU seconds and peak memory are those of the whole process as the kernel counts them, starting up included. Exit code 1
if the objectives, or the prices and needs of the market, differ by more than 1e-6, or if one of the programs fails; a goal
that is not reached is only printed.
"""

import argparse
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
MODEL = os.path.join(ROOT, "models", "magnets")
SCENARIOS = ["truce-lapses", "baseline"]
SAME = 1e-6  # largest relative difference of objectives, prices and needs
PATIENCE = 1800  # wall-clock seconds for one process

GOALS = {"build": 0.3, "perfect": 30.0, "memory": 1000.0, "announced": 120.0, "rows": 50_000}
PARTS = 100_000
PARTS_GOALS = {"cpu": 5.0, "memory": 500.0}
SURVIVE_GOALS = {"wall": 600.0, "of a solve": 0.2}
ENSEMBLE = os.path.join(HERE, "ensemble.toml")
ENSEMBLE_SAMPLES = [8, 32]  # the second to see whether memory grows
ENSEMBLE_TRIED = 8  # samples that are solved in each way here
ENSEMBLE_PEER = 2  # samples that Python solves
ENSEMBLE_GOALS = {"faster": 10.0, "memory": 1.1}
MARKET_GOAL = 0.02  # seconds for 260 weeks
PLAN = os.path.join(MODEL, "plans", "defence-budget.toml")
PLAN_SIZES = [(4, 6), (50, 24)]  # futures, months
PLAN_GAP = 0.01
PLAN_GOAL = 900.0  # wall-clock seconds, of the larger; the limit of both ways
PLAN_PATIENCE = 1.2 * PLAN_GOAL  # for who does not hear the limit
BARGAIN = os.path.join(MODEL, "bargains", "chips-for-magnets.toml")
BARGAIN_GOALS = {"anew": 1200.0, "from what is kept": 1.0}  # wall-clock seconds
STOPPED = 3  # exit code of what was stopped, with what is known
RULES = ["dfars-2027", "mofcom-0.1"]
NOT_ALL_PASS = 4  # exit code of `coercivity comply`


class Failed(Exception):
    """A process that did not do its work."""


class Measured:
    """What a process printed, and what it took: CPU seconds and peak memory in MB."""

    def __init__(self, command, codes=(0,), patience=PATIENCE, **variables):
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            env = {**os.environ, **variables}
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=ROOT, env=env)
            timer = threading.Timer(patience, child.kill)
            timer.start()
            begin = time.monotonic()
            _, status, usage = os.wait4(child.pid, 0)
            timer.cancel()
            self.wall = time.monotonic() - begin
            child.returncode = os.waitstatus_to_exitcode(status)  # so that Popen does not wait again
            out.seek(0)
            err.seek(0)
            self.out = out.read()
            errors = err.read().strip()
        if child.returncode not in codes:
            last = "\n".join(errors.splitlines()[-8:])
            raise Failed(f"{' '.join(command)}\nended with exit code {child.returncode}\n{last}")
        self.cpu = usage.ru_utime + usage.ru_stime
        # Linux counts in KiB, macOS in bytes.
        self.memory = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e6 / 1024)

    def json(self):
        return json.loads(self.out)

    def last_line(self):
        """The answer of a peer, whose libraries may print a banner before it."""
        return json.loads(self.out.strip().splitlines()[-1])


def say(text):
    print(f"   {text}", file=sys.stderr, flush=True)


def measure(scenario, release, work):
    """Everything about one scenario, by name."""
    path = os.path.join(MODEL, "scenarios", f"{scenario}.toml")
    mps, npz = os.path.join(work, f"{scenario}.mps"), os.path.join(work, f"{scenario}.npz")
    say(f"{scenario}: size, with and without pruning")
    sizes = Measured([os.path.join(release, "examples", "bench"), MODEL, path, "--mps", mps]).json()
    found = {"sizes": sizes}
    for foresight in ("perfect", "announced"):
        say(f"{scenario}: this program, {foresight} foresight")
        command = [os.path.join(release, "coercivity"), "run", MODEL, "--scenario", path]
        run = Measured([*command, "--foresight", foresight, "--json"])
        summary = run.json()
        seconds = summary["seconds"]
        # One thread: what is not reading, building and writing (well under a second) is solving.
        solve = run.cpu - seconds["read"] - seconds["build"] - seconds["write"]
        found[foresight] = dict(
            build=sizes["pruned"]["build_seconds"], solve=solve, cpu=run.cpu, memory=run.memory,
            objective=summary["objective"], plans=len(summary.get("plans", [])),
        )  # fmt: skip
    say(f"{scenario}: highspy")
    found["highspy"] = peer("highspy_peer.py", mps)
    say(f"{scenario}: linopy")
    Measured([sys.executable, os.path.join(HERE, "to_arrays.py"), mps, npz])
    found["linopy"] = peer("linopy_peer.py", npz)
    return found


def survive(release):
    """Every stage and site of the baseline lost in turn."""
    say("baseline: every stage and every site lost in turn")
    return Measured([os.path.join(release, "coercivity"), "survive", MODEL, "--scenario", "baseline", "--json"])


def comply(release, work):
    """A large bill of materials under each rule: verdicts only, and with every document written."""
    folder = os.path.join(work, "bill")
    Measured([sys.executable, os.path.join(HERE, "parts.py"), folder, str(PARTS)])
    found = {}
    for rule in RULES:
        say(f"{PARTS:,} parts under {rule}")
        command = [os.path.join(release, "coercivity"), "comply", os.path.join(folder, "parts.csv")]
        command += ["--rule", rule, "--on", "2027-02-01"]
        written = ["--out", os.path.join(work, "statement"), "--questions", os.path.join(work, "letters")]
        found[rule] = [Measured(command, [NOT_ALL_PASS]), Measured([*command, *written], [NOT_ALL_PASS])]
    return found


def ensemble(release, work):
    """The same samples here and in Python, and here in every way there is to solve them."""
    say(f"ensemble: {ENSEMBLE_TRIED} samples in every way")
    command = [os.path.join(release, "examples", "bench_ensemble"), ENSEMBLE, MODEL]
    command += ["--samples", str(ENSEMBLE_TRIED), "--full", str(ENSEMBLE_PEER), "--arrays", work]
    tried = Measured(command).json()["samples"]
    arrays = [os.path.join(work, f"sample-{k}") for k in range(ENSEMBLE_PEER)]
    for path in arrays:
        Measured([sys.executable, os.path.join(HERE, "to_arrays.py"), f"{path}.mps", f"{path}.npz"])
        os.remove(f"{path}.mps")
    say(f"ensemble: {ENSEMBLE_PEER} samples in Python")
    theirs = Measured([sys.executable, os.path.join(HERE, "ensemble_peer.py"), *(f"{p}.npz" for p in arrays)]).last_line()
    runs = {}
    for samples in ENSEMBLE_SAMPLES:
        say(f"ensemble: {samples} samples with this program")
        spec, out = os.path.join(work, f"ensemble-{samples}.toml"), os.path.join(work, f"ensemble-{samples}")
        with open(ENSEMBLE) as file, open(spec, "w") as copy:
            copy.write(re.sub(r"(?m)^samples = .*", f"samples = {samples}", file.read()))
        command = [os.path.join(release, "coercivity"), "ensemble", spec, "--model", MODEL, "--out", out, "--json"]
        runs[samples] = Measured(command, RAYON_NUM_THREADS="1")
    return {"tried": tried, "theirs": theirs, "runs": runs}


def market(release, work):
    """Runs of the market, without measures and under the largest scenario; and without measures in numpy."""
    say("market: 20 runs of two scenarios")
    # The dated record has the most measures.
    scenario = os.path.join(MODEL, "scenarios", "record-2026.toml")
    arrays = os.path.join(work, "market.json")
    here = Measured([os.path.join(release, "examples", "bench_market"), MODEL, "--arrays", arrays, scenario]).json()
    say("market: numpy")
    there = Measured([sys.executable, os.path.join(HERE, "market_peer.py"), arrays]).last_line()
    return {"here": here, "there": there}


def plan(release, work):
    """The plan of the defence budget in both ways, by futures and months."""
    found = {}
    with open(PLAN, encoding="utf-8") as file:
        text = file.read()
    for futures, months in PLAN_SIZES:
        spec = text.replace('"defence-futures.toml"', f'"{os.path.dirname(PLAN)}/defence-futures.toml"\nsamples = {futures}')
        path = os.path.join(work, f"plan-{futures}.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(re.sub(r"(?m)^steps = .*$", f"steps = {months}", spec))
        for method in ("benders", "extensive"):
            say(f"plan: {futures} futures of {months} months, {method}")
            command = [os.path.join(release, "coercivity"), "plan", path, "--method", method, "--gap", str(PLAN_GAP)]
            try:
                limit = ["--time-limit", str(PLAN_GOAL), "--json"]
                run = Measured([*command, *limit], codes=(0, STOPPED), patience=PLAN_PATIENCE)
            except Failed as error:
                # Killed: one program of all futures may hear no one while it is being made smaller.
                say(str(error))
                run = None
            found[futures, months, method] = run
    return found


def bargain(release, work):
    """The bargain with nothing known, and with everything."""
    command = [os.path.join(release, "coercivity"), "bargain", BARGAIN, "--cache", os.path.join(work, "bargains"), "--json"]
    found = {}
    for way in BARGAIN_GOALS:
        say(f"bargain: {way}")
        found[way] = Measured(command)
    return found


def peer(script, data):
    run = Measured([sys.executable, os.path.join(HERE, script), data])
    answer = run.last_line()
    if answer["status"].lower() != "optimal":
        raise Failed(f"{script}: the solver stopped with `{answer['status']}`")
    return dict(**answer, cpu=run.cpu, memory=run.memory)


# ------------------------------------------------------------------------------------------------------------ tables


def line(label, *cells):
    return (f"  {label:33}" + "".join(f"{cell:>16}" for cell in cells)).rstrip()


def number(value):
    """As many digits as a reader needs."""
    if isinstance(value, int) or value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3f}" if value < 1 else f"{value:.1f}"


def apart(a, b):
    return abs(a - b) / max(1.0, abs(a), abs(b))


def show_peers(scenario, found):
    """The same program here and in Python; whether the objectives agree."""
    columns = [found["perfect"], found["highspy"], found["linopy"]]
    here = columns[0]
    print(f"\n{scenario}, perfect foresight: the same program here and in Python\n")
    print(line("", "here", "highspy", "linopy"))
    print(line("built from", "the model", "an MPS file", "arrays"))
    print(line("build, CPU s", *(number(c["build"]) for c in columns)))
    print(line("solve, CPU s", *(number(c["solve"]) for c in columns)))
    print(line("whole process, CPU s", *(number(c["cpu"]) for c in columns)))
    print(line("peak memory, MB", *(number(c["memory"]) for c in columns)))
    print(line("CPU, here = 1", *(f"{c['cpu'] / here['cpu']:.2f}" for c in columns)))
    print(line("memory, here = 1", *(f"{c['memory'] / here['memory']:.2f}" for c in columns)))
    print(line("objective", *(f"{c['objective']:.9g}" for c in columns)))
    differences = [apart(here["objective"], c["objective"]) for c in columns[1:]]
    same = all(d <= SAME for d in differences)
    print(line("relative difference of objective", "", *(f"{d:.1e}" for d in differences)))
    print(line("", "", *("same" if d <= SAME else "MISMATCH" for d in differences)))
    return same


def show_pruning(results):
    print("\nsize of the program, and what building it takes here\n")
    print(line("", "rows", "columns", "entries", "CPU s"))
    for scenario, found in results.items():
        for kind, name in (("pruned", "pruned"), ("full", "not pruned")):
            s = found["sizes"][kind]
            cells = [f"{s[key]:,}" for key in ("rows", "columns", "entries")]
            print(line(f"{scenario}, {name}", *cells, number(s["build_seconds"])))


def show_goals(results):
    print("\ngoals\n")
    print(line("", "goal", "found", ""))
    for scenario, found in results.items():
        perfect, announced, pruned = found["perfect"], found["announced"], found["sizes"]["pruned"]
        print(f"  {scenario}")
        goal("build, CPU s", GOALS["build"], perfect["build"])
        goal("rows after pruning", GOALS["rows"], pruned["rows"])
        goal("run, perfect, CPU s", GOALS["perfect"], perfect["cpu"])
        goal("run, perfect, MB", GOALS["memory"], perfect["memory"])
        goal("run, announced, CPU s", GOALS["announced"], announced["cpu"])
        print(line(f"  (plans: {announced['plans']}; {number(announced['memory'])} MB)"))


def show_survive(run, solve):
    """`solve`: CPU seconds of the run with nothing lost, with which each answer begins."""
    answer = run.json()
    nodes, effort = len(answer["nodes"]), answer["effort"]
    print(f"\n{nodes} nodes of the baseline lost in turn: {effort['losses']} different losses\n")
    print(line("", "goal", "found", ""))
    goal("all, wall-clock s", SURVIVE_GOALS["wall"], run.wall)
    goal("a node, of a cold solve", SURVIVE_GOALS["of a solve"], (run.cpu - solve) / nodes / solve)
    goal("a different loss, the same", SURVIVE_GOALS["of a solve"], (run.cpu - solve) / effort["losses"] / solve)
    how = f"from the optimum {effort['warm']}, anew {effort['cold']}, not used {effort['unused']}"
    print(line(f"  ({how}; CPU {number(run.cpu)} s; {number(run.memory)} MB)"))


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def show_ensemble(found):
    """Whether Python finds the same optima."""
    tried, theirs, runs = found["tried"], found["theirs"], found["runs"]
    most = max(runs)
    whole = {samples: run.cpu / samples for samples, run in runs.items()}
    there = mean(t["build"] + min(t["solve"][way] for way in t["solved"]) for t in theirs)
    print("\nensemble of the reference model, 24 months: CPU s a sample, on one core\n")
    print(line("", "here", "Python", ""))
    built = mean(s["changed"] + s["anew"]["build"] for s in tried)
    print(line("program", number(built), number(mean(t["build"] for t in theirs))))
    for way in ("ipm", "default"):
        given_up = any(way not in t["solved"] for t in theirs)
        cell = (">= " if given_up else "") + number(mean(t["solve"][way] for t in theirs))
        print(line(f"solve, highspy, {way}", "", cell))
    for samples, seconds in whole.items():
        print(line(f"all of `ensemble`, {samples} samples", number(seconds)))
    print(line("a sample, Python / here", "", f"{there / whole[most]:.1f}"))

    def cost(way, samples):
        return mean(s["changed"] + s[way]["build"] + s[way]["solve"] for s in samples)

    full = [s for s in tried if s["full"]]
    warm = [s for s in tried if s["warm"]["went_on"]]
    print("\nwhat each gives: CPU s a sample with and without it\n")
    print(line("", "with", "without", "ratio"))
    each("pruning, solved anew", cost("anew", full), cost("full", full))
    in_place = [s for s in tried if s["in_place"]]
    if in_place:
        changed = f"changed in place ({len(in_place)} of {len(tried)})"
        each(f"{changed}, solved anew", cost("anew_shared", in_place), cost("anew", in_place))
        each(f"{changed}, from a basis", cost("warm_shared", in_place), cost("warm", in_place))
    each("basis of a like run", cost("warm", tried), cost("anew", tried))
    if warm:
        each(f"  where it went on ({len(warm)} of {len(tried)})", cost("warm", warm), cost("anew", warm))
    print("\n  goals of ensembles\n")
    goal("here / Python, a sample", 1 / ENSEMBLE_GOALS["faster"], whole[most] / there)
    goal(f"memory, {most} / {min(runs)} samples", ENSEMBLE_GOALS["memory"], runs[most].memory / runs[min(runs)].memory)
    print(line(f"  ({number(runs[most].memory)} MB)"))
    return all(apart(s["objective"], t["objective"]) <= SAME for s, t in zip(tried, theirs))


def each(label, with_it, without):
    print(line(label, number(with_it), number(without), f"{without / with_it:.2f}"))


def show_comply(found):
    print(f"\n{PARTS:,} parts\n")
    print(line("", "goal", "found", ""))
    for rule, (verdicts, documents) in found.items():
        print(f"  {rule}")
        for what, run in (("verdicts", verdicts), ("with all documents", documents)):
            goal(f"{what}, CPU s", PARTS_GOALS["cpu"], run.cpu)
            goal(f"{what}, MB", PARTS_GOALS["memory"], run.memory)


def show_market(found):
    """Whether numpy finds the same prices and needs."""
    here, there = found["here"], found["there"]
    none = here["no measures"]
    print("\nmarket of the reference model, in weeks, on one core: the same equations here and in numpy\n")
    print(line("", "here", "numpy", "numpy / here"))
    ratio = f"{there['run'] / none['run']:.1f}"
    print(line(f"{none['weeks']} weeks, no measures, CPU s", number(none["run"]), number(there["run"]), ratio))
    prices, unmet = market_differences(none["figures"], there["figures"])
    print(line("prices, relative difference", "", f"{prices:.1e}", "same" if prices <= SAME else "MISMATCH"))
    print(line("unmet, difference / needed", "", f"{unmet:.1e}", "same" if unmet <= SAME else "MISMATCH"))
    print("\n  goals of the market\n")
    print(line("", "goal", "found", ""))
    for scenario, timed in here.items():
        goal(f"{scenario[:22]}, CPU s", MARKET_GOAL, timed["run"])
    return prices <= SAME and unmet <= SAME


def market_differences(here, there):
    """Largest differences over all years: of a price, relative to it; of what of a need was not met, relative to the need."""

    def every(name, figures):
        return [value for year in figures[name] for value in year]

    def unmet(figures):
        return [needed - met for needed, met in zip(every("needed", figures), every("met", figures), strict=True)]

    def largest(ours, theirs, scale):
        apart = [abs(a - b) / s for a, b, s in zip(ours, theirs, scale, strict=True) if s > 0.0]
        return math.inf if any(map(math.isnan, apart)) else max(apart)

    prices, needed = every("prices", here), every("needed", here)
    return largest(prices, every("prices", there), prices), largest(unmet(here), unmet(there), needed)


def show_plan(found):
    """Both ways side by side; whether they agree, as far as both came to an end."""
    print("\nplan of the defence budget: 22 options, to a gap of 1% of what it saves\n")
    print(line("", "wall, s", "CPU, s", "memory, MB", "gap of savings", "rounds"))
    same = True
    for (futures, months, method), run in found.items():
        label = f"{futures} x {months} months, {method}"
        answer = run.json() if run and run.out.strip() else None
        if answer is None:
            print(line(label, number(run.wall) if run else f"> {number(PLAN_PATIENCE)}", "", "", "no plan by then", ""))
            continue
        share = answer["gap_of_savings"]
        share = "nothing saved" if share is None else f"{100 * share:.2f}%"
        print(line(label, number(run.wall), number(run.cpu), number(run.memory), share, str(answer["rounds"])))
        other = found[futures, months, "benders"]
        if method == "extensive" and not answer["stopped"] and other and other.out.strip():
            # Each lies within its gap of the optimum.
            here = other.json()
            most = PLAN_GAP * max(answer["saves"], here["saves"])
            same &= abs(answer["plan"]["objective"] - here["plan"]["objective"]) <= most
    large = found[(*PLAN_SIZES[-1], "benders")]
    if large:
        goal("the larger by cuts, wall, s", PLAN_GOAL, large.wall)
    return same


def show_bargain(found):
    """Both ways side by side; whether they say the same."""
    runs = found["anew"].json()["runs"]
    print(f"\nbargain over chips and magnets: {runs['cells']} combinations, {runs['programs']} programs\n")
    print(line("", "wall, s", "CPU, s", "memory, MB"))
    for way, run in found.items():
        print(line(way, number(run.wall), number(run.cpu), number(run.memory)))
    for way, most in BARGAIN_GOALS.items():
        goal(f"{way}, wall, s", most, found[way].wall)
    return len({run.out for run in found.values()}) == 1


def goal(label, most, found):
    print(line(f"  {label}", f"<= {number(most)}", number(found), "reached" if found <= most else "not reached"))


def main():
    parser = argparse.ArgumentParser(description="time and memory of the reference model, here and in Python")
    parser.add_argument("--quick", action="store_true", help="the baseline only")
    parser.add_argument("--ensemble", action="store_true", help="the ensemble only")
    parser.add_argument("--market", action="store_true", help="the market only")
    parser.add_argument("--plan", action="store_true", help="the plan only")
    parser.add_argument("--bargain", action="store_true", help="the bargain only")
    parser.add_argument("--release", default=os.path.join(ROOT, "target", "release"), help="where the programs are")
    args = parser.parse_args()
    release = os.path.abspath(args.release)
    alone = {
        "market": (market, show_market),
        "plan": (plan, show_plan),
        "bargain": (bargain, show_bargain),
        "ensemble": (ensemble, show_ensemble),
    }
    part = next((part for part in alone if getattr(args, part)), None)
    results = {}
    try:
        with tempfile.TemporaryDirectory(prefix="coercivity-bench-") as work:
            if part:
                run, show = alone[part]
                return 0 if show(run(release, work)) else 1
            parts = comply(release, work)
            for scenario in ["baseline"] if args.quick else SCENARIOS:
                results[scenario] = measure(scenario, release, work)
            lost = survive(release)
            traded = market(release, work)
            samples = ensemble(release, work)
    except Failed as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    same = [show_peers(scenario, found) for scenario, found in results.items()]
    show_pruning(results)
    show_goals(results)
    show_survive(lost, results["baseline"]["perfect"]["solve"])
    show_comply(parts)
    same.append(show_market(traded))
    same.append(show_ensemble(samples))
    if not all(same):
        print("\nMISMATCH: the same program has different optima, or the same market different prices or needs")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
