"""Visitors, their shares of runs, and what each may do."""
