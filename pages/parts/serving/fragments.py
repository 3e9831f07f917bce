"""Parts of a finished run's screen that run again by themselves, as Streamlit's fragments do.

Streamlit keeps what a fragment was given as long as it keeps the session: 15 minutes after its visitor has left, with every
result that the visitor looked at. Here that is the run; its result is shared by all who look, and read again if nobody does.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import streamlit as st

from core.runs.lab import lab
from core.runs.registry import Run
from core.runs.result import Result
from pages.parts.layout import mistakes_shown

R = TypeVar("R", bound=Result)
P = ParamSpec("P")
Drawing = Callable[Concatenate[Run, R, P], None]


@dataclass(frozen=True)
class _Seen:
    """A result as it was looked at, and how to have it again; it keeps neither."""

    result: weakref.ref[Any]
    again: Callable[[], Any]

    def get(self) -> Any:
        """Raises RunFailed where it is not here any more."""
        there = self.result()
        return self.again() if there is None else there


def fragment_of(again: Callable[[Run, R], Callable[[], R]]) -> Callable[[Drawing[R, P]], Drawing[R, P]]:
    """A fragment that draws something made of a run's result: `again` says how to have that once more, and keeps neither."""

    def decorate(draw: Drawing[R, P]) -> Drawing[R, P]:
        @st.fragment
        @wraps(draw)
        def drawn(run: Run, holder: _Seen, *more: Any, **named: Any) -> None:
            with mistakes_shown():
                result = holder.get()
            draw(run, result, *more, **named)

        @wraps(draw)
        def shown(run: Run, result: R, *more: P.args, **named: P.kwargs) -> None:
            drawn(run, _Seen(weakref.ref(result), again(run, result)), *more, **named)

        return shown

    return decorate


def fragment(draw: Drawing[R, P]) -> Drawing[R, P]:
    """A fragment that draws a run's result as it is stored."""
    return fragment_of(_stored)(draw)


def _stored(run: Run, _: R) -> Callable[[], R]:
    return lambda: lab().result(run)  # type: ignore[return-value]
