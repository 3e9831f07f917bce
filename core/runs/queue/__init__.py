"""The queue: which run begins next, what place a run has and how long it will wait, how long runs take here."""
