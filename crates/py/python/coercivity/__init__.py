"""Coercivity in Python.

How much pressure a supply of critical minerals stands, who runs short, when, and where the bottleneck is:

>>> import coercivity
>>> model = coercivity.Model.load()
>>> result = coercivity.run(model, "truce-lapses")
>>> result.table("demand").to_pandas()

Tables go in and out in Arrow's form, which pandas, polars and pyarrow read. Types, units and meanings of all that is
public stand in ``_native.pyi``. ``coercivity.distributed`` runs an ensemble on a Dask cluster.
"""

from typing import Any

from ._native import (
    Diagnostic,
    Ensemble,
    EnsembleError,
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
    "Ensemble",
    "EnsembleError",
    "InputError",
    "Model",
    "Result",
    "Scenario",
    "SolveError",
    "Table",
    "__version__",
    "run",
]


def __getattr__(name: str) -> Any:
    # Dask is not needed for anything else, so it is imported by whoever asks for it.
    if name == "distributed":
        import importlib

        return importlib.import_module("coercivity.distributed")
    raise AttributeError(f"module 'coercivity' has no attribute '{name}'")
