"""The experiment compare: networks and classical models on one ticker, judged on the same test days.

`__all__` is its public face; each name is imported at its first use, so this import loads nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.rnn.compare.request import CompareRequest
    from core.rnn.compare.restored_models import fitted, forecast_latest
    from core.rnn.compare.result import CompareResult
    from core.rnn.compare.run import dataset_of, untrained
    from core.rnn.compare.valuation import Valuation
    from core.rnn.compare.valued_result import valued

__all__ = [
    "CompareRequest",
    "CompareResult",
    "Valuation",
    "dataset_of",
    "fitted",
    "forecast_latest",
    "untrained",
    "valued",
]
_MODULES = {
    "CompareRequest": "request",
    "CompareResult": "result",
    "Valuation": "valuation",
    "dataset_of": "run",
    "fitted": "restored_models",
    "forecast_latest": "restored_models",
    "untrained": "run",
    "valued": "valued_result",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
