"""The conclusion of a finished run: its headline, what supports it, and its next step as a button."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import streamlit as st

from core.runs.conclusion import FollowUp, NextStep, follow_up
from core.runs.kinds import parse_request
from core.runs.registry import Run
from core.runs.request import Request
from core.runs.result import Result
from core.runs.standing import Level
from pages.parts.follow import submit
from pages.parts.layout import mistakes_shown, plain
from pages.parts.words.glossary import with_meanings

SIGNS: dict[Level, str] = {
    "good": ":green[:material/check_circle:]",
    "watch": ":orange[:material/visibility:]",
    "bad": ":red[:material/error:]",
}


@dataclass(frozen=True)
class Instead:
    """What the button of the next step does where it is not to run the changed request from the start."""

    words: Callable[[Mapping[str, Any]], str]  # of the fields that would change
    request: Callable[[Mapping[str, Any]], Request]


def concluded(
    run: Run,
    result: Result,
    more: Iterable[str] = (),
    instead: Instead | None = None,
    shown: Callable[[Run, Any], None] | None = None,
) -> None:
    """The headline, what is to be seen of it, the sentences that support it with `more` of them, and the button."""
    conclusion = result.conclusion
    sign = SIGNS[conclusion.level] if conclusion.finding != "measured" else ""
    said, support = with_meanings(
        f"{plain(conclusion.sentence)}.",
        [*(f"{plain(sentence)}." for sentence in conclusion.support), *more],
        run.request.bench,
    )
    st.markdown(" ".join(filter(None, ("####", sign, said))))
    if shown:
        shown(run, result)
    st.markdown(" ".join(support))
    next_step(run, conclusion.next_step, instead)


def next_step(run: Run, wanted: NextStep | None, instead: Instead | None = None) -> None:
    """A button for what would tell more, where there is something."""
    step = _step(run.request_json, wanted)
    if step is None:
        return
    words = instead.words(step.change) if instead else step.words
    if st.button(words, icon=":material/resume:", key=f"next-{run.id}"):
        with mistakes_shown():
            submit(instead.request(step.change) if instead else step.request(run.request))
        st.rerun()


@lru_cache(maxsize=64)
def _step(request_json: str, wanted: NextStep | None) -> FollowUp | None:
    """A panel's request of 170 kB is read once."""
    return follow_up(parse_request(request_json), wanted)
