"""Peer: highspy reads an exported program (MPS) and solves it.  highspy_peer.py FILE -> one line of JSON."""

import json
import sys
import time

import highspy

from settings import HIGHS


def main(path):
    begin = time.process_time()
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    for option, value in HIGHS.items():
        solver.setOptionValue(option, value)
    solver.readModel(path)
    read = time.process_time()
    solver.run()
    solved = time.process_time()
    status = solver.modelStatusToString(solver.getModelStatus())
    objective = solver.getInfo().objective_function_value
    print(json.dumps({"status": status, "objective": objective, "build": read - begin, "solve": solved - read}))


main(*sys.argv[1:])
