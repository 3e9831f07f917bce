"""The state of a run that is not over: what it consists of, how it is written, and how a run goes on from it."""
