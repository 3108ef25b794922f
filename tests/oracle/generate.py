#!/usr/bin/env python3
"""Random small models with a scenario each, to compare implementations.

    generate.py SEED OUT_DIR [--tie-free]

writes OUT_DIR/model (model.toml and every table, each with its full header row), OUT_DIR/scenario.toml and, in some seeds,
OUT_DIR/base.toml, which the scenario extends.  The same seed gives the same files.  The models are valid and small (3 to 10
steps, 2 to 4 regions, 3 to 6 products, at most two rules with origin tags), scarce enough that limits bind, and over many
seeds they exercise the whole format.

What can be compared: with perfect foresight the objective is that of a linear program, so all correct programs agree on it
(who runs short, and the split into costs, need not be unique).  With announced foresight a plan that is not unique may be
carried out in several ways, and what a surprise costs later then differs between correct programs.  `--tie-free` makes such
ties rare: every price, cost and amount has seven digits, moving and keeping goods costs something everywhere, the discount
rate is above zero, and measures that work through tags (origin rules, content rules, controls on military use) are announced
from the start and not suspended, so that nobody who plans is indifferent about tags.  Still only ties in the cost are made
rare, they are not ruled out: ask the oracle for `tie_range` and compare only where its two ends agree.
"""

import argparse
import csv
import datetime
import os
import random

DAY = datetime.timedelta(days=1)
HEADERS = {
    "regions": "id,name,groups,lat,lon,source,confidence,note",
    "products": "id,unit,stage,price,reexport,name,hs,groups,source,confidence,note,price.source,price.confidence",
    "processes": "process,product,amount,source,confidence,note",
    "sites": "id,process,region,capacity,cost,opens,closes,ramp_months,lead_days,made,minimum,owner,status,source,confidence,note",
    "lanes": "product,from,to,lead_days,cost,capacity,flow,military,growth,source,confidence,note",
    "demands": "id,region,amount,value,end_use,late_cost,name,growth,opens,closes,source,confidence,note",
    "uses": "demand,product,amount,option,source,confidence,note",
    "options": "demand,option,opens,max_share,cost,source,confidence,note",
    "tiers": "demand,share,factor,source,confidence,note",
    "stocks": "region,product,initial,capacity,holding_cost,target,shortfall_cost,origin,kind,source,confidence,note",
    "sources": "key,title,publisher,year,url,note",
}
LEADS = {  # days; some are an exact half of a step, the last is beyond the end of short runs
    "week": [0, 0, 2, 3.5, 5, 7, 10.5, 14, 40],
    "month": [0, 0, 10, 15, 15.25, 20, 30, 45, 46, 160],
    "quarter": [0, 0, 30, 40, 45.625, 60, 91, 136.875, 400],
}
STEP_DAYS = {"week": 7, "month": 365 / 12, "quarter": 365 / 4}


