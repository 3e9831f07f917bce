"""The weights of a localisation network: as arrays in a result, and as a file that another run can start from."""

from __future__ import annotations

import json

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from core.checkpoints.checkpoint import parts_in
from core.errors import InvalidRequest, StoreError
from core.stn.datasets.canvas_size import VIEW
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.networks.spatial_transformer import LocalizationNetwork
from core.stn.networks.stored import Weights
from core.stn.networks.weights import COUNTER, put_into
from core.system.unreadable import readable


def localization_from(family: FamilyName, weights: Weights) -> LocalizationNetwork:
    """The trained network again, from its stored weights; StoreError when they are those of another network."""
    network = LocalizationNetwork(family, VIEW)
    put_into(network, weights)
    return network.eval()


def to_file(family: FamilyName, weights: Weights) -> bytes:
    """One safetensors file with the family's name in its header."""
    return save({name: np.ascontiguousarray(value) for name, value in weights.items()}, metadata={"family": family})


def learned_so_far(content: bytes) -> Weights:
    """The weights in the checkpoint of a run that was interrupted; InvalidRequest where it has not begun to learn."""
    try:
        parts = parts_in(content)
    except StoreError as error:
        raise InvalidRequest(f"what this run had learned cannot be read: {error}; start anew") from error
    if not parts:
        raise InvalidRequest("this run had not begun to learn when it was interrupted; start anew")
    with readable("what this run had learned cannot be read: {reason}; start anew", InvalidRequest):
        weights = parts[0]["state"]["weights"]
        own = {name.removeprefix("localization."): value for name, value in weights.items()}
    return {name: value for name, value in own.items() if not name.endswith(COUNTER)}


def _title(family: str) -> str:
    return next((row.title for row in FAMILIES.values() if row.name == family), family)


def from_file(family: FamilyName, content: bytes) -> Weights:
    """The weights in a file, for a network of this family; InvalidRequest when it holds others."""
    with readable("the file to start from holds no weights of a straighten run ({reason}); start anew", InvalidRequest):
        try:
            weights = load(content)
        except SafetensorError as error:
            raise ValueError(str(error)) from error
        length = int.from_bytes(content[:8], "little")
        learned_for = str(json.loads(content[8 : 8 + length])["__metadata__"]["family"])
    if learned_for != family:
        raise InvalidRequest(
            f"the weights to start from were learned for {_title(learned_for)}, not for {_title(family)}; choose that family"
        )
    return weights
