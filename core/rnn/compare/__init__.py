"""The experiment compare: networks and classical models on one ticker, judged on the same test days."""
