"""What the forms of the spatial bench have in common when they are filled with the request of a run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.errors import GridcastError
from core.runs.lab import lab
from core.stn.datasets.images import from_png
from core.stn.datasets.samples import sample, sample_names
from pages.parts.links.kept_uploads import RunFiles


def samples_among(names: Sequence[str], images: Sequence[str]) -> list[str]:
    """The names of stored pictures where all of them are samples; else none."""
    if not set(names) <= set(sample_names()):
        return []
    try:
        alike = (
            np.array_equal(from_png(lab().store.get(one)), sample(name).pixels) for name, one in zip(names, images, strict=True)
        )
        return list(names) if all(alike) else []
    except GridcastError:
        return []


def labelled_files(names: Sequence[str], labels: Sequence[str], tested: Sequence[bool], images: Sequence[str]) -> RunFiles:
    """Pictures whose classes are the folders that they lie in, as they came, or as they were typed."""
    paths = []
    for number, (name, label) in enumerate(zip(names, labels, strict=True)):
        part = ("test/" if tested[number] else "train/") if tested else ""
        paths.append(name if "/" in name else f"{part}{label}/{name}")
    return RunFiles.of(paths, images)
