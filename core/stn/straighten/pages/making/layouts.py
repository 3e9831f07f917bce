"""Sheets drawn with Pillow: reports in columns, letters, tables, forms, receipts, listings, slides; words of random letters.

A sheet is level: its lines of text run along its rows. Greys are those of ink on paper, 0 to 255.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.stn.straighten.pages.making.faces import HEAVY, MONOSPACED, PLAIN, drawn_face

SHORT = 440  # pixels of the short side of a sheet
PROPORTIONS = (1.414, 1.414, 1.294, 1.0, 0.75, 0.707)  # height by width: A4, letter, square, slides, A4 on its side
RECEIPT = (1.6, 1.8, 2.0, 2.3, 2.6)
_LETTERS = "eeeettaaooiinnsshhrrddllucmwfgypbvkjxqz"
_WORDS = 900


@cache
def _vocabulary() -> list[str]:
    random = np.random.default_rng(0)
    lengths = 1 + random.gamma(2.6, 1.7, _WORDS).astype(int).clip(0, 12)
    return ["".join(random.choice(list(_LETTERS), length)) for length in lengths]


@dataclass(frozen=True)
class Pen:
    """What is drawn with and where: a box of the sheet in pixels, the size of its type, the pitch of its lines."""

    sheet: Image.Image
    draw: ImageDraw.ImageDraw
    random: np.random.Generator
    left: float
    top: float
    right: float
    bottom: float
    size: float
    pitch: float
    font: ImageFont.FreeTypeFont
    ink: int

    @property
    def width(self) -> float:
        return self.right - self.left

    def below(self, y: float) -> Pen:
        return replace(self, top=y)

    def chance(self, share: float) -> bool:
        return bool(self.random.random() < share)

    def between(self, low: float, high: float) -> float:
        return float(self.random.uniform(low, high))

    def count(self, low: int, high: int) -> int:
        """A whole number, `high` not among them."""
        return int(self.random.integers(low, high))

    def words(self, count: int) -> list[str]:
        vocabulary = _vocabulary()
        words = [vocabulary[number] for number in self.random.integers(_WORDS, size=count)]
        return [word.capitalize() if number % 9 == 0 else word for number, word in enumerate(words)]

    def number(self) -> str:
        return f"{self.between(0, 10 ** self.count(1, 5)):.{self.random.integers(3)}f}"

    def text(self, x: float, y: float, words: str, font: ImageFont.FreeTypeFont | None = None) -> None:
        self.draw.text((x, y), words, self.ink, font or self.font)

    def rule(self, x0: float, y0: float, x1: float, y1: float, width: int = 1) -> None:
        self.draw.line((x0, y0, x1, y1), self.ink, width)


Part = Callable[[Pen], float]  # draws at the top of the box, and returns how far down it came


def paragraph(pen: Pen) -> float:
    """Lines of words, ragged, justified or centred; the first indented, the last short."""
    y, lines = pen.top, pen.count(1, 13)
    how, space = pen.random.integers(4), pen.font.getlength(" ")
    for number in range(lines):
        if y + pen.pitch > pen.bottom:
            break
        room = pen.width * (pen.between(0.1, 0.9) if number == lines - 1 else 1.0)
        left = pen.left + (2 * pen.size if number == 0 and how == 1 else 0)
        words, length, line = pen.words(max(1, int(pen.width / pen.size))), 0.0, list[str]()
        for word in words:
            wide = pen.font.getlength(word)
            if length + wide > room - (left - pen.left):
                break
            line.append(word)
            length += wide + space
        if how < 2 and number < lines - 1 and len(line) > 2:  # justified
            gap = (pen.right - left - sum(map(pen.font.getlength, line))) / (len(line) - 1)
            for word in line:
                pen.text(left, y, word)
                left += pen.font.getlength(word) + min(gap, 4 * space)
        else:
            pen.text(left + (pen.width - length) / 2 * (how == 3 and lines < 4), y, " ".join(line))
        y += pen.pitch
    return y + pen.pitch * pen.between(0, 1.0)


def heading(pen: Pen) -> float:
    size = pen.size * pen.between(1.2, 2.8)
    font, words = drawn_face(pen.random, HEAVY, size), " ".join(pen.words(pen.count(1, 7)))
    while font.getlength(words) > pen.width and " " in words:
        words = words.rpartition(" ")[0]
    pen.text(pen.left + max(0.0, pen.width - font.getlength(words)) / 2 * pen.chance(0.3), pen.top, words, font)
    y = pen.top + 1.3 * size
    if pen.chance(0.25):
        pen.rule(pen.left, y, pen.right, y, pen.count(1, 3))
    return y + pen.pitch * pen.between(0.2, 1.0)


def items(pen: Pen) -> float:
    y, dots = pen.top, pen.chance(0.5)
    for number in range(pen.count(2, 8)):
        if y + pen.pitch > pen.bottom:
            break
        pen.text(pen.left + pen.size, y, "-" if dots else f"{number + 1}.")
        pen.text(pen.left + 2.5 * pen.size, y, " ".join(pen.words(pen.count(1, 1 + max(2, int(pen.width / pen.size / 5))))))
        y += pen.pitch
    return y + 0.5 * pen.pitch


def table(pen: Pen) -> float:
    """Words and numbers in columns, with all rules, some or none."""
    columns, rows = pen.count(2, 8), pen.count(2, 16)
    edges = pen.left + pen.width * np.concatenate([[0], np.cumsum(pen.random.dirichlet(4 * np.ones(columns)))])
    height, across, down = pen.pitch * pen.between(1.0, 1.8), pen.chance(0.5), pen.chance(0.35)
    y = pen.top
    if pen.chance(0.3):
        pen.draw.rectangle((pen.left, y, pen.right, y + height), int(pen.between(170, 230)))
    for row in range(rows):
        if y + height > pen.bottom:
            break
        if across or row < 2:
            pen.rule(pen.left, y, pen.right, y)
        for column in range(columns):
            words = pen.number() if column else " ".join(pen.words(2))
            if pen.font.getlength(words) < edges[column + 1] - edges[column] - 4 and not pen.chance(0.1):
                right = edges[column + 1] - 3 - pen.font.getlength(words)
                pen.text(right if column else edges[column] + 3, y + (height - pen.pitch) / 2, words)
        y += height
    pen.rule(pen.left, y, pen.right, y)
    for edge in edges if down else ():
        pen.rule(edge, pen.top, edge, y)
    return y + pen.pitch * pen.between(0.3, 1.5)


def _curve(pen: Pen) -> None:
    x = np.linspace(pen.left, pen.right, 30)
    rise = (0.5 + 0.05 * np.cumsum(pen.random.normal(size=30))).clip(0, 1)
    y = pen.bottom - (pen.bottom - pen.top) * rise
    pen.draw.line(list(zip(x.tolist(), y.tolist(), strict=True)), pen.ink, 1 + pen.chance(0.5))
    pen.rule(pen.left, pen.bottom, pen.right, pen.bottom)
    pen.rule(pen.left, pen.top, pen.left, pen.bottom)


def _bars(pen: Pen) -> None:
    for number, share in enumerate(pen.random.random(8).tolist()):
        x = pen.left + pen.width * number / 8
        box = (x, pen.bottom - (pen.bottom - pen.top) * share, x + pen.width / 11, pen.bottom)
        pen.draw.rectangle(box, int(pen.between(40, 200)))


def _discs_and_lines(pen: Pen) -> None:
    for _ in range(pen.count(3, 14)):
        x, y = pen.between(pen.left, pen.right), pen.between(pen.top, pen.bottom)
        far = pen.between(5, 0.4 * (pen.bottom - pen.top))
        if pen.chance(0.5):
            grey = None if pen.chance(0.5) else int(pen.between(60, 220))
            pen.draw.ellipse((x - far, y - far, x + far, y + far), grey, pen.ink)
        else:
            pen.rule(x, y, pen.between(pen.left, pen.right), pen.between(pen.top, pen.bottom), pen.count(1, 4))


def _clouds(pen: Pen) -> None:
    small = pen.random.normal(size=(pen.count(3, 24),) * 2)
    clouds = Image.fromarray((127 + 60 * small).clip(0, 255).astype(np.uint8))
    area = (max(2, round(pen.width)), max(2, round(pen.bottom - pen.top)))
    pen.sheet.paste(clouds.resize(area, Image.Resampling.BICUBIC), (round(pen.left), round(pen.top)))


_DRAWINGS = (_curve, _bars, _discs_and_lines, _clouds)


def figure(pen: Pen) -> float:
    """A curve, bars, discs and lines at any angle, or a patch of clouds; some framed, with a caption."""
    height = min(pen.bottom - pen.top - 2 * pen.pitch, pen.width * pen.between(0.3, 0.9))
    if height < 20:
        return pen.bottom
    inset, bottom = pen.width * pen.between(0, 0.25), pen.top + height
    inner = replace(pen, left=pen.left + inset, right=pen.right - inset, bottom=bottom)
    _DRAWINGS[pen.count(0, len(_DRAWINGS))](inner)
    if pen.chance(0.5):
        pen.draw.rectangle((inner.left, pen.top, inner.right, bottom), None, pen.ink)
    pen.text(inner.left, bottom + 0.3 * pen.pitch, " ".join(pen.words(3)))
    return bottom + 2 * pen.pitch


def fields(pen: Pen) -> float:
    """Lines of a form: a label and a rule or boxes to write in, some with a scrawl."""
    y, height = pen.top, pen.pitch * pen.between(1.4, 2.6)
    for _ in range(pen.count(2, 9)):
        if y + height > pen.bottom:
            break
        label = " ".join(pen.words(pen.count(1, 4)))
        pen.text(pen.left, y, label)
        begin = min(pen.right - 20, pen.left + pen.font.getlength(label) + pen.size)
        if pen.chance(0.75):
            pen.rule(begin, y + pen.size * 1.1, pen.right, y + pen.size * 1.1)
        else:
            pen.draw.rectangle((begin, y, pen.right, y + 0.8 * height), None, pen.ink)
        if pen.chance(0.4):
            _scrawl(pen, begin, y + 0.5 * pen.size, pen.between(20, 0.6 * (pen.right - begin) + 20))
        y += height
    return y + pen.pitch


def _scrawl(pen: Pen, x: float, y: float, width: float) -> None:
    steps = np.linspace(0, 1, 40)
    rise = pen.between(-0.15, 0.15) * width * steps + 0.6 * pen.size * np.sin(60 * steps + pen.random.normal(size=40) / 2)
    pen.draw.line(list(zip((x + width * steps).tolist(), (y + rise).tolist(), strict=True)), pen.ink, 1)


def listing(pen: Pen) -> float:
    """Lines of code or verse, which begin and end where they will."""
    y, indent = pen.top, 0
    for _ in range(pen.count(4, 40)):
        if y + pen.pitch > pen.bottom:
            break
        indent = max(0, min(6, indent + int(pen.random.integers(-1, 2))))
        if not pen.chance(0.12):
            pen.text(pen.left + 2 * pen.size * indent, y, " ".join(pen.words(pen.count(1, 7))))
        y += pen.pitch
    return y + pen.pitch


def bill(pen: Pen) -> float:
    """What was bought: words to the left, numbers to the right."""
    y = pen.top
    for _ in range(pen.count(3, 24)):
        if y + pen.pitch > pen.bottom:
            break
        price = pen.number()
        pen.text(pen.left, y, " ".join(pen.words(2)))
        pen.text(pen.right - pen.font.getlength(price), y, price)
        y += pen.pitch
    pen.text(pen.left, y, "-" * int(pen.width / max(1.0, pen.font.getlength("-"))))
    return y + 1.5 * pen.pitch


@dataclass(frozen=True)
class Layout:
    """One row of the table: which parts follow each other, in how many columns, how far down the sheet is filled."""

    name: str
    parts: tuple[Part, ...]
    often: float  # relative
    columns: tuple[int, ...] = (1,)
    faces: tuple[str, ...] = PLAIN
    proportions: tuple[float, ...] = PROPORTIONS
    size: tuple[float, float] = (6.5, 12.0)  # of the type, in pixels of a sheet whose short side is SHORT
    filled: tuple[float, float] = (0.35, 1.0)


LAYOUTS = (
    Layout("report", (paragraph, paragraph, paragraph, heading, items, figure, table), 3.0, (1, 1, 2, 2, 3)),
    Layout("text", (paragraph,), 2.0, (1, 1, 2)),
    Layout("letter", (paragraph, paragraph, heading), 1.5, size=(7.0, 11.0), filled=(0.1, 0.5)),
    Layout("table", (table, table, heading), 1.5, filled=(0.3, 1.0)),
    Layout("form", (fields, fields, heading, table), 1.2),
    Layout("receipt", (bill, heading, paragraph), 1.2, faces=(*MONOSPACED, *PLAIN[:4]), proportions=RECEIPT, size=(15.0, 26.0)),
    Layout("listing", (listing,), 0.8, faces=(*MONOSPACED, *PLAIN[:4]), filled=(0.2, 1.0)),
    Layout("slide", (heading, items, figure, paragraph), 1.0, (1, 2), proportions=(0.75, 0.5625), size=(13.0, 24.0)),
    Layout("drawing", (figure, figure, paragraph), 0.5, (1, 2)),
)  # fmt: skip


def _column(pen: Pen, layout: Layout) -> None:
    y = pen.top
    while y + 2 * pen.pitch < pen.bottom:
        part = layout.parts[pen.random.integers(len(layout.parts))]
        y = part(pen.below(y))


def sheet(random: np.random.Generator, layout: Layout | None = None) -> np.ndarray:
    """A level sheet (H, W), uint8, its short side SHORT pixels; of any layout, or of the one that is given."""
    shares = np.array([row.often for row in LAYOUTS])
    layout = layout or LAYOUTS[random.choice(len(LAYOUTS), p=shares / shares.sum())]
    tall = layout.proportions[random.integers(len(layout.proportions))]
    width, height = round(SHORT * max(1.0, 1 / tall)), round(SHORT * max(1.0, tall))
    image = Image.new("L", (width, height), int(random.uniform(225, 256)))
    size, margin = float(random.uniform(*layout.size)), random.uniform(0.02, 0.14, 3) * min(width, height)
    columns = layout.columns[random.integers(len(layout.columns))]
    pitch, ink = size * float(random.uniform(1.15, 1.9)), int(random.uniform(0, 90))
    font, gutter = drawn_face(random, layout.faces, size), 1.5 * size
    top, bottom = float(margin[1]), margin[1] + (height - 2 * margin[1]) * float(random.uniform(*layout.filled))
    whole = Pen(
        image, ImageDraw.Draw(image), random, float(margin[0]), top, width - float(margin[2]), bottom, size, pitch, font, ink
    )
    if layout.name in ("report", "slide") and random.random() < 0.6:
        whole = whole.below(heading(whole))
    wide = (whole.width - gutter * (columns - 1)) / columns
    for number in range(columns):
        left = whole.left + number * (wide + gutter)
        _column(replace(whole, left=left, right=left + wide), layout)
    return np.asarray(image)
