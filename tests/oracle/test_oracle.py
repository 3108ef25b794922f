"""A few cases small enough to compute by hand.  Run: python -m unittest discover -s DIR_OF_THIS_FILE"""

import datetime
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import generate  # noqa: E402
import oracle  # noqa: E402

HEAD = {"format": 1, "start": datetime.date(2025, 1, 1), "step": "month", "steps": 2, "discount_rate": 0.0}


def table(text):
    """Rows of cells from a short text: header, then one row a line, cells separated by blanks, `-` for empty."""
    lines = [line.split() for line in text.strip().splitlines()]
    return "\n".join(",".join("" if cell == "-" else cell for cell in line) for line in lines) + "\n"


class Case(unittest.TestCase):
    def solve(self, tables, measures=(), truces=(), foresight="perfect", **head):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "model.toml"), "w") as handle:
                handle.write("".join(f"{k} = {generate.toml(v)}\n" for k, v in {**HEAD, **head}.items()))
            for name, text in {"regions": "id\nA\nB\nC", **tables}.items():
                with open(os.path.join(folder, name + ".csv"), "w") as handle:
                    handle.write(table(text))
            path = os.path.join(folder, "scenario.toml")
            generate.write_scenario(path, {"name": "x"}, measures, truces)
            result = oracle.run(folder, path, foresight)
        self.assertEqual(result["status"], "optimal")
        self.assertAlmostEqual(
            result["objective"], result["unmet_value"] + sum(result["costs"].values()), delta=1e-9 * (1 + result["objective"])
        )
        return result

    def near(self, value, expected):
        self.assertAlmostEqual(value, expected, delta=1e-8 * max(1.0, abs(expected)))

    def series(self, values, expected):
        self.assertEqual(len(values), len(expected))
        for value, wanted in zip(values, expected):
            self.near(value, wanted)


# One product, one mine in A of 10 units a step at cost 2.
ONE = {
    "products": "id unit stage price\np t x 10",
    "processes": "process product amount\nmine p 1",
    "sites": "id process region capacity cost\ns mine A 120 2",
    "uses": "demand product amount\nd p 1",
}


