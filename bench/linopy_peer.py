"""Peer: the same program built with linopy from arrays and solved with HiGHS.  linopy_peer.py FILE.npz -> JSON.

The way of its authors for large sparse programs: a sparse model, whole arrays at once, expressions grouped by row, and the
program passed to the solver in memory.
"""

import json
import sys
import time
import warnings

import linopy
import numpy as np
import pandas as pd
import scipy.sparse
import xarray

from settings import HIGHS


def build(data):
    linopy.options["semantics"] = "v1"
    model = linopy.Model(sparse=True)
    columns = pd.RangeIndex(len(data["cost"]), name="column")
    x = model.add_variables(
        xarray.DataArray(data["lower"], [columns]), xarray.DataArray(data["upper"], [columns]), name="x"
    )
    shape = (len(data["row_lower"]), len(columns))
    matrix = scipy.sparse.csc_array((data["value"], data["index"], data["start"]), shape).tocsr()
    lower, upper = data["row_lower"], data["row_upper"]
    equal = lower == upper
    add_rows(model, x, matrix, equal, "=", lower)
    add_rows(model, x, matrix, np.isfinite(upper) & ~equal, "<=", upper)
    add_rows(model, x, matrix, np.isfinite(lower) & ~equal, ">=", lower)
    model.add_objective((x * xarray.DataArray(data["cost"], [columns])).sum())
    return model


def add_rows(model, x, matrix, wanted, sign, side):
    """Adds the rows of the matrix that are wanted; those without entries say nothing about x."""
    wanted = np.flatnonzero(wanted & (np.diff(matrix.indptr) > 0))
    if not len(wanted):
        return
    entries = matrix[wanted].tocoo()
    terms = x.isel(column=xarray.DataArray(entries.col, dims="entry")) * xarray.DataArray(entries.data, dims="entry")
    left = terms.groupby(xarray.DataArray(wanted[entries.row], dims="entry", name="row")).sum()
    right = xarray.DataArray(side[wanted], [pd.Index(wanted, name="row")])
    model.add_constraints(left, sign, right, name={"=": "equal", "<=": "most", ">=": "least"}[sign])


def main(path):
    warnings.simplefilter("ignore")
    data = dict(np.load(path))
    begin = time.process_time()
    model = build(data)
    built = time.process_time()
    status, condition = model.solve("highs", io_api="direct", progress=False, log_to_console=False, **HIGHS)
    solved = time.process_time()
    answer = {"status": condition, "objective": float(model.objective.value), "build": built - begin, "solve": solved - built}
    print("\n" + json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
