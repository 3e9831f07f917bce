from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.runs.live.snapshots import Snapshot
from core.runs.registry import State
from pages.parts.live.words import progress_in_words
from tests.runs.count import CountRequest, CountResult
from tests.runs.report.taken_away import run_of


@pytest.mark.parametrize(("stopping", "left"), [(False, True), (True, False)], ids=["learning", "stopping"])
def test_a_run_that_stops_has_no_estimate_of_the_end_that_it_would_have_had(stopping: bool, left: bool) -> None:
    ended = run_of(CountRequest(), CountResult(total=3, squares=np.zeros(3)))
    run = replace(ended, state=State.RUNNING, phase="training", step=1, total=2, seconds_left=18.0, stopping=stopping)
    said = progress_in_words(Snapshot(run))
    assert ("18 seconds left" in said) == left
    assert said.startswith("stopping, then testing" if stopping else "training")
