"""Peer: a loop that builds each sample's program with linopy and solves it with highspy.  ensemble_peer.py FILE.npz...

What one would write in Python: for each sample the whole program, nothing left out of it, is built anew from the arrays of
its figures (linopy_peer.build), handed over in memory and solved by HiGHS on one thread: once by interior point, once as
HiGHS chooses for itself, which is given up when it has taken PATIENCE times as long as the other. The answer is
one line of JSON, a list with an item for each sample, in CPU seconds; neither importing nor reading the arrays is counted.
"""

import json
import sys
import time
import warnings

import numpy as np

from linopy_peer import build

WAYS = {"ipm": {"solver": "ipm"}, "default": {}}
ONE_THREAD = {"threads": 1, "parallel": "off"}
PATIENCE = 2  # as HiGHS counts time on the wall, where others may be at work


def sample(path):
    data = dict(np.load(path))
    begin = time.process_time()
    model = build(data)
    answer = {"build": time.process_time() - begin, "solve": {}, "solved": []}
    limit = {}
    for way, options in WAYS.items():
        wall, begin = time.monotonic(), time.process_time()
        status, condition = model.solve(
            "highs", io_api="direct", progress=False, log_to_console=False, **ONE_THREAD, **options, **limit
        )
        limit = limit or {"time_limit": PATIENCE * (time.monotonic() - wall)}
        answer["solve"][way] = time.process_time() - begin
        print(f"{path}, {way}: {condition}, CPU s {answer['solve'][way]:.1f}", file=sys.stderr, flush=True)
        if condition == "optimal":
            answer["objective"] = float(model.objective.value) + float(data["offset"])
            answer["solved"].append(way)
    return answer


def main(paths):
    warnings.simplefilter("ignore")
    answers = [sample(path) for path in paths]
    print("\n" + json.dumps(answers))


if __name__ == "__main__":
    main(sys.argv[1:])
