"""A second device for a machine that has none: tensors that say that they are elsewhere, and compute on the processor.

As on a GPU, an operation on tensors of both devices is an error (0-dimensional ones and indices aside), and what is elsewhere
has no array. Since the same kernels compute, a training there must end in the very numbers of one on the processor.
"""

from __future__ import annotations

from typing import Any, Self

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

HERE, ELSEWHERE = torch.device("cpu"), torch.device("cpu:1")
_COPIES = ("aten::copy_", "aten::_to_copy")


class Elsewhere(Tensor):
    """Holds a tensor of the processor."""

    held: Tensor

    @staticmethod
    def __new__(cls, held: Tensor) -> Self:
        about = {"strides": held.stride(), "storage_offset": held.storage_offset(), "dtype": held.dtype, "layout": held.layout}
        return Tensor._make_wrapper_subclass(cls, held.shape, device=ELSEWHERE, **about)

    def __init__(self, held: Tensor) -> None:
        self.held = held

    def __repr__(self) -> str:  # type: ignore[override]
        return f"Elsewhere({self.held})"

    @classmethod
    def __torch_dispatch__(cls, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(function, args, kwargs or {})


def _held(value: Any) -> Any:
    return value.held if isinstance(value, Elsewhere) else value


def _is_mixed(name: str, tensors: list[Tensor]) -> bool:
    here = [one for one in tensors if not isinstance(one, Elsewhere) and one.dim()]
    if "index" in name:
        here = [one for one in here if one.dtype not in (torch.long, torch.bool)]
    return len(tensors) > len(here) and any(isinstance(one, Elsewhere) for one in tensors) and bool(here)


def _run(function: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    name, schema = function._schema.name, function._schema
    tensors = [one for one in tree_leaves((args, kwargs)) if isinstance(one, Tensor)]
    if name not in _COPIES and _is_mixed(name, tensors):
        raise RuntimeError(f"expected all tensors to be on the same device, but found two ({name})")
    goes = any(isinstance(one, Elsewhere) for one in tensors)
    if kwargs.get("device") is not None:
        goes = torch.device(kwargs["device"]) == ELSEWHERE
        kwargs = kwargs | {"device": HERE} if goes else kwargs
    out = function(*tree_map(_held, args), **tree_map(_held, kwargs))
    if schema.is_mutable:
        return args[0] if isinstance(out, Tensor) and name.endswith("_") else kwargs.get("out", out)
    if name == "aten::_local_scalar_dense" or not goes:
        return out
    return tree_map(lambda one: Elsewhere(one) if isinstance(one, Tensor) else one, out)


class SecondDevice(TorchDispatchMode):
    """While it is entered, `ELSEWHERE` is a device of its own."""

    def __enter__(self) -> Self:
        torch.__future__.set_overwrite_module_params_on_conversion(True)
        return super().__enter__()

    def __exit__(self, *error: Any) -> None:
        torch.__future__.set_overwrite_module_params_on_conversion(False)
        super().__exit__(*error)

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(function, args, kwargs or {})
