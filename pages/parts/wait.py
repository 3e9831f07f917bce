"""What stands under the button that starts a run: how long it takes and would wait, and what its time is worth here."""

from __future__ import annotations

import streamlit as st

from core.runs.kinds import kind_named
from core.runs.lab import lab
from core.runs.queue.words import about, before_asking
from core.speed import worth_saying
from pages.parts.visitors.me import my_id

EVERY_SECONDS = 5.0  # between two looks at a wait that is shown


def wait_shown(kind: str, size: float, direct: bool = True, parts: int = 0, expected: float | None = None) -> None:
    """Of a run of this kind and size that would be asked for now; of a joint run of so many such `parts`, their wait.

    `expected`: its seconds, where more is known of it than of its kind.
    """
    if not size:
        return  # nothing is chosen yet
    if kind_named(kind).request.timed and (words := worth_saying(lab().line.slowness(), size)):
        st.caption(words)
    line = lab().line
    one = line.durations.expected(kind, size) if expected is None else expected
    if seconds := (1 if direct else parts / line.workers) * one:
        st.caption(f"Takes {about(seconds)}.")
    if _wait(one, direct):
        st.fragment(_wait_now, run_every=EVERY_SECONDS)(one, direct)


def _wait_now(seconds: float, direct: bool) -> None:
    st.caption(_wait(seconds, direct) or "A worker is free.", help=HELP)


def _wait(seconds: float, direct: bool) -> str:
    return before_asking(lab().line.place_of(seconds, my_id(), direct))


HELP = (
    "Expected, from how long such runs took here. Whoever has had less of the workers is let go before; of two workers or more "
    "one takes only runs of at most 20 s."
)
