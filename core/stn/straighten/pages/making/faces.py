"""Free typefaces that come with the lab's dependencies: Source Sans, Serif and Code, KaTeX (OFL), Aileron (CC0)."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import ImageFont

from core.errors import InvalidRequest

_FILES = (
    "SourceSerifVariable-Roman", "SourceSerifVariable-Italic", "SourceSansVF-Upright", "SourceSansVF-Italic",
    "SourceCodeVF-Upright", "KaTeX_Main-Regular", "KaTeX_Main-Bold", "KaTeX_Main-Italic", "KaTeX_SansSerif-Regular",
    "KaTeX_Typewriter-Regular", "KaTeX_Fraktur-Regular",
)  # fmt: skip
MONOSPACED = ("SourceCodeVF-Upright", "KaTeX_Typewriter-Regular")
PLAIN = (*_FILES[:4], *_FILES[5:9], "Aileron")
HEAVY = ("KaTeX_Main-Bold", "KaTeX_Fraktur-Regular", "SourceSansVF-Upright", "Aileron")
_WEIGHTS = (300, 400, 400, 400, 600, 700)  # of those that have an axis for it


@cache
def _path(name: str) -> Path:
    package = find_spec("streamlit")
    folder = Path(str(package.origin)).parent / "static/static/media" if package else Path()
    files = sorted(folder.glob(f"{name}.*woff2"))
    if not files:
        raise InvalidRequest(f"the typeface {name} is not there; install streamlit, whose fonts pages are drawn with")
    return files[0]


@cache
def face(name: str, size: int, weight: int = 400) -> ImageFont.FreeTypeFont:
    """A typeface at a size in pixels."""
    if name == "Aileron":
        return ImageFont.load_default(size)  # type: ignore[return-value]  # Pillow is built with FreeType
    font = ImageFont.truetype(str(_path(name)), size, layout_engine=ImageFont.Layout.BASIC)
    if "VF" in name or "Variable" in name:
        font.set_variation_by_axes([weight] if "VF" in name else [weight, 12])
    return font


def drawn_face(random: np.random.Generator, names: tuple[str, ...], size: float) -> ImageFont.FreeTypeFont:
    """One of some typefaces, at a size in pixels and a weight drawn at random."""
    name, weight = names[random.integers(len(names))], _WEIGHTS[random.integers(len(_WEIGHTS))]
    return face(name, max(5, round(size)), weight if "Source" in name else 400)
