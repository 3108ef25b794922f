#!/usr/bin/env python3
"""An independent reference implementation ("oracle") of the model mathematics.

It reads a model folder and an optional scenario file and solves, as literally as possible, the linear program which the
specification describes for the method `optimal`: every tag set (all subsets of `civil` and one tag per origin-rule or
content-rule), every region and product, every lane, nothing pruned or merged.  It is meant for small models: it exists to
check a faster program, not to replace it.  It assumes valid input and gives no diagnostics.

    oracle.py MODEL_DIR [--scenario FILE] [--foresight perfect|announced] [--ties N] [--stats]
    oracle.py --batch        # one JSON request a line on standard input, one JSON answer a line on standard output

A request is {"model": DIR, "scenario": FILE or null, "foresight": "perfect" | "announced", "ties": N, "stats": bool,
"without": [measure or truce ids to leave out]}; all but "model" may be missing.  The answer has

    status          "optimal", or what the solver said
    objective       unmet_value + the sum of costs, discounted
    unmet_value     value of unmet demand, with late costs and the final backlog
    costs           production, transport, duties, holding, shortfall, options, terminal
    unmet           {demand: [units a step]}  (for a demand with late_cost: what its backlog grew by)
    required        {demand: [units a step]}
    gap             |primal - dual objective| / max(1, |objective|) of the (last) program: a proof of accuracy
    replans         the steps at which a plan was made (announced foresight; [0] with perfect foresight)
    tie_range       with ties = N and announced foresight: least and greatest total among N + 1 runs in which ties (and near
                    ties, to about 1e-7 of the cost) between plans are broken at random.  Where the two differ, other
                    implementations may rightly get other totals.
    binding         with stats: {family of rows: how many have a dual that is not zero}

Reading guide: `Calendar` is time, `load_model` and `load_scenario` the files, `Knowledge` what is known when, `Builder` the
linear program, `solve` the solver, `run` puts them together.
"""

import argparse
import csv
import datetime
import json
import math
import os
import sys
import tomllib
from collections import defaultdict
from fractions import Fraction

import highspy
import numpy as np

INF = math.inf
CIVIL = 1  # bit 0 of a tag set; bit j + 1 is the tag of the j-th rule
COST_KINDS = ("production", "transport", "duties", "holding", "shortfall", "options", "terminal")


# ---------------------------------------------------------------------------------------------------------------- files


def read_table(folder, name):
    """The rows of a CSV table as dictionaries of stripped strings; [] if there is no such file."""
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8-sig", newline="") as handle:
        rows = []
        for row in csv.DictReader(handle):
            clean = {(k or "").strip(): (v or "").strip() for k, v in row.items() if isinstance(v, (str, type(None)))}
            if any(clean.values()):
                rows.append(clean)
        return rows


def number(row, column, default=None):
    text = row.get(column, "")
    return default if text == "" else float(text)


def exact(value):
    """A decimal figure as an exact fraction (lead times are rounded, so halves must be halves)."""
    return Fraction(str(value)) if value not in ("", None) else Fraction(0)


def as_date(value):
    if value in (None, ""):
        return None
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    return datetime.date.fromisoformat(value)


