"""Whatever a stranger sends as a file is read, or refused in one sentence, within seconds: requests, archives, weights, prices,
pictures, digits, task lists.

A few hundred examples here, always the same ones; `python -m benchmarks strangers` tries 5,000.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from core.runs.lab import Lab
from core.settings import Settings
from tests.security.strangers import NAMES, Outcome, attempt, doors_of

LONGEST = 5.0  # seconds of the processor
Attempt = Callable[[str, int], Outcome]


@pytest.fixture(scope="module")
def send(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attempt]:
    lab = Lab.open(Settings(home=tmp_path_factory.mktemp("lab"), database=None))
    doors = doors_of(lab)
    yield lambda name, seed: attempt(doors[name], seed)
    lab.registry.close()


@pytest.mark.filterwarnings("ignore")  # of Pillow, about pictures that are cut short
@settings(derandomize=True, max_examples=30, phases=[Phase.explicit, Phase.generate])
@given(seed=st.integers(0, 2**32))
@pytest.mark.parametrize("name", NAMES)
def test_an_altered_file_is_read_or_refused_in_one_sentence(send: Attempt, name: str, seed: int) -> None:
    outcome = send(name, seed)
    assert "\n" not in outcome.sentence
    assert len(outcome.sentence) < 600
    assert "Traceback" not in outcome.sentence
    assert str(Path.home()) not in outcome.sentence
    assert outcome.seconds < LONGEST
