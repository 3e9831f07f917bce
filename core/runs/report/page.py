"""The report of a run: one HTML file that opens from disk, answers to hover without a network, and can be printed.

Plotly is embedded once. The file asks nobody for anything, which its content security policy makes sure of. All words of
strangers (names of files, classes and tickers) are escaped; figures go through `core.figures.text`.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.runs.kinds import kind_of
from core.runs.registry import Run
from core.runs.report.parts import Report, Shown
from core.runs.report.settings import settings_of
from core.runs.report.versions import versions
from core.runs.request import Bench, Request
from core.runs.result import Result
from core.runs.visitors.label import NONE, Label
from core.system.data_address import data_address
from core.system.dates import say_day, say_moment

if TYPE_CHECKING:
    import pandas as pd

HERE = Path(__file__).parent
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
MOST_ROWS, MOST_COLUMNS = 60, 14  # of a table that is written out
ON_PAPER = 12  # columns that a printed page has room for
MOST_CSV = 500_000  # bytes of a figure's data that are embedded
LIMITS = (
    "It is one run on the data named below: other data, another seed or another machine can give other numbers.",
    "A budget in seconds lets a faster machine learn more: such a run comes out alike, not the same, when it is done again.",
)
PICTURE = "jpeg", 88  # format and quality


def report_page(run: Run, result: Result, label: Label = NONE) -> bytes:
    """The whole file, UTF-8; about 5 MB, most of which is Plotly. `label`: what the visitor who takes it away calls the run."""
    request = run.request
    kind = kind_of(request)
    report: Report = kind.report
    valued = report.valued(run, result)
    figures = list(report.figures(valued))
    body = [
        _head(run, kind.title, report.words(valued), label),
        _standing(valued),
        *(part for title, lines in report.said(valued).items() for part in _section(title, map(_paragraph, lines))),
        *_section("Figures", [_figure(number, one) for number, one in enumerate(figures)]),
        *_section("Tables", _written(report, request.bench, valued)),
        *_section("What was asked", _request(request, valued)),
        *_section("What it does not say", [_list(report.limits + (LIMITS if request.timed else LIMITS[:1]))]),
        *_section("How to run it again", _again(run, request)),
        *_section("Versions", _versions(report.versions(valued))),
    ]
    return _whole(
        f"{label.called(run.title)} · Gridcast",
        "\n".join(body),
        [one for one in figures if not isinstance(one.drawn, np.ndarray)],
    )


def _whole(title: str, body: str, figures: list[Shown]) -> bytes:
    script = (HERE / "page.js").read_text(encoding="utf-8")
    plotly = f"<script>{_plotly()}</script>\n<script>{script}</script>" if figures else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{(HERE / "page.css").read_text(encoding="utf-8")}</style>
</head>
<body>
<main>
{body}
</main>
{plotly}
</body>
</html>
""".encode()


def _plotly() -> str:
    from plotly.offline import get_plotlyjs  # reads 5 MB

    return str(get_plotlyjs())


def _head(run: Run, kind: str, words: str, label: Label) -> str:
    first, *rest = [line for line in words.split("\n") if line.strip()] or [""]
    more = "".join(f"<p>{escape(line)}</p>" for line in [*rest, *filter(None, [run.starved_in_words])])
    note = "".join(f"<p>{escape(line)}</p>" for line in label.note.splitlines())
    more += f'<div class="note"><p>Note:</p>{note}</div>' if note else ""
    about = [f"Run <code>{escape(run.id)}</code>", *([f"finished {say_moment(run.finished)}"] if run.finished else [])]
    about += [f"took {run.seconds:,.0f} s"] if run.seconds is not None else []
    return (
        f'<header><p class="kind">Gridcast · {escape(kind)}</p><h1>{escape(label.called(run.title))}</h1>'
        f'<p class="headline">{escape(first)}</p>{more}<p class="about">{" · ".join(about)}</p></header>'
    )


