"""Pages of another make than those that the network for pages learned from, and what scanners and cameras do to them.

HTML laid out and printed to PDF by Chromium, read by PDFium; English of the project's own documents, Greek and Russian; in
Liberation and DejaVu, which the training never saw. Turned by Pillow; the faults are written here anew, with SciPy.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image
from playwright.sync_api import sync_playwright
from scipy import ndimage

from core.stn.datasets.tilts import cropped, enlarged
from tests.e2e import browser
from tests.e2e.conftest import QUIET

DOCS = Path(__file__).parents[1] / "docs"
DOTS_PER_INCH = 80
GREEK = "Ο ήλιος ανατέλλει πάνω από τη θάλασσα και τα καΐκια γυρίζουν στο λιμάνι με τα δίχτυα γεμάτα. "
RUSSIAN = "Поезд отходит от платформы ровно в полдень, и пассажиры машут платками из открытых окон вагонов. "
_STYLE = "@page{{size:{size};margin:{margin}}}body{{font:{font};line-height:{leading};margin:0}}{extra}"


def _sentences() -> list[str]:
    text = (DOCS / "USER_GUIDE.md").read_text() + (DOCS / "ARCHITECTURE.md").read_text()
    plain = re.sub(r"[*`#|\[\]()>_]", "", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [html.escape(" ".join(line.split())) for line in plain.split(". ") if 40 < len(line) < 300]


SENTENCES = _sentences()


class _Text:
    """Sentences in turn."""

    def __init__(self, begin: int) -> None:
        self.next = begin

    def of(self, count: int) -> str:
        words = ". ".join(SENTENCES[(self.next + number) % len(SENTENCES)] for number in range(count))
        self.next += count
        return words + "."

    def words(self, count: int) -> str:
        return " ".join(self.of(1).split()[:count])

    def paragraphs(self, count: int, long: int = 4) -> str:
        return "".join(f"<p>{self.of(1 + (number + self.next) % long)}</p>" for number in range(count))


def _rows(count: int, columns: int, text: _Text) -> str:
    cells = (
        "".join(f"<td>{(7919 * (row + 3) * (column + 2)) % 9973 / 10:.2f}" for column in range(columns)) for row in range(count)
    )
    return "".join(f"<tr><td>{text.words(3)}{row}" for row in cells)


def _article(columns: int, text: _Text) -> str:
    return f"<h1>{text.words(6)}</h1><div style='column-count:{columns};text-align:justify'>" + "".join(
        f"<h3>{text.words(4)}</h3>{text.paragraphs(4)}" for _ in range(6)
    )


def _letter(text: _Text) -> str:
    return (
        "<p>Harbour Road 12<br>Falmouth<p style='text-align:right'>14 March<p>Dear Sir or Madam,"
        f"{text.paragraphs(2, 2)}<p>Yours faithfully<p style='margin-top:3em'>A. Penrose"
    )


def _invoice(text: _Text) -> str:
    table = f"<table class=ruled>{_rows(14, 4, text)}</table>"
    return f"<h2>Invoice 2041</h2><p>{text.of(1)}{table}<p style='text-align:right'><b>Total 913.20"


def _table(text: _Text) -> str:
    return f"<table class=plain>{_rows(36, 6, text)}</table>"


def _form(text: _Text) -> str:
    fields = "".join(f"<p>{text.words(3)}: <span class=line></span></p>" for _ in range(14))
    return f"<h2>Application</h2><p>{text.of(1)}</p>{fields}"


def _receipt(text: _Text) -> str:
    rows = "".join(f"<tr><td>{text.words(2)}<td align=right>{number * 1.37:.2f}" for number in range(1, 16))
    head = "<center><b>CORNER SHOP</b><br>12 Market St</center><hr>"
    return f"{head}<table width=100%>{rows}</table><hr><b>TOTAL 164.40</b><p>Thank you"


def _slide(text: _Text) -> str:
    return f"<h1>{text.words(4)}</h1><ul>{''.join(f'<li>{text.words(7)}' for _ in range(4))}</ul>"


def _contents(text: _Text) -> str:
    return "<h2>Contents</h2>" + "".join(
        f"<p class=dots><span>{text.words(5)}</span><i></i><span>{number * 4}</span>" for number in range(1, 22)
    )


def _chart(text: _Text) -> str:
    bars = "".join(
        f"<rect x={20 + 40 * at} y={200 - high} width=25 height={high} />"
        for at, high in enumerate([90, 150, 60, 190, 120, 75, 170])
    )
    line = "<polyline fill=none stroke=black stroke-width=2 points='10,220 90,300 150,240 230,360 300,250' />"
    return f"<h3>{text.words(5)}</h3><svg width=320 height=380 fill=grey>{bars}{line}</svg>{text.paragraphs(2)}"


def _poem(text: _Text) -> str:
    return "<center>" + "".join(f"{text.words(3 + number % 5)}<br>" for number in range(26)) + "</center>"


def _code(text: _Text) -> str:
    source = html.escape((DOCS.parent / "core" / "drive.py").read_text()[:1600])
    return f"<pre>{source}</pre>"


def _other(sentence: str) -> Callable[[_Text], str]:
    return lambda text: "".join(f"<p>{sentence * (2 + number % 4)}</p>" for number in range(9))


def _note(text: _Text) -> str:
    return f"<p style='margin-top:6em'>{text.of(1)}<p>{text.of(1)}"


@dataclass(frozen=True)
class Sheet:
    """One row of the table of pages: its contents, its paper and its type."""

    name: str
    body: Callable[[_Text], str]
    font: str = "11pt 'Liberation Serif'"
    size: str = "A4"
    margin: str = "22mm"
    leading: float = 1.35


SHEETS = (
    Sheet("article", lambda text: _article(1, text)),
    Sheet("two columns", lambda text: _article(2, text), "10pt 'Liberation Serif'", margin="15mm", leading=1.2),
    Sheet("newspaper", lambda text: _article(4, text), "9pt 'DejaVu Serif Condensed'", "Tabloid", "12mm", 1.15),
    Sheet("book", lambda text: text.paragraphs(30), "10pt 'DejaVu Serif'", "A5", "15mm"),
    Sheet("letter", _letter, "12pt 'Liberation Sans'"),
    Sheet("note", _note, "13pt 'DejaVu Sans'"),
    Sheet("invoice", _invoice, "10pt 'Liberation Sans'"),
    Sheet("table", _table, "9pt 'Liberation Sans Narrow'", "A4 landscape", "12mm", 1.2),
    Sheet("form", _form, "11pt 'DejaVu Sans Condensed'"),
    Sheet("receipt", _receipt, "9pt 'Liberation Mono'", "70mm 150mm", "4mm"),
    Sheet("slide", _slide, "26pt 'Liberation Sans'", "254mm 143mm", "14mm"),
    Sheet("contents", _contents, "11pt 'Liberation Serif'"),
    Sheet("chart", _chart, "11pt 'DejaVu Sans'"),
    Sheet("poem", _poem, "italic 12pt 'Liberation Serif'"),
    Sheet("code", _code, "9pt 'DejaVu Sans Mono'"),
    Sheet("Greek", _other(GREEK), "12pt 'DejaVu Serif'"),
    Sheet("Russian", _other(RUSSIAN), "11pt 'Liberation Sans'", "A5 landscape", "12mm"),
)  # fmt: skip
_EXTRA = (
    "table{border-collapse:collapse}td{padding:2px 9px}.ruled td{border:1px solid}.plain td{border-bottom:1px solid #aaa}"
    ".line{display:inline-block;width:60%;border-bottom:1px solid}.dots{display:flex}"
    ".dots i{flex:1;border-bottom:2px dotted;margin:4px}"
)


def printed() -> dict[str, np.ndarray]:
    """Every sheet as Chromium prints it and PDFium reads it: uint8 (H, W, 3), by name."""
    pages = dict[str, np.ndarray]()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=QUIET)
        tab = chromium.new_page()
        for number, sheet in enumerate(SHEETS):
            style = _STYLE.format(size=sheet.size, margin=sheet.margin, font=sheet.font, leading=sheet.leading, extra=_EXTRA)
            tab.set_content(f"<meta charset=utf-8><style>{style}</style>{sheet.body(_Text(17 * number))}")
            pdf = pypdfium2.PdfDocument(tab.pdf(prefer_css_page_size=True, print_background=True))
            pages[sheet.name] = np.array(pdf[0].render(scale=DOTS_PER_INCH / 72).to_pil().convert("RGB"))
        chromium.close()
    return pages


Random = np.random.Generator


def _grain(image: np.ndarray, random: Random) -> np.ndarray:
    return image + random.normal(0, 28, image.shape[:2])[..., None]


def _shadow(image: np.ndarray, random: Random) -> np.ndarray:
    """A hand's shadow with a soft edge over about a half of the page, and light that falls off."""
    height, width = image.shape[:2]
    y, x = np.mgrid[:height, :width] / max(height, width)
    way = random.uniform(0, 2 * np.pi)
    across = (x - 0.5) * np.cos(way) + (y - 0.4) * np.sin(way)
    return image * (1 - 0.55 / (1 + np.exp(-across / random.uniform(0.005, 0.05))) - 0.2 * x)[..., None]


