"""The weights of a localisation network: as arrays in a result, and as a file that another run can start from."""

from __future__ import annotations

import json

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load, save

from core.errors import InvalidRequest, StoreError
from core.stn.families import FAMILIES, FamilyName
from core.stn.modules import LocalizationNetwork
from core.stn.views import VIEW

_UNFIT = "the weights of this run do not fit this version of the network; run it again"
Weights = dict[str, np.ndarray]


def localization_from(family: FamilyName, weights: Weights) -> LocalizationNetwork:
    """The trained network again, from its stored weights; StoreError when they are those of another network."""
    network = LocalizationNetwork(family, VIEW)
    put_into(network, weights)
    return network.eval()


def put_into(network: LocalizationNetwork, weights: Weights) -> None:
    """Let a network have stored weights; StoreError when they are those of another network."""
    tensors = {name: torch.from_numpy(np.array(value)) for name, value in weights.items()}
    try:
        missing, unexpected = network.load_state_dict(tensors, strict=False)
    except RuntimeError as error:  # other shapes
        raise StoreError(_UNFIT) from error
    if unexpected or not all(name.endswith("num_batches_tracked") for name in missing):
        raise StoreError(_UNFIT)


def weights_of(localization: LocalizationNetwork) -> Weights:
    """The weights to store; counters that only training needs are left out."""
    return {name: value.numpy().copy() for name, value in localization.state_dict().items() if value.ndim}


def to_file(family: FamilyName, weights: Weights) -> bytes:
    """One safetensors file with the family's name in its header."""
    return save({name: np.ascontiguousarray(value) for name, value in weights.items()}, metadata={"family": family})


def from_file(family: FamilyName, content: bytes) -> Weights:
    """The weights in a file, for a network of this family; InvalidRequest when it holds others."""
    try:
        weights = load(content)
        length = int.from_bytes(content[:8], "little")
        found = json.loads(content[8 : 8 + length])["__metadata__"]["family"]
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise InvalidRequest(f"what it is to start from are no weights of a rectify run ({error}); start anew") from error
    if found != family:
        raise InvalidRequest(
            f"the weights to start from were learned for {_title(found)}, not for {_title(family)}; choose that family"
        )
    return weights


def _title(family: str) -> str:
    return next((row.title for row in FAMILIES.values() if row.name == family), family)