class Basics(Case):
    def test_shortage_and_discount(self):
        # Each quarter 30 are made (cost 60) of 45 needed; 15 unmet at 50 = 750.  Second quarter times 1.21^-0.25.
        demand = {"demands": "id region amount value\nd A 180 50"}
        result = self.solve({**ONE, **demand}, step="quarter", discount_rate=0.21)
        factor = 1 + 1.21**-0.25
        self.near(result["unmet_value"], 750 * factor)
        self.near(result["costs"]["production"], 60 * factor)
        self.series(result["unmet"]["d"], [15, 15])
        self.series(result["required"]["d"], [45, 45])

    def test_growth_opens_and_ramp(self):
        # Demand 120 x 4^(t/12 years): 10, 10 x 4^(1/12).  The mine opens on 1 January and ramps over 2 months: on the middle
        # days, 16 January (15 days) and 15 February (45 days), the share is 15 and 45 of 2 x 365/12 days.
        tables = {
            **ONE,
            "demands": "id region amount value growth\nd A 120 50 3",
            "sites": "id process region capacity cost opens ramp_months\ns mine A 120 2 2025-01-01 2",
        }
        result = self.solve(tables)
        made = [10 * 15 * 6 / 365, 10 * 45 * 6 / 365]
        self.series(result["unmet"]["d"], [10 - made[0], 10 * 4 ** (1 / 12) - made[1]])
        self.near(result["costs"]["production"], 2 * sum(made))

    def test_tiers(self):
        # 5 of 15 unmet: 0.2 x 15 = 3 at factor 0.5, 2 at factor 2, value 50: 75 + 200 a step.
        tables = {**ONE, "demands": "id region amount value\nd A 180 50", "tiers": "demand share factor\n* 0.2 0.5\n* 0.8 2"}
        self.near(self.solve(tables)["unmet_value"], 2 * 275)

    def test_options(self):
        # Option `other` uses half a unit for each need, at most 0.4 of 15 = 6 a step, extra cost 1.  The mine's 10 then
        # serve 6 (with 3 units) + 7; 2 unmet.
        tables = {
            **ONE,
            "demands": "id region amount value\nd A 180 50",
            "uses": "demand product amount option\nd p 1 -\nd p 0.5 other",
            "options": "demand option max_share cost\nd other 0.4 1",
        }
        result = self.solve(tables)
        self.series(result["unmet"]["d"], [2, 2])
        self.near(result["costs"]["options"], 12)

    def test_backlog(self):
        # Nothing in step 0 (the mine opens on 1 February): backlog 10.  Then at most 0.2 x 10 catch up: 8, 6.  late_cost 12 a
        # year = 1 a step: 10 + 8 + 6; what remains costs 6 x 50.
        tables = {
            **ONE,
            "demands": "id region amount value late_cost\nd A 120 50 12",
            "sites": "id process region capacity cost opens\ns mine A 240 0 2025-02-01",
        }
        result = self.solve(tables, steps=3)
        self.near(result["unmet_value"], 24 + 300)
        self.series(result["unmet"]["d"], [10, 0, 0])

    def test_joint_products_with_lead(self):
        # 10 runs a step take 20 ore from stock and give 10 p one step later.  `made` 120 fills step 0 with 10 p.  Left at the
        # end: activity of step 1 is worth 10 x 10 against 100 at the start, so running it (20 ore of price 1, charged as missing
        # stock, and cost 2 x 10) is worth it: production 40, terminal 40 for the ore.
        tables = {
            **ONE,
            "products": "id unit stage price\np t x 10\nore t x 1",
            "processes": "process product amount\nmine p 1\nmine ore -2",
            "sites": "id process region capacity cost lead_days made\ns mine A 120 2 30 120",
            "stocks": "region product initial\nA ore 100",
            "demands": "id region amount value\nd A 120 50",
        }
        result = self.solve(tables)
        self.near(result["unmet_value"], 0)
        self.near(result["costs"]["production"], 40)
        self.near(result["costs"]["terminal"], 40)

    def test_minimum(self):
        # No demand to speak of: half of 10 a step must run nevertheless, under an outage half of 4.
        tables = {
            **ONE,
            "sites": "id process region capacity cost minimum\ns mine A 120 2 0.5",
            "demands": "id region amount value\nd B 0 1",
        }
        outage = {"id": "o", "kind": "outage", "sites": ["s"], "remaining": 0.4, "from": datetime.date(2025, 2, 1)}
        self.near(self.solve(tables, [outage])["costs"]["production"], 2 * 5 + 2 * 2)


class Stocks(Case):
    def test_target_holding_and_terminal(self):
        # The mine gives 10, the need takes 10; stock of 4 below its target of 9: shortfall 5 x 12 x D = 5 a step.  Holding
        # 24 x D x 4 = 8 a step.  Emptying it would cost 4 x (10 x terminal_value 2) once, and 4 more of shortfall: it stays.
        tables = {
            **ONE,
            "demands": "id region amount value\nd A 120 50",
            "stocks": "region product initial holding_cost target shortfall_cost\nA p 4 24 9 12",
        }
        result = self.solve(tables, terminal_value=2.0)
        self.near(result["costs"]["shortfall"], 10)
        self.near(result["costs"]["holding"], 16)
        self.near(result["costs"]["terminal"], 0)

    def test_release(self):
        # 15 needed, 10 made; 3 a step (12 + 24 a year) leave the reserve of 5 in step 0, the last 2 in step 1.
        # Terminal: 5 x price 10.
        tables = {
            **ONE,
            "demands": "id region amount value\nd A 180 50",
            "stocks": "region product initial kind\nA p 5 strategic",
        }
        releases = [{"id": f"r{n}", "kind": "release", "region": "A", "products": "p", "rate": 12 * n} for n in (1, 2)]
        result = self.solve(tables, releases)
        self.near(sum(result["unmet"]["d"]), 5)
        self.near(result["costs"]["terminal"], 50)
        self.series(self.solve(tables)["unmet"]["d"], [5, 5])