def _blur(image: np.ndarray, random: Random) -> np.ndarray:
    return ndimage.gaussian_filter(image, (1.6, 1.6, 0))


def _border(image: np.ndarray, random: Random) -> np.ndarray:
    """Black where the lid was open: at two sides, one of them uneven."""
    image, height, width = image.copy(), *image.shape[:2]
    image[:, : round(random.uniform(0.02, 0.1) * width)] = 12
    edge = (random.uniform(0.02, 0.08) * height + random.uniform(-0.06, 0.06) * np.arange(width)).clip(0).astype(int)
    image[np.arange(height)[:, None] < edge[None]] = 12
    return image


def _jpeg(image: np.ndarray, random: Random) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(image.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=9)
    return np.array(Image.open(buffer)).astype(float)


def _fax(image: np.ndarray, random: Random) -> np.ndarray:
    specks = random.random(image.shape[:2]) < 0.02
    return np.where((image.mean(-1) < 170) ^ specks, 0.0, 255.0)[..., None].repeat(3, 2)


def _tilt(image: np.ndarray, random: Random) -> np.ndarray:
    """Seen from one side, before it is turned: the far edge is up to a third shorter; the centre keeps its direction."""
    height, width = image.shape[:2]
    g, h = random.uniform(-0.17, 0.17) / width, random.uniform(-0.17, 0.17) / height
    cx, cy = width / 2, height / 2
    to_centre = np.array([[1, 0, cx], [0, 1, cy], [0, 0, 1.0]])
    plane = to_centre @ np.array([[1, 0, 0], [0, 1, 0], [g * 2, h * 2, 1.0]]) @ np.linalg.inv(to_centre)
    numbers = (plane / plane[2, 2]).flatten()[:8].tolist()
    fill = (255, 255, 255)
    tilted = Image.fromarray(image).transform(
        (width, height), Image.Transform.PERSPECTIVE, numbers, Image.Resampling.BICUBIC, fillcolor=fill
    )
    return np.array(tilted)


