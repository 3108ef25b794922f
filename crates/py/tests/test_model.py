"""Models: read, shown as tables, edited, and refused with diagnostics."""

import datetime

import pandas
import polars
import pyarrow
import pytest

import coercivity
from conftest import SMALL


def test_the_reference_model_is_part_of_the_package(reference):
    assert reference.name == "Rare-earth permanent magnets"
    assert reference.default_scenario in reference.scenarios
    assert (reference.step, reference.dates[0], len(reference.dates)) == ("month", datetime.date(2025, 1, 1), 60)
    assert all(d.severity == "warning" for d in reference.warnings)


def test_a_folder_and_its_texts_are_one_model(small, small_folder):
    folder = coercivity.Model.load(small_folder)
    assert (folder.hash, folder.scenarios) == (small.hash, ["outage"])


def test_a_table_has_arrows_types(small):
    table = small.table("sites")
    schema = pyarrow.schema(
        [
            ("id", pyarrow.string()),
            ("process", pyarrow.string()),
            ("region", pyarrow.string()),
            ("capacity", pyarrow.float64()),
            ("cost", pyarrow.float64()),
            ("opens", pyarrow.date32()),
            ("owner", pyarrow.string()),
        ]
    )
    rows = pyarrow.table(table)
    assert rows.schema == schema
    mine = {"id": "mine", "process": "dig", "region": "A", "capacity": 120.0, "cost": 2.0, "owner": None}
    assert rows.to_pylist() == [mine | {"opens": datetime.date(2020, 1, 1)}]
    assert (table.name, len(table), table.columns) == ("sites", 1, schema.names)


def test_a_table_that_is_not_there_has_its_columns(small):
    stocks = small.table("stocks").to_polars()
    assert stocks.height == 0
    assert stocks.columns[:3] == ["region", "product", "initial"]


FRAMES = {"pandas": lambda table: table.to_pandas(), "polars": lambda table: table.to_polars(), "pyarrow": pyarrow.table}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_every_table_of_the_reference_model_goes_round(reference, frame):
    for name in reference.tables:
        table = reference.table(name)
        again = reference.with_table(name, frame(table)).table(name)
        assert pyarrow.table(again).equals(pyarrow.table(table)), name


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_an_edited_cell_changes_the_result(small, kind):
    # Half the capacity: 15 x 2 + 15 x 1000.
    if kind == "pandas":
        sites = small.table("sites").to_pandas()
        sites.loc[sites["id"] == "mine", "capacity"] = 60
    elif kind == "polars":
        sites = small.table("sites").to_polars().with_columns(capacity=polars.lit(60))
    else:
        sites = pyarrow.table(small.table("sites"))
        sites = sites.set_column(3, "capacity", pyarrow.array([60], pyarrow.int16()))
    half = small.with_table("sites", sites)
    assert coercivity.run(half).objective == pytest.approx(15030)
    assert coercivity.run(small).objective == pytest.approx(60)
    assert half.hash != small.hash


def test_cells_of_other_types_are_understood(small):
    sites = pandas.DataFrame(
        {
            "id": pandas.Categorical(["mine"]),
            "process": ["dig"],
            "region": ["A"],
            "capacity": [120],
            "cost": [None],
            "opens": [pandas.Timestamp("2020-01-01")],
        },
        index=[7],
    )
    model = small.with_table("sites", sites)
    row = pyarrow.table(model.table("sites")).to_pylist()[0]
    assert (row["id"], row["cost"], row["opens"]) == ("mine", None, datetime.date(2020, 1, 1))
    assert model.warnings == []


def test_errors_carry_diagnostics_with_their_line(small):
    lanes = polars.DataFrame({"product": ["ore", "or"], "from": ["A", "B"], "to": ["B", "A"]})
    with pytest.raises(coercivity.InputError) as raised:
        small.with_table("lanes", lanes)
    (d,) = raised.value.diagnostics
    assert (d.severity, d.code, d.file, d.line, d.column) == ("error", "unknown-id", "lanes.csv", 3, 1)
    assert (d.message, d.help) == ("unknown product `or`", "use `ore` (products.csv:2)")
    assert "--> lanes.csv:3:1" in str(raised.value) and "^^ no product has this id" in str(raised.value)
    assert isinstance(raised.value, ValueError)


def test_all_problems_are_told_at_once():
    files = SMALL | {"sites.csv": "id,process,region,capacity\nmine,digg,A,-1\n"}
    with pytest.raises(coercivity.InputError) as raised:
        coercivity.Model.read(files)
    assert [d.code for d in raised.value.diagnostics] == ["out-of-range", "unknown-id"]


def test_what_no_cell_can_hold_is_refused(small):
    time = datetime.datetime(2020, 1, 1, 12)
    sites = {"id": ["mine"], "process": ["dig"], "region": ["A"], "capacity": [1.0]}
    for frame, code in [
        (polars.DataFrame(sites | {"process": [["dig"]]}), "wrong-type"),
        (polars.DataFrame(sites | {"capacity": [float("nan")]}), "bad-number"),
        (polars.DataFrame(sites | {"opens": [time]}), "bad-date"),
        (polars.DataFrame(sites).drop("region"), "missing-column"),
    ]:
        with pytest.raises(coercivity.InputError) as raised:
            small.with_table("sites", frame)
        assert code in [d.code for d in raised.value.diagnostics]
    with pytest.raises(TypeError, match="a dict has none"):
        small.with_table("sites", sites)
    with pytest.raises(KeyError, match="is 'sites' meant?"):
        small.table("site")


def test_an_unknown_column_is_a_warning(small):
    sites = small.table("sites").to_polars().with_columns(colour=polars.lit("red"))
    (d,) = small.with_table("sites", sites).warnings
    assert (d.severity, d.code, d.line) == ("warning", "unknown-column", 1)


def test_a_table_replaces_that_of_the_extended_model_too(reference):
    own = coercivity.Model.read({"model.toml": 'format = 1\nname = "Own"\nextends = "reference/magnets"\n'})
    assert len(own.table("observations")) == len(reference.table("observations")) > 1
    one = own.with_table("observations", own.table("observations").to_polars().head(1))
    assert len(one.table("observations")) == 1


def test_a_model_stays_what_it_was_read(small_folder, small):
    model = coercivity.Model.load(f"{small_folder}/./")
    (small_folder / "uses.csv").write_text("")
    (small_folder / "tiers.csv").write_text("no table\n")
    assert model.with_table("sites", small.table("sites")).hash == small.hash


def test_a_missing_model_is_told(tmp_path):
    with pytest.raises(coercivity.InputError, match="missing-file"):
        coercivity.Model.load(tmp_path / "nowhere")
