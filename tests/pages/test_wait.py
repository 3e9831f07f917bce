"""What forms and lists say of the queue, on the screens without a browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.runs.kinds import KINDS, Kind
from core.runs.lab import Lab
from core.speed import REFERENCE_SECONDS
from core.stn.datasets.images import to_png
from core.stn.datasets.samples import sample
from core.stn.straighten.request import StraightenRequest

OpenPage = Callable[..., AppTest]


@pytest.fixture
def busy(home: Lab) -> Lab:
    """A lab of one worker, which has just begun with half a minute of work."""
    home.registry.engines.note(home.registry.owner.name, "inproc", workers=1, kept=0)
    run = queued(home, 1, "0a")
    home.registry.expect(run, 30.0)
    home.registry.start(run)
    return home


def queued(lab: Lab, seed: int, visitor: str) -> str:
    digest = lab.store.put(to_png(sample("astronaut").pixels))
    request = StraightenRequest(images=(digest,), names=("astronaut",), budget=10, seed=seed)
    run, _ = lab.claim(request, visitor=visitor)
    return run.id


def captions(page: AppTest) -> str:
    return "\n".join(caption.value for caption in (*page.sidebar.caption, *page.caption))


@pytest.mark.parametrize("page", ["stn", "rnn", "traps", "sweep", "panel"])
def test_a_form_says_how_long_a_run_would_wait(busy: Lab, open_page: OpenPage, page: str) -> None:
    assert "yours would be next, in about 30 s" in captions(open_page(page))


FORMS: dict[str, tuple[str, dict[str, str], Kind]] = {  # the page, its address, the kind of run that takes a worker
    **{kind.title: ("stn", {"experiment": kind.title}, kind) for kind in KINDS.values() if kind.bench == "spatial"},
    "Compare": ("rnn", {}, KINDS["compare"]), "Sweep": ("sweep", {}, KINDS["compare"]),
    "Panel": ("panel", {}, KINDS["learner"]), "Traps": ("traps", {}, KINDS["traps"]),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_form_says_how_long_a_run_takes_and_that_it_takes_longer_on_a_slower_machine(
    home: Lab, open_page: OpenPage, form: str
) -> None:
    page, query, kind = FORMS[form]
    home.registry.engines.note(owner := home.registry.owner.name, "inproc", workers=2, kept=1)
    seconds = []
    for slower in (1, 10):
        home.registry.engines.measured(owner, slower * REFERENCE_SECONDS)
        said = " ".join(caption.value for caption in open_page(page, **query).sidebar.caption)
        [(number, unit)] = re.findall(r"(?:Takes|networks,) about (\d+) (s|min)", said)
        seconds.append(int(number) * {"s": 1, "min": 60}[unit])
    fast, slow = seconds
    assert fast > 0
    if kind.request.timed:  # it is given so many seconds, however much it learns in them
        assert slow == fast
    else:
        assert slow >= 5 * fast  # both are rounded


def test_a_form_says_nothing_of_waiting_while_a_worker_is_free(home: Lab, open_page: OpenPage) -> None:
    home.registry.engines.note(home.registry.owner.name, "inproc", workers=1, kept=0)
    page = captions(open_page("stn"))
    assert "would be" not in page


def test_a_form_counts_the_runs_that_wait(busy: Lab, open_page: OpenPage) -> None:
    busy.registry.expect(queued(busy, 2, "0b"), 10.0)
    assert "One run would be before yours: it would begin in about 40 s." in captions(open_page("stn"))


def test_the_list_of_runs_says_where_one_stands(busy: Lab, open_page: OpenPage) -> None:
    run = queued(busy, 2, "0b")
    table = open_page("runs").dataframe[0].value
    [row] = table[table["open"].str.contains(run[:8])].to_dict("records")
    assert (list(row["state"]), row["outcome"]) == (["queued"], "next in the queue, begins in about 30 s")


@pytest.mark.parametrize("kind", ["Straighten", "Classify", "Align", "Locate", "Add"])
def test_a_form_with_a_choice_of_times_says_what_they_are_worth_on_a_slow_machine(
    home: Lab, open_page: OpenPage, kind: str
) -> None:
    home.registry.engines.note(owner := home.registry.owner.name, "inproc", workers=2, kept=1)
    home.registry.engines.measured(owner, 3 * REFERENCE_SECONDS)
    assert "This machine is 3.0 times slower" in captions(open_page("stn", experiment=kind))


def test_a_form_says_nothing_of_a_machine_that_is_fast_enough(home: Lab, open_page: OpenPage) -> None:
    home.registry.engines.note(owner := home.registry.owner.name, "inproc", workers=2, kept=1)
    home.registry.engines.measured(owner, 1.2 * REFERENCE_SECONDS)
    assert "slower" not in captions(open_page("stn"))
