from __future__ import annotations

import torch

from core.stn.locate.network import untrained
from core.stn.locate.scenes import ZOOM


def test_the_untrained_network_looks_at_the_middle_at_the_size_of_the_object() -> None:
    boxes = untrained(0)(torch.rand(3, 1, 84, 84))
    assert torch.allclose(boxes, torch.tensor([[ZOOM, 0.0, 0.0]]).expand(3, 3))


def test_boxes_never_leave_the_scene_whatever_the_weights() -> None:
    model = untrained(0)
    with torch.no_grad():
        model.params.weight.normal_(0, 50, generator=torch.Generator().manual_seed(0))
        boxes = model(torch.rand(50, 1, 84, 84, generator=torch.Generator().manual_seed(1)))
    assert (boxes[:, 1:].abs() + boxes[:, :1] <= 1 + 1e-5).all()
    assert ((boxes[:, 0] >= ZOOM / 1.5 - 1e-5) & (boxes[:, 0] <= ZOOM * 1.5 + 1e-5)).all()
