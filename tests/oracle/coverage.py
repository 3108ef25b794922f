#!/usr/bin/env python3
"""Does the generator bite?  Counts, over many seeds, what is binding and what matters.

    coverage.py FIRST_SEED COUNT WORK_DIR [--tie-free] [--ties N]

For every seed it writes the model, solves it with perfect and announced foresight and then without each measure and truce in
turn: a measure "matters" if leaving it out changes the objective.  A family of rows is "binding" if some dual is not zero.
"""

import argparse
import collections
import os
import time

import generate
import oracle


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("work")
    parser.add_argument("--tie-free", action="store_true")
    parser.add_argument("--ties", type=int, default=3)
    args = parser.parse_args()
    seeds, bound, present, matters, slow = 0, *(collections.Counter() for _ in range(3)), 0.0
    facts, worst = collections.Counter(), 0.0
    for seed in range(args.first, args.first + args.count):
        folder = os.path.join(args.work, str(seed))
        generate.Generator(seed, args.tie_free).write(folder)
        model, scenario = os.path.join(folder, "model"), os.path.join(folder, "scenario.toml")
        begin = time.time()
        base = oracle.run(model, scenario, stats=True)
        slow = max(slow, time.time() - begin)
        seeds += 1
        if base["status"] != "optimal":
            facts["perfect not optimal"] += 1
            print("seed", seed, base)
            continue
        worst = max(worst, base["gap"])
        facts["some demand short"] += any(u > 0 for series in base["unmet"].values() for u in series)
        facts["some demand short, not all of it"] += any(
            0 < u < 0.999 * base["required"][d][t] for d, series in base["unmet"].items() for t, u in enumerate(series)
        )
        bound.update({family for family, number in base["binding"].items() if number})
        for kind, cost in base["costs"].items():
            facts["cost: " + kind] += cost > 1e-6
        rolling = oracle.run(model, scenario, "announced", ties=args.ties)
        if rolling["status"] != "optimal":
            facts["announced not optimal"] += 1
            print("seed", seed, rolling)
            continue
        worst = max(worst, rolling["gap"])
        scale = max(1.0, abs(base["objective"]))
        assert rolling["objective"] > base["objective"] - 1e-7 * scale, (seed, rolling["objective"], base["objective"])
        facts["announced: replans"] += len(rolling["replans"]) > 1
        facts["announced: costs more than perfect"] += rolling["objective"] > base["objective"] + 1e-6 * scale
        low, high = rolling.get("tie_range", (0, 1e99))
        unique = high - low <= 1e-6 * scale
        facts["announced: total unique"] += unique
        facts["announced: total unique, replanned"] += unique and len(rolling["replans"]) > 1
        facts["announced: total unique, costs more"] += unique and rolling["objective"] > base["objective"] + 1e-6 * scale
        measures, truces = oracle.raw_scenario(scenario)
        kinds, moved = set(), set()
        for ident, item in [*measures.items(), *truces.items()]:
            kind = item.get("kind", "truce, extended" if item.get("extended") else "truce")
            other = oracle.run(model, scenario, without=[ident])
            kinds.add(kind)
            if abs(other["objective"] - base["objective"]) > 1e-6 * scale:
                moved.add(kind)
        present.update(kinds)
        matters.update(moved)
    print(f"{seeds} seeds; slowest perfect solve {slow:.2f} s; worst duality gap {worst:.1e}")
    print("\nkind of measure: seeds with one, seeds where one matters")
    for kind, number in sorted(present.items()):
        print(f"  {kind:24}{number:5}{matters[kind]:5}")
    print("\nfamily of rows: seeds where it binds")
    for family, number in sorted(bound.items()):
        print(f"  {family:24}{number:5}")
    print("\nother")
    for fact, number in sorted(facts.items()):
        print(f"  {fact:44}{number:5}")


if __name__ == "__main__":
    main()
