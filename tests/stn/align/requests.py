"""Requests of this experiment for tests, with their inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.runs.store import digest_of
from core.stn.align.request import AlignRequest
from core.stn.datasets.images import to_png


def request_for(photos: list[np.ndarray], **settings: Any) -> tuple[AlignRequest, dict[str, bytes]]:
    pngs = [to_png(photo) for photo in photos]
    digests = tuple(map(digest_of, pngs))
    names = tuple(f"photo {number}" for number in range(len(pngs)))
    return AlignRequest(images=digests, names=names, **settings), dict(zip(digests, pngs, strict=True))
