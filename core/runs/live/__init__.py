"""What screens show of runs that are alive: made once for every progress, sent to all who look."""
