"""Table 1 of the paper (Jaderberg et al. 2015) beside what the networks of this lab reach."""
