"""What a live view consists of: rows of columns of figures, pictures and tables, as plain values that a browser can draw."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from PIL import Image

from core.lines import Mode
from core.system.data_address import data_address


@dataclass(frozen=True)
class Look:
    """How a visitor sees the lab."""

    mode: Mode = "light"
    projector: bool = False


@dataclass(frozen=True)
class FigureBlock:
    """A figure in Plotly's JSON, `data` and `layout`; None while there is nothing to draw, its place is kept free."""

    alt: str
    height: int  # pixels
    plotly: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        return {"kind": "figure", "alt": self.alt, "height": self.height, "plotly": self.plotly}


@dataclass(frozen=True)
class PictureBlock:
    """An encoded JPEG or WebP, as wide as its column; None while there is none."""

    alt: str
    caption: str = ""
    jpeg: bytes | None = None
    aspect: float = 1.0  # width by height, as long as there is no picture that says its own

    def as_json(self) -> dict[str, Any]:
        words = {"kind": "picture", "alt": self.alt, "caption": self.caption}
        if self.jpeg is None:
            return words | {"aspect": self.aspect, "source": None}
        image = Image.open(io.BytesIO(self.jpeg))
        width, height = image.size
        source = data_address(self.jpeg, image.get_format_mimetype() or "")
        return words | {"aspect": width / height, "width": width, "source": source}


@dataclass(frozen=True)
class TableColumn:
    """A column of a table: words, a share from 0 to 1 as a bar, or [words, address] pairs as links."""

    title: str
    kind: Literal["words", "share", "link"] = "words"
    wide: bool = False


@dataclass(frozen=True)
class TableBlock:
    """Rows of values, in a place of fixed height that scrolls."""

    alt: str
    height: int  # pixels
    columns: Sequence[TableColumn]
    rows: Sequence[Sequence[Any]]

    def as_json(self) -> dict[str, Any]:
        columns = [{"title": one.title, "kind": one.kind, "wide": one.wide} for one in self.columns]
        return {"kind": "table", "alt": self.alt, "height": self.height, "columns": columns, "rows": list(self.rows)}


Block = FigureBlock | PictureBlock | TableBlock


@dataclass(frozen=True)
class Column:
    """Blocks, one below the other."""

    blocks: Sequence[Block]
    share: float = 1.0  # of the width of its row


Row = Sequence[Column]


@dataclass(frozen=True)
class View:
    """All that is shown of a run that is alive, or, without rows, that it is not alive any more."""

    state: str  # a change of it changes what the page itself offers, such as its buttons
    words: str = ""
    share: float = 0.0  # of the work that is done
    note: str | None = None  # None: none is ever said of such a run, and no place is kept for one
    rows: Sequence[Row] = field(default_factory=tuple)
    ended: bool = False
