"""About how long a panel takes, before it is asked for: from the seconds that its models took in docs/LOG.md."""

from __future__ import annotations

from core.rnn.models import MODELS
from core.rnn.panel.models import panel_model
from core.rnn.panel.request import PanelRequest

# Seconds on one quiet processor core, for about ten years of days
POOLED, TREES, UNSEEN = 6.0, 35.0, 6.0  # one network of the base recipe; all trees; one more network a ticker
ALONE, QUICK, SLOW = 1.0, 0.1, 3.0  # a ticker: one network, one classical model
BACKWARDS = 5.0  # times as long takes a network that reads in both directions


def seconds_of(request: PanelRequest, workers: int) -> float:
    """Seconds until a panel is done on so many processor cores, when none of its parts is stored yet."""
    tickers, seeds = len(request.data.tickers), request.seeds
    pooled = POOLED * seeds * sum(map(_slower, (panel_model(name).source for name in request.pooled_networks)))
    alone = ALONE * seeds * tickers * sum(map(_slower, request.per_ticker))
    unseen = UNSEEN * tickers if request.unseen and request.witness else 0.0
    classical = tickers * sum(QUICK if MODELS[name].quick else SLOW for name in request.classical_models)
    return (pooled + alone + unseen + classical + TREES * len(request.tree_models)) / workers


def networks_in(request: PanelRequest) -> int:
    """How many networks a panel trains."""
    tickers = len(request.data.tickers)
    unseen = tickers if request.unseen and request.witness else 0
    return request.seeds * (len(request.pooled_networks) + len(request.per_ticker) * tickers) + unseen


def _slower(cell: str) -> float:
    return BACKWARDS if MODELS[cell].reads_backwards else 1.0
