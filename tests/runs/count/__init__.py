"""A small experiment for the tests of core.runs: it counts, and can be told to fail."""

from tests.runs.count.request import CountRequest
from tests.runs.count.result import CountResult

__all__ = ["CountRequest", "CountResult"]
