"""Frames: a live view as the bytes that are sent. A frame is serialised once, whatever the number of those who look.

Whoever has the frame before is sent what has changed; anybody else the whole.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any

import orjson

from core.runs.live.blocks import View

OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


@dataclass(frozen=True)
class Drawn:
    """A view, every block of it serialised; `began` is when the reading of it began, in seconds since the epoch."""

    began: float
    head: bytes
    layout: bytes
    blocks: Mapping[str, bytes]
    state: str
    ended: bool

    @cached_property
    def digests(self) -> dict[str, bytes]:
        return {name: blake2b(content, digest_size=16).digest() for name, content in self.blocks.items()}


def drawn(view: View, began: float | None = None) -> Drawn:
    """Serialise a view. A block is named by its place: row, column, and its number there."""
    head = {"state": view.state, "words": view.words, "share": view.share, "note": view.note, "ended": view.ended}
    blocks: dict[str, bytes] = {}
    layout = []
    for row, columns in enumerate(view.rows):
        places = []
        for number, column in enumerate(columns):
            names = [f"{row}.{number}.{place}" for place in range(len(column.blocks))]
            blocks |= {name: _bytes(block.as_json()) for name, block in zip(names, column.blocks, strict=True)}
            places.append({"share": column.share, "blocks": names})
        layout.append(places)
    return Drawn(began or time.time(), _bytes(head), _bytes(layout), blocks, view.state, view.ended)


def with_words(shown: Drawn, words: str) -> Drawn:
    """The same view with other words over it; itself where it has them already."""
    head = _bytes(orjson.loads(shown.head) | {"words": words})
    return shown if head == shown.head else replace(shown, head=head)


@dataclass(frozen=True)
class Frame:
    """One drawn view in the order in which they are sent."""

    drawn: Drawn
    number: int = 0
    before: Mapping[str, bytes] = field(default_factory=dict)  # digests of the blocks of the frame before

    @classmethod
    def after(cls, before: Frame | None, drawn: Drawn) -> Frame:
        return cls(drawn, before.number + 1, before.drawn.digests) if before else cls(drawn)

    @cached_property
    def whole(self) -> bytes:
        """JSON with all blocks."""
        return self._json(list(self.drawn.blocks))

    @cached_property
    def change(self) -> bytes:
        """JSON with the blocks that the frame before did not have, or had with another content."""
        digests = self.drawn.digests
        return self._json([name for name in digests if self.before.get(name) != digests[name]])

    def _json(self, names: Sequence[str]) -> bytes:
        drawn = self.drawn
        parts = {
            "number": self.number,
            "began": drawn.began,
            "head": orjson.Fragment(drawn.head),
            "layout": orjson.Fragment(drawn.layout),
            "blocks": {name: orjson.Fragment(drawn.blocks[name]) for name in names},
        }
        return orjson.dumps(parts)


def event(content: bytes) -> bytes:
    """One message of an event stream."""
    return b"data: " + content + b"\n\n"


def _bytes(value: Any) -> bytes:
    return orjson.dumps(value, default=lambda array: array.tolist(), option=OPTIONS)
