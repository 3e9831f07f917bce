"""The first convolution of a classifier on a CPU: one or three channels in, many out, as matrix products.

A convolution library is made for many channels in; with one, its gradient by the image costs five times what a matrix product
costs (`benchmarks/first_convolution.py`). A spatial transformer needs that gradient in every step: it is how theta learns.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class FirstConvolution(nn.Conv2d):
    """`nn.Conv2d` with stride 1 and no padding, (B, C, H, W) to (B, K, H - k + 1, W - k + 1), for few channels."""

    def __init__(self, channels: int, filters: int, size: int) -> None:
        super().__init__(channels, filters, size)

    def forward(self, image: Tensor) -> Tensor:
        if image.device.type != "cpu" or torch.onnx.is_in_onnx_export():
            return super().forward(image)
        kind = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else image.dtype
        weight = self.weight.flatten(1).t().to(kind)  # (C·k², K)
        return _Windows.apply(image.to(kind), weight, self.kernel_size[0]) + self.bias.to(kind).view(1, -1, 1, 1)  # type: ignore[union-attr]


class _Windows(torch.autograd.Function):
    """Every k × k window of an image times a matrix; the gradient by the image sums windows where they overlap."""

    @staticmethod
    def forward(ctx: Any, image: Tensor, weight: Tensor, size: int) -> Tensor:
        batch, _, height, width = image.shape
        rows, columns = height - size + 1, width - size + 1
        windows = image.unfold(2, size, 1).unfold(3, size, 1)  # (B, C, H', W', k, k)
        windows = windows.permute(0, 2, 3, 1, 4, 5).reshape(batch * rows * columns, -1)  # (B·H'·W', C·k²)
        ctx.save_for_backward(windows, weight)
        ctx.shape, ctx.size = image.shape, size
        return (windows @ weight).view(batch, rows, columns, -1).permute(0, 3, 1, 2)  # (B, K, H', W'), channels last

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor, None]:
        windows, weight = ctx.saved_tensors
        gradient = gradients[0].permute(0, 2, 3, 1).reshape(windows.shape[0], -1)  # (B·H'·W', K)
        by_image = _overlap(weight @ gradient.t(), ctx.shape, ctx.size) if ctx.needs_input_grad[0] else None
        return by_image, windows.t() @ gradient, None


def _overlap(columns: Tensor, shape: torch.Size, size: int) -> Tensor:
    """Windows (C·k², B·H'·W') laid back into an image of `shape` (B, C, H, W) and summed, in float32 until the end."""
    batch, channels, height, width = shape
    rows, across = height - size + 1, width - size + 1
    parts = columns.view(channels, size, size, batch, rows, across)
    image = torch.zeros(channels, batch, height, width)
    if columns.dtype == torch.float64:
        image = image.double()
    for i in range(size):
        for j in range(size):
            image[:, :, i : i + rows, j : j + across] += parts[:, i, j]
    return image.transpose(0, 1).to(columns.dtype)  # (B, C, H, W)
