"""Gates and states after every day against the trace of that day alone, and torch's own layers."""

from __future__ import annotations

import numpy as np
import pytest

from core.rnn.dataset.target import target_of
from core.rnn.memory.over_days import over_days
from core.rnn.memory.trace import Part, Tracer, trace
from core.rnn.networks.architecture import Architecture
from tests.rnn.memory.networks import fitted, name_of, possible
from tests.rnn.series import as_series, garch

SERIES = as_series(garch(300), target_of("volatility"))


@pytest.mark.parametrize("architecture", possible(layers=2), ids=name_of)
def test_what_is_held_after_a_day_is_what_its_trace_ends_with(architecture: Architecture) -> None:
    network = fitted(architecture, SERIES)
    all_days = over_days(Tracer.of(network, SERIES))
    for origin in (60, 299):
        own = [part for part in trace(network, SERIES, origin).parts if not part.name.startswith("decoder")]
        top = own[-2:] if own[-1].name.endswith("backwards") else own[-1:]
        place = int(np.searchsorted(all_days.positions, origin))
        for name, values in all_days.held.items():
            ends = [part.held[name][end_of(part, origin)] for part in top]
            assert values[place] == pytest.approx(np.concatenate(ends), abs=1e-12)


def end_of(part: Part, origin: int) -> int:
    """The last step of a part that reads a day, not a forecast; of a backwards one the first."""
    if part.layer is not None and part.layer.backwards:
        return 0
    return max([step for step, day in enumerate(part.steps) if day <= origin], default=0)


def test_shares_at_a_bound_are_counted_and_units_are_sorted_by_what_they_follow() -> None:
    network = fitted(Architecture("lstm", target_of("volatility"), hidden=4), SERIES)
    all_days = over_days(Tracer.of(network, SERIES))
    assert all_days.saturated["forget"]["high"] == pytest.approx(np.mean(all_days.held["forget"] > 0.9))
    assert all_days.saturated["candidate"]["low"] == pytest.approx(np.mean(all_days.held["candidate"] < -0.9))
    assert sorted(all_days.order) == [1, 2, 3, 4]
    names = list(all_days.units["follows"])
    assert names == sorted(names, key=["size of the move", "move", "level", ""].index)


def test_the_table_has_a_row_for_every_day_unit_and_gate() -> None:
    network = fitted(Architecture("gru", target_of("volatility"), hidden=4), SERIES)
    all_days = over_days(Tracer.of(network, SERIES))
    days = SERIES.days.astype("datetime64[s]")
    days[:290] = np.datetime64("NaT")
    table = all_days.table("gru", 0, days)
    assert len(table) == 10 * 4 * 4
    one = table[(table["gate"] == "update") & (table["unit"] == 3) & (table["date"] == days[-1])]
    assert one["value"].item() == all_days.held["update"][-1, 2]