# Mined in A, needed in B: 10 a step, one lane.
TRADE = {
    **ONE,
    "demands": "id region amount value end_use\nd B 120 50 civil",
    "lanes": "product from to flow cost\np A B 120 0.5",
}


class Trade(Case):
    def test_transit_and_terminal(self):
        # Lead 1 step: what is under way serves step 0, what is sent in step 0 (cost 2.5 a unit) step 1.  Sending 10 in step 1
        # (25) is cheaper than missing 10 at price 10 x 0.5, and dearer than at 10 x 0.2 (20).
        tables = {**TRADE, "lanes": "product from to flow cost lead_days\np A B 120 0.5 30"}
        self.near(self.solve(tables, terminal_value=0.5)["objective"], 50)
        result = self.solve(tables, terminal_value=0.2)
        self.near(result["objective"], 25 + 20)
        self.near(result["costs"]["terminal"], 20)

    def test_lead_beyond_the_end(self):
        # Lead 5 steps of 2: both deliver 10; the charge counts N = 2 steps' worth, 20 units at 10, or sending them at 2.5.
        tables = {**TRADE, "lanes": "product from to flow cost lead_days\np A B 120 0.5 152"}
        result = self.solve(tables)
        self.near(result["unmet_value"], 0)
        self.near(result["objective"], 50)

    def test_control_with_leakage(self):
        # 0.2 + 0.5 x 0.8 = 0.6 of 10 pass in step 1; 4 unmet.
        control = {"id": "c", "kind": "export-control", "by": "A", "on": "*", "allow_civil": 0.2, "allow_military": 1,
                   "leakage": 0.5, "from": datetime.date(2025, 2, 10)}  # fmt: skip
        self.series(self.solve(TRADE, [control])["unmet"]["d"], [0, 4])

    def test_military_control(self):
        # Of 10 a step, 2 are for military use; half of these stay free of `civil`: a military need of 5 gets 1, the civil 5.
        tables = {
            **TRADE,
            "demands": "id region amount value end_use\nd B 60 50 civil\nm B 60 90 military",
            "uses": "demand product amount\nd p 1\nm p 1",
            "lanes": "product from to flow military\np A B 120 24",
        }
        control = {"id": "c", "kind": "export-control", "by": "A", "on": "p", "allow_civil": 1, "allow_military": 0.5}
        result = self.solve(tables, [control])
        self.series(result["unmet"]["m"], [4, 4])
        self.series(result["unmet"]["d"], [0, 0])

    def test_delay(self):
        # A delay of 20 days makes round(20 / 30.4) = 1 step: what is sent in step 0 arrives in step 1, too late for step 0.
        # In step 1, the delay is gone.
        control = {"id": "c", "kind": "export-control", "by": "A", "on": "p", "allow_civil": 1, "allow_military": 1,
                   "delay_days": 20, "until": datetime.date(2025, 2, 1)}  # fmt: skip
        self.series(self.solve(TRADE, [control])["unmet"]["d"], [10, 0])

    def test_duties_add_up(self):
        # Tariff 0.3 and export tax 0.2 of price 10: 5 a unit on 20 units.
        duties = [{"id": "t", "kind": "tariff", "by": "B", "on": "p", "rate": 0.3},
                  {"id": "x", "kind": "export-tax", "by": "A", "on": "p", "rate": 0.2}]  # fmt: skip
        self.near(self.solve(TRADE, duties)["costs"]["duties"], 100)

    def test_growth_limit(self):
        # flow <= (60 + 120 t / 12) / 12: 5, then 70 / 12.
        tables = {**TRADE, "lanes": "product from to flow growth\np A B 60 120"}
        self.series(self.solve(tables)["unmet"]["d"], [5, 10 - 70 / 12])

    def test_quota_over_two_lanes(self):
        # 6 a step together through C and directly.
        tables = {**TRADE, "lanes": "product from to\np A B\np A C\np C B"}
        quota = {"id": "q", "kind": "quota", "by": "*", "on": "p", "to": "B", "amount": 72}
        self.series(self.solve(tables, [quota])["unmet"]["d"], [4, 4])

    def test_reexport(self):
        # Through C only, where 0.3 of 10 may leave again, and an initial stock of 4 once: 3 + 4, then 3 -- or another split
        # of 10 over the two steps; in all 10 of 20 are unmet.
        tables = {
            **TRADE,
            "products": "id unit stage price reexport\np t x 10 0.3",
            "lanes": "product from to\np A C\np C B",
            "stocks": "region product initial\nC p 4",
        }
        result = self.solve(tables)
        self.near(sum(result["unmet"]["d"]), 20 - (0.3 * 20 + 4))

    def test_exact_rows(self):
        # Fewer `*` win; among equals the later row, with its empty cells.
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "lanes.csv"), "w") as handle:
                handle.write("product,from,to,cost,flow\np,*,B,1,5\np,A,*,2,\n*,*,*,3,7\np,A,B,,9\np,A,B,4,\n")
            m = oracle.Model()
            m.regions, m.products, m.calendar = ["A", "B", "C"], ["p"], oracle.Calendar(HEAD["start"], "month", 1)
            lanes = oracle.load_lanes(oracle.read_table(folder, "lanes.csv"), m)
        self.assertEqual(len(lanes), 6)
        self.assertEqual((lanes["p", "A", "B"]["cost"], lanes["p", "A", "B"]["flow"]), (4, None))
        self.assertEqual((lanes["p", "A", "C"]["cost"], lanes["p", "A", "C"]["flow"]), (2, None))
        self.assertEqual((lanes["p", "C", "B"]["cost"], lanes["p", "C", "B"]["flow"]), (1, 5))
        self.assertEqual((lanes["p", "B", "A"]["cost"], lanes["p", "B", "A"]["flow"]), (3, 7))


