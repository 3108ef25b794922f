#!/usr/bin/env python3
"""Does the generator catch mistakes?  The oracle is changed in one place at a time, in ways in which a program could well be
wrong, and the seeds are counted in which that changes the objective.

    mutations.py FIRST_SEED COUNT WORK_DIR [--only WORDS,...]

A mistake that no seed shows is one that a comparison over these seeds would miss.
"""

import argparse
import os
import types

import generate

# name, foresight, text in oracle.py, what stands there instead
MUTATIONS = [
    ("halves of a lead rounded down", "perfect", "days / self.step_days + Fraction(1, 2))", "days / self.step_days + Fraction(499, 1000))"),
    ("lead rounded in step days of 30 and 91", "perfect", "Fraction(365, 12), \"quarter\": Fraction(365, 4)", "Fraction(30), \"quarter\": Fraction(91)"),
    ("policy of the first day, not the middle", "perfect", "days=(self.first(t + 1) - first).days // 2", "days=0"),
    ("first days not counted from the start", "perfect", "self.start.day, last)", "28, self.start.day, last)"),
    ("a week is 1/52 year", "perfect", '"week": 7 / 365, "month": 1 / 12', '"week": 1 / 52, "month": 1 / 12'),
    ("until is included", "perfect", "(end is None or day < end)", "(end is None or day <= end)"),
    ("no ramp", "perfect", 'if site["ramp_months"] > 0', 'if False and site["ramp_months"] > 0'),
    ("sites never close", "perfect", 'within(day, site["opens"], site["closes"])', 'within(day, site["opens"], None)'),
    ("outages do not multiply", "perfect", 'capacity *= outage["remaining"]', 'capacity = min(capacity, site["capacity"] * outage["remaining"])'),
    ("minimum of the whole capacity", "perfect", 'site["minimum"] * capacity * self.D', 'min(capacity, site["minimum"] * site["capacity"]) * self.D'),
    ("no minimum", "perfect", 'if site["minimum"] > 0', "if False"),
    ("only the first process of a site", "perfect", 'for q in site["processes"]:', 'for q in site["processes"][:1]:'),
    ("support below zero", "perfect", 'max(0.0, site["cost"] - support)', 'site["cost"] - support'),
    ("site pipeline empty", "perfect", 'self.given[site["region"], product, tags, t] += site["made"]', 'self.given[site["region"], product, tags, t] += 0 * site["made"]'),
    ("site pipeline untagged", "perfect", "tags = self.made_tags(site, first)", "tags = 0"),
    ("site pipeline not in the re-export account", "perfect", 'self.account_given[site["region"], product, t] += site["made"]', 'self.account_given[site["region"], product, t] += 0 * site["made"]'),
    ("no terminal charge of sites", "perfect", 'self.terminal(("site", ident), worth', 'self.terminal(("site", ident), 0 * worth'),
    ("terminal charge of a site counts its first process only", "perfect", "still_to_come.append((column, amount * self.m.price[product]))", "still_to_come.append((column, (q == site['processes'][0]) * amount * self.m.price[product]))"),
    ("lane pipeline empty", "perfect", 'self.given[target, product, self.start_tags(product, source), t] += lane["flow"]', 'self.given[target, product, self.start_tags(product, source), t] += 0 * lane["flow"]'),
    ("lane pipeline untagged", "perfect", "self.start_tags(product, source)", "0"),
    ("lane pipeline not in the re-export account", "perfect", 'self.m.reexport[product] * lane["flow"]', '0 * lane["flow"]'),
    ("no terminal charge of lanes", "perfect", 'self.terminal(("lane", *key), lane["flow"]', 'self.terminal(("lane", *key), 0 * lane["flow"]'),
    ("lead over the horizon not cut in the charge of lanes", "perfect", 'steps = min(lane["lead"], self.N)', 'steps = lane["lead"]'),
    ("delays not counted as in transit", "perfect", "in_transit.append((column, 1.0))", "in_transit.append((column, 1.0 if t + lane['lead'] >= self.N else 0.0))"),
    ("delays add up", "perfect", "max(delays, default=Fraction(0))", "sum(delays, Fraction(0))"),
    ("delays rounded on their own", "perfect", 'self.cal.lead(lane["lead_days"] + max(delays, default=Fraction(0)))', 'lane["lead"] + self.cal.lead(max(delays, default=Fraction(0)))'),
    ("earlier lane row wins", "perfect", '(-key_columns.count("*"), order)', '(-key_columns.count("*"), -order)'),
    ("more wildcards win", "perfect", '(-key_columns.count("*"), order)', '(key_columns.count("*"), order)'),
    ("no growth limit", "perfect", 'if lane["growth"] is not None', "if False"),
    ("growth from the next step on", "perfect", 'lane["growth"] * t * self.D', 'lane["growth"] * (t + 1) * self.D'),
    ("no flow means no limit under a control", "perfect", 'if x.get("allow_civil", 0) < 1:', 'if x.get("allow_civil", 0) < 1 and lane["flow"] is not None:'),
    ("no leakage", "perfect", "return allow + leakage * (1 - allow)", "return allow"),
    ("leakage x flow", "perfect", "return allow + leakage * (1 - allow)", "return allow + leakage"),
    ("military control by flow", "perfect", 'flow if lane["military"] is None else lane["military"]', "flow"),
    ("military control ignored", "perfect", "share * military * self.D", "1e9"),
    ("civil tag ignored", "perfect", 'CIVIL if demand["end_use"] == "military" else 0', "0"),
    ("content rule ignored", "perfect", "if share < 1:", "if False:"),
    ("content rule without compliance", "perfect", '(1 - x.get("compliance", 1))', "0"),
    ("content rule by share of all", "perfect", 'self.p.row("content", t, [(c, 1.0) for c, _, _ in tagged]', 'self.p.row("content", t, [(c, 1.0) for c, _, _ in columns]'),
    ("content rule on lanes from its own region too", "perfect", 'if inside != (kind == "content-rule")', 'if inside or (kind == "content-rule")'),
    ("content rule, military part ignored", "perfect", 'x["allow_military"] * military * self.D', "1e9"),
    ("quota for each lane", "perfect", 'scope.append((self.p.index["flow", *key, k, received, t], 1.0))', 'self.p.row("quota", t, [(self.p.index["flow", *key, k, received, t], 1.0)], -INF, x["amount"] * self.D)'),
    ("duties do not add up", "perfect", 'rate += x["rate"]', 'rate = x["rate"]'),
    ("tariff on every origin", "perfect", 'self.region_list(x.get("origin", "*"))', 'self.region_list("*")'),
    ("export tax to everywhere", "perfect", 'target not in self.region_list(x.get("to", "*"))', 'target not in self.region_list("*" if kind == "export-tax" else x.get("to", "*"))'),
    ("origin rule for any end use", "perfect", 'demand["end_use"] == x.get("end_use", "military")', "True"),
    ("origin rule tags by any process", "perfect", 'wanted = as_list(self.measures[ident].get("processes", "*"))', 'wanted = "*"'),
    ("origin of initial stock ignored", "perfect", 'self.start_tags(p, stock["origin"]), 0]', "0, 0]"),
    ("origin of strategic stock ignored", "perfect", 'start = self.start_tags(p, stock["origin"])', "start = 0"),
    ("every initial stock of an origin is tagged", "perfect", "in self.rule_region(ident) and makes:", "in self.rule_region(ident):"),
    ("re-export ignored", "perfect", 'self.m.reexport[p] < 1 and', "False and"),
    ("re-export without the initial stock", "perfect", 's["initial"] for s in self.m.stocks if', '0 * s["initial"] for s in self.m.stocks if'),
    ("re-export counts initial strategic stock", "perfect", '(s["region"], s["product"], s["kind"]) == (r, p, "commercial")', '(s["region"], s["product"]) == (r, p)'),
    ("re-export without releases", "perfect", "self.account_leave[r, p, t].append((column, 1.0))", "self.account_leave[r, p, t].append((column, 0.0))"),
    ("re-export step by step", "perfect", "entries += self.account_sent[r, p, t]", "entries, given = list(self.account_sent[r, p, t]), given * (t == 0)"),
    ("releases: the largest rate", "perfect", "return sum(limits)", "return max(limits, default=0)"),
    ("no capacity of stocks", "perfect", 'if stock["capacity"] < INF', "if False"),
    ("target on the first steps not charged", "perfect", 'if stock["target"] > 0 and', 'if t > 0 and stock["target"] > 0 and'),
    ("shortfall cost a step, not a year", "perfect", 'stock["shortfall_cost"] * self.D', 'stock["shortfall_cost"]'),
    ("growth of demand by whole years", "perfect", '(1 + demand["growth"]) ** (t * self.D)', '(1 + demand["growth"]) ** int(t * self.D)'),
    ("growth of demand linear", "perfect", '(1 + demand["growth"]) ** (t * self.D)', '(1 + demand["growth"] * t * self.D)'),
    ("demands always open", "perfect", 'within(self.cal.middle[t], demand["opens"], demand["closes"])', "True"),
    ("demand shifts do not multiply", "perfect", 'amount *= x["factor"]', 'amount = demand["amount"] * x["factor"]'),
    ("catching up without limit", "perfect", "0.2 * self.D * max(yearly[: t + 1])", "1e9"),
    ("catching up by the amount now", "perfect", "max(yearly[: t + 1])", "yearly[t]"),
    ("catching up by the largest amount ever", "perfect", "max(yearly[: t + 1])", "max(yearly)"),
    ("catching up does not widen options", "perfect", "[(c, -share) for c, _ in catching_up]", "[]"),
    ("tiers on late demands' backlog: no final value", "perfect", 'self.discount(self.N) * demand["value"]', "0"),
    ("final backlog discounted as the last step", "perfect", 'self.discount(self.N) * demand["value"]', 'self.discount(t) * demand["value"]'),
    ("no tiers", "perfect", 'demand["tiers"] or everyone or [(1.0, 1.0)]', "[(1.0, 1.0)]"),
    ("* tiers for every demand", "perfect", 'demand["tiers"] or everyone or [(1.0, 1.0)]', 'everyone or demand["tiers"] or [(1.0, 1.0)]'),
    ("options always open", "perfect", 'if within(self.cal.middle[t], row["opens"], None) else 0.0', ""),
    ("options without limit of share", "perfect", 'share = row["max_share"]', "share = 1.0"),
    ("terminal value 1", "perfect", "self.m.terminal_value * price", "price"),
    ("terminal charge discounted as the last step", "perfect", 'self.discount(self.N) * self.m.terminal_value', 'self.discount(self.N - 1) * self.m.terminal_value'),
    ("extensions never taken", "perfect", '[: int(truce.get("extended", 0))]', "[:0]"),
    ("all extensions taken", "perfect", '[: int(truce.get("extended", 0))]', ""),
    ("truces ignored", "perfect", "if ident not in suspended and", "if"),
    ("nothing announced before it is in force", "announced", 'm["announced"] <= day or', "False or"),
    ("everything known at once", "announced", 'm["announced"] <= day or', "True or"),
    ("an end is known with the measure", "announced", 'min(m["until_announced"], m["until"]) <= day', "True"),
    ("an end is known when it comes", "announced", 'min(m["until_announced"], m["until"]) <= day', 'm["until"] <= day'),
    ("truces known when they begin", "announced", 'truce["announced"] <= day or', "False or"),
    ("extensions known with the truce", "announced", 'min(truce["terms"][n][0], truce["terms"][n - 1][1]) <= day', "True"),
]


