#!/usr/bin/env python3
"""The figures that models/magnets/README.md states, from results of `coercivity run` (CSV tables).

    figures.py MODEL RESULTS...

MODEL is the model's folder, RESULTS are the folders of runs. Prints Markdown.
"""

import csv
import json
import os
import sys
from collections import defaultdict
from functools import cache

KEY = ("ox-ndpr", "ox-dy", "ox-tb")
HEAVY = ("ox-dy", "ox-tb")
MAGNETS = ("mag-n", "mag-h", "mag-smco")
GROUPS = {  # region of a need -> row of the table
    "DEU": "European Union", "FRA": "European Union", "EUX": "European Union", "GBR": "United Kingdom", "USA": "United States", "JPN": "Japan",
    "KOR": "South Korea", "TWN": "Taiwan", "IND": "India", "CHN": "China",
}  # fmt: skip


def rows(folder, table):
    with open(os.path.join(folder, f"{table}.csv"), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def year(row):
    return int(row["date"][:4])


class Model:
    def __init__(self, folder):
        self.stage = {r["id"]: r["stage"] for r in rows(folder, "products")}
        self.recipe = defaultdict(dict)
        for r in rows(folder, "processes"):
            self.recipe[r["process"]][r["product"]] = float(r["amount"])
        self.demand = {r["id"]: r for r in rows(folder, "demands")}
        self.uses = defaultdict(lambda: defaultdict(dict))
        for r in rows(folder, "uses"):
            self.uses[r["demand"]][r.get("option") or "base"][r["product"]] = float(r["amount"])

    @cache
    def content(self, concentrate):
        """NdPr, Dy and Tb oxide that a tonne gives where all of it is separated."""
        best = 0.0
        for recipe in self.recipe.values():
            if recipe.get(concentrate, 0) < 0:
                rest = [p for p, a in recipe.items() if a > 0 and self.stage[p] == "intermediate"]
                found = sum(recipe.get(p, 0) for p in KEY) + sum(recipe[p] * self.content(p) for p in rest)
                best = max(best, found / -recipe[concentrate])
        return best


def percent(part, whole):
    return f"{100 * part / whole:.1f}%" if whole else "-"


def shares(model, folder):
    """China's share of each stage, by year."""
    made = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    for r in rows(folder, "sites"):
        recipe, activity, t = model.recipe[r["process"]], float(r["quantity"]), year(r)

        def add(what, units):
            made[what][t][1] += units
            made[what][t][0] += units if r["region"] == "CHN" else 0.0

        for product, amount in recipe.items():
            units = amount * activity
            if amount <= 0:
                continue
            if model.stage[product] == "ore":
                add("mining, t of REO", units)
                add("mining, NdPr, Dy and Tb in it", units * model.content(product))
            if product in KEY:
                add("separation, NdPr, Dy and Tb with scrap", units)
                if product in HEAVY and not r["process"].startswith("rec-"):
                    add("separation, Dy and Tb from ore", units)
            if product == "met-ndpr":
                add("NdPr metal", units)
            if product.startswith(("mag-n", "mag-h")):
                add("NdFeB magnets", units)
            if product.startswith("mag-smco"):
                add("SmCo magnets", units)
    years = sorted(made["mining, t of REO"])
    print("| China's share |", " | ".join(map(str, years)), "|\n|---|" + "---|" * len(years))
    for what, by_year in made.items():
        print(f"| {what} |", " | ".join(percent(*by_year[y]) for y in years), "|")
    print()


def exports(folder):
    """Magnets that leave China, by month and destination."""
    by_month, to = defaultdict(float), defaultdict(float)
    for r in rows(folder, "flows"):
        if r["product"] in MAGNETS and r["from"] == "CHN":
            by_month[r["date"]] += float(r["quantity"])
            to[r["to"]] += float(r["quantity"]) if year(r) == 2025 else 0.0
    months = [by_month[m] for m in sorted(by_month)]
    print("Exports of magnets from China, kt a month:", " ".join(f"{m / 1000:.1f}" for m in months))
    print("2025, t a month:", f"{sum(months[:12]) / 12:,.0f};", "; ".join(f"{k} {v / 12:,.0f}" for k, v in sorted(to.items())))
    print()


def surplus(model, folder):
    """The balance problem: what is separated of each rare earth and what of it is used."""
    made, used = defaultdict(float), defaultdict(float)
    for r in rows(folder, "sites"):
        for product, amount in model.recipe[r["process"]].items():
            if product.startswith("ox-") and year(r) == 2025:
                (made if amount > 0 else used)[product] += abs(amount) * float(r["quantity"])
    for r in rows(folder, "options"):
        if year(r) == 2025:
            for product, amount in model.uses[r["demand"]][r["option"]].items():
                if product.startswith("ox-"):
                    used[product] += amount * float(r["quantity"])
    print("| 2025, t | separated | used | left over |\n|---|---|---|---|")
    for product in sorted(made, key=lambda p: used[p] / made[p]):
        left = 100 * (1 - used[product] / made[product])
        print(f"| {product} | {made[product]:,.0f} | {used[product]:,.0f} | {left:.0f}% |")
    print()


def prices(folder):
    """Mean scarcity price in China, USD per kg, discounted, of units without tags."""
    sums = defaultdict(lambda: defaultdict(list))
    for r in rows(folder, "prices"):
        if r["region"] == "CHN" and not r["tags"]:
            sums[r["product"]][year(r)].append(float(r["price"]) / 1000)
    for product in ("ox-ndpr", "ox-dy", "ox-tb", "ox-sm", "ox-gd", "ox-y", "ox-la", "ox-ce", "mag-n", "mag-h"):
        by_year = {y: sum(v) / len(v) for y, v in sums[product].items()}
        print(product, " ".join(f"{y}: {by_year[y]:.1f}" for y in sorted(by_year)))
    print()


def missing(model, folder):
    """Share of the magnets asked for by civil needs that is missing, by place and year; accelerators in China."""
    part = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    for r in rows(folder, "demand"):
        if r["end_use"] != "civil":
            continue
        if r["demand"] == "chn-ai":
            place, weight = "AI accelerators, China", 1.0
        else:
            place = GROUPS.get(r["region"])
            base = model.uses[r["demand"]].get("base", {})
            weight = sum(a for p, a in base.items() if p in MAGNETS)
        if place and weight:
            part[place][year(r)][0] += weight * float(r["unmet"])
            part[place][year(r)][1] += weight * float(r["required"])
    years = sorted(next(iter(part.values())))
    print("| missing, % |", " | ".join(map(str, years)), "|\n|---|" + "---|" * len(years))
    for place, by_year in part.items():
        print(f"| {place} |", " | ".join(f"{100 * a / b:.1f}" for a, b in (by_year[y] for y in years)), "|")
    print()


def backlogs(folder):
    """Months of need that are late at the end of 2028."""
    late = []
    for r in rows(folder, "demand"):
        if r["date"] == "2028-12-01" and float(r["late"]) > 0:
            late.append(f"{r['demand']} {float(r['late']) / float(r['required']):.1f}")
    print("Late at the end of 2028, in months of need:", ", ".join(late) or "none", "\n")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    model = Model(sys.argv[1])
    for folder in sys.argv[2:]:
        with open(os.path.join(folder, "summary.json"), encoding="utf-8") as file:
            s = json.load(file)
        ai = sum(
            float(r["unmet"]) * float(model.demand["chn-ai"]["value"]) for r in rows(folder, "demand") if r["demand"] == "chn-ai"
        )
        print(f"## {s['scenario']}, {s['foresight']}: {s['rows']:,} rows, {s['columns']:,} columns, {len(s['plans'])} plans")
        print(f"total {s['objective'] / 1e9:.1f} bn, unmet {s['unmet_value'] / 1e9:.1f} bn")
        print(f"(accelerators of China, at full value and not discounted: {ai / 1e9:.0f} bn)\n")
        shares(model, folder)
        exports(folder)
        surplus(model, folder)
        prices(folder)
        missing(model, folder)
        backlogs(folder)


if __name__ == "__main__":
    main()
