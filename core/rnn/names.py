"""The models of a comparison by name, and as people read them; without torch, so that a question is asked at once."""

from __future__ import annotations

from typing import Literal, get_args

ClassicalName = Literal["random-walk", "drift", "mean", "ar", "har"]
CellName = Literal["rnn", "birnn", "lstm", "gru"]
REFERENCE: ClassicalName = "random-walk"  # in every comparison
NETWORKS: tuple[str, ...] = get_args(CellName)

TITLES: dict[str, str] = {
    "random-walk": "random walk",
    "drift": "drift",
    "mean": "historical mean",
    "ar": "AR",
    "har": "HAR",
    "rnn": "vanilla RNN",
    "birnn": "bidirectional RNN",
    "lstm": "LSTM",
    "gru": "GRU",
}


def opening(model: str) -> str:
    """The model's name at the start of a sentence."""
    return TITLES[model][:1].upper() + TITLES[model][1:]