def load(text, name):
    module = types.ModuleType(name)
    exec(compile(text, name, "exec"), module.__dict__)
    return module


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("work")
    parser.add_argument("--only")
    args = parser.parse_args()
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "oracle.py"), encoding="utf-8") as handle:
        text = handle.read()
    seeds = range(args.first, args.first + args.count)
    cases, truth = {}, {}
    for seed in seeds:
        folder = os.path.join(args.work, str(seed))
        generate.Generator(seed, False).write(folder)
        cases[seed] = (os.path.join(folder, "model"), os.path.join(folder, "scenario.toml"))
    right = load(text, "oracle")
    for name, foresight, old, new in MUTATIONS:
        if args.only and not any(word in name for word in args.only.split(",")):
            continue
        assert text.count(old) >= 1, (name, old)
        wrong, changed = load(text.replace(old, new), "mutant"), []
        for seed in seeds:
            if (seed, foresight) not in truth:
                truth[seed, foresight] = right.run(*cases[seed], foresight)["objective"]
            try:
                other = wrong.run(*cases[seed], foresight).get("objective", float("inf"))
            except Exception:  # the mutant may well break down
                other = float("inf")
            if not abs(other - truth[seed, foresight]) <= 1e-6 * max(1.0, abs(truth[seed, foresight])):
                changed.append(seed)
        print(f"{len(changed):5}  {name:60}  {changed[:6]}", flush=True)


if __name__ == "__main__":
    main()
