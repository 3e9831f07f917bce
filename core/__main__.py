"""The command line, `python -m core`: the same requests, store and registry as the screens.

A user's mistake ends with status 2 and one readable line, a failed run with status 1. Each experiment brings its own
command, which imports what is heavy only when it runs.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.errors import GridcastError, RunFailed
from core.lessons.command import tasks
from core.rnn.compare.command import forecast
from core.rnn.memory.command import trace
from core.rnn.prices.command import as_they_are_option, search
from core.runs.archive import read, take_in
from core.runs.beside.command import beside
from core.runs.export import FORMATS, check, export, write
from core.runs.kinds import EXPERIMENTS
from core.runs.lab import lab
from core.runs.queue.command import report, words
from core.runs.recovery.command import OF_FOLDER
from core.runs.registry import Run
from core.runs.visitors.command import OF_A_RUN, OF_ALL, chosen, label
from core.runs.visitors.visitor import COMMAND_LINE
from core.settings import ONE_THREAD, settings
from core.shell import as_json, do, errors, find, say, summary
from core.stn.straighten.command import apply, straighten
from core.stn.warp.command import warp
from core.system.events import write_events
from core.watching.command import status

for name, value in ONE_THREAD.items():  # before torch is imported: two threads on busy cores cost a factor of ten
    os.environ.setdefault(name, value)


def hidden(command: click.Command) -> click.Command:
    """The same command, for a name that no help lists."""
    return click.Command(command.name, callback=command.callback, params=command.params, help=command.help, hidden=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Gridcast: train spatial transformers on your images and recurrent networks on market data."""


@main.group()
def train() -> None:
    """Train a spatial transformer."""


for command in (beside, warp, apply, forecast, trace, search, tasks, status):
    main.add_command(command)
for kind in EXPERIMENTS.values():
    (train if kind.bench == "spatial" and kind.trains else main).add_command(kind.command)
train.add_command(hidden(straighten), "rectify")  # what it was called before


@main.command()
@click.argument("run", required=False)
@click.option("--delete", is_flag=True, help="Forget RUN and its result.")
@click.option("--undo", is_flag=True, help="Bring back what was deleted here last.")
@click.option("--pin", is_flag=True, help="Let RUN stand first in all lists, and stay through a reset.")
@click.option("--unpin", is_flag=True, help="Undo --pin.")
@click.option("--name", help="Call RUN by a name of your own.")
@click.option("--note", help="Note something of RUN.")
@click.option("--reset", is_flag=True, help="Delete all runs but those that are shipped or pinned.")
@click.option("--verify", is_flag=True, help="Compare every stored file with its checksum.")
@click.option("--prune", is_flag=True, help="Remove the files that no run needs, and what is above the bound of the store.")
@as_json
def runs(run: str | None, as_json: bool, name: str | None, note: str | None, **actions: bool) -> None:
    """List all runs, or show RUN."""
    of_all = OF_ALL | OF_FOLDER
    action = chosen(run, actions, of_all)
    if name is not None or note is not None:
        say(as_json, *label(lab(), run, name, note))
        return
    if action:
        say(as_json, *(of_all[action](lab()) if action in of_all else OF_A_RUN[action](lab(), find(str(run)))))
        return
    listed = [find(run)] if run else lab().runs()
    if as_json:
        say(True, {"runs": [_row(row) for row in listed]}, "")
    else:
        Console().print(_table(listed) if listed else "No runs yet. Try: python -m core train straighten PHOTO")


def _row(run: Run) -> dict[str, Any]:
    kept = ("id", "kind", "title", "state", "seconds", "headline", "error", "created", "finished")
    own = lab().registry.labels.of(run.id, COMMAND_LINE)
    return {name: getattr(run, name) for name in kept} | {"name": own.name, "note": own.note}


def _table(listed: list[Run]) -> Table:
    table = Table("run", "what", "state", "outcome", "seconds", box=None, header_style="bold")
    labels = lab().registry.labels.several([run.id for run in listed], COMMAND_LINE)
    for run in listed:
        seconds = f"{run.seconds:.1f}" if run.seconds is not None else ""
        what = labels[run.id].called(run.title)
        table.add_row(*map(Text, (run.id, what, run.state, run.headline or run.error, seconds)))
    return table


@main.command()
@as_json
def queue(as_json: bool) -> None:
    """Say what is at work in this lab, what waits and for how long, and how fast the machine is."""
    answer = report(lab())
    say(as_json, answer, words(answer))


@main.command("export")
@click.argument("run")
@click.option("--format", "form", required=True, help=f"{', '.join(FORMATS)}, or another that this kind of run has")
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path, file_okay=False))
@as_json
def export_(run: str, form: str, folder: Path, as_json: bool) -> None:
    """Write what RUN found out into a folder.

    It fails where an exported network does not do the same as the run; the files are there all the same, to see why.
    """
    existing = find(run)
    result = lab().corrected(existing)
    label = lab().registry.labels.of(existing.id, COMMAND_LINE)
    files = export(existing, result, form, lab().store, label)
    paths = write(files, folder)
    check(existing, result, form, files)
    say(as_json, {"run": existing.id, "files": [str(path) for path in paths]}, "\n".join(f"wrote {path}" for path in paths))


@main.command()
@click.argument("request", type=click.Path(path_type=Path))
@as_they_are_option
@as_json
def start(request: Path, as_they_are: bool, as_json: bool) -> None:
    """Start the run of an exported REQUEST again: its request.json, its folder, or the ZIP of both."""
    run, cached = do(take_in(read(request), lab().store), as_they_are=as_they_are)
    say(as_json, summary(run, cached), f"{run.title}: {run.headline}", run, cached)


def run_main() -> None:
    """Run the command line and turn errors into one line and a status."""
    try:
        write_events(sys.stderr, settings().log if "log" in settings().model_fields_set else "error")
        main(standalone_mode=False)
    except click.ClickException as error:
        click.echo(f"error: {' '.join(error.format_message().split())}", err=True)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        errors.print("cancelled")
        sys.exit(130)
    except RunFailed as error:
        click.echo(f"failed: {error}", err=True)
        sys.exit(1)
    except GridcastError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    finally:
        if lab.cache_info().currsize:
            lab().registry.close()


if __name__ == "__main__":
    run_main()
