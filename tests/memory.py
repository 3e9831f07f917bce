"""How much memory this process has had at most."""

from __future__ import annotations

import resource
import sys


def peak_mb() -> float:
    """The largest resident size so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
