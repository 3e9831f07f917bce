"""How large the test of a straighten run is."""

TRIALS, LEAST_TRIALS = 120, 16  # at most, and however short the time is
