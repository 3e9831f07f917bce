"""The command that sets runs beside each other."""

from __future__ import annotations

from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.shell import as_json, find, say


@click.command()
@click.argument("runs", nargs=-1, required=True)
@as_json
def beside(runs: tuple[str, ...], as_json: bool) -> None:
    """Set two to six RUNS of one kind beside each other: what differs in their requests, and where each stands."""
    from core.runs.beside.beside import Beside
    from core.runs.beside.beside import beside as set_beside
    from core.runs.lab import lab

    these: Beside = set_beside(lab(), [find(run) for run in runs])
    if as_json:
        say(True, _plain(these), "")
        return
    table = Table("", *(run.id for run in these.runs), box=None, header_style="bold")
    for name, values in _rows(these):
        table.add_row(Text(name), *map(Text, values))
    Console().print(table)
    if these.seeds_alone:
        click.echo(f"Only the seed differs: error {these.seeds_alone.text}.")


def _rows(these: Any) -> list[tuple[str, tuple[str, ...]]]:
    stands = these.standings
    return [
        *((field.name, field.values) for field in these.differing),
        ("outcome", tuple(run.headline or run.error or run.state.value for run in these.runs)),
        ("error", tuple(f"{one.error:.4g}, {one.error_is}" if one else "–" for one in stands)),
        ("baseline", tuple(f"{one.baseline:.4g}, {one.baseline_is}" if one else "–" for one in stands)),
        ("health", tuple(one.health_with_reason if one else "–" for one in stands)),
    ]


def _plain(these: Any) -> dict[str, Any]:
    spread = these.seeds_alone
    return {
        "runs": [
            {"run": run.id, "state": run.state.value, "headline": run.headline, "standing": one.plain if one else None}
            for run, one in zip(these.runs, these.standings, strict=True)
        ],
        "differs": {field.name: list(field.values) for field in these.differing},
        "same": {field.name: field.values[0] for field in these.same},
        "seeds": {"mean": spread.mean, "least": spread.least, "largest": spread.largest} if spread else None,
    }