def _section(title: str, parts: Iterable[str]) -> Iterator[str]:
    content = "\n".join(parts)
    if content:
        yield f"<section><h2>{escape(title)}</h2>\n{content}\n</section>"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _list(items: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"


def _standing(result: Result) -> str:
    """The error beside the baseline's, and the health."""
    standing = result.standing
    if standing is None:
        return ""
    error, baseline = to_equal_decimals(standing.error, standing.baseline)
    rows = [("Error", error, standing.error_is), ("Baseline", baseline, standing.baseline_is)]
    cells = "".join(f"<tr><th>{name}</th><td>{value}</td><td>{escape(of)}</td></tr>" for name, value, of in rows)
    health = f"<tr><th>Health</th><td></td><td>{escape(standing.health_with_reason)}</td></tr>"
    return f'<table class="standing">{cells}{health}</table>'


def to_equal_decimals(*values: float) -> list[str]:
    """Values that are compared, all with as many decimals as the one that has most."""
    written = [number(value) for value in values]
    digits = max(len(one.partition(".")[2]) for one in written)
    if any("e" in one for one in written):
        return written
    return [f"{value:,.{digits}f}".replace("-", "\u2212") if one else "" for value, one in zip(values, written, strict=True)]


def number(value: Any) -> str:
    """A value of a table: four significant digits, a true minus, nothing for what is undefined."""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        plain = float(value)
        if not math.isfinite(plain):
            return ""
        text = f"{plain:,.0f}" if plain == round(plain) and abs(plain) < 1e15 else f"{plain:,.4g}"
        return text.replace("-", "\u2212")
    if isinstance(value, int | np.integer):
        return f"{value:,}".replace("-", "\u2212")
    if hasattr(value, "strftime"):
        return "" if value != value else say_day(value)
    return "" if value is None else str(value)


# -- figures -------------------------------------------------------------------------------------------


def _figure(place: int, shown: Shown) -> str:
    caption = f"<figcaption>{escape(shown.caption)}</figcaption>" if shown.caption else ""
    title = f"<h3>{escape(shown.title)}</h3>"
    if isinstance(shown.drawn, np.ndarray):
        return f'<figure>{title}<img src="{_address(shown.drawn)}" alt="{escape(shown.title)}">{caption}</figure>'
    return f'<figure class="plot">{title}{_plot(place, shown)}{caption}</figure>'


def _address(pixels: np.ndarray) -> str:
    from PIL import Image

    written = io.BytesIO()
    form, quality = PICTURE
    Image.fromarray(pixels).convert("RGB").save(written, form, quality=quality)
    return data_address(written.getvalue(), f"image/{form}")


def _plot(place: int, shown: Shown) -> str:
    from core.figures.hover import with_signs_and_dates
    from core.figures.table import figure_csv
    from core.figures.text import quoted_figure

    figure = quoted_figure(with_signs_and_dates(shown.drawn))
    csv = figure_csv(shown.drawn)
    data = {"csv": csv.decode() if len(csv) <= MOST_CSV else None, "name": f"figure-{place + 1}"}
    height = float(figure.layout.height or 360)
    return (
        f'<div class="drawn" style="min-height:{height:.0f}px" role="img" aria-label="{escape(shown.title)}"></div>'
        f'<script type="application/json" class="figure">{_safe(figure.to_json())}</script>'
        f'<script type="application/json" class="data">{_safe(json.dumps(data))}</script>'
    )


def _safe(text: str) -> str:
    """JSON that cannot end the script it stands in."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


# -- tables --------------------------------------------------------------------------------------------


def _written(report: Report, bench: Bench, result: Result) -> Iterator[str]:
    """The tables of the kind; without any, the small tables of the result, each with what its columns say."""
    own = dict(report.tables(result))
    for title, table in own.items():
        yield _table(title, table)
    if own:
        return
    from core.runs.report.columns import dictionary, readable_tables

    small = {name: one for name, one in result.tables.items() if len(one) <= MOST_ROWS and one.shape[1] <= MOST_COLUMNS}
    for (name, raw), (title, table) in zip(small.items(), readable_tables(bench, small).items(), strict=True):
        yield _table(title, table, report.about.get(name, ""), dictionary(bench, {name: raw}))


def _columns(described: pd.DataFrame) -> str:
    rows = zip(described["Column"], described["What it says"], strict=True)
    said = "".join(f"<tr><th>{escape(column)}</th><td>{escape(words)}</td></tr>" for column, words in rows if words)
    return f"<details><summary>What the columns say</summary><table>{said}</table></details>" if said else ""


def _table(title: str, table: pd.DataFrame, about: str = "", described: pd.DataFrame | None = None) -> str:
    shown = table.head(MOST_ROWS)
    parts = _for_paper(shown)
    whole = f'<div class="wide{" on-screen" if parts else ""}">{_rows(shown)}</div>'
    if parts:
        whole += f'<div class="wide on-paper">{"".join(map(_rows, parts))}</div>'
    more = f"<p>{len(table) - MOST_ROWS:,} more rows are in the export of tables.</p>" if len(table) > MOST_ROWS else ""
    first = f"<p>{escape(about)}</p>" if about else ""
    columns = "" if described is None else _columns(described)
    return f"<h3>{escape(title)}</h3>{first}{whole}{more}{columns}"


def _for_paper(table: pd.DataFrame) -> list[pd.DataFrame]:
    """A table that is too wide for a printed page in parts of its columns, each after the first; empty where it has room."""
    others = table.shape[1] - 1
    if others < ON_PAPER:
        return []
    places = np.array_split(np.arange(1, others + 1), -(-others // (ON_PAPER - 1)))
    return [table.iloc[:, [0, *some]] for some in places]


def _rows(table: pd.DataFrame) -> str:
    head = "".join(f"<th>{escape(str(name))}</th>" for name in table.columns)
    rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in table.itertuples(index=False, name=None))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(value: Any) -> str:
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)
    return f"<td{' class=number' if is_number else ''}>{escape(number(value))}</td>"


# -- what was asked, and how to ask it again -------------------------------------------------------------


def _request(request: Request, result: Result) -> Iterator[str]:
    named = {digest: f"the weights of: {origin.name}" for digest, origin in result.origins.items()}
    rows = "".join(
        f"<tr{'' if one.default else ' class=changed'}><th>{escape(one.name)}</th><td>{escape(one.value)}</td>"
        f"<td>{'' if one.default else 'chosen'}</td></tr>"
        for one in settings_of(request, named)
    )
    yield f'<table class="settings">{rows}</table>'
    if course := ", ".join(f"{name}: {words}" for name, words in result.course.items()):
        yield f"<p>How it went: {escape(course)}.</p>"
    yield "<p>What is not marked as chosen is the default.</p>"
    text = request.model_dump_json(indent=2)
    yield (
        f'<details><summary>The request, as JSON</summary><pre id="request">{escape(text)}</pre></details>{_inputs(request)}'
    )


def _inputs(request: Request) -> str:
    names = list(dict.fromkeys(request.inputs))
    if not names:
        return ""
    some = "its input" if len(names) == 1 else f"its {len(names):,} inputs"
    return f"<p>The run reads {some}, named by SHA-256; the exports of notebook and request bring the files along.</p>"


def _again(run: Run, request: Request) -> Iterator[str]:
    begin = escape(run.id[:8])
    yield "<p>In the folder of Gridcast, from the lab that did it:</p>"
    yield (
        f"<pre>python -m core export {begin} --format json --to again\n"
        "python -m core start again/request.json</pre>"
        "<p>The folder that the first line writes can be taken to another lab. A lab that has the run already shows it and "
        "computes nothing. In a notebook, step by step:</p>"
        f"<pre>python -m core export {begin} --format notebook --to again</pre>"
    )


def _versions(of_run: Mapping[str, str]) -> Iterator[str]:
    if of_run:
        yield f"<p>The run was computed with:</p>{_pairs(of_run)}"
    else:
        yield "<p>A run of this kind does not keep the versions that it was computed with; when it finished stands on top.</p>"
    yield f"<p>This report was written with:</p>{_pairs(versions())}"


def _pairs(pairs: Mapping[str, str]) -> str:
    return f"<table>{''.join(f'<tr><th>{escape(name)}</th><td>{escape(one)}</td></tr>' for name, one in pairs.items())}</table>"
