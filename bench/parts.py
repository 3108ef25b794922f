"""Writes a bill of materials of many parts, the same for the same arguments.

    python parts.py FOLDER PARTS

One item holds assemblies of a thousand parts each; every part has a material and a document, of two
thousand documents that run out on many days, and some rows are not filled in.
"""

import csv
import datetime
import pathlib
import random
import sys

COLUMNS = (
    "part,name,part_of,quantity,supplier,weight_g,value,currency,made_in,material,material_g,material_value,"
    "mined,refined,separated,melted,produced,technology,documents"
).split(",")
MATERIALS = ["NdFeB", "SmCo", "tungsten heavy alloy", "tantalum metal", "steel", "aluminium", "copper", "magnet"]
COUNTRIES = ["Australia", "Malaysia", "Japan", "United States", "Vietnam", "Estonia", "China", "unknown", ""]
WEIGHTS = [30, 20, 30, 30, 10, 10, 1, 2, 2]


def main(folder: pathlib.Path, parts: int) -> None:
    draw = random.Random(1)
    folder.mkdir(parents=True, exist_ok=True)
    documents = 2000
    with open(folder / "declarations.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["document", "covers", "dated", "expires", "signed_by"])
        for d in range(documents):
            dated = datetime.date(2026, 1, 1) + datetime.timedelta(draw.randrange(300))
            out.writerow([f"D-{d}", "", dated, dated + datetime.timedelta(365 + draw.randrange(400)), "A. Person"])
    assemblies = max(1, parts // 1000)
    with open(folder / "parts.csv", "w", newline="") as file:
        out = csv.DictWriter(file, COLUMNS, lineterminator="\n", restval="")
        out.writeheader()
        out.writerow({"part": "ITEM", "made_in": "USA", "value": 90_000_000, "currency": "USD", "documents": "D-0"})
        for a in range(assemblies):
            out.writerow({"part": f"A-{a}", "part_of": "ITEM", "quantity": 1})
        for p in range(parts - assemblies - 1):
            row = {
                "part": f"P-{p}",
                "name": f"Part {p}",
                "part_of": f"A-{p % assemblies}",
                "quantity": draw.randrange(1, 5),
                "supplier": f"Supplier {draw.randrange(500)}",
                "weight_g": 100,
                "value": 50,
                "currency": "USD",
                "material": draw.choice(MATERIALS),
                "material_g": draw.randrange(1, 90),
                "material_value": draw.randrange(1, 40) / 10,
                "documents": f"D-{draw.randrange(documents)}; D-{draw.randrange(documents)}",
            }
            steps = ["mined", "refined", "separated", "melted", "produced", "technology"]
            row.update(zip(steps, draw.choices(COUNTRIES, WEIGHTS, k=len(steps))))
            out.writerow(row)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), int(sys.argv[2]))
