"""Under which title a control offers what a request asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

Value = TypeVar("Value")


def offered_as(titles: Mapping[str, Value], value: Value) -> str | None:
    """The title; None where the control does not offer that value."""
    return next((title for title, offered in titles.items() if offered == value), None)
