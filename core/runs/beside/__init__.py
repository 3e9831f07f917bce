"""Runs of one kind side by side: what differs between their requests, where each stands, seeds together."""
