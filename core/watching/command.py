"""The command that says what the lab is doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from core.runs.lab import lab
from core.shell import as_json, say

if TYPE_CHECKING:
    from core.watching.status import Status


def _store(status: Status) -> str:
    return f"{status.store_mb:,.0f} of {status.store_limit_mb:,.0f} MB in {status.store_files:,} files"


@click.command()
@as_json
def status(as_json: bool) -> None:
    """Runs by state, queue, store, database and versions of this lab; a server's own workers are on its screen Status."""
    from core.watching.status import status_of

    status = status_of(lab())
    lines = [
        f"runs at work: {status.running}, waiting: {status.waiting}",
        *(f"{kind}: {', '.join(f'{count} {state}' for state, count in sorted(states.items()))}"
          for kind, states in sorted(status.runs.items())),
        f"store: {status.store_problem or _store(status)}",
        f"database: {status.database_problem or f'{status.database} answers'}",
        ", ".join(f"{name} {number}" for name, number in status.versions.items()),
        *([f"commit {status.commit}"] if status.commit else []),
    ]  # fmt: skip
    say(as_json, status.plain, "\n".join(lines))
