"""A nested value as one safetensors file: arrays as tensors, everything else as JSON in the header. Nothing is pickled.

What is read back is plain (numbers, text, lists, dicts, arrays); `value_of` makes of it what a type says: the reader knows the
type, the file does not name one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

_ARRAY = "array"  # {"array": n}: the nth tensor of the file


def _plain(value: Any, arrays: list[np.ndarray]) -> Any:
    """The value as JSON has it; its arrays are put into the list."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, bytes):
        value = np.frombuffer(value, np.uint8)
    if isinstance(value, np.ndarray):
        arrays.append(np.ascontiguousarray(value).reshape(value.shape))
        return {_ARRAY: len(arrays) - 1}
    if isinstance(value, Mapping):
        return {"of": {str(name): _plain(one, arrays) for name, one in value.items()}}
    if isinstance(value, Sequence):
        return [_plain(one, arrays) for one in value]
    if is_dataclass(value):
        return {"of": {field.name: _plain(getattr(value, field.name), arrays) for field in fields(value)}}
    return _plain(value.detach().cpu().numpy(), arrays)  # a torch tensor


def to_bytes(value: Any) -> bytes:
    """Numbers, text, arrays, tensors and bytes, in lists, dicts by text and dataclasses."""
    arrays: list[np.ndarray] = []
    plain = json.dumps(_plain(value, arrays))
    return save({str(number): array for number, array in enumerate(arrays)}, metadata={"value": plain})


def from_bytes(content: bytes) -> Any:
    """What `to_bytes` wrote, with dicts for dataclasses, and arrays for tensors and bytes; what parsers raise for else."""
    try:
        arrays = load(content)
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return _joined(json.loads(header["__metadata__"]["value"]), arrays)


def _joined(plain: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    if isinstance(plain, list):
        return [_joined(one, arrays) for one in plain]
    if isinstance(plain, dict):
        if _ARRAY in plain:
            return arrays[str(plain[_ARRAY])]
        return {name: _joined(one, arrays) for name, one in plain["of"].items()}
    return plain


def value_of(kind: Any, plain: Any) -> Any:
    """What was read as a value of a type: of a dataclass, a tensor, bytes, or a list, tuple or dict of those."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (UnionType, Union):
        return None if plain is None else value_of(next(one for one in inner if one is not NoneType), plain)
    if origin is list:
        return [value_of(inner[0], one) for one in plain]
    if origin is tuple:
        kinds = [inner[0]] * len(plain) if inner[-1] is Ellipsis else inner
        return tuple(value_of(one, part) for one, part in zip(kinds, plain, strict=True))
    if origin is dict:
        return {name: value_of(inner[1], one) for name, one in plain.items()}
    if is_dataclass(kind):
        assert isinstance(kind, type)
        return kind(**{name: value_of(hint, plain[name]) for name, hint in get_type_hints(kind).items() if name in plain})
    if kind is bytes:
        return plain.tobytes()
    if getattr(kind, "__module__", "") == "torch":
        from torch import from_numpy  # here, so that a process without networks loads without torch

        return from_numpy(plain)
    return plain
