"""The spatial transformers on the command line. What is heavy is imported by the command that needs it."""

from __future__ import annotations

import click

from core.stn.add.command import add
from core.stn.classify.command import classify
from core.stn.locate.command import locate


@click.group()
def train() -> None:
    """Train a spatial transformer."""


train.add_command(classify)


train.add_command(locate)


train.add_command(add)
