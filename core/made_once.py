"""What is made once of a result, for all visitors: figures, tables and pictures of the same result and the same choices.

A figure takes up to a quarter of a second to build, nearly all of it in Plotly's checks, and a hundred visitors open the same
result. What was made is kept as long as somebody holds that result, and is to be left as it is.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, TypeVar, cast

MOST = 48  # that are kept of one result

F = TypeVar("F", bound=Callable[..., Any])


class _Made:
    """What has been made of one object; safe for several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.RLock()

    def once(self, source: Any, key: Hashable, make: Callable[[], Any]) -> Any:
        with self._lock:
            if key not in self._kept:
                value = make()
                if value is source:  # kept here, it would never go
                    return value
                self._kept[key] = _ready(value)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
            return self._kept[key]


_of: dict[int, _Made] = {}  # by the identity of what it was made of
_lock = threading.Lock()


def made_once(make: F) -> F:
    """A function that makes something of its first argument; where another one is not hashable, anew each time."""

    name = make.__module__, make.__qualname__  # a page's functions are others whenever its script runs

    @wraps(make)
    def shared(source: Any, *choices: Any, **named: Any) -> Any:
        key = (name, choices, tuple(sorted(named.items())))
        try:
            hash(key)
        except TypeError:
            return make(source, *choices, **named)
        return _made_of(source).once(source, key, lambda: make(source, *choices, **named))

    return cast("F", shared)


def _made_of(source: Any) -> _Made:
    with _lock:
        if id(source) not in _of:
            weakref.finalize(source, _of.pop, id(source), None)
            _of[id(source)] = _Made()
        return _of[id(source)]


def _ready(value: Any) -> Any:
    """Of a figure the plain form, which it makes anew whenever it is shown, is made once as well."""
    if hasattr(value, "to_plotly_json"):
        plain = value.to_dict()
        value.to_dict = lambda: plain
    return value