def as_list(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def split_list(text):
    return [part.strip() for part in text.split(";") if part.strip()]


class Calendar:
    """Steps, their first and middle days, and the length of a step in years."""

    def __init__(self, start, step, steps):
        self.start, self.step, self.count = start, step, steps
        self.years = {"week": 7 / 365, "month": 1 / 12, "quarter": 1 / 4}[step]
        self.step_days = {"week": Fraction(7), "month": Fraction(365, 12), "quarter": Fraction(365, 4)}[step]
        self.middle = [self._middle(t) for t in range(steps)]

    def first(self, t):
        if self.step == "week":
            return self.start + datetime.timedelta(days=7 * t)
        months = self.start.month - 1 + t * (1 if self.step == "month" else 3)
        year, month = self.start.year + months // 12, months % 12 + 1
        last = (datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)).day
        return datetime.date(year, month, min(self.start.day, last))

    def _middle(self, t):
        first = self.first(t)
        return first + datetime.timedelta(days=(self.first(t + 1) - first).days // 2)

    def lead(self, days):
        """A lead time in steps: rounded, halves up."""
        return math.floor(days / self.step_days + Fraction(1, 2))


class Model:
    """The tables of a model folder, typed, with defaults filled in."""


def load_model(folder):
    with open(os.path.join(folder, "model.toml"), "rb") as handle:
        head = tomllib.load(handle)
    m = Model()
    m.folder = folder
    m.calendar = Calendar(as_date(head["start"]), head["step"], int(head["steps"]))
    m.rate = float(head.get("discount_rate", 0.0))
    m.terminal_value = float(head.get("terminal_value", 1.0))
    regions, products = read_table(folder, "regions.csv"), read_table(folder, "products.csv")
    m.regions = [r["id"] for r in regions]
    m.region_groups = {r["id"]: split_list(r.get("groups", "")) for r in regions}
    m.products = [p["id"] for p in products]
    m.product_groups = {p["id"]: split_list(p.get("groups", "")) for p in products}
    m.price = {p["id"]: number(p, "price", 0.0) for p in products}
    m.reexport = {p["id"]: number(p, "reexport", 1.0) for p in products}
    m.recipes = defaultdict(dict)  # process -> product -> amount
    for row in read_table(folder, "processes.csv"):
        recipe = m.recipes[row["process"]]
        recipe[row["product"]] = recipe.get(row["product"], 0.0) + float(row["amount"])
    m.sites = {row["id"]: load_site(row, m.calendar) for row in read_table(folder, "sites.csv")}
    m.lanes = load_lanes(read_table(folder, "lanes.csv"), m)
    load_demands(m)
    m.stocks = [load_stock(row) for row in read_table(folder, "stocks.csv")]
    return m


def load_site(row, calendar):
    made = number(row, "made")
    return dict(
        id=row["id"],
        processes=split_list(row["process"]),
        region=row["region"],
        capacity=number(row, "capacity", 0.0),
        cost=number(row, "cost", 0.0),
        opens=as_date(row.get("opens")),
        closes=as_date(row.get("closes")),
        ramp_months=number(row, "ramp_months", 0.0),
        lead=calendar.lead(exact(row.get("lead_days", ""))),
        made=made,
        minimum=number(row, "minimum", 0.0),
    )


def load_lanes(rows, m):
    """Every concrete lane with the row that counts: fewest `*`, among equals the later row."""
    best = {}
    for order, row in enumerate(rows):
        key_columns = (row["product"], row["from"], row["to"])
        rank = (-key_columns.count("*"), order)
        for product in m.products if row["product"] == "*" else [row["product"]]:
            for source in m.regions if row["from"] == "*" else [row["from"]]:
                for target in m.regions if row["to"] == "*" else [row["to"]]:
                    key = (product, source, target)
                    if source != target and (key not in best or rank > best[key][0]):
                        best[key] = (rank, row)
    lanes = {}
    for product in m.products:
        for source in m.regions:
            for target in m.regions:
                key = (product, source, target)
                if key in best:
                    row = best[key][1]
                    lanes[key] = dict(
                        lead_days=exact(row.get("lead_days", "")),
                        lead=m.calendar.lead(exact(row.get("lead_days", ""))),
                        cost=number(row, "cost", 0.0),
                        capacity=number(row, "capacity", INF),
                        flow=number(row, "flow"),
                        military=number(row, "military"),
                        growth=number(row, "growth"),
                    )
    return lanes


def load_demands(m):
    m.demands = {}
    for row in read_table(m.folder, "demands.csv"):
        m.demands[row["id"]] = dict(
            region=row["region"],
            amount=number(row, "amount", 0.0),
            value=number(row, "value", 0.0),
            end_use=row.get("end_use") or "civil",
            late_cost=number(row, "late_cost"),
            growth=number(row, "growth", 0.0),
            opens=as_date(row.get("opens")),
            closes=as_date(row.get("closes")),
            uses=defaultdict(dict),  # option -> product -> amount
            options={},
            tiers=[],
        )
    for row in read_table(m.folder, "uses.csv"):
        bill = m.demands[row["demand"]]["uses"][row.get("option") or "base"]
        bill[row["product"]] = bill.get(row["product"], 0.0) + float(row["amount"])
    for row in read_table(m.folder, "options.csv"):
        m.demands[row["demand"]]["options"][row.get("option") or "base"] = dict(
            opens=as_date(row.get("opens")), max_share=number(row, "max_share", 1.0), cost=number(row, "cost", 0.0)
        )
    everyone = []
    for row in read_table(m.folder, "tiers.csv"):
        tier = (number(row, "share", 0.0), number(row, "factor", 1.0))
        (everyone if row["demand"] == "*" else m.demands[row["demand"]]["tiers"]).append(tier)
    for demand in m.demands.values():
        demand["tiers"] = demand["tiers"] or everyone or [(1.0, 1.0)]


def load_stock(row):
    return dict(
        region=row["region"],
        product=row["product"],
        kind=row.get("kind") or "commercial",
        initial=number(row, "initial", 0.0),
        capacity=number(row, "capacity", INF),
        holding_cost=number(row, "holding_cost", 0.0),
        target=number(row, "target", 0.0),
        shortfall_cost=number(row, "shortfall_cost", 0.0),
        origin=row.get("origin") or None,
    )


def load_scenario(path, model):
    """Measures and truces by id, with the defaults of dates filled in; a scenario's `extends` comes first."""
    measures, truces = raw_scenario(path) if path else ({}, {})
    for m in measures.values():
        m["from"] = as_date(m.get("from")) or model.calendar.start
        m["until"] = as_date(m.get("until"))
        m["announced"] = as_date(m.get("announced")) or m["from"]
        m["until_announced"] = as_date(m.get("until_announced")) or m["announced"]
    for truce in truces.values():
        truce["from"] = as_date(truce.get("from")) or model.calendar.start
        truce["announced"] = as_date(truce.get("announced")) or truce["from"]
        truce["terms"] = truce_terms(truce)
    return measures, truces


def raw_scenario(path):
    with open(path, "rb") as handle:
        data = tomllib.load(handle)
    measures, truces = {}, {}
    if data.get("extends"):
        measures, truces = raw_scenario(os.path.join(os.path.dirname(path), data["extends"]))
    measures.update({m["id"]: dict(m) for m in data.get("measure", [])})
    truces.update({t["id"]: dict(t) for t in data.get("truce", [])})
    return measures, truces


def truce_terms(truce):
    """The terms that are really taken: [(announced, until)]; an extension is announced when the term before it ends."""
    terms = [(truce["announced"], as_date(truce.get("until")))]
    for extension in truce.get("extensions", [])[: int(truce.get("extended", 0))]:
        terms.append((as_date(extension.get("announced")) or terms[-1][1], as_date(extension["until"])))
    return terms


def scenario_model(path):
    """The model folder that a scenario file names."""
    while path:
        with open(path, "rb") as handle:
            data = tomllib.load(handle)
        if data.get("model"):
            return os.path.join(os.path.dirname(path), data["model"])
        path = os.path.join(os.path.dirname(path), data["extends"]) if data.get("extends") else None
    raise SystemExit("no model given")


# ------------------------------------------------------------------------------------------------- what is in force, known


def within(day, start, end):
    return (start is None or start <= day) and (end is None or day < end)


class Knowledge:
    """Which measures are in force in each step: really, and as foreseen from some step with what is known then."""

    def __init__(self, model, measures, truces):
        self.middle = model.calendar.middle
        self.measures, self.truces = measures, truces
        self.real = [self.in_force(day) for day in self.middle]

    def truce_in_force(self, truce, day, until):
        return within(day, truce["from"], until)

    def in_force(self, day, facts=None):
        """Measures in force on a day; with `facts`, those that somebody who knows only these facts expects then."""
        suspended = set()
        for ident, truce in self.truces.items():
            known = range(len(truce["terms"])) if facts is None else [
                n for n in range(len(truce["terms"])) if ("truce", ident, n) in facts
            ]
            if known and self.truce_in_force(truce, day, truce["terms"][max(known)][1]):
                suspended.update(as_list(truce["suspends"]))
        active = []
        for ident, m in self.measures.items():
            if facts is None:
                until = m["until"]
            elif ("measure", ident) in facts:
                until = m["until"] if ("until", ident) in facts else None
            else:
                continue
            if ident not in suspended and within(day, m["from"], until):
                active.append(ident)
        return active

    def facts(self, t):
        """What is known on the middle day of step t."""
        day, facts = self.middle[t], set()
        for ident, m in self.measures.items():
            if m["announced"] <= day or ident in self.real[t]:
                facts.add(("measure", ident))
                # An end that has come is seen, whenever it is said to have been announced.
                if m["until"] is not None and min(m["until_announced"], m["until"]) <= day:
                    facts.add(("until", ident))
        for ident, truce in self.truces.items():
            final = truce["terms"][-1][1]
            if truce["announced"] <= day or self.truce_in_force(truce, day, final):
                facts.add(("truce", ident, 0))
                for n in range(1, len(truce["terms"])):
                    if min(truce["terms"][n][0], truce["terms"][n - 1][1]) <= day:
                        facts.add(("truce", ident, n))
        return facts


# ------------------------------------------------------------------------------------------------------- the linear program


class Program:
    """Columns (all >= 0) with names, steps and costs by kind; rows with families."""

    def __init__(self):
        self.index, self.step = {}, []
        self.costs = []  # (column, kind, coefficient)
        self.rows = []  # (family, step, {column: coefficient}, lower, upper)

    def column(self, key, step):
        assert key not in self.index, key
        self.index[key] = len(self.step)
        self.step.append(step)
        return self.index[key]

    def charge(self, column, kind, coefficient):
        if coefficient:
            self.costs.append((column, kind, coefficient))

    def row(self, family, step, entries, lower, upper):
        merged = defaultdict(float)
        for column, coefficient in entries:
            merged[column] += coefficient
        self.rows.append((family, step, merged, lower, upper))

    def cost_vector(self):
        total = np.zeros(len(self.step))
        for column, _, coefficient in self.costs:
            total[column] += coefficient
        return total

    def cost_by_kind(self, values):
        result = defaultdict(float)
        for column, kind, coefficient in self.costs:
            result[kind] += coefficient * values[column]
        return result


class Builder:
    """Writes down the program of a model, given the measures in force in each step (`policy[t]`: a list of ids)."""

    def __init__(self, model, measures, policy):
        self.m, self.measures, self.policy = model, measures, policy
        self.cal = model.calendar
        self.N, self.D = self.cal.count, self.cal.years
        self.rules = [i for i, x in measures.items() if x["kind"] in ("origin-rule", "content-rule")]
        self.tag = {ident: 2 << j for j, ident in enumerate(self.rules)}
        self.sets = range(2 << len(self.rules))
        self.p = Program()
        # Balance of region, product, tag set, step: sources minus uses = constant
        self.balance = defaultdict(list)
        self.given = defaultdict(float)
        # Re-export accounts of region, product, step: what was sent, and what gives leave to send
        self.account_sent = defaultdict(list)
        self.account_leave = defaultdict(list)
        self.account_given = defaultdict(float)

    # -- lists of ids, groups and `*`

    def region_list(self, value):
        return self._expand(value, self.m.regions, self.m.region_groups)

    def product_list(self, value):
        return self._expand(value, self.m.products, self.m.product_groups)

    def _expand(self, value, ids, groups):
        wanted = set(as_list(value))
        return {i for i in ids if "*" in wanted or i in wanted or wanted & set(groups[i])}

    def active(self, t, *kinds):
        return [(i, self.measures[i]) for i in self.policy[t] if self.measures[i]["kind"] in kinds]

    # -- time

    def discount(self, t):
        return (1 + self.m.rate) ** (-t * self.D)

    # -- tags

    def rule_region(self, ident):
        rule = self.measures[ident]
        return self.region_list(rule["origin"] if rule["kind"] == "origin-rule" else rule["by"])

    def rule_processes(self, ident):
        wanted = as_list(self.measures[ident].get("processes", "*"))
        return {q for q in self.m.recipes if "*" in wanted or q in wanted}

    def made_tags(self, site, process):
        """Tags that the outputs of a process at a site gain."""
        tags = 0
        for ident in self.rules:
            if site["region"] in self.rule_region(ident) and process in self.rule_processes(ident):
                tags |= self.tag[ident]
        return tags

    def start_tags(self, product, origin):
        """Tags of an initial stock, or of goods in transit at the start."""
        tags = 0
        for ident in self.rules:
            makes = any(self.m.recipes[q].get(product, 0) > 0 for q in self.rule_processes(ident))
            if origin in self.rule_region(ident) and makes:
                tags |= self.tag[ident]
        return tags

    # -- the program

    def build(self):
        for t in range(self.N):
            self.relabelling_and_disposal(t)
        for ident, site in self.m.sites.items():
            self.site(ident, site)
        for key, lane in self.m.lanes.items():
            self.lane(key, lane)
        for t in range(self.N):
            self.quotas(t)
        for stock in self.m.stocks:
            self.commercial(stock) if stock["kind"] == "commercial" else self.strategic(stock)
        self.required = {}
        for ident, demand in self.m.demands.items():
            self.demand(ident, demand)
        for t in range(self.N):
            for r in self.m.regions:
                for p in self.m.products:
                    for k in self.sets:
                        node = (r, p, k, t)
                        self.p.row("balance", t, self.balance[node], -self.given[node], -self.given[node])
        self.reexport()
        return self.p

    def relabelling_and_disposal(self, t):
        bits = [CIVIL] + list(self.tag.values())
        for r in self.m.regions:
            for p in self.m.products:
                for k in self.sets:
                    self.balance[r, p, k, t].append((self.p.column(("dispose", r, p, k, t), t), -1.0))
                    for bit in bits:
                        if not k & bit:
                            column = self.p.column(("relabel", r, p, k, bit, t), t)
                            self.balance[r, p, k, t].append((column, -1.0))
                            self.balance[r, p, k | bit, t].append((column, 1.0))

    # -- sites

    def site_capacity(self, site, ident, t):
        """Activity a year in step t: opened, ramped, not closed, after outages."""
        day = self.cal.middle[t]
        if not within(day, site["opens"], site["closes"]):
            return 0.0
        capacity = site["capacity"]
        if site["ramp_months"] > 0 and site["opens"] is not None:
            days = (day - site["opens"]).days
            capacity *= min(1.0, max(0.0, days / (site["ramp_months"] * 365 / 12)))
        for _, outage in self.active(t, "outage"):
            if ident in as_list(outage["sites"]) or "*" in as_list(outage["sites"]):
                capacity *= outage["remaining"]
        return capacity

    def site_cost(self, site, ident, t):
        support = sum(
            x["amount"] for _, x in self.active(t, "support") if ident in as_list(x["sites"]) or "*" in as_list(x["sites"])
        )
        return max(0.0, site["cost"] - support)

    def site(self, ident, site):
        still_to_come = []  # value of the outputs that appear after the last step
        for t in range(self.N):
            activity = []
            cost = self.site_cost(site, ident, t)
            for q in site["processes"]:
                gained = self.made_tags(site, q)
                for k in self.sets:
                    column = self.p.column(("activity", ident, q, k, t), t)
                    activity.append((column, 1.0))
                    self.p.charge(column, "production", self.discount(t) * cost)
                    for product, amount in self.m.recipes[q].items():
                        if amount < 0:
                            self.balance[site["region"], product, k, t].append((column, amount))
                        elif t + site["lead"] < self.N:
                            self.output(site["region"], product, k | gained, t + site["lead"], column, amount)
                        else:
                            still_to_come.append((column, amount * self.m.price[product]))
            capacity = self.site_capacity(site, ident, t)
            self.p.row("site capacity", t, activity, -INF, capacity * self.D)
            if site["minimum"] > 0:
                self.p.row("site minimum", t, activity, site["minimum"] * capacity * self.D, INF)
        if site["made"] is not None:
            self.site_pipeline(ident, site, still_to_come)

    def output(self, region, product, k, t, column, amount):
        self.balance[region, product, k, t].append((column, amount))
        self.account_leave[region, product, t].append((column, amount))

    def site_pipeline(self, ident, site, still_to_come):
        first = site["processes"][0]
        steps = min(site["lead"], self.N)
        worth = 0.0
        for product, amount in self.m.recipes[first].items():
            if amount > 0:
                worth += site["made"] * self.D * steps * amount * self.m.price[product]
                for t in range(steps):
                    tags = self.made_tags(site, first)
                    self.given[site["region"], product, tags, t] += site["made"] * self.D * amount
                    self.account_given[site["region"], product, t] += site["made"] * self.D * amount
        self.terminal(("site", ident), worth, still_to_come, 1.0)

    def terminal(self, name, before, left, price):
        """The terminal charge: missing >= before - left."""
        column = self.p.column(("missing",) + name, self.N)
        self.p.charge(column, "terminal", self.discount(self.N) * self.m.terminal_value * price)
        self.p.row("terminal " + name[0], self.N, [(column, 1.0)] + left, before, INF)

    # -- lanes

    def controls(self, key, t, kind):
        """Measures of a kind in force in whose scope a lane lies."""
        product, source, target = key
        for ident, x in self.active(t, kind):
            if product not in self.product_list(x["on"]) or target not in self.region_list(x.get("to", "*")):
                continue
            inside = source in self.region_list(x["by"])
            if inside != (kind == "content-rule"):  # a content-rule looks at lanes from elsewhere
                yield ident, x

    def lane_lead(self, key, lane, t):
        delays = [exact(x.get("delay_days", 0)) for _, x in self.controls(key, t, "export-control")]
        return self.cal.lead(lane["lead_days"] + max(delays, default=Fraction(0)))

    def duty(self, key, t):
        product, source, target = key
        rate = sum(x["rate"] for _, x in self.controls(key, t, "export-tax"))
        for _, x in self.active(t, "tariff"):
            if (
                product in self.product_list(x["on"])
                and target in self.region_list(x["by"])
                and source in self.region_list(x.get("origin", "*"))
            ):
                rate += x["rate"]
        return rate * self.m.price[product]

    def lane(self, key, lane):
        product, source, target = key
        in_transit = []
        for t in range(self.N):
            sets_civil = any(
                military_share(x) < 1 for kind in ("export-control", "content-rule") for _, x in self.controls(key, t, kind)
            )
            lead, duty = self.lane_lead(key, lane, t), self.duty(key, t)
            columns = []  # (column, sent as, received as)
            for k in self.sets:
                for received in sorted({k, k | CIVIL} if sets_civil else {k}):
                    column = self.p.column(("flow", *key, k, received, t), t)
                    columns.append((column, k, received))
                    self.p.charge(column, "transport", self.discount(t) * lane["cost"])
                    self.p.charge(column, "duties", self.discount(t) * duty)
                    self.balance[source, product, k, t].append((column, -1.0))
                    self.account_sent[source, product, t].append((column, 1.0))
                    if t + lead < self.N:
                        self.balance[target, product, received, t + lead].append((column, 1.0))
                        self.account_leave[target, product, t + lead].append((column, self.m.reexport[product]))
                    else:
                        in_transit.append((column, 1.0))
            self.lane_limits(key, lane, t, columns)
        if lane["flow"] is not None:
            self.lane_pipeline(key, lane, in_transit)

    def lane_limits(self, key, lane, t, columns):
        flow = lane["flow"] or 0.0
        military = flow if lane["military"] is None else lane["military"]
        everything = [(c, 1.0) for c, _, _ in columns]
        if lane["capacity"] < INF:
            self.p.row("lane capacity", t, everything, -INF, lane["capacity"] * self.D)
        if lane["growth"] is not None:
            self.p.row("lane growth", t, everything, -INF, (flow + lane["growth"] * t * self.D) * self.D)
        for _, x in self.controls(key, t, "export-control"):
            if x.get("allow_civil", 0) < 1:
                share = leaky(x.get("allow_civil", 0), x.get("leakage", 0))
                self.p.row("control civil", t, everything, -INF, share * flow * self.D)
            if x.get("allow_military", 0) < 1:
                share = leaky(x.get("allow_military", 0), x.get("leakage", 0))
                free = [(c, 1.0) for c, _, received in columns if not received & CIVIL]
                self.p.row("control military", t, free, -INF, share * military * self.D)
        for ident, x in self.controls(key, t, "content-rule"):
            tagged = [entry for entry in columns if entry[1] & self.tag[ident]]
            share = x.get("allow", 0) + (1 - x.get("allow", 0)) * (1 - x.get("compliance", 1))
            if share < 1:
                self.p.row("content", t, [(c, 1.0) for c, _, _ in tagged], -INF, share * flow * self.D)
            if x.get("allow_military", 1) < 1:
                free = [(c, 1.0) for c, _, received in tagged if not received & CIVIL]
                self.p.row("content military", t, free, -INF, x["allow_military"] * military * self.D)

    def lane_pipeline(self, key, lane, in_transit):
        product, source, target = key
        steps = min(lane["lead"], self.N)
        for t in range(steps):
            self.given[target, product, self.start_tags(product, source), t] += lane["flow"] * self.D
            self.account_given[target, product, t] += self.m.reexport[product] * lane["flow"] * self.D
        self.terminal(("lane", *key), lane["flow"] * self.D * steps, in_transit, self.m.price[product])

    def quotas(self, t):
        for ident, x in self.active(t, "quota"):
            scope = []
            for key in self.m.lanes:
                if any(ident == other for other, _ in self.controls(key, t, "quota")):
                    for k in self.sets:
                        for received in {k, k | CIVIL}:
                            if ("flow", *key, k, received, t) in self.p.index:
                                scope.append((self.p.index["flow", *key, k, received, t], 1.0))
            if scope:
                self.p.row("quota", t, scope, -INF, x["amount"] * self.D)

    def reexport(self):
        """Sent so far <= appeared + released + reexport x arrived so far + initial commercial stock."""
        for r in self.m.regions:
            for p in self.m.products:
                lanes_in = any(key[0] == p and key[2] == r for key in self.m.lanes)
                lanes_out = any(key[0] == p and key[1] == r for key in self.m.lanes)
                if not (self.m.reexport[p] < 1 and lanes_in and lanes_out):
                    continue
                entries, given = [], sum(
                    s["initial"] for s in self.m.stocks if (s["region"], s["product"], s["kind"]) == (r, p, "commercial")
                )
                for t in range(self.N):
                    entries += self.account_sent[r, p, t]
                    entries += [(column, -share) for column, share in self.account_leave[r, p, t]]
                    given += self.account_given[r, p, t]
                    self.p.row("reexport", t, entries, -INF, given)

    # -- stocks

    def stock_levels(self, stock):
        """Columns [t][k] of the stock at the end of each step, with holding cost, capacity and terminal charge."""
        kind, r, p = stock["kind"], stock["region"], stock["product"]
        levels = []
        for t in range(self.N):
            columns = [self.p.column(("stock", kind, r, p, k, t), t) for k in self.sets]
            for column in columns:
                self.p.charge(column, "holding", self.discount(t) * stock["holding_cost"] * self.D)
            if stock["capacity"] < INF:
                self.p.row("stock capacity", t, [(c, 1.0) for c in columns], -INF, stock["capacity"])
            levels.append(columns)
        self.terminal((f"stock {kind}", r, p), stock["initial"], [(c, 1.0) for c in levels[-1]], self.m.price[p])
        return levels

    def commercial(self, stock):
        r, p = stock["region"], stock["product"]
        levels = self.stock_levels(stock)
        self.given[r, p, self.start_tags(p, stock["origin"]), 0] += stock["initial"]
        for t in range(self.N):
            for k in self.sets:
                self.balance[r, p, k, t].append((levels[t][k], -1.0))
                if t > 0:
                    self.balance[r, p, k, t].append((levels[t - 1][k], 1.0))
            if stock["target"] > 0 and stock["shortfall_cost"] > 0:
                column = self.p.column(("shortfall", r, p, t), t)
                self.p.charge(column, "shortfall", self.discount(t) * stock["shortfall_cost"] * self.D)
                self.p.row("target", t, [(column, 1.0)] + [(c, 1.0) for c in levels[t]], stock["target"], INF)

    def strategic(self, stock):
        r, p = stock["region"], stock["product"]
        levels = self.stock_levels(stock)
        start = self.start_tags(p, stock["origin"])
        for t in range(self.N):
            released = []
            for k in self.sets:
                column = self.p.column(("release", r, p, k, t), t)
                released.append((column, 1.0))
                before = stock["initial"] if t == 0 and k == start else 0.0
                entries = [(levels[t][k], 1.0), (column, 1.0)]
                if t > 0:
                    entries.append((levels[t - 1][k], -1.0))
                self.p.row("strategic stock", t, entries, before, before)
                self.balance[r, p, k, t].append((column, 1.0))
                self.account_leave[r, p, t].append((column, 1.0))
            limit = self.release_limit(r, p, t)
            if limit < INF:
                self.p.row("release", t, released, -INF, limit * self.D)

    def release_limit(self, r, p, t):
        limits = [
            float(x.get("rate", INF))
            for _, x in self.active(t, "release")
            if r in self.region_list(x["region"]) and p in self.product_list(x["products"])
        ]
        return sum(limits)

    # -- demands

    def yearly(self, ident, demand, t):
        """Units a year that a demand asks for in step t, after openings, growth and shifts."""
        if not within(self.cal.middle[t], demand["opens"], demand["closes"]):
            return 0.0
        amount = demand["amount"] * (1 + demand["growth"]) ** (t * self.D)
        for _, x in self.active(t, "demand-shift"):
            if ident in as_list(x["demands"]) or "*" in as_list(x["demands"]):
                amount *= x["factor"]
        return amount

    def consumable(self, demand, product, t):
        """Tag sets in which a demand may consume a product in step t."""
        forbidden = CIVIL if demand["end_use"] == "military" else 0
        for ident, x in self.active(t, "origin-rule"):
            if (
                demand["end_use"] == x.get("end_use", "military")
                and demand["region"] in self.region_list(x["by"])
                and product in self.product_list(x["on"])
            ):
                forbidden |= self.tag[ident]
        return [k for k in self.sets if not k & forbidden]

    def demand(self, ident, demand):
        yearly = [self.yearly(ident, demand, t) for t in range(self.N)]
        self.required[ident] = [a * self.D for a in yearly]
        late = demand["late_cost"] is not None
        for t in range(self.N):
            need = yearly[t] * self.D
            unmet = self.p.column(("unmet", ident, t), t)
            served = [self.p.column(("use", ident, option, t), t) for option in demand["uses"]]
            entries = [(c, 1.0) for c in served] + [(unmet, 1.0)]
            catching_up = []
            if late:
                catching_up = [(self.p.column(("catch up", ident, t), t), 1.0)]
                entries += [(c, -1.0) for c, _ in catching_up]
                self.p.row("catching up", t, catching_up, -INF, 0.2 * self.D * max(yearly[: t + 1]))
                self.backlog(ident, demand, t, unmet, catching_up[0][0])
            else:
                self.tiers(ident, demand, t, unmet, need)
            self.p.row("demand", t, entries, need, need)
            for option, column in zip(demand["uses"], served):
                self.option(ident, demand, option, t, column, need, catching_up)

    def backlog(self, ident, demand, t, unmet, catching_up):
        """b(t) = b(t-1) + u - v; late_cost on every step's, value on the last."""
        column = self.p.column(("backlog", ident, t), t)
        entries = [(column, 1.0), (unmet, -1.0), (catching_up, 1.0)]
        if t > 0:
            entries.append((self.p.index["backlog", ident, t - 1], -1.0))
        self.p.row("backlog", t, entries, 0.0, 0.0)
        self.p.charge(column, "unmet", self.discount(t) * demand["late_cost"] * self.D)
        if t == self.N - 1:
            self.p.charge(column, "unmet", self.discount(self.N) * demand["value"])

    def tiers(self, ident, demand, t, unmet, need):
        parts = []
        for n, (share, factor) in enumerate(demand["tiers"]):
            column = self.p.column(("tier", ident, n, t), t)
            self.p.charge(column, "unmet", self.discount(t) * demand["value"] * factor)
            if n + 1 < len(demand["tiers"]):  # the last takes the rest: shares add up to 1
                self.p.row("tier", t, [(column, 1.0)], -INF, share * need)
            parts.append((column, 1.0))
        self.p.row("tiers", t, parts + [(unmet, -1.0)], 0.0, 0.0)

    def option(self, ident, demand, option, t, column, need, catching_up):
        row = demand["options"].get(option)
        if row is not None:
            self.p.charge(column, "options", self.discount(t) * row["cost"])
            share = row["max_share"] if within(self.cal.middle[t], row["opens"], None) else 0.0
            family = "option share" if share > 0 else "option closed"
            self.p.row(family, t, [(column, 1.0)] + [(c, -share) for c, _ in catching_up], -INF, share * need)
        for product, amount in demand["uses"][option].items():
            entries = [(column, -amount)]
            for k in self.consumable(demand, product, t):
                eaten = self.p.column(("consume", ident, option, product, k, t), t)
                entries.append((eaten, 1.0))
                self.balance[demand["region"], product, k, t].append((eaten, -1.0))
            self.p.row("bill of materials", t, entries, 0.0, 0.0)


def leaky(allow, leakage):
    return allow + leakage * (1 - allow)


def military_share(x):
    return x.get("allow_military", 0 if x["kind"] == "export-control" else 1)


# ------------------------------------------------------------------------------------------------------------------ solving


class Solution:
    def __init__(self, status, values=None, duals=None, gap=None):
        self.status, self.values, self.duals, self.gap = status, values, duals, gap


def solve(program, start=0, fixed=None, noise=None):
    """Solve the part of a program from step `start` on; `fixed` gives the values of the columns of the steps before it.

    Rows before `start` hold only columns of those steps (nothing acts backwards in time) and are left out.
    """
    n = len(program.step)
    values = np.zeros(n)
    free = np.array([program.step[j] >= start for j in range(n)], dtype=bool)
    for key, j in program.index.items():
        if not free[j]:
            values[j] = fixed[key]
    position = np.cumsum(free) - 1
    cost = program.cost_vector()
    starts, indices, coefficients, lower, upper, kept = [0], [], [], [], [], []
    for number_, (family, step, entries, lo, hi) in enumerate(program.rows):
        if step < start:
            continue
        constant = sum(a * values[j] for j, a in entries.items() if not free[j])
        live = [(position[j], a) for j, a in entries.items() if free[j] and a != 0]
        if family == "reexport":  # rounding in what was carried out must not make doing nothing impossible
            hi = constant if constant - 1e-6 * max(1.0, abs(hi)) <= hi < constant else hi
        kept.append(number_)
        lower.append(lo - constant)
        upper.append(hi - constant)
        indices += [j for j, _ in live]
        coefficients += [a for _, a in live]
        starts.append(len(indices))
    objective = cost[free] + (noise(program, free) if noise else 0.0)
    status, x, y, gap = call_solver(objective, starts, indices, coefficients, lower, upper)
    if status != "optimal":
        return Solution(status)
    values[free] = np.maximum(x, 0.0)
    return Solution(status, values, {kept[i]: y[i] for i in range(len(kept))}, gap)


def call_solver(cost, starts, indices, coefficients, lower, upper):
    """Simplex with tight tolerances; tried again in other ways should the proof of optimality (the dual) not fit."""
    lower, upper = np.array(lower), np.array(upper)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(cost), len(lower)
    lp.col_cost_ = cost
    lp.col_lower_, lp.col_upper_ = np.zeros(len(cost)), np.full(len(cost), highspy.kHighsInf)
    lp.row_lower_ = np.where(np.isinf(lower), -highspy.kHighsInf, lower)
    lp.row_upper_ = np.where(np.isinf(upper), highspy.kHighsInf, upper)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.array(starts, dtype=np.int32)
    lp.a_matrix_.index_ = np.array(indices, dtype=np.int32)
    lp.a_matrix_.value_ = np.array(coefficients, dtype=np.float64)
    best = None
    for presolve, strategy in (("on", 1), ("off", 1), ("off", 4), ("on", 4)):
        solver = highspy.Highs()
        solver.silent()
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("solver", "simplex")
        solver.setOptionValue("presolve", presolve)
        solver.setOptionValue("simplex_strategy", strategy)
        for tolerance in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
            solver.setOptionValue(tolerance, 1e-9)
        solver.passModel(lp)
        solver.run()
        status = solver.modelStatusToString(solver.getModelStatus()).lower()
        if status != "optimal":
            best = best or (status, None, None, INF)
            continue
        solution = solver.getSolution()
        x, y = np.array(solution.col_value), np.array(solution.row_dual)
        primal = float(cost @ x)
        bound = np.where(y > 0, lower, upper)
        dual = float(np.sum(np.where(np.isinf(bound), 0.0, y) * np.where(np.isinf(bound), 0.0, bound)))
        gap = abs(primal - dual) / max(1.0, abs(primal))
        if best is None or gap < best[3]:
            best = (status, x, y, gap)
        if gap < 1e-9:
            break
    return best


# ---------------------------------------------------------------------------------------------------------------------- run


def random_noise(seed, share):
    """Small random costs that break ties.  Flows and shortages only ever get dearer (cycles of free flows, free slack)."""
    rng = np.random.default_rng(seed)

    def noise(program, free):
        keys = [key for key, j in program.index.items() if free[j]]
        scale = share * float(np.median([c for _, _, c in program.costs] or [1.0]))
        signed = rng.uniform(-1, 1, len(keys))
        positive = np.array([key[0] in ("flow", "missing", "shortfall", "activity", "backlog", "tier") for key in keys])
        return scale * np.where(positive, np.abs(signed), signed)

    return noise


def run(model_dir, scenario=None, foresight="perfect", ties=0, stats=False, without=()):
    model = load_model(model_dir or scenario_model(scenario))
    measures, truces = load_scenario(scenario, model)
    for ident in without:
        measures.pop(ident, None)
        truces.pop(ident, None)
    for truce in truces.values():
        truce["suspends"] = [i for i in as_list(truce["suspends"]) if i in measures]
    knowledge = Knowledge(model, measures, truces)
    execute = perfect if foresight == "perfect" else announced
    builder, solution, replans = execute(model, measures, knowledge)
    result = report(builder, solution, replans, stats)
    if ties and foresight == "announced" and solution.status == "optimal":
        totals = [result["objective"]]
        for seed in range(ties):
            other, found, steps = execute(model, measures, knowledge, random_noise(seed, 1e-7))
            if found.status == "optimal":
                totals.append(report(other, found, steps, False)["objective"])
        result["tie_range"] = [min(totals), max(totals)]
    return result


def perfect(model, measures, knowledge):
    builder = Builder(model, measures, knowledge.real)
    return builder, solve(builder.build()), [0]


def announced(model, measures, knowledge, noise=None):
    """Plan with what is known, carry out, plan anew when something new is known."""
    done, replans, facts = {}, [], None
    builder = solution = None
    for t in range(model.calendar.count):
        now = knowledge.facts(t) | (facts or set())
        if now != facts:
            facts = now
            view = [knowledge.in_force(day, facts) for day in model.calendar.middle]
            assert sorted(view[t]) == sorted(knowledge.real[t]), "a plan must know what is in force when it is made"
            builder = Builder(model, measures, knowledge.real[:t] + view[t:])
            solution = solve(builder.build(), t, done, noise)
            replans.append(t)
            if solution.status != "optimal":
                return builder, solution, replans
        assert sorted(builder.policy[t]) == sorted(knowledge.real[t]), "what happens must be known"
        for key, j in builder.p.index.items():
            if builder.p.step[j] == t:
                done[key] = solution.values[j]
    return builder, solution, replans


def report(builder, solution, replans, stats):
    if solution.status != "optimal":
        return {"status": solution.status}
    program, values, N = builder.p, solution.values, builder.N
    costs = program.cost_by_kind(values)
    unmet = {}
    for ident, demand in builder.m.demands.items():
        series = [values[program.index["unmet", ident, t]] for t in range(N)]
        if demand["late_cost"] is not None:
            series = [series[t] - values[program.index["catch up", ident, t]] for t in range(N)]
        unmet[ident] = [
            float(u) if u > max(1e-6 * builder.required[ident][t], 1e-9) else 0.0 for t, u in enumerate(series)
        ]
    result = {
        "status": "optimal",
        "objective": float(costs["unmet"] + sum(costs[kind] for kind in COST_KINDS)),
        "unmet_value": float(costs["unmet"]),
        "costs": {kind: float(costs[kind]) for kind in COST_KINDS},
        "unmet": unmet,
        "required": builder.required,
        "gap": float(solution.gap),
        "replans": replans,
    }
    if stats:
        result["rows"], result["columns"] = len(program.rows), len(program.step)
        result["binding"] = binding(program, solution)
    return result


def binding(program, solution):
    """How many rows of each family have a dual that is not zero."""
    counts = defaultdict(int)
    for number_, (family, _, _, _, _) in enumerate(program.rows):
        counts[family] += bool(abs(solution.duals.get(number_, 0.0)) > 1e-6)
    return dict(counts)


def main():
    parser = argparse.ArgumentParser(description="reference implementation, for tests")
    parser.add_argument("model", nargs="?")
    parser.add_argument("--scenario")
    parser.add_argument("--foresight", choices=("perfect", "announced"), default="perfect")
    parser.add_argument("--ties", type=int, default=0)
    parser.add_argument("--stats", action="store_true")
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("--batch", action="store_true")
    args = parser.parse_args()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # the solver prints a banner on standard output: that is for answers
    if not args.batch:
        result = run(args.model, args.scenario, args.foresight, args.ties, args.stats, args.without)
        print(json.dumps(result, indent=1), file=out)
        return
    for line in sys.stdin:
        if not line.strip():
            continue
        request = json.loads(line)
        try:
            answer = run(
                request.get("model"),
                request.get("scenario"),
                request.get("foresight") or "perfect",
                request.get("ties") or 0,
                request.get("stats") or False,
                request.get("without") or (),
            )
        except Exception as error:  # one bad request must not end the others
            answer = {"status": "error", "message": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    main()
