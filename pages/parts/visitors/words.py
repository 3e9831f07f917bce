"""What a visitor's screen says of runs and uploads that others may see."""

from __future__ import annotations

from core.runs.kinds import kind_named
from core.runs.lab import lab
from core.runs.registry import Run
from core.runs.visitors import names
from pages.parts.visitors.me import me, my_id


def title_of(run: Run) -> str:
    """The title of a run; of one that others keep to themselves only what it is, since titles may hold the names of files."""
    shares, viewer = lab().registry.shares.of(run.id), my_id()
    people = lab().registry.people.several(shares.holders)
    if names.sees(viewer, shares, people, lab().all_private):
        return run.title
    return f"{kind_named(run.kind).title}, kept to themselves by who asked for it"


def upload_note() -> str:
    """Who sees what becomes of an upload."""
    if lab().all_private or me().private:
        return "A run of it stands in nobody else's list. Whoever is given its link can open it."
    return (
        "Others on this server see the name and the result of a run of it. In the menu with your name, beside the title, you "
        "can keep your runs to yourself."
    )