def _on_table(image: np.ndarray, degrees: float, random: Random) -> np.ndarray:
    """The sheet with its edges on a dark wooden table, from above."""
    height, width = image.shape[:2]
    board = Image.new("RGB", (round(1.35 * max(width, height)),) * 2, (92, 66, 44))
    mask = Image.new("L", (width, height), 255).rotate(degrees, Image.Resampling.BICUBIC, expand=True)
    turned = Image.fromarray(image).rotate(degrees, Image.Resampling.BICUBIC, expand=True)
    board.paste(turned, ((board.width - turned.width) // 2, (board.height - turned.height) // 2), mask)
    return np.array(board)


Turn = Callable[[np.ndarray, float, Random], np.ndarray]


@dataclass(frozen=True)
class Fault:
    """One row of the table: what is done to a sheet before it is turned, how it is turned, what is done to the picture then."""

    name: str
    after: Callable[[np.ndarray, Random], np.ndarray] | None = None
    before: Callable[[np.ndarray, Random], np.ndarray] | None = None
    turn: Turn = lambda image, degrees, random: enlarged(image, degrees)

    def of(self, page: np.ndarray, degrees: float, random: Random) -> np.ndarray:
        sheet = self.before(page, random) if self.before else page
        picture = self.turn(sheet, degrees, random)
        if self.after:
            picture = self.after(picture.astype(float), random).clip(0, 255).astype(np.uint8)
        return picture


def _photographed(image: np.ndarray, random: Random) -> np.ndarray:
    return _jpeg(_grain(_shadow(ndimage.gaussian_filter(image, (0.7, 0.7, 0)), random), random) * 0.8, random)


FAULTS = (
    Fault("clean, on white"),
    Fault("clean, cropped", turn=lambda image, degrees, random: cropped(image, degrees)),
    Fault("noise", _grain),
    Fault("shadow", _shadow),
    Fault("blur", _blur),
    Fault("perspective", before=_tilt),
    Fault("black borders", _border),
    Fault("JPEG", _jpeg),
    Fault("fax", _fax),
    Fault("on a table", turn=_on_table),
    Fault("photographed", _photographed, _tilt, _on_table),
)
ANGLES = (-38.0, -9.0, -2.5, 4.0, 21.0)  # degrees; each with a little drawn at random


@dataclass(frozen=True)
class Tilted:
    """A picture of a page, and by how much it is turned."""

    sheet: str
    fault: str
    angle_deg: float
    picture: np.ndarray


def tilted(pages: dict[str, np.ndarray], seed: int = 0) -> Iterator[Tilted]:
    """Every page with every fault, by two of the angles each."""
    random = np.random.default_rng(seed)
    for row, fault in enumerate(FAULTS):
        for number, (name, page) in enumerate(pages.items()):
            for again in range(2):
                degrees = ANGLES[(row + number + 2 * again) % len(ANGLES)] + float(random.uniform(-1, 1))
                yield Tilted(name, fault.name, degrees, fault.of(page, degrees, random))
