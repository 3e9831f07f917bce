"""The experiment traps: mistakes that make forecasts look good, each beside the honest number."""
