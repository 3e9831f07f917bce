"""The weights of a localisation network: as arrays in a result, and as a file that another run can start from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load, save

from core.checkpoints.checkpoint import parts_in
from core.checkpoints.networks import moments, set_moments
from core.errors import InvalidRequest, StoreError
from core.runs.result import Origin
from core.stn.datasets.canvas_size import VIEW
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.networks.spatial_transformer import LocalizationNetwork
from core.stn.networks.stored import Weights
from core.stn.networks.weights import COUNTER, put_into
from core.stn.straighten.curve import CURVE, Curve
from core.system.unreadable import readable

NOTHING: Mapping[str, np.ndarray] = MappingProxyType({})
NO_CURVE = Curve()
_STATE, _RANDOM, _ORIGIN = "state/", "random", "origin"
_MOMENTS = {"step", "exp_avg", "exp_avg_sq"}  # AdamW's


def localization_from(family: FamilyName, weights: Weights) -> LocalizationNetwork:
    """The trained network again, from its stored weights; StoreError when they are those of another network."""
    network = LocalizationNetwork(family, VIEW)
    put_into(network, weights)
    return network.eval()


def to_file(
    family: FamilyName, weights: Weights, state: Mapping[str, np.ndarray] = NOTHING, curve: Curve = NO_CURVE,
    origin: Origin | None = None,
) -> bytes:  # fmt: skip
    """One safetensors file with the family's name in its header; with the `state_of` a training, which goes on with that and
    with its curve.

    `origin`, the run that learned them, is a tensor of JSON: several entries of a header have no order of their own, and equal
    contents are to be equal files.
    """
    arrays = dict(weights) | {f"{_STATE}{name}": value for name, value in state.items()}
    arrays |= curve.arrays if curve.steps else {}
    if origin:
        arrays[_ORIGIN] = np.frombuffer(origin.model_dump_json().encode(), np.uint8)
    return save({name: np.ascontiguousarray(value) for name, value in arrays.items()}, metadata={"family": family})


def state_of(optimizer: torch.optim.Optimizer, random: torch.Generator) -> Weights:
    """What a training goes on with besides its weights: the optimiser's moments, and the next random numbers."""
    named = enumerate(moments(optimizer))
    arrays = {f"{number}/{name}": np.array(value.numpy(), order="C") for number, own in named for name, value in own.items()}
    return arrays | {_RANDOM: random.get_state().numpy()}


def put_state(state: Weights, optimizer: torch.optim.Optimizer, random: torch.Generator) -> None:
    """Let a training go on with a state, if there is one; InvalidRequest where it is that of another network."""
    if not state:
        return
    with readable("the file to start from is that of another network ({reason}); start anew", InvalidRequest):
        own: list[dict[str, np.ndarray]] = [{} for group in optimizer.param_groups for _ in group["params"]]
        for name in state.keys() - {_RANDOM}:
            number, _, what = name.partition("/")
            own[int(number)][what] = state[name].reshape(()) if what == "step" else state[name]
        if any(set(one) not in (set(), _MOMENTS) for one in own):
            raise ValueError("a moment is missing")
        set_moments(optimizer, own)
        random.set_state(torch.from_numpy(state[_RANDOM].copy()))


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
    return {name: value for name, value in weights.items() if not name.startswith((_STATE, CURVE)) and name != _ORIGIN}


def origin_in(content: bytes) -> Origin | None:
    """The run that learned the weights in a file that `from_file` has read; None where it does not say."""
    written = load(content).get(_ORIGIN)
    with readable("the file to start from does not name its run ({reason}); start anew", InvalidRequest):
        return None if written is None else Origin.model_validate_json(written.tobytes())


def state_in(content: bytes) -> Weights:
    """The state of a training in a file that `from_file` has read; nothing in one that holds weights alone."""
    arrays = load(content)
    return {name.removeprefix(_STATE): value for name, value in arrays.items() if name.startswith(_STATE)}
