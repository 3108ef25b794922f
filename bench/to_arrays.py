"""to_arrays.py FILE.mps FILE.npz: an exported program as arrays, for the peer that builds from arrays."""

import sys

import highspy
import numpy as np


def main(mps, npz):
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.readModel(mps)
    lp = solver.getLp()
    solver.ensureColwise()
    lp = solver.getLp()
    np.savez(
        npz,
        cost=np.array(lp.col_cost_),
        lower=np.array(lp.col_lower_),
        upper=np.array(lp.col_upper_),
        row_lower=np.array(lp.row_lower_),
        row_upper=np.array(lp.row_upper_),
        start=np.array(lp.a_matrix_.start_),
        index=np.array(lp.a_matrix_.index_),
        value=np.array(lp.a_matrix_.value_),
        offset=lp.offset_,
    )


main(*sys.argv[1:])
