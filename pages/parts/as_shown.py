"""How a visitor looks at the result of a run: at which cost of a trade, by which loss. Files that are taken away show that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.runs.registry import Run


def as_stored(result: Any) -> Any:
    """Without any choice of the visitor's."""
    return result


@dataclass
class AsShown:
    """Of one run, in one session; a thread that makes a file asks it when the file is asked for."""

    of: Callable[[Any], Any] = as_stored  # from the stored result


def as_shown(run: Run) -> AsShown:
    """That of this session; screens that offer such a choice write it there."""
    shown: AsShown = st.session_state.setdefault(f"as shown {run.id}", AsShown())
    return shown
