"""The weights of a run as a file that other programs read: safetensors, what one has to know to use them in its header."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from safetensors.numpy import save

from core.runs.export import Files, Format
from core.runs.registry import Run


class Weighted(Protocol):
    """A result that holds the weights of its networks."""

    @property
    def weights(self) -> Mapping[str, np.ndarray]: ...

    def to_bytes(self) -> bytes: ...


def weights_file(run: Run, weights: Mapping[str, np.ndarray], about: Mapping[str, str]) -> bytes:
    """Named tensors, and in the header which run they are from, how theta is meant, and what else is said about them."""
    header = {"run": run.id, "title": run.title, "kind": run.kind, "theta": THETA, **about}
    return save({name: np.ascontiguousarray(value) for name, value in weights.items()}, metadata=header)


def _weights(run: Run, result: Weighted) -> Files:
    return {
        "weights.safetensors": weights_file(run, result.weights, {}),
        f"{run.kind}-{run.id}.safetensors": result.to_bytes(),
    }


WEIGHTS = Format("Weights (safetensors)", _weights, "the networks alone, and the whole result")
THETA = "output to input, (x, y), square coordinates: the short side spans -1 to 1, edge to edge (align_corners=False)"
