"""docs/API.md from the docstrings of what is meant to be imported: `python -m docs.api` writes it anew.

The examples in it are doctests, which tests/test_api.py runs.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "API.md"
PUBLIC: dict[str, tuple[str, ...]] = {  # by heading: where each name is imported from
    "Spatial transformers": (
        "core.stn:SpatialTransformer",
        "core.stn:LocalizationNetwork",
        "core.stn:GridGenerator",
        "core.stn:Sampler",
        "core.stn:warp",
        "core.stn.geometry.theta:theta_of",
        "core.stn.geometry.theta:compose",
        "core.stn.geometry.theta:inverse",
    ),
    "A network of your own": (
        "core.stn:HealthLine",
        "core.stn:doubt",
        "core.stn:calibrated_belief",
        "core.stn:equivariance_plot",
        "core.stn:thetas_of",
    ),
    "Forecasts": (
        "core.rnn:compare",
        "core.rnn:CompareRequest",
        "core.rnn:CompareResult",
        "core.rnn.prices.samples:fetch",
        "core.rnn.prices.prices:Prices",
    ),
    "Pictures": (
        "core.stn.datasets.samples:sample",
        "core.stn.datasets.images:read_image",
        "core.stn.datasets.images:to_png",
        "core.stn.straighten.predict:straighten",
    ),
    "Runs": (
        "core.runs.lab:lab",
        "core.runs.lab:Lab.iterate",
        "core.runs.lab:Lab.result",
        "core.runs.request:Request",
        "core.runs.request:key_of",
        "core.runs.result:Result",
        "core.runs.conclusion:Conclusion",
        "core.runs.export:export",
        "core.runs.report.columns:readable",
    ),
}
HEAD = """# The API

Written by `python -m docs.api` from docstrings; the examples run in the tests. `pip install -e .` in Gridcast's folder makes
`core` importable everywhere. Conventions (directions, units, corners) stand in [CONVENTIONS.md](CONVENTIONS.md).
"""


def named(place: str) -> Any:
    """What "package.module:Name.attribute" names."""
    module, _, names = place.partition(":")
    value: Any = import_module(module)
    for name in names.split("."):
        value = getattr(value, name)
    return value


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for heading, places in PUBLIC.items():
        parts.append(f"## {heading}\n")
        parts += ["\n".join(_entry(place)) for place in places]
    return "\n".join(parts)


def _entry(place: str) -> Iterator[str]:
    value, (module, _, name) = named(place), place.partition(":")
    yield f"### {name.rpartition('.')[2]}\n"
    yield f"```python\nfrom {module} import {name.partition('.')[0]}\n```\n"
    if signature := _signature(name, value):
        yield f"`{signature}`\n"
    if doc := inspect.getdoc(value):
        yield f"{_with_blocks(doc)}\n"


def _signature(name: str, value: Any) -> str:
    """How it is called; nothing of a value that pydantic makes of its fields."""
    if inspect.isclass(value) and hasattr(value, "model_fields"):
        return ""
    return name + re.sub(r"'([^']+)'", r"\1", str(inspect.signature(value)).removesuffix(" -> 'None'"))


def _with_blocks(doc: str) -> str:
    """A docstring as Markdown: examples and what is indented as blocks of code."""
    lines, within = [], False
    for line in doc.splitlines():
        example = line.startswith((">>>", "...")) or (within and bool(line.strip()))
        if example != within:
            lines.append("```pycon" if example else "```")
            if not example and line.strip():
                lines.append("")
        within = example
        lines.append(line)
    return "\n".join(lines + ["```"] * within)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
