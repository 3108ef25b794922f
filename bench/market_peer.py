"""Peer: the market of a model without measures, in plain numpy.  market_peer.py FILE

The same equations, week by week, as `crates/engine/src/market` has them, from the arrays that `bench_market --arrays` writes.
What a run without measures does not use is left out, which spares numpy work: licences, leakage, quotas and limits of controls,
tags, prices inside and outside, releases of strategic stock, fear, and ranks (`priority` must be 0). The rehearsal is not run
either: the trust it leaves is in the arrays. Nor is anything written down but prices and what was met.

Places whose turn does not depend on each other are a tier, and whatever is the same for all of a tier, or for all places, is
one call of numpy. Tiers are found once (market_arrays.py), which is not counted. The answer is one line of JSON: the least CPU
seconds of REPEATS runs, and at the end of each year the prices, and what was needed and met in it.
"""

import json
import sys
import time

import numpy as np

from market_arrays import Market

REPEATS = 5
YEAR = 52  # weeks
ROUNDS = 40  # after which orders have settled at the latest
CATCH_UP = 0.2  # share of the largest amount that is caught up in a year at most
ENOUGH = 0.99  # of what an option asks; less is short
ALL = 0.99  # of an order; more is all of it
LEAST_TRUST = 1e-3
MONTHS = 12 / 52  # in a week
MOST = 4.0  # as which demand over supply counts at most
LEAST_WEIGHT = 1e-6  # share of capacity as which no order counts


