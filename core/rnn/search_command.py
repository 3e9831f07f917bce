"""Tickers by company name on the command line."""

from __future__ import annotations

from dataclasses import asdict

import click

from core.errors import InvalidRequest
from core.shell import as_json, say


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--source", default="sample", show_default=True, help="sample, which needs no network, or yahoo")
@as_json
def search(words: tuple[str, ...], source: str, as_json: bool) -> None:
    """Find tickers by the WORDS of a company's name, or by how they begin."""
    from core.rnn.prices import source_of

    if source not in ("sample", "yahoo"):
        raise InvalidRequest(f"{source!r} cannot be searched; choose sample or yahoo")
    said = " ".join(words)
    found = source_of(source).search(said)
    lines = ["  ".join(filter(None, (f"{hit.symbol:10}", hit.name, hit.kind, hit.exchange))) for hit in found]
    elsewhere = "; look among all at Yahoo with --source yahoo" if source == "sample" else ""
    text = "\n".join(lines) or f"nothing at {source} fits {said!r}{elsewhere}"
    say(as_json, {"words": said, "source": source, "found": [asdict(hit) for hit in found]}, text)
