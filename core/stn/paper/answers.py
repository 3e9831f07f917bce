"""What our networks of table 1 answered about the 10,000 test digits. The wrong answers are kept, which are few.

One safetensors file; a network is a table (K, 3), uint16: in which draw, about which digit, which class it named. Equal draws
distort a digit equally for every network of a set, so answers are paired.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save

from core.runs.store import write_atomically

ANSWERS = Path(__file__).parents[1] / "data" / "paper_answers.safetensors"
DIGITS = 10_000


def length_of(entry: dict[str, Any]) -> str:
    """How long a network was to be trained: "20 epochs" or "8 minutes"."""
    minutes = entry.get("minutes")
    return f"{minutes:g} minutes" if minutes else f"{entry['epochs']:g} epochs"


def network_of(entry: dict[str, Any]) -> str:
    """The name of a trained network of the table: equal ones are the same training."""
    what = (entry["recipe"], entry["set"], entry["model"], entry["family"] or "none", entry["seed"], length_of(entry))
    return " ".join(map(str, what))


def wrong_answers(answers: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The wrong ones of answers (draws, N) about digits of classes `labels` (N,): (K, 3)."""
    draw, digit = np.nonzero(answers != labels)
    return np.stack([draw, digit, answers[draw, digit]], axis=1).astype(np.uint16)


def kept(path: Path = ANSWERS) -> dict[str, np.ndarray]:
    """The wrong answers (K, 3) of every network by its name."""
    return load_file(path) if path.exists() else {}


def keep(network: str, wrong: np.ndarray, path: Path = ANSWERS) -> None:
    """Add a network's wrong answers (K, 3) to the file, in place of those of the same training."""
    write_atomically(path, save(kept(path) | {network: wrong}))


def errors_of(wrong: np.ndarray, draws: int, digits: int = DIGITS) -> np.ndarray:
    """Whether the network was wrong: (draws, digits) of 0 and 1."""
    errors = np.zeros((draws, digits))
    errors[wrong[:, 0], wrong[:, 1]] = 1
    return errors