class World:
    """Where a run stands; its methods are the files of `crates/engine/src/market`."""

    def __init__(self, market):
        self.m = market
        m, count = market, len(market.places.product)
        self.pool, self.account = m.places.stock.copy(), m.places.account.copy()
        self.due = np.zeros((m.weeks + m.ahead, count))
        self.due_account = np.zeros((m.weeks + m.ahead, count))
        self.due[: len(m.due.stock)] = m.due.stock
        self.due_account[: len(m.due.account)] = m.due.account
        self.sent = np.zeros((m.ahead + m.weeks, len(m.lanes.to)))  # by week, the first in row `ahead`
        self.under_way = np.zeros(len(m.lanes.to))
        self.claim = np.zeros(len(m.lanes.to))
        self.asked = np.zeros(len(m.outputs.job) + 1)  # the last fills up rows
        self.lane_trust, self.output_trust = m.lanes.trust.copy(), m.outputs.trust.copy()
        self.wanted = np.zeros(len(m.jobs.site))
        self.recipe = np.ones(len(m.jobs.site))
        self.mix = m.options.share.copy()
        self.backlog = np.zeros(len(m.demands.value))
        self.largest = np.zeros(len(m.demands.value))
        self.price = m.products.price.copy()
        self.trend = np.zeros(len(self.price))
        self.use_a_week, self.target, self.ordered, self.lacking = np.zeros((4, count))
        self.reference = self.unit_prices()
        self.settle()

    # ------------------------------------------------------------------------------------------------ consumption

    def unit_prices(self):
        """Price of what a unit of each option takes."""
        uses = self.m.uses
        return np.bincount(uses.option, uses.amount * self.price[uses.product], len(self.m.options.demand))

    def ask_for_needs(self, week):
        m, options, demands = self.m, self.m.options, self.m.demands
        amount = demands.amount[week]
        self.required = amount * m.years
        np.maximum(self.largest, amount, out=self.largest)
        price = np.bincount(options.demand, self.mix * self.unit_prices(), len(amount))
        reference = np.bincount(options.demand, self.mix * self.reference, len(amount))
        dearer = np.where((reference > 0.0) & (price > 0.0), price / reference, 1.0)
        asked = np.maximum(dearer, 1.0) ** m.behaviour["demand_elasticity"]
        late = np.where(demands.waits, np.minimum(self.backlog, CATCH_UP * m.years * self.largest), 0.0)
        wants = self.mix * (self.required * asked + late)[options.demand]
        most = options.most * self.required[options.demand]
        self.open = (options.opens <= week) & (options.most > 0.0)
        self.serve = np.where(self.open, np.fmin(wants, most), 0.0)
        claims = self.serve[m.uses.option[m.used]] * m.uses.amount[m.used]
        self.needs = np.bincount(m.uses.place[m.used], claims, len(self.pool))

    def consume(self, given):
        """What the options serve. They ask for no more than is due and late, so they get no more either."""
        m = self.m
        self.served = self.serve * given[m.uses_of].min(axis=1)
        self.met = np.bincount(m.options.demand, self.served, len(self.required))
        left = np.maximum(self.backlog + self.required - self.met, 0.0)
        self.backlog = np.where(m.demands.waits, left, 0.0)
        taken = self.served[m.uses.option[m.used]] * m.uses.amount[m.used]
        return np.bincount(m.uses.place[m.used], taken, len(self.pool))

    def substitute(self):
        """From the option that is worst off to the one that is best off."""
        m, table = self.m, self.m.choices
        got = np.where(self.serve > 0.0, self.served / self.serve, 1.0)
        short = np.where(got < ENOUGH, (1.0 - got) * m.demands.value[m.options.demand], 0.0)
        pain = np.where(self.open, self.unit_prices() + m.options.cost + short, np.inf)
        limit = np.where(np.isinf(m.options.most), 1.0, m.options.most)
        room = limit - self.mix
        none = table < 0
        worst = np.where(none | (self.mix <= 0.0)[table], -np.inf, pain[table])
        best = np.where(none | ~(self.open & (room > 0.0))[table], np.inf, pain[table])
        rows = np.arange(len(table))
        from_, to = worst.argmax(axis=1), best.argmin(axis=1)
        change = (worst[rows, from_] > best[rows, to]) & (from_ != to)
        from_, to = table[rows, from_][change], table[rows, to][change]
        step = np.minimum(np.minimum(m.behaviour["substitution_per_year"] * m.years, self.mix[from_]), room[to])
        self.mix[from_] -= step
        self.mix[to] += step

    # ------------------------------------------------------------------------------------------------- production

    def plan_sites(self, week):
        m, jobs = self.m, self.m.jobs
        asked = np.bincount(jobs.site, self.wanted, len(m.sites.minimum))
        self.capacities = m.sites.capacity[week] * m.years
        least = m.sites.minimum * self.capacities
        activity = np.clip(asked, least, np.maximum(self.capacities, least))
        possible = np.where(asked > 0.0, activity / asked, activity)[jobs.site]
        self.plan = self.wanted * possible
        idle = m.must_run & (asked == 0.0)[jobs.site]
        self.plan[idle] = possible[idle]

    def weigh(self):
        m, count = self.m, len(self.m.jobs.site)
        self.value_of = m.outputs.amount * self.price[m.outputs.product]
        self.value = np.bincount(m.outputs.job, self.value_of, count)
        self.cost = m.jobs.cost + np.bincount(m.inputs.job, m.inputs.amount * self.price[m.inputs.product], count)

    def pays(self):
        return np.where(self.cost > 0.0, self.value / self.cost / self.paid_before, np.inf)

    def choose_recipes(self, pays, moves):
        of = self.m.with_recipes
        site, pays = self.m.jobs.site[of], pays[of]
        best = np.zeros(len(self.m.sites.minimum))
        np.maximum.at(best, site, pays)
        best = best[site]
        weight = np.where((best > 0.0) & np.isfinite(best), pays / best, 1.0) ** self.m.behaviour["recipe_choice"]
        part = weight / np.bincount(site, weight, len(self.m.sites.minimum))[site]
        self.recipe[of] += moves * (part - self.recipe[of])

    def slices(self, tier):
        """Activity that orders come to, of the jobs of a tier."""
        jobs, table = tier["jobs"], tier["outputs_of"]
        cost, band = self.cost_judged[jobs, None], self.m.behaviour["closure_band"]
        asked, value = self.asked[table] / self.amount_of[table], self.value_padded[table]
        if table.shape[1] > 1:
            order = asked.argsort(axis=1)
            asked, value = np.take_along_axis(asked, order, 1), np.take_along_axis(value, order, 1)
            value = value[:, ::-1].cumsum(axis=1)[:, ::-1]  # of what is still wanted
            asked[:, 1:] -= asked[:, :-1].copy()  # widths
        runs = np.clip(1.0 - (1.0 - value / cost) / band, 0.0, 1.0)
        return (asked * runs).sum(axis=1)

    # ---------------------------------------------------------------------------------- rationing and shipping

    def ration(self, at, there, home, away):
        free = np.maximum(there - self.reserve[at], 0.0)
        self.given_away[at] = shares = np.fmin(free / (home[at] + away[at] + self.lacking[at]), 1.0)
        local = np.maximum(there - np.where(away[at] > 0.0, shares * away[at], 0.0), 0.0)
        self.given_here[at] = np.fmin(local / home[at], 1.0)

    def send(self, lanes, week, account):
        """What lanes send of what they were given, and what leaves each place; all lanes of a place, or none."""
        m, from_ = self.m, self.m.lanes.from_[lanes]
        sent = np.minimum(self.claim[lanes] * self.given_away[from_], m.carries[week, lanes])
        leaving = np.bincount(from_, sent, len(account))
        factor = np.where(m.counted & (leaving > account), np.maximum(account, 0.0) / leaving, 1.0)
        return sent * factor[from_], leaving * factor

    def goods_move(self, week):
        m, count = self.m, len(self.pool)
        lanes, inputs, outputs = m.lanes, m.inputs, m.outputs
        self.reserve = np.minimum(self.pool, self.target)
        self.pool += self.due[week]
        self.account += self.due_account[week]
        come = self.sent[m.ahead + week - lanes.lead, np.arange(len(lanes.lead))]
        self.under_way = np.maximum(self.under_way - come, 0.0)
        self.plan_sites(week)
        self.ask_for_needs(week)

        home = self.needs + np.bincount(inputs.place, self.plan[inputs.job] * inputs.amount, count)
        away = np.bincount(lanes.from_, self.claim, count)
        self.given_away, self.given_here = np.ones(count), np.ones(count + 1)  # one more, which fills rows up
        activity = np.zeros(len(self.plan))
        for places, jobs, made, sending, instant in m.tiers:
            activity[jobs] = self.plan[jobs] * self.given_here[m.inputs_of[jobs]].min(axis=1)
            if len(made):
                come = np.bincount(outputs.place[made], activity[outputs.job[made]] * outputs.amount[made], count)
                self.pool += come
                self.account += come
            self.ration(places, self.pool[places], home, away)
            if sending is not None:
                sent, _ = self.send(sending, week, self.account)
                sent = sent[np.isin(sending, instant)]
                np.add.at(self.pool, lanes.to[instant], sent)
                np.add.at(self.account, lanes.to[instant], sent * m.reexport[instant])
        sent, leaving = self.send(slice(None), week, self.account)
        activity[m.last] = self.plan[m.last] * self.given_here[m.inputs_of[m.last]].min(axis=1)
        units = activity[outputs.job] * outputs.amount
        last = np.bincount(outputs.place[m.last_outputs], units[m.last_outputs], count)
        used = np.bincount(inputs.place, activity[inputs.job] * inputs.amount, count)
        self.account += last - leaving
        self.pool += last - leaving - used - self.consume(self.given_here)

        later, size = sent[m.sent_later], m.ahead * count
        rows = slice(week, week + m.ahead)
        come = np.concatenate([units[m.made_later], later])
        self.due[rows] += np.bincount(m.arrive, come, size).reshape(-1, count)
        come = np.concatenate([units[m.made_later], later * m.reexport[m.sent_later]])
        self.due_account[rows] += np.bincount(m.arrive, come, size).reshape(-1, count)
        self.sent[m.ahead + week, m.sent_later] = later
        self.under_way[m.sent_later] += later

        here = m.made_here
        self.output_trust[here] = self.judged(self.output_trust[here], self.asked[here], units[here])
        asked = self.ordered[lanes.to] * self.lane_share
        self.lane_trust = self.judged(self.lane_trust, np.maximum(self.claim, asked), sent)
        # What cannot be kept is gone.
        self.pool = np.where(m.places.kept, np.clip(self.pool, 0.0, m.places.room), 0.0)

    # ----------------------------------------------------------------------------------------------------- orders

    def judged(self, trust, asked, delivered):
        share = np.fmin(delivered / asked, 1.0)
        change = np.where(share < ALL, trust * (share - 1.0), 1.0 - trust)
        changed = np.maximum(trust + change / self.m.behaviour["trust_weeks"], LEAST_TRUST)
        return np.where(asked > 0.0, changed, trust)

    def share_orders(self, week):
        m, count, here = self.m, len(self.pool), self.m.made_here
        place, job = m.outputs.place[here], m.outputs.job[here]
        made = m.sites.capacity[week][m.jobs.site[job]] * self.recipe[job] * m.outputs.amount[here]
        every = np.bincount(place, made, count) + np.bincount(m.lanes.to, m.lanes.flow, count)
        least = np.where(every > 0.0, m.behaviour["new_supplier_share"] * every, 1.0)
        made = np.where(made == 0.0, 0.0, np.maximum(made, least[place]) * self.output_trust[here])
        flow = np.maximum(m.lanes.flow, least[m.lanes.to]) * self.lane_trust
        every = np.bincount(place, made, count) + np.bincount(m.lanes.to, flow, count)
        over = np.where(every > 0.0, 1.0 / every, 0.0)
        self.output_share = np.zeros(len(m.outputs.job))
        self.output_share[here] = made * over[place]
        self.lane_share = flow * over[m.lanes.to]

    def place_orders(self, week, order):
        """Orders of all tiers; `order` makes them of what is used at places. Gives what is used, and what of it stays there."""
        m, lanes, inputs = self.m, self.m.lanes, self.m.inputs
        count, carries = len(self.pool), m.carries[week]
        stale, old = m.stale_inputs, m.stale_lanes
        here = self.needs + np.bincount(inputs.place[stale], self.wanted[inputs.job[stale]] * inputs.amount[stale], count)
        away = np.bincount(lanes.from_[old], self.claim[old], count)
        for tier in m.order_tiers:
            at, out = tier["places"], tier["outputs"]
            self.ordered[at] = order(at, here[at] + away[at])
            of = tier["lanes"]
            self.claim[of] = np.minimum(self.ordered[lanes.to[of]] * self.lane_share[of], carries[of])
            self.asked[out] = self.ordered[m.outputs.place[out]] * self.output_share[out]
            if len(fresh := tier["fresh_lanes"]):
                np.add.at(away, lanes.from_[fresh], self.claim[fresh])
            if len(tier["jobs"]):
                self.wanted[tier["jobs"]] = self.slices(tier)
                fresh = tier["fresh_inputs"]
                np.add.at(here, inputs.place[fresh], self.wanted[inputs.job[fresh]] * inputs.amount[fresh])
        return here + away, here

    def look_at_values(self):
        """What slices need of values and costs."""
        self.value_padded = np.append(self.value_of, 0.0)
        self.cost_judged = self.cost * self.paid_before

    def settle(self):
        m, count = self.m, len(self.pool)
        self.weigh()
        self.paid_before = 1.0
        self.paid_before = np.minimum(self.pays(), 1.0)
        self.ask_for_needs(0)
        self.choose_recipes(self.pays(), 1.0)
        self.share_orders(0)
        self.amount_of = np.append(m.outputs.amount, 1.0)
        self.look_at_values()
        used_before = np.zeros(count)
        for _ in range(ROUNDS):
            wanted = self.wanted.copy()
            used, here = self.place_orders(0, lambda at, used: used)
            if (used == used_before).all() and (wanted == self.wanted).all():
                break
            used_before = used
        self.use_a_week = self.ordered.copy()
        used = self.use_a_week
        quiet = np.where((self.pool > 0.0) & (used > 0.0), self.pool / used, m.behaviour["cover_weeks"])
        self.quiet_cover = np.where(m.places.kept, quiet, 0.0)
        self.target = self.quiet_cover * used
        # What is used by what was ordered in the end, which those who had their turn before did not know.
        here = self.needs + np.bincount(m.inputs.place, self.wanted[m.inputs.job] * m.inputs.amount, count)
        self.settle_prices(here)

    def order(self, week):
        m, b = self.m, self.m.behaviour
        self.weigh()
        pays = self.pays()
        self.choose_recipes(pays, 1.0 / b["recipe_weeks"])
        rise = np.clip(np.exp(self.trend * b["price_memory_weeks"]) - 1.0, 0.0, 1.0)[m.places.product]
        self.share_orders(week)
        self.look_at_values()
        kept, stock, room, count = m.places.kept, self.pool, m.places.room, len(self.pool)
        most = np.maximum(b["cover_most_weeks"], self.quiet_cover)
        cover = np.minimum(self.quiet_cover * (1.0 + b["hoarding"] * rise), most)
        on_lanes = np.bincount(m.lanes.to, self.lane_share * m.lanes.lead, count)
        under_way = np.bincount(m.lanes.to, self.under_way, count)

        def order(at, used):
            use = self.use_a_week[at]
            use = use + (used - use) / b["forecast_weeks"]
            self.use_a_week[at] = use
            self.target[at] = target = np.minimum(cover[at] * use, room[at])
            gap = np.where(kept[at], target - stock[at], 0.0) + use * on_lanes[at] - under_way[at]
            return np.maximum(np.where(kept[at], use, used) + gap / b["order_weeks"], 0.0)

        used, here = self.place_orders(week, order)
        self.target[~kept] = 0.0
        self.lacking = np.maximum((self.target - stock) / b["order_weeks"], 0.0)
        placed = np.bincount(m.lanes.to, self.claim, count)
        placed += np.bincount(m.outputs.place[m.made_here], self.asked[m.made_here], count)
        wanted = np.where(used > 0.0, placed * here / used, 0.0)
        return pays, np.bincount(m.places.product, wanted, len(self.price))

    # ----------------------------------------------------------------------------------------------------- prices

    def offered(self):
        """What sites could make, by product."""
        m = self.m
        most = (self.capacities[m.jobs.site] * self.recipe)[m.outputs.job] * m.outputs.amount
        return np.bincount(m.outputs.product, most, len(self.price))

    def settle_prices(self, here):
        self.plan_sites(0)
        supplied = self.offered()
        desired = np.bincount(self.m.places.product, here, len(self.price))
        self.value_before, self.cost_before = self.value, self.cost
        self.normal = np.where((supplied > 0.0) & (desired > 0.0), desired / supplied, 0.0)

    def move_prices(self, pays, desired):
        m, b, out, count = self.m, self.m.behaviour, self.m.outputs, len(self.price)
        dearer = np.where(self.value_before > 0.0, (self.cost - self.cost_before) / self.value_before, 0.0)
        margin = np.clip((pays - 1.0) / b["closure_band"], 0.0, 1.0)
        least = LEAST_WEIGHT * self.capacities[m.jobs.site][out.job] * out.amount
        units = np.maximum(self.asked[:-1], least)
        every = np.bincount(out.product, units, count)
        dearer = np.where(every > 0.0, np.bincount(out.product, units * dearer[out.job], count) / every, 0.0)
        room = np.where(every > 0.0, np.bincount(out.product, units * margin[out.job], count) / every, 1.0)
        supplied = self.offered()
        ratio = np.where(supplied > 0.0, desired / supplied / self.normal, MOST)
        ratio = np.where(self.normal > 0.0, ratio, 1.0)
        costs = m.products.price * np.maximum(1.0 + b["pass_through"] * dearer, b["price_floor"])
        change = b["price_response"] * np.log(np.clip(ratio, 1.0 / MOST, MOST))
        change = np.where(change < 0.0, change * room, change)
        change += np.where(self.price > 0.0, b["price_return"] * np.log(costs / self.price), 0.0)
        before = self.price
        self.price = np.maximum(before * np.exp(change * MONTHS), b["price_floor"] * m.products.price)
        trend = self.trend + (np.log(self.price / before) - self.trend) / b["price_memory_weeks"]
        self.trend = np.where(before > 0.0, trend, self.trend)

    def week(self, week):
        self.goods_move(week)
        self.substitute()
        self.move_prices(*self.order(week))


def run(market):
    """Prices (weeks x products), units needed and met (weeks x demands)."""
    world = World(market)
    prices, needed, met = [], [], []
    for week in range(market.weeks):
        world.week(week)
        prices.append(world.price)
        needed.append(world.required)
        met.append(world.met)
    return np.array(prices), np.array(needed), np.array(met)


def main(path):
    with open(path) as file:
        market = Market(json.load(file))
    least = np.inf
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for _ in range(REPEATS):
            begin = time.process_time()
            prices, needed, met = run(market)
            least = min(least, time.process_time() - begin)
    starts = np.arange(0, market.weeks, YEAR)
    ends = np.append(starts[1:], market.weeks) - 1
    by_year = {"prices": prices[ends], "needed": np.add.reduceat(needed, starts), "met": np.add.reduceat(met, starts)}
    figures = {name: values.tolist() for name, values in by_year.items()}
    print("\n" + json.dumps({"run": least, "figures": figures}))


if __name__ == "__main__":
    main(sys.argv[1])