class Tags(Case):
    tables = {
        **TRADE,
        "regions": "id\nA\nB\nC",
        "demands": "id region amount value end_use\nd B 120 50 military",
        "stocks": "region product initial origin\nB p 30 A\nB q 30 A",
        "products": "id unit stage price\np t x 10\nq t x 10",
    }

    def test_origin_rule(self):
        # The rule starts in step 1: goods of A serve step 0 only.  With 5 of the stock of C's making, 5 of step 1 too.
        rule = {"id": "o", "kind": "origin-rule", "by": "B", "on": "p", "origin": "A", "from": datetime.date(2025, 2, 1)}
        self.series(self.solve(self.tables, [rule])["unmet"]["d"], [0, 10])
        other = {**self.tables, "stocks": "region product initial origin\nB p 5 C"}
        self.series(self.solve(other, [rule])["unmet"]["d"], [0, 5])

    def test_stock_of_what_no_process_makes(self):
        # No process makes q: its stock in B carries no tag, although it comes from A.
        rule = {"id": "o", "kind": "origin-rule", "by": "B", "on": ["p", "q"], "origin": "A"}
        tables = {**self.tables, "uses": "demand product amount\nd q 1"}
        self.series(self.solve(tables, [rule])["unmet"]["d"], [0, 0])

    def test_content_rule(self):
        # C refines A's goods and sends r to B.  By content 0.2 + 0.8 x 0.5 = 0.6 of 10 pass; of these 0.5 x 4 (military) stay
        # free of `civil`: the military need of 5 gets 2, the civil need 4.
        tables = {
            "products": "id unit stage price\np t x 10\nr t x 20",
            "processes": "process product amount\nmine p 1\nrefine p -1\nrefine r 1",
            "sites": "id process region capacity\ns mine A 120\nz refine C 120",
            "lanes": "product from to flow military\np A C 120 -\nr C B 120 48",
            "demands": "id region amount value end_use\nm B 60 90 military\nd B 60 50 -",
            "uses": "demand product amount\nm r 1\nd r 1",
        }
        rule = {"id": "k", "kind": "content-rule", "by": "A", "on": "r", "to": "B", "allow": 0.2, "compliance": 0.5,
                "allow_military": 0.5}  # fmt: skip
        result = self.solve(tables, [rule])
        self.series(result["unmet"]["m"], [3, 3])
        self.series(result["unmet"]["d"], [1, 1])


