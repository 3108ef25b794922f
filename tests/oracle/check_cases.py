#!/usr/bin/env python3
"""Runs the oracle on the hand-computed cases of the project (Markdown files with fenced tables and `expect` blocks).

    check_cases.py CASES_DIR

Compared are `objective`, `unmet_value`, `costs.*`, `unmet.*` and `required.*`; other expectations are about the program, not
the mathematics.  A block without such a figure is skipped.  `foresight` defaults to perfect here.
"""

import os
import re
import sys
import tempfile
import tomllib

import oracle

FENCE = re.compile(r"^```(\w+) ([^\n]+)\n(.*?)^```", re.M | re.S)


def flatten(value, prefix=""):
    if not isinstance(value, dict):
        return {prefix: value}
    return {k: v for name, inner in value.items() for k, v in flatten(inner, f"{prefix}.{name}" if prefix else name).items()}


def near(got, wanted):
    if isinstance(wanted, list):
        return len(got) == len(wanted) and all(near(g, w) for g, w in zip(got, wanted))
    return abs(got - wanted) <= 1e-6 * max(1.0, abs(wanted))


def check(path):
    with open(path, encoding="utf-8") as handle:
        blocks = FENCE.findall(handle.read())
    outcome = []
    with tempfile.TemporaryDirectory() as folder:
        expects = []
        for language, name, body in blocks:
            if name == "expect":
                expects.append(tomllib.loads(body))
            else:
                target = os.path.join(folder, name)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with open(target, "w", encoding="utf-8") as handle:
                    handle.write(body)
        scenarios = [name for _, name, _ in blocks if name == "scenario.toml"]
        for expect in expects:
            wanted = {
                k: v
                for k, v in flatten(expect).items()
                if k.split(".")[0] in ("objective", "unmet_value", "costs", "unmet", "required") and not isinstance(v, str)
            }
            if not wanted or expect.get("exit", 0) != 0 or expect.get("method", "optimal") != "optimal":
                outcome.append(("skipped", path, expect))
                continue
            scenario = expect.get("scenario", scenarios[0] if scenarios else None)
            scenario = os.path.join(folder, scenario) if scenario else None
            try:
                got = flatten(oracle.run(folder, scenario, expect.get("foresight", "perfect")))
                wrong = {k: (v, got.get(k)) for k, v in wanted.items() if k not in got or not near(got[k], v)}
            except Exception as error:
                wrong = {"error": repr(error)}
            outcome.append(("WRONG" if wrong else "right", path, wrong))
    return outcome


def main():
    counts = {}
    for base, _, files in sorted(os.walk(sys.argv[1])):
        for name in sorted(files):
            if name.endswith(".md") and name.lower() != "readme.md":
                for verdict, path, detail in check(os.path.join(base, name)):
                    counts[verdict] = counts.get(verdict, 0) + 1
                    if verdict == "WRONG":
                        print(path, detail)
    print(counts)
    return 1 if counts.get("WRONG") else 0


if __name__ == "__main__":
    sys.exit(main())
