"""Shared by the tests: a model small enough to be solved by hand, and the reference model."""

import os
from pathlib import Path

import pytest

import coercivity

# A mine in A makes 10 t a month at 2 USD/t, and the works in B takes 10 t a month; a unit unmet costs 1000 USD. So three
# months cost 30 x 2 = 60 USD.
SMALL = {
    "model.toml": """format = 1
name = "Small"
start = 2025-01-01
step = "month"
steps = 3
currency = "USD"
discount_rate = 0
terminal_value = 0
""",
    "regions.csv": "id\nA\nB\n",
    "products.csv": "id,unit,stage,price\nore,t,ore,100\n",
    "processes.csv": "process,product,amount\ndig,ore,1\n",
    "sites.csv": "id,process,region,capacity,cost,opens,owner\nmine,dig,A,120,2,2020-01-01,\n",
    "lanes.csv": "product,from,to\nore,A,B\n",
    "demands.csv": "id,region,amount,value\nworks,B,120,1000\n",
    "uses.csv": "demand,product,amount\nworks,ore,1\n",
    # The mine is out from February on: 10 x 2 + 20 x 1000 = 20020 USD.
    "scenarios/outage.toml": """# The mine is out.
name = "Outage"

[[measure]]
id = "closure"
kind = "outage"
sites = "mine"
remaining = 0
from = 2025-02-01
announced = 2025-01-01
""",
}


@pytest.fixture(scope="session")
def small():
    return coercivity.Model.read(SMALL)


@pytest.fixture(scope="session")
def reference():
    return coercivity.Model.load()


@pytest.fixture
def small_folder(tmp_path):
    for name, text in SMALL.items():
        path = tmp_path / "small" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "small"


@pytest.fixture(scope="session")
def program():
    """The program `coercivity` that was built with the package: `./x test` names it."""
    return os.environ["COERCIVITY"]


# Half a year of the reference model: a sample takes some tenths of a second.
SPEC = """name = "Stocks, demand and costs"
scenario = "truce-lapses"
foresight = "perfect"
steps = 6
samples = 24
seed = 7
sampler = "latin-hypercube"

[[input]]
id = "stocks"
name = "stocks at the start"
table = "stocks"
column = "initial"
moves = "times"
low = 0.5
best = 1
high = 1.5

[[input]]
id = "demand"
name = "demand"
table = "demands"
column = "amount"
moves = "times"
low = 0.8
best = 1
high = 1.3

[[input]]
id = "costs"
name = "costs of plants"
table = "sites"
column = "cost"
moves = "times"
values = [0.9, 1.1]
"""


@pytest.fixture(scope="session")
def spec(tmp_path_factory):
    path = tmp_path_factory.mktemp("spec") / "spec.toml"
    path.write_text(SPEC)
    return path


@pytest.fixture(scope="session")
def other_spec(tmp_path_factory):
    """The same with other draws: another ensemble."""
    path = tmp_path_factory.mktemp("other") / "spec.toml"
    path.write_text(SPEC.replace("seed = 7", "seed = 8"))
    return path


@pytest.fixture(scope="session")
def serial(spec, tmp_path_factory):
    """The ensemble in one shard, run by one thread, and what was merged: what every other way must give."""
    ensemble = coercivity.Ensemble.plan(spec, tmp_path_factory.mktemp("serial") / "e", shard_size=64)
    assert (ensemble.shards, ensemble.shard_size) == (1, 24)
    return ensemble, ensemble.run(threads=1)


def part(ensemble, index):
    """Where the part of a shard is."""
    return Path(ensemble.dir) / "parts" / f"part-{index:06}.parquet"
