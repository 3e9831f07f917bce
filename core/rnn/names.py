"""The models of a comparison by name, and as people read them; without torch, so that a question is asked at once."""

from __future__ import annotations

from typing import Literal, get_args

_SHORT = {"bidirectional ": "bi-", "vanilla RNN": "vanilla", "historical mean": "mean", "feed-forward": "MLP"}


def short_title(model: str) -> str:
    """A model's name where there is little room."""
    name = TITLES[model]
    for word, shorter in _SHORT.items():
        name = name.replace(word, shorter)
    return name


ClassicalName = Literal["random-walk", "drift", "mean", "ar", "arima", "ets", "theta", "ewma", "har", "garch"]
CellName = Literal["mlp", "rnn", "rnn-relu", "birnn", "birnn-relu", "lstm", "bilstm", "gru", "bigru"]
TypeName = Literal["auto", "one-to-one", "one-to-many", "many-to-one", "many-to-many", "encoder-decoder"]
LossName = Literal["auto", "squared", "absolute", "student-t", "quantile"]
REFERENCE: ClassicalName = "random-walk"  # in every comparison
CLASSICAL: tuple[ClassicalName, ...] = get_args(ClassicalName)
NETWORKS: tuple[CellName, ...] = get_args(CellName)
TITLES: dict[str, str] = {
    "random-walk": "random walk",
    "drift": "drift",
    "mean": "historical mean",
    "ar": "AR",
    "arima": "ARIMA",
    "ets": "ETS",
    "theta": "Theta",
    "ewma": "EWMA",
    "har": "HAR",
    "garch": "GARCH-t",
    "mlp": "feed-forward",
    "rnn": "vanilla RNN",
    "rnn-relu": "vanilla RNN, ReLU",
    "birnn": "bidirectional RNN",
    "birnn-relu": "bidirectional RNN, ReLU",
    "lstm": "LSTM",
    "bilstm": "bidirectional LSTM",
    "gru": "GRU",
    "bigru": "bidirectional GRU",
}
TYPES: dict[TypeName, str] = {
    "auto": "many-to-many for cells that read forwards, many-to-one for the others",
    "one-to-one": "today to the days ahead, without memory",
    "one-to-many": "one day, unrolled into a path of days",
    "many-to-one": "a window to the days ahead, read at its end",
    "many-to-many": "every day of the sequence forecasts its next days",
    "encoder-decoder": "a window is read, then a path of days is written",
}


def bidirectional(cell: str) -> bool:
    """Whether a cell also reads backwards."""
    return cell.startswith("bi")


def opening(model: str) -> str:
    """The model's name at the start of a sentence."""
    return TITLES[model][:1].upper() + TITLES[model][1:]
