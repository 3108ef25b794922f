"""The solver's settings, the same for the peers as for the program."""

HIGHS = {"solver": "ipx", "threads": 1, "parallel": "off"}
