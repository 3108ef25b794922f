"""Coercivity in Python.

How much pressure a supply of critical minerals stands, who runs short, when, and where the bottleneck is:

>>> import coercivity
>>> model = coercivity.Model.load()
>>> result = coercivity.run(model, "truce-lapses")
>>> result.table("demand").to_pandas()

Tables go in and out in Arrow's form, which pandas, polars and pyarrow read. Types, units and meanings of all that is
public stand in ``_native.pyi``.
"""

from ._native import (
    Diagnostic,
    InputError,
    Model,
    Result,
    Scenario,
    SolveError,
    Table,
    __version__,
    run,
)

__all__ = [
    "Diagnostic",
    "InputError",
    "Model",
    "Result",
    "Scenario",
    "SolveError",
    "Table",
    "__version__",
    "run",
]
