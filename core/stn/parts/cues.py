"""The two cues of a scene: which there are, how large, and what tells the variants of each apart. Loads without torch."""

from __future__ import annotations

CUES = ("disc", "square")
MARKS = ("lying", "upright")  # how the stripes of each cue can be
CLASSES = tuple(f"disc {first}, square {second}" for first in MARKS for second in MARKS)
CUE = 1 / 7  # side of a cue by that of the scene; so half a side in half sides
