"""The experiment add: the sum of two digits, each distorted by itself (Jaderberg et al. 2015, appendix A.1)."""
