"""A small experiment made of others, for the tests of core.runs: several counts, each a run of its own."""

from tests.runs.counts.request import CountsRequest
from tests.runs.counts.result import CountsResult

__all__ = ["CountsRequest", "CountsResult"]