class Generator:
    def __init__(self, seed, tie_free):
        self.rng, self.tie_free = random.Random(seed), tie_free
        self.tables = {name: [] for name in HEADERS}

    # -- small helpers

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, items, low=1, high=None):
        items = list(items)
        return self.rng.sample(items, min(len(items), self.rng.randint(low, high or low)))

    def figure(self, low, high):
        """A figure of two digits or so; seven with --tie-free."""
        value = self.rng.uniform(low, high)
        return float(f"{value:.7g}" if self.tie_free else f"{value:.2g}")

    def add(self, table, **cells):
        if table != "sources" and self.chance(0.2):
            cells.setdefault("source", "made-up")
            cells.setdefault("confidence", "assumed")
        self.tables[table].append(cells)

    def day(self, low=0.0, high=1.0):
        """A day somewhere in the run."""
        return self.start + DAY * int(self.rng.uniform(low, high) * self.steps * STEP_DAYS[self.step])

    # -- the model

    def model(self):
        rng = self.rng
        self.step = rng.choice(["week", "month", "month", "quarter"])
        self.steps = rng.choice([3, 4, 5, 6, 7, 8, 9, 10, 8, 10])
        starts = ["2025-01-31", "2024-01-31", "2025-01-01", "2025-11-30", "2024-02-29", "2025-08-31", "2025-03-15", "2025-12-29"]
        self.start = datetime.date.fromisoformat(rng.choice(starts))
        self.years = {"week": 7 / 365, "month": 1 / 12, "quarter": 1 / 4}[self.step]
        self.discount = rng.choice([0.03, 0.05, 0.1] if self.tie_free else [0, 0.05, 0.05, 0.1])
        self.terminal_value = rng.choice([1, 0.5, 0.8, 1.2, 1] + ([] if self.tie_free else [0]))
        self.add("sources", key="made-up", title="Random figures", publisher="generate.py", year="2025")
        self.make_regions()
        self.make_products()
        self.make_demands()
        self.make_processes()
        self.make_sites()
        self.make_lanes()
        self.make_stocks()

    def make_regions(self):
        self.regions = ["CHN", "USA", "DEU", "JPN"][: self.rng.choice([2, 3, 3, 4])]
        groups = {"CHN": ["EAST"], "USA": ["WEST", "NATO"], "DEU": ["WEST", "EU", "NATO"], "JPN": ["EAST", "ISLANDS"]}
        self.region_groups = {}
        for r in self.regions:
            for g in groups[r]:
                self.region_groups.setdefault(g, []).append(r)
            self.add("regions", id=r, name=r.title(), groups=";".join(groups[r]), lat=self.rng.randint(-40, 60), lon=0)

    def make_products(self):
        """A chain ore -> ... -> part, and perhaps a by-product that can take a place in it."""
        rng = self.rng
        count = rng.choice([3, 4, 4, 5, 6])
        self.by_product = "slag" if count >= 4 and self.chance(0.7) else None
        names = ["ore", "oxide", "metal", "alloy", "magnet", "motor"]
        self.chain = names[: count - bool(self.by_product)]
        self.products = self.chain + ([self.by_product] if self.by_product else [])
        self.product_groups = {"early": self.chain[:2], "late": self.chain[2:]}
        if self.by_product:
            self.product_groups["early"] = self.product_groups["early"] + [self.by_product]
        price = self.figure(2, 6)
        self.price = {}
        for n, p in enumerate(self.products):
            self.price[p] = price if p != self.by_product else self.figure(1, 10)
            price = float(f"{price * rng.uniform(1.3, 2.2):.{7 if self.tie_free else 2}g}")
            group = ";".join(g for g, members in self.product_groups.items() if p in members)
            reexport = rng.choice(["", "", 1, 0, 0.3, 0.5])
            self.add("products", id=p, unit="t", stage=p, price=self.price[p], reexport=reexport, name=p, groups=group)

    def make_demands(self):
        rng = self.rng
        self.demands, self.need = {}, {p: 0.0 for p in self.products}
        last, before = self.chain[-1], self.chain[-2]
        everybody_tiers = self.chance(0.3)
        for n in range(rng.randint(2, 4)):
            ident = f"need-{n + 1}"
            region = rng.choice(self.regions if n else self.regions[1:])
            military = self.chance(0.35) or (n == 0 and self.chance(0.6))
            amount = self.figure(30, 150) if military else self.figure(60, 300)
            bill = {last: self.figure(0.5, 2)}
            if self.chance(0.3):
                bill[rng.choice([before, self.products[-1]])] = self.figure(0.1, 0.8)
            worth = sum(self.price[p] * a for p, a in bill.items())
            value = self.figure(worth * 1.1, worth * 2) if self.chance(0.25) else self.figure(worth * 3, worth * 15)
            late = self.chance(0.3)
            opens = self.day(0.2, 0.6) if self.chance(0.12) else ""
            closes = self.day(0.65, 0.95) if self.chance(0.12) else ""
            self.demands[ident] = dict(region=region, military=military, amount=amount)
            self.add(
                "demands", id=ident, region=region, amount=amount, value=value, name=ident,
                end_use="military" if military else rng.choice(["civil", ""]),
                late_cost=self.figure(value * 0.3, value * 2) if late else "",
                growth=rng.choice(["", "", 0.1, 0.4, -0.2]), opens=opens, closes=closes,
            )  # fmt: skip
            for p, a in bill.items():
                self.need[p] += amount * a
                self.add("uses", demand=ident, product=p, amount=a, option=rng.choice(["", "base"]) if len(bill) == 1 else "base")
            if self.chance(0.5):
                self.make_options(ident, bill, worth)
            if self.chance(0.4):
                self.make_tiers(ident)
        if everybody_tiers:
            self.make_tiers("*")

    def make_options(self, ident, bill, worth):
        rng = self.rng
        others = [p for p in self.products if p not in bill] or self.products
        for n in range(rng.choice([1, 1, 2])):
            option = f"other-{n + 1}"
            p = rng.choice(others)
            self.add("uses", demand=ident, product=p, amount=self.figure(0.5, 2.5), option=option)
            if self.chance(0.8):
                opens = self.day(0.1, 0.7) if self.chance(0.4) else ""
                share = rng.choice(["", 0.2, 0.4, 0.7])
                self.add("options", demand=ident, option=option, opens=opens, max_share=share, cost=self.figure(0.1, worth))
        if self.chance(0.3):
            self.add("options", demand=ident, option="base", max_share=rng.choice([0.6, 0.9]), cost=self.figure(0.1, 0.5))

    def make_tiers(self, ident):
        shares = self.rng.choice([[0.5, 0.5], [0.25, 0.75], [0.2, 0.3, 0.5], [1]])
        factors = sorted(self.rng.choice([0.2, 0.5, 0.9, 1, 1.5, 3]) for _ in shares)
        for share, factor in zip(shares, factors):
            self.add("tiers", demand=ident, share=share, factor=factor)

    def make_processes(self):
        """recipes: process -> {product: amount}; self.steps_of: process -> yearly activity that the needs ask for."""
        rng = self.rng
        self.recipes, self.asked = {}, {}
        for n in range(len(self.chain) - 1, 0, -1):
            product, source = self.chain[n], self.chain[n - 1]
            use, give = self.figure(0.8, 2), rng.choice([1, 1, 0.8, 2])
            recipe = {source: -use, product: give}
            if self.by_product and self.chance(0.3):
                recipe[self.by_product] = self.figure(0.1, 0.5)
            self.recipes[f"make-{product}"] = recipe
            self.asked[f"make-{product}"] = self.need[product] / give
            self.need[source] += self.need[product] / give * use
        recipe = {self.chain[0]: 1}
        if self.by_product:
            recipe[self.by_product] = self.figure(0.1, 0.6)
        self.recipes["mine"] = recipe
        self.asked["mine"] = self.need[self.chain[0]]
        if self.by_product and self.chance(0.7):
            product = rng.choice(self.chain[1:])
            self.recipes["reuse"] = {self.by_product: -self.figure(0.5, 2), product: 1}
            self.asked["reuse"] = self.need[product] * 0.2
        if self.chance(0.5):
            product = rng.choice(self.chain[1:])
            self.recipes["recycle"] = {product: self.figure(0.6, 1.2)}
            self.asked["recycle"] = self.need[product] * 0.15
        for process, recipe in self.recipes.items():
            for product, amount in recipe.items():
                self.add("processes", process=process, product=product, amount=amount)

    def make_sites(self):
        rng = self.rng
        self.sites, self.makers = {}, {p: set() for p in self.products}
        self.tight = rng.uniform(0.75, 1.5)
        for process in self.recipes:
            regions = self.pick(self.regions, 1, 3 if process == "mine" else 2)
            if process in ("mine", "make-oxide") and "CHN" not in regions:
                regions[0] = "CHN"
            for region in regions:
                self.make_site(process, region, self.asked[process] * self.tight / len(regions))

    def make_site(self, process, region, size):
        rng = self.rng
        ident = f"{process}-{region}"
        processes = [process]
        free = not any(a < 0 for a in self.recipes[process].values())
        if self.chance(0.2):
            processes += [q for q in self.pick(self.recipes) if q != process]
        if not free or any(a < 0 for q in processes for a in self.recipes[q].values()):
            free = False
        capacity = self.figure(size * 0.6, size * 1.5)
        opens, closes, ramp = "", "", ""
        if self.chance(0.2):
            opens = self.day(-0.3, 0.5)
            ramp = rng.choice(["", 1, 3, 6, 2.5])
        if self.chance(0.1):
            closes = self.day(0.6, 1)
        lead = rng.choice(LEADS[self.step]) if self.chance(0.5) else ""
        made = self.figure(capacity * 0.3, capacity * 0.9) if lead and lead >= STEP_DAYS[self.step] / 2 and self.chance(0.7) else ""
        self.sites[ident] = dict(processes=processes, region=region)
        for q in processes:
            for p, a in self.recipes[q].items():
                if a > 0:
                    self.makers[p].add(region)
        self.add(
            "sites", id=ident, process=";".join(processes), region=region, capacity=capacity,
            cost=self.figure(0.5, 4) if self.tie_free or self.chance(0.9) else "", opens=opens, closes=closes, ramp_months=ramp,
            lead_days=lead, made=made, minimum=rng.choice([0.3, 0.7]) if free and self.chance(0.4) else "",
            owner="somebody", status="operating",
        )  # fmt: skip

    def make_lanes(self):
        rng = self.rng
        rows = []
        self.flowing = []  # lanes with a reference flow: product, from, to, flow
        for p in self.products:
            takers = {s["region"] for s in self.sites.values() for q in s["processes"] if self.recipes[q].get(p, 0) < 0}
            takers |= {self.demands[u["demand"]]["region"] for u in self.tables["uses"] if u["product"] == p}
            pairs = [(a, b) for a in sorted(self.makers[p]) for b in sorted(takers) if a != b]
            for a, b in pairs:
                if self.chance(0.85):
                    flow = self.figure(0.3, 1.1) * max(self.need[p], 10) / len(pairs)
                    flow = float(f"{flow:.{7 if self.tie_free else 2}g}")
                    rows.append(self.lane_row(p, a, b, flow))
                    self.flowing.append((p, a, b, flow))
        if self.chance(0.6):
            rows += self.wildcards()
        if self.chance(0.15) and rows:
            again = dict(rng.choice(rows))
            again["cost"], again["capacity"] = self.figure(0.1, 1), ""
            rows.append(again)  # an equal row, later: it counts
        rng.shuffle(rows)
        if not rows:
            rows.append(self.lane_row("*", "*", "*", 5))
        for row in rows:
            self.add("lanes", **row)

    def lane_row(self, p, a, b, flow):
        rng = self.rng
        given = self.chance(0.85)
        return {
            "product": p, "from": a, "to": b, "lead_days": rng.choice(LEADS[self.step] + [""]),
            "cost": self.figure(0.1, 1.5) if self.tie_free or self.chance(0.85) else "",
            "capacity": self.figure(flow * 0.9, flow * 2.5) if self.chance(0.4) else "",
            "flow": flow if given else "",
            "military": self.figure(flow * 0.05, flow * 0.4) if given and self.chance(0.4) else "",
            "growth": rng.choice([0, self.figure(flow * 0.1, flow)]) if self.chance(0.25) else "",
        }  # fmt: skip

    def wildcards(self):
        rows = []
        for _ in range(self.rng.randint(1, 4)):
            shape = self.rng.randint(0, 7)
            p = "*" if shape & 1 else self.rng.choice(self.products)
            a = "*" if shape & 2 else self.rng.choice(self.regions)
            b = "*" if shape & 4 else self.rng.choice([r for r in self.regions if r != a])
            rows.append(self.lane_row(p, a, b, self.figure(2, 12)))
        return rows

    def make_stocks(self):
        rng = self.rng
        self.strategic = []
        places = [(r, p) for r in self.regions for p in self.products]
        used = [(self.demands[u["demand"]]["region"], u["product"]) for u in self.tables["uses"]]
        chosen = dict.fromkeys(self.pick(places, 1, 5) + self.pick(used, 0, 2))
        for r, p in chosen:
            yearly = max(self.need[p], 20.0)
            kinds = rng.choice([["commercial"], ["commercial"], ["strategic"], ["commercial", "strategic"], [""]])
            for kind in kinds:
                initial = self.figure(0.1, 1.5) * yearly * self.years
                initial = float(f"{initial:.{7 if self.tie_free else 2}g}") if self.chance(0.85) else ""
                capacity = self.figure((initial or 1) * 1.01, (initial or 1) * 2.5) if self.chance(0.5) else ""
                if capacity != "" and initial != "" and capacity < initial:
                    capacity = initial
                target, shortfall = "", ""
                if kind != "strategic" and self.chance(0.5):
                    target = self.figure(0.2, 1) * (capacity or (initial or 5) * 1.5)
                    target = float(f"{target:.6g}")
                    target = min(target, capacity) if capacity != "" else target
                    shortfall = self.figure(0.1, 1) * self.price[p] if self.chance(0.8) else ""
                origin = rng.choice(self.regions + [""])
                if kind == "strategic":
                    self.strategic.append((r, p))
                self.add(
                    "stocks", region=r, product=p, initial=initial, capacity=capacity, target=target, origin=origin, kind=kind,
                    holding_cost=self.figure(0.1, 2) if self.tie_free or self.chance(0.7) else "",
                    shortfall_cost=shortfall if shortfall == "" else float(f"{shortfall:.7g}"),
                )  # fmt: skip

    # -- the scenario

    def scenario(self):
        rng = self.rng
        kinds = ["export-control", "export-control", "quota", "tariff", "export-tax", "origin-rule", "content-rule",
                 "content-rule", "outage",
                 "demand-shift", "support"]  # fmt: skip
        chosen = [rng.choice(kinds) for _ in range(rng.randint(3, 7))]
        chosen += ["release"] * (rng.randint(1, 2) if self.strategic else 0)
        rules, measures = 0, []
        for n, kind in enumerate(chosen):
            if kind in ("origin-rule", "content-rule"):
                rules += 1
                if rules > 2:
                    continue
            m = {"id": f"m{n + 1}-{kind}", "kind": kind}
            m.update(getattr(self, "measure_" + kind.replace("-", "_"))())
            self.dates(m)
            if self.chance(0.3):
                m.update(rng.choice([{"source": "made-up"}, {"name": "A measure", "legal": "none"}, {"claimed_by": "somebody"}]))
            measures.append(m)
            if self.chance(0.35) and kind not in ("origin-rule", "content-rule"):
                measures.append(self.twin(m))
        truces = [self.truce(n, measures) for n in range(rng.choice([0, 0, 1, 1, 2]))]
        truces = [t for t in truces if t]
        suspended = {ident for t in truces for ident in t["suspends"]}
        for m in measures:  # some are announced only when they are already in force
            if m["id"] not in suspended and "from" in m and self.chance(0.1) and not (self.tags(m) and self.tie_free):
                m["announced"] = m["from"] + DAY * 20
                m.pop("until_announced", None)
                if m.get("until", m["announced"]) < m["announced"]:
                    m["announced"] = m["until"]
        return measures, truces

    def twin(self, m):
        """A second measure on the same target at another time: limits hold together, rates and factors combine."""
        keep = {k: v for k, v in m.items() if k not in ("from", "until", "announced", "until_announced", "source")}
        other = getattr(self, "measure_" + m["kind"].replace("-", "_"))()
        scope = ("by", "on", "to", "origin", "sites", "demands", "region", "products")
        twin = {**keep, **{k: v for k, v in other.items() if k not in scope}, "id": m["id"] + "-twin"}
        self.dates(twin)
        return twin

    def dates(self, m):
        """When a measure holds, and when that is known."""
        begin = self.day(-0.1, 0.7) if self.chance(0.5 if self.tags(m) else 0.75) else None
        if begin:
            m["from"] = begin
        begin = begin or self.start
        if self.chance(0.45):
            m["until"] = max(begin + DAY * 5, self.day(0.4, 1.1))
        if self.tags(m) and self.tie_free:
            m["announced"] = min(begin, self.start)
        elif self.chance(0.4):
            m["announced"] = begin - DAY * self.rng.randint(0, 90)
        if "until" in m and self.chance(0.5) and not (self.tags(m) and self.tie_free):
            earliest = m.get("announced", begin)
            m["until_announced"] = earliest + DAY * self.rng.randint(0, max(0, (m["until"] - earliest).days))

    @staticmethod
    def tags(m):
        """Does a measure work through tags?"""
        if m["kind"] == "export-control":
            return m.get("allow_military", 0) < 1
        return m["kind"] in ("origin-rule", "content-rule")

    def lane_scope(self):
        """by, on, to around some lane that is really used."""
        rng = self.rng
        if self.flowing:
            p, a, b, flow = rng.choice(self.flowing)
        else:
            p, a, b, flow = rng.choice(self.products), self.regions[0], self.regions[1], 10.0
        return p, a, b, flow

    def regions_around(self, r):
        """A way to write a list of regions with r in it."""
        groups = [g for g, members in self.region_groups.items() if r in members]
        return self.rng.choice([r, r, [r], self.rng.choice(groups), [self.rng.choice(groups)], [r, self.rng.choice(self.regions)]])

    def products_around(self, p):
        groups = [g for g, members in self.product_groups.items() if p in members]
        choices = [p, p, [p], "*", [p, self.rng.choice(self.products)]] + groups
        return self.rng.choice(choices)

    def measure_export_control(self):
        form = self.rng.choice(["ban", "military", "military", "part", "delay", "delay", "both"])
        p, a, b, _ = self.lane_scope()
        if form in ("military", "both"):
            p, a, b = self.military_scope()
        m = {"by": self.regions_around(a), "on": self.products_around(p)}
        if self.chance(0.4):
            m["to"] = self.rng.choice([self.regions_around(b), "*"])
        if form == "military":
            m["allow_civil"], m["allow_military"] = 1, self.rng.choice([0, 0.1, 0.3])
        elif form == "part":
            m["allow_civil"], m["allow_military"] = self.rng.choice([0.3, 0.6, 0.9]), 1
        elif form == "both":
            m["allow_civil"], m["allow_military"] = self.rng.choice([0.5, 0.8]), self.rng.choice([0.1, 0.3])
        elif form == "delay":
            m["allow_civil"], m["allow_military"] = 1, 1
        if form == "delay" or self.chance(0.2):
            m["delay_days"] = self.rng.choice([d for d in LEADS[self.step] if d][:-1])
        if form != "delay" and self.chance(0.4):
            m["leakage"] = self.rng.choice([0.05, 0.1, 0.4])
        return m

    def measure_quota(self):
        p, a, b, flow = self.lane_scope()
        m = {"by": self.rng.choice([self.regions_around(a), "*"]), "on": self.products_around(p)}
        m["amount"] = self.rng.choice([0, self.figure(flow * 0.3, flow * 1.2), self.figure(flow * 0.3, flow * 1.2)])
        if self.chance(0.6):
            m["to"] = self.regions_around(b)
        return m

    def measure_tariff(self):
        p, a, b, _ = self.lane_scope()
        m = {"by": self.regions_around(b), "on": self.products_around(p), "rate": self.figure(0.05, 1.5)}
        if self.chance(0.5):
            m["origin"] = self.regions_around(a)
        return m

    def measure_export_tax(self):
        p, a, b, _ = self.lane_scope()
        m = {"by": self.regions_around(a), "on": self.products_around(p), "rate": self.figure(0.05, 1.5)}
        if self.chance(0.5):
            m["to"] = self.regions_around(b)
        return m

    def some_processes(self, product):
        """A list of processes with at least one that makes the product or something before it."""
        early = self.chain[: self.chain.index(product) + 1] if product in self.chain else [product]
        useful = [q for q, recipe in self.recipes.items() if any(recipe.get(p, 0) > 0 for p in early)]
        return self.pick(useful, 1, 2)

    def measure_origin_rule(self):
        used = [(u["demand"], u["product"]) for u in self.tables["uses"]]
        military = [(d, p) for d, p in used if self.demands[d]["military"]]
        d, p = self.rng.choice(military if military and self.chance(0.8) else used)
        maker = self.rng.choice(sorted(self.makers[p] | self.makers[self.chain[0]]))
        m = {"by": self.regions_around(self.demands[d]["region"]), "on": self.products_around(p), "origin": self.regions_around(maker)}
        if not self.demands[d]["military"]:
            m["end_use"] = "civil"
        elif self.chance(0.3):
            m["end_use"] = "military"
        if self.chance(0.5):
            m["processes"] = self.rng.choice([self.some_processes(p), "*"])
        return m

    def military_scope(self):
        """A lane into a region with a military need, or into one that makes something for it."""
        places = {d["region"] for d in self.demands.values() if d["military"]}
        near = [(p, a, b) for p, a, b, _ in self.flowing if b in places and p in self.chain]
        return self.rng.choice(near) if near else self.lane_scope()[:3]

    def measure_content_rule(self):
        """A lane p: a -> b that carries what was made of goods of another region."""
        lanes = [lane[:3] for lane in self.flowing] or [self.lane_scope()[:3]]
        military = self.chance(0.5)
        pairs = []
        for p, a, b in lanes + ([self.military_scope()] * 2 if military else []):
            before = self.chain[: self.chain.index(p)] if p in self.chain else []
            feeders = {x for q, x, y, _ in self.flowing if y == a and q in before}
            pairs += [(p, b, x) for x in sorted(feeders) if x != a]
        if pairs:
            p, b, by = self.rng.choice(pairs)
        else:
            p, a, b = lanes[0]
            by = self.rng.choice([r for r in self.regions if r != a])
        m = {"by": self.regions_around(by) if self.chance(0.2) else by, "on": self.products_around(p)}
        if self.chance(0.4):
            m["to"] = self.regions_around(b)
        if military:
            m["allow_military"] = self.rng.choice([0, 0.2])
        if self.chance(0.5):
            m["allow"] = self.rng.choice([0.1, 0.4, 1] if military else [0.1, 0.3])
        if self.chance(0.4):
            m["compliance"] = self.rng.choice([0.5, 0.8])
        if self.chance(0.4):
            m["processes"] = self.some_processes(p)
        return m

    def measure_outage(self):
        return {"sites": self.pick(self.sites, 1, 2), "remaining": self.rng.choice([0, 0.2, 0.5, 0.8])}

    def measure_demand_shift(self):
        demands = self.pick(self.demands, 1, 2)
        return {"demands": demands[0] if self.chance(0.3) else demands, "factor": self.rng.choice([0.6, 1.3, 1.5, 2])}

    def measure_support(self):
        return {"sites": self.pick(self.sites, 1, 2), "amount": self.figure(0.3, 5)}

    def measure_release(self):
        r, p = self.rng.choice(self.strategic)
        m = {"region": r, "products": self.products_around(p)}
        if self.chance(0.7):
            m["rate"] = self.figure(0.05, 0.6) * max(self.need[p], 20)
            m["rate"] = float(f"{m['rate']:.6g}")
        return m

    def truce(self, n, measures):
        allowed = [m["id"] for m in measures if not (self.tie_free and self.tags(m))]
        if not allowed:
            return None
        begin = self.day(0.05, 0.6)
        until = begin + DAY * self.rng.randint(5, max(6, int(self.steps * STEP_DAYS[self.step] * 0.5)))
        truce = {"id": f"truce-{n + 1}", "suspends": self.pick(allowed, 1, 2), "from": begin, "until": until}
        if self.chance(0.4):
            truce["announced"] = begin - DAY * self.rng.randint(0, 60)
        if self.chance(0.6):
            truce["extensions"], last, told = [], until, begin
            for _ in range(self.rng.randint(1, 2)):
                later = last + DAY * self.rng.randint(5, max(6, int(self.steps * STEP_DAYS[self.step] * 0.3)))
                extension = {"until": later, "probability": 0.5}
                if self.chance(0.3):
                    extension["announced"] = max(told, last - DAY * self.rng.randint(0, 40))
                told = extension.get("announced", last)
                truce["extensions"].append(extension)
                last = later
            truce["extended"] = self.rng.randint(0, len(truce["extensions"]))
        return truce

    # -- writing

    def write(self, out):
        folder = os.path.join(out, "model")
        os.makedirs(folder, exist_ok=True)
        self.model()
        with open(os.path.join(folder, "model.toml"), "w", encoding="utf-8") as handle:
            head = dict(format=1, name="Random model", start=self.start, step=self.step, steps=self.steps, currency="USD",
                        discount_rate=self.discount, terminal_value=self.terminal_value)  # fmt: skip
            handle.write("".join(f"{key} = {toml(value)}\n" for key, value in head.items()))
        for name, header in HEADERS.items():
            with open(os.path.join(folder, name + ".csv"), "w", encoding="utf-8", newline="") as handle:
                writer = csv.DictWriter(handle, header.split(","), restval="", lineterminator="\n")
                writer.writeheader()
                writer.writerows(self.tables[name])
        measures, truces = self.scenario()
        base = os.path.join(out, "base.toml")
        if os.path.exists(base):
            os.remove(base)
        if self.chance(0.4) and len(measures) > 2:
            # The base has some of the measures, and one that the scenario replaces.
            first = measures[: len(measures) // 2]
            replaced = dict(measures[-1], until=self.day(0.1, 0.2))
            replaced.pop("until_announced", None)
            replaced.pop("from", None)
            replaced.pop("announced", None)
            early = [t for t in truces if set(t["suspends"]) <= {m["id"] for m in first}]
            write_scenario(base, {"name": "Base", "model": "model"}, first + [replaced], early)
            head = {"name": "Random scenario", "extends": "base.toml"}
            measures, truces = measures[len(first) :], [t for t in truces if t not in early]
        else:
            head = {"name": "Random scenario", "model": "model"}
        write_scenario(os.path.join(out, "scenario.toml"), head, measures, truces)


def write_scenario(path, head, measures, truces):
    lines = [f"{key} = {toml(value)}" for key, value in head.items()]
    for title, items in (("measure", measures), ("truce", truces)):
        for item in items:
            lines += ["", f"[[{title}]]"] + [f"{key} = {toml(value)}" for key, value in item.items()]
    with open(path, "w", encoding="utf-8") as handle:
        handle.write("\n".join(lines) + "\n")


def toml(value):
    if isinstance(value, str):
        return '"' + value + '"'
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {toml(v)}" for k, v in value.items()) + " }"
    return value.isoformat() if isinstance(value, datetime.date) else repr(value)


def main():
    parser = argparse.ArgumentParser(description="random models, for tests")
    parser.add_argument("seed", type=int)
    parser.add_argument("out")
    parser.add_argument("--tie-free", action="store_true")
    args = parser.parse_args()
    Generator(args.seed, args.tie_free).write(args.out)


if __name__ == "__main__":
    main()
