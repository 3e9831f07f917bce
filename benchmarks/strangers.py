"""5,000 altered files of strangers: how many are read, how many are refused in a sentence, and how long the slowest takes.

Everything else that happens to one, such as an error that is not ours, ends the measurement.
"""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

from core.runs.lab import Lab
from core.settings import Settings
from tests.security.strangers import NAMES, attempt, doors_of

EXAMPLES = 5_000


def measure() -> dict[str, dict[str, float]]:
    """By what is sent; the seeds are the numbers from 0 on."""
    each = EXAMPLES // len(NAMES)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lab = Lab.open(Settings(home=Path(folder), database=None))
        doors = doors_of(lab)
        figures = {}
        for name in NAMES:
            outcomes = [attempt(doors[name], seed) for seed in range(each)]
            assert all("\n" not in one.sentence and len(one.sentence) < 1_200 for one in outcomes)
            refused = sum(bool(one.sentence) for one in outcomes)
            longest = round(max(one.seconds for one in outcomes), 3)
            figures[name] = {"read": each - refused, "refused": refused, "longest_s": longest}
        lab.registry.close()
    return figures
