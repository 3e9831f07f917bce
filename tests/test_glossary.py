"""Terms mean what they mean on the bench where they stand."""

from __future__ import annotations

from core.glossary import TERMS, terms_in
from core.runs.request import Bench


def test_a_trial_of_photos_is_no_test_of_a_forecast() -> None:
    texts = ["Over 16 trials it gains 3 standard errors, p = 0.01; untouched 22°, believed 97 %"]
    spatial, recurrent = (terms_in(texts, bench) for bench in ("spatial", "recurrent"))
    assert set(spatial) == {"trial", "untouched", "believed", "standard error", "p"}
    assert set(recurrent) == {"trial", "standard error", "p"}
    assert spatial["trial"] != recurrent["trial"]
    assert "day" not in spatial["trial"]


def test_the_spatial_bench_speaks_of_no_days() -> None:
    days: dict[Bench, set[str]] = {
        bench: {term for term, meaning in terms.items() if "day" in meaning.split()} for bench, terms in TERMS.items()
    }
    assert days["spatial"] == set()
    assert days["recurrent"]
