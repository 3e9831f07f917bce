"""A kind whose counts can be taken away as drawings: a format of its own, and its own way of one that every run has."""
