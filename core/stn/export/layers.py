"""Layers as source text: the `nn.Sequential(...)` that would build a network again, for programs that stand alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

_INDENT = "    "
_LAYERS: dict[type[nn.Module], Callable[[Any], str]] = {  # tried in this order, subclasses count as what they are made from
    nn.Linear: lambda layer: f"nn.Linear({layer.in_features}, {layer.out_features})",
    nn.Conv2d: lambda layer: f"nn.Conv2d({layer.in_channels}, {layer.out_channels}, {layer.kernel_size[0]}{_strides(layer)})",
    nn.BatchNorm2d: lambda layer: f"nn.BatchNorm2d({layer.num_features})",
    nn.MaxPool2d: lambda layer: f"nn.MaxPool2d({layer.kernel_size}{', ceil_mode=True' if layer.ceil_mode else ''})",
    nn.AvgPool2d: lambda layer: f"nn.AvgPool2d({layer.kernel_size}{', ceil_mode=True' if layer.ceil_mode else ''})",
    nn.AdaptiveAvgPool2d: lambda layer: f"nn.AdaptiveAvgPool2d({layer.output_size})",
    nn.ReLU: lambda layer: "nn.ReLU()",
    nn.Flatten: lambda layer: "nn.Flatten()",
}


def _strides(layer: nn.Conv2d) -> str:
    """What is not the default of a convolution."""
    options = f", stride={layer.stride[0]}" if layer.stride[0] != 1 else ""
    options += f", padding={layer.padding[0]}" if layer.padding != (0, 0) else ""
    return options + ("" if layer.bias is not None else ", bias=False")


def source_of(module: nn.Module, depth: int = 0) -> str:
    """The expression that builds a module, indented by `depth` steps from its second line on; TypeError for unknown layers."""
    if isinstance(module, nn.Sequential):
        inner = "".join(f"{_INDENT * (depth + 1)}{source_of(layer, depth + 1)},\n" for layer in module)
        return f"nn.Sequential(\n{inner}{_INDENT * depth})"
    for kind, source in _LAYERS.items():
        if isinstance(module, kind):
            return source(module)
    raise TypeError(f"{type(module).__name__} has no source; add it to the table of layers")
