"""How large canvases and views are. Loads without torch."""

from __future__ import annotations

VIEW = 64  # pixels along a side of a view: the short side of the photo
EXTENT = 2.0  # a canvas reaches this far, in square coordinates
CANVAS = int(VIEW * EXTENT)
