"""The first convolution of a classifier on a CPU, where its gradient by the image is a matrix product.

A convolution library is made for many channels in; with one, its gradient by the image costs more than all the rest
(`benchmarks/first_convolution.py`). A spatial transformer needs that gradient in every step: it is how theta learns.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def _overlap(columns: Tensor, shape: torch.Size, size: int) -> Tensor:
    """Windows (C·k², B·H'·W') laid back into an image of `shape` (B, C, H, W) and summed, in float32 until the end."""
    batch, channels, height, width = shape
    rows, across = height - size + 1, width - size + 1
    parts = columns.view(channels, size, size, batch, rows, across)
    kind = torch.float64 if columns.dtype == torch.float64 else torch.float32
    image = columns.new_zeros(channels, batch, height, width, dtype=kind)
    for i in range(size):
        for j in range(size):
            image[:, :, i : i + rows, j : j + across] += parts[:, i, j]
    return image.transpose(0, 1).to(columns.dtype)  # (B, C, H, W)


class _Convolution(torch.autograd.Function):
    """A convolution; its gradient by the image lays every window's share back to where the window was."""

    @staticmethod
    def forward(ctx: Any, image: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(image, weight)
        return torch.conv2d(image, weight, bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
        gradient, (image, weight) = gradients[0], ctx.saved_tensors
        filters = weight.shape[0]
        by_weights = torch.ops.aten.convolution_backward(
            gradient, image, weight, [filters], [1, 1], [0, 0], [1, 1], False, [0, 0], 1, [False, True, True]
        )
        if not ctx.needs_input_grad[0]:
            return None, *by_weights[1:]
        by_output = gradient.permute(0, 2, 3, 1).reshape(-1, filters)  # (B·H'·W', K)
        by_window = weight.flatten(1).t() @ by_output.t()  # (C·k², B·H'·W')
        return _overlap(by_window, image.shape, weight.shape[-1]), *by_weights[1:]


class FirstConvolution(nn.Conv2d):
    """`nn.Conv2d` with stride 1 and no padding, (B, C, H, W) to (B, K, H - k + 1, W - k + 1), for few channels."""

    def __init__(self, channels: int, filters: int, size: int) -> None:
        super().__init__(channels, filters, size)

    def forward(self, image: Tensor) -> Tensor:
        if image.device.type != "cpu" or torch.onnx.is_in_onnx_export():
            return super().forward(image)
        kind = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else image.dtype
        return _Convolution.apply(image.to(kind), self.weight.to(kind), self.bias.to(kind))  # type: ignore[union-attr]
