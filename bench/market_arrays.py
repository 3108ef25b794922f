"""The arrays of a market (`bench_market --arrays`), and which of its places, lanes and jobs have their turn together.

For market_peer.py. Places come in the order in which goods pass through them. Those whose turn does not depend on each other
are a tier: one way as goods move, from ore to products, and another as orders do, from products to ore.
"""

import numpy as np


def padded(groups, fill):
    """Lists of positions as the rows of a table, the shorter ones filled up."""
    table = np.full((len(groups), max(map(len, groups), default=0)), fill)
    for row, group in zip(table, groups):
        row[: len(group)] = group
    return table


def grouped(keys, count):
    """Positions by key."""
    groups = [[] for _ in range(count)]
    for at, key in enumerate(keys):
        groups[key].append(at)
    return groups


class Table:
    """The columns of a table of the arrays. What is missing, a limit or a place, is `missing` of its column."""

    def __init__(self, columns, **missing):
        for name, values in columns.items():
            if name in missing:
                values = [missing[name] if value is None else value for value in values]
            setattr(self, {"from": "from_"}.get(name, name), np.array(values))


class Market:
    """The arrays, and which places, lanes and jobs have their turn together."""

    def __init__(self, data):
        inf = np.inf
        self.weeks, self.years = data["weeks"], data["years_a_week"]
        self.behaviour = data["behaviour"]
        if self.behaviour["priority"] != 0.0:
            raise ValueError("this peer knows no ranks: priority must be 0")
        self.products = Table(data["products"])
        self.places = Table(data["places"], room=inf)
        self.due = Table(data["due"])
        self.lanes = Table(data["lanes"], capacity=inf, growth=inf)
        self.lanes.lead = self.lanes.lead.astype(int)
        self.sites = Table(data["sites"])
        self.jobs = Table(data["jobs"])
        self.inputs = Table(data["inputs"])
        self.outputs = Table(data["outputs"], place=-1, trust=1.0)
        self.demands = Table(data["demands"])
        self.options = Table(data["options"], most=inf, opens=self.weeks)
        self.uses = Table(data["uses"], place=-1)
        self.arrange_figures()
        self.arrange_goods()
        self.arrange_orders()

    def arrange_figures(self):
        lanes, jobs, options, uses = self.lanes, self.jobs, self.options, self.uses
        self.inputs.product = self.places.product[self.inputs.place]
        # What lanes carry in each week.
        years = np.arange(self.weeks)[:, None] * self.years
        grows = np.isfinite(lanes.growth)
        grown = np.where(grows, lanes.flow + np.where(grows, lanes.growth, 0.0) * years, np.inf)
        self.carries = np.minimum(lanes.capacity, grown) * self.years
        # Places from which what leaves again is limited by the account.
        counted = self.products.reexport[self.places.product] < 1.0
        self.counted = counted & self.places.receives
        self.reexport = self.products.reexport[self.places.product[lanes.to]]
        # Where what is sent or made arrives: at once, or in the row of a later week.
        count = len(self.places.product)
        lead = jobs.lead[self.outputs.job]
        here = self.outputs.place >= 0
        self.made_here = np.flatnonzero(here)
        self.made_later = np.flatnonzero(here & (lead > 0))
        self.sent_later = np.flatnonzero(lanes.lead > 0)
        made = lead[self.made_later] * count + self.outputs.place[self.made_later]
        sent = lanes.lead[self.sent_later] * count + lanes.to[self.sent_later]
        self.arrive = np.concatenate([made, sent])
        self.ahead = max(len(self.due.stock), lanes.lead.max() + 1, jobs.lead.max() + 1)
        # The first job of a site without orders runs if it must; with inputs nobody asked for it has none.
        first = np.zeros(len(jobs.site), bool)
        first[np.unique(jobs.site, return_index=True)[1]] = True
        first[self.inputs.job] = False
        self.must_run = first & (self.sites.minimum[jobs.site] > 0.0)
        by_site = [group for group in grouped(jobs.site, len(self.sites.minimum)) if len(group) > 1]
        self.with_recipes = np.concatenate([*by_site, []]).astype(int)
        # Uses of options that can be had.
        self.used = np.flatnonzero((options.opens < self.weeks)[uses.option])
        by_option = grouped(uses.option[self.used], len(options.demand))
        self.uses_of = padded([[uses.place[self.used[u]] for u in group] for group in by_option], count)
        by_demand = grouped(options.demand, len(self.demands.value))
        self.choices = padded([group for group in by_demand if len(group) > 1], -1)
        self.choosers = np.array([d for d, group in enumerate(by_demand) if len(group) > 1])

    def arrange_goods(self):
        """Tiers in which goods move: in each its jobs run, then its places share out."""
        lanes, jobs, count = self.lanes, self.jobs, len(self.places.product)
        inputs_of = [[self.inputs.place[i] for i in group] for group in grouped(self.inputs.job, len(jobs.site))]
        outputs_of = grouped(self.outputs.job, len(jobs.site))
        self.inputs_of = padded(inputs_of, count)
        jobs_at = [[] for _ in range(count)]
        for job in np.flatnonzero(~jobs.last):
            jobs_at[min(p for p in self.outputs.place[outputs_of[job]] if p >= 0)].append(job)
        tier, tier_of_job = np.zeros(count, int), np.zeros(len(jobs.site), int)
        for place in range(count):
            for job in jobs_at[place]:
                tier_of_job[job] = max((tier[i] + 1 for i in inputs_of[job]), default=0)
                for to in self.outputs.place[outputs_of[job]] if jobs.lead[job] == 0 else []:
                    if to >= 0:
                        tier[to] = max(tier[to], tier_of_job[job])
            for lane in np.flatnonzero((lanes.from_ == place) & (lanes.lead == 0)):
                if lanes.to[lane] < place:
                    raise ValueError("this peer knows no circle of lanes that take no time")
                tier[lanes.to[lane]] = max(tier[lanes.to[lane]], tier[place] + 1)
        tier_of_job[jobs.last] = -1
        self.tiers = []
        for t in range(max(tier.max(), tier_of_job.max()) + 1):
            at_once = (jobs.lead == 0) & (tier_of_job == t)
            outputs = np.flatnonzero(at_once[self.outputs.job] & (self.outputs.place >= 0))
            sending = np.flatnonzero(tier[lanes.from_] == t)
            instant = sending[lanes.lead[sending] == 0]
            here = np.flatnonzero(tier == t), np.flatnonzero(tier_of_job == t)
            self.tiers.append((*here, outputs, sending if len(instant) else None, instant))
        self.last = np.flatnonzero(jobs.last)
        last = (jobs.last & (jobs.lead == 0))[self.outputs.job]
        self.last_outputs = np.flatnonzero(last & (self.outputs.place >= 0))

    def arrange_orders(self):
        """Tiers in which places order, from products to ore. Who has its turn before those it supplies knows their last orders."""
        lanes, inputs, outputs, count = self.lanes, self.inputs, self.outputs, len(self.places.product)
        lanes_from = grouped(lanes.from_, count)
        inputs_at = grouped(inputs.place, count)
        first = np.full(len(self.jobs.site), -1)
        for job, group in enumerate(grouped(outputs.job, len(first))):
            first[job] = min((p for p in outputs.place[group] if p >= 0), default=-1)
        fresh_lane, fresh_input = lanes.to > lanes.from_, first[inputs.job] > inputs.place
        tier, tier_of_job = np.zeros(count, int), np.full(len(first), -1)
        for place in reversed(range(count)):
            known = [tier[lanes.to[lane]] for lane in lanes_from[place] if fresh_lane[lane]]
            known += [tier_of_job[inputs.job[i]] for i in inputs_at[place] if fresh_input[i]]
            tier[place] = max(known, default=-1) + 1
            for job in np.flatnonzero(first == place):
                to = outputs.place[outputs.job == job]
                tier_of_job[job] = tier[to[to >= 0]].max()
        self.stale_lanes, self.stale_inputs = np.flatnonzero(~fresh_lane), np.flatnonzero(~fresh_input)
        # The outputs of each job, most in one row; one more output, of which nothing is asked, fills the rows up.
        by_job = grouped(outputs.job, len(first))
        self.order_tiers = []
        for t in range(tier.max() + 1):
            of = np.flatnonzero(tier_of_job == t)
            in_tier = np.isin(inputs.job, of)
            self.order_tiers.append(
                dict(
                    places=np.flatnonzero(tier == t),
                    lanes=np.flatnonzero(tier[lanes.to] == t),
                    fresh_lanes=np.flatnonzero((tier[lanes.to] == t) & fresh_lane),
                    outputs=self.made_here[tier[outputs.place[self.made_here]] == t],
                    jobs=of,
                    outputs_of=padded([by_job[job] for job in of], len(outputs.job)),
                    fresh_inputs=np.flatnonzero(in_tier & fresh_input),
                )
            )
