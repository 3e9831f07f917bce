"""The stage of the warp screen: both pictures, their grids, and dials or handles that report while they are dragged.

One component, so that a move is one message there and one back: Python's own output, encoded, and the lines of the grid, which
the browser draws. Streamlit's sliders report only when they are released, and every picture would be an element to lay out.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from core.made_once import made_once
from core.stn.datasets.images import to_jpeg
from core.stn.drawing.grid_lines import grid_lines
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.kinds import reach
from core.stn.warp.controls import readings
from core.theme import PALETTES, Mode
from pages.parts.controls import hidden

HERE = Path(__file__).parent
KEY = "stage"
STILL = np.array([[1.0, 0, 0], [0, 1, 0]])  # the theta that changes nothing
SMALL = 64  # pixels: pictures up to here are sent exactly, even while dragging

_component = st.components.v2.component(
    "gridcast_stage", html=(HERE / "stage.html").read_text(), css=(HERE / "stage.css").read_text(),
    js=(HERE / "gestures.js").read_text() + (HERE / "stage.js").read_text(),
)  # fmt: skip


@dataclass(frozen=True)
class Move:
    """What the browser says of a move."""

    dials: dict[str, float]
    points: dict[int, tuple[float, float]]  # points on the input, in the coordinates of its frame
    places: dict[int, tuple[float, float]]  # where points belong, in the coordinates of the output's frame
    pixel: tuple[int, int] | None  # column and row of the output
    settled: bool
    turn: int
    have: str  # digest of the input that the browser holds


def last_move(key: str = KEY) -> Move:
    """The last move on the stage with that key."""
    message = (st.session_state.get(key) or {}).get("moved") or {}
    return Move(
        {name: float(value) for name, value in message.get("dials", {}).items()},
        *({int(number): (float(x), float(y)) for number, (x, y) in message.get(of, {}).items()} for of in ("points", "places")),
        tuple(message["pixel"]) if message.get("pixel") else None,
        bool(message.get("settled", True)),
        int(message.get("turn", 0)),
        str(message.get("have", "")),
    )


@dataclass(frozen=True)
class Scene:
    """What the stage shows."""

    name: str
    source: np.ndarray  # (H, W, 3), uint8
    output: np.ndarray
    theta: np.ndarray  # square coordinates
    family: FamilyName
    words: str
    mode: Mode
    grid: bool = True
    pixel: tuple[int, int] | None = None  # column and row of the output, marked
    looks: tuple[float, float] | None = None  # where it looks, in the coordinates of the frame
    points: np.ndarray | None = None  # (N, 2), numbered handles on the input, in place of dials and of a spline's points
    places: np.ndarray | None = None  # (N, 2), and on the output
    captions: tuple[str, str] = ("Input U, and where the grid looks", "Output V, on its regular grid")
    alts: tuple[str, str] | None = None  # alternative texts, where these are not an input and its output


def show(scene: Scene, on_move: Callable[[], None], key: str = KEY) -> None:
    """Put the scene on the stage; `on_move` runs before the screen is drawn again and finds the move by `last_move(key)`."""
    _component(key=key, data=_message(scene, last_move(key)), on_moved_change=on_move, default={"moved": {}})


def _message(scene: Scene, last: Move) -> bytes:
    """Four bytes of length, the header as JSON, and the files it points into."""
    digest, source = _source(scene.source)
    output, kind = _output(scene.output, exact=last.settled)
    files = output if last.have == digest else output + source
    header = _header(scene) | {
        "turn": last.turn,
        "digest": digest,
        "output": {"start": 0, "end": len(output), "type": kind},
        "source": None if last.have == digest else {"start": len(output), "end": len(files), "type": "image/png"},
    }
    encoded = json.dumps(header).encode()
    return len(encoded).to_bytes(4, "little") + encoded + files


def _header(scene: Scene) -> dict[str, Any]:
    (height, width), shown = scene.source.shape[:2], scene.output.shape[1::-1]
    palette = PALETTES[scene.mode]
    return {
        "width": width,
        "height": height,
        "shown": dict(zip(("width", "height"), shown, strict=True)),
        "lines": _lines(scene.theta, width, height) if scene.grid else None,
        "target": _lines(STILL, width, height) if scene.grid else None,
        "dials": _dials(scene),
        "handles": _handles(scene),
        "places": [] if scene.places is None or hidden("handles") else scene.places.tolist(),
        "numbered": scene.points is not None,
        "pixel": scene.pixel,
        "looks": scene.looks,
        "said": scene.words,
        "colours": {"inside": palette.spatial, "outside": palette.fail, "ink": palette.ink, "paper": palette.paper},
        "captions": scene.captions,
        "alts": scene.alts
        or (f"{scene.name} with the sampling grid of θ drawn on it", f"{scene.name} sampled through the grid"),
    }


def _dials(scene: Scene) -> list[dict[str, Any]]:
    """The family's dials, but for those that the link takes away: all, or one by its name. Of a theta beyond the range of a
    dial, that stands at its end, with the true number beside it."""
    if scene.points is not None:
        return []
    values = readings(scene.theta, scene.family)
    dials = [dial for dial in FAMILIES[scene.family].dials if not hidden("dials", dial.name)]
    return [asdict(dial) | {"value": values[dial.name]} for dial in dials]


def _handles(scene: Scene) -> list[Any]:
    """Source points to drag, in the coordinates of the frame."""
    height, width = scene.source.shape[:2]
    points = scene.points
    if points is None and FAMILIES[scene.family].kind.handles:
        points = scene.theta / reach(width, height)
    handles: list[Any] = [] if points is None or hidden("handles") else points.tolist()
    return handles


def _lines(theta: np.ndarray, width: int, height: int) -> list[list[list[float]]]:
    """The lines of the grid, rounded for the browser; kept for the next who looks at the same."""
    return _drawn_lines(theta.tobytes(), theta.dtype.str, theta.shape, width, height)


@lru_cache(maxsize=8)
def _drawn_lines(content: bytes, of: str, shape: tuple[int, ...], width: int, height: int) -> list[list[list[float]]]:
    lines = grid_lines(np.frombuffer(content, of).reshape(shape), width, height)
    return [line.round(4).tolist() for line in lines]


@made_once
def _source(pixels: np.ndarray) -> tuple[str, bytes]:
    """The digest of an input and its PNG."""
    return sha256(pixels.tobytes()).hexdigest()[:16], _png(pixels)


def _output(pixels: np.ndarray, exact: bool) -> tuple[bytes, str]:
    """An output, encoded: quickly while dragging, exactly once it has settled."""
    if exact or max(pixels.shape[:2]) <= SMALL:
        return _png(pixels), "image/png"
    return to_jpeg(pixels, quality=80), "image/jpeg"


def _png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