class Time(Case):
    def test_calendar(self):
        cal = oracle.Calendar(datetime.date(2025, 1, 31), "month", 4)
        self.assertEqual([cal.first(t).isoformat()[5:] for t in range(4)], ["01-31", "02-28", "03-31", "04-30"])
        self.assertEqual(cal.middle[0], datetime.date(2025, 2, 14))  # 28 days: the 14th after the first
        self.assertEqual(cal.middle[1], datetime.date(2025, 3, 15))  # 31 days: 15
        lead = {step: oracle.Calendar(HEAD["start"], step, 1).lead for step in ("week", "month", "quarter")}
        for step, days, steps in [("week", "3.5", 1), ("week", "3.4", 0), ("week", "10.5", 2), ("month", "15.2", 0),
                                  ("month", "15.21", 1), ("quarter", "45.625", 1), ("quarter", "136.875", 2)]:  # fmt: skip
            self.assertEqual(lead[step](oracle.exact(days)), steps, (step, days))

    def test_surprise(self):
        # The mine makes up to 20 a step, 10 are needed.  From step 1 on it stands still: who knows stores 10 for step 1 (price
        # 0, so nothing is charged in the end), who does not, has nothing.
        tables = {
            **ONE,
            "products": "id unit stage price\np t x 0",
            "sites": "id process region capacity cost\ns mine A 240 2",
            "demands": "id region amount value\nd A 120 50",
            "stocks": "region product holding_cost\nA p 12",
        }
        outage = {"id": "o", "kind": "outage", "sites": ["s"], "remaining": 0, "from": datetime.date(2025, 2, 1)}
        self.near(self.solve(tables, [outage])["objective"], 40 + 10)
        self.near(self.solve(tables, [outage], foresight="announced")["objective"], 20 + 500)
        known = {**outage, "announced": datetime.date(2025, 1, 16)}  # the middle day of step 0
        self.near(self.solve(tables, [known], foresight="announced")["objective"], 40 + 10)

    def test_truce(self):
        day = datetime.date
        measures = {"m": {"from": day(2025, 1, 1), "until": day(2025, 12, 1), "announced": day(2025, 1, 1),
                          "until_announced": day(2025, 10, 1)}}  # fmt: skip
        truce = {"suspends": ["m"], "from": day(2025, 3, 1), "until": day(2025, 5, 1), "announced": day(2025, 2, 10),
                 "extensions": [{"until": day(2025, 7, 1)}, {"until": day(2025, 9, 1)}], "extended": 1}  # fmt: skip
        truce["terms"] = oracle.truce_terms(truce)
        model = oracle.Model()
        model.calendar = oracle.Calendar(day(2025, 1, 1), "month", 13)
        known = oracle.Knowledge(model, measures, {"x": truce})
        self.assertEqual([t for t in range(13) if known.real[t]], [0, 1, 6, 7, 8, 9, 10])

        def expected(t):
            return [u for u in range(13) if known.in_force(model.calendar.middle[u], known.facts(t))]

        self.assertEqual(expected(0), list(range(13)))  # neither its end nor the truce
        self.assertEqual(expected(1), [0, 1] + list(range(4, 13)))  # the truce, from 10 February, until 1 May
        self.assertEqual(expected(4), [0, 1] + list(range(6, 13)))  # the extension, from 1 May
        self.assertEqual(expected(9), [0, 1] + list(range(6, 11)))  # the end


if __name__ == "__main__":
    unittest.main()
