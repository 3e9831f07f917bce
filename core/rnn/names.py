"""The models of a comparison by name, and as people read them; without torch, so that a question is asked at once."""

from __future__ import annotations

from typing import Literal

ClassicalName = Literal["random-walk", "drift", "mean", "ar", "har"]
CellName = Literal["rnn", "birnn", "lstm", "gru"]

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
