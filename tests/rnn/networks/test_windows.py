from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from core.errors import SeriesTooShort
from core.rnn.dataset.splits import Splits, fewest_prices, split_days
from core.rnn.networks.windows import chunks, windows

DAYS = np.arange("2020-01-01", "2022-09-27", dtype="datetime64[D]")  # 1,000 days


def test_parts_follow_each_other_and_leave_out_only_the_first_day() -> None:
    splits = split_days(DAYS, 199)
    assert [span.days for span in splits.spans] == [640, 160, 199]
    assert splits.train.first == date(2020, 1, 2)
    assert splits.test.last == date(2022, 9, 26)
    for before, after in zip(splits.spans[:-1], splits.spans[1:], strict=True):
        assert (after.first - before.last).days == 1
    assert (splits.train_end, splits.test_start, splits.end) == (640, 800, len(DAYS) - 1)


def test_splits_survive_json() -> None:
    splits = split_days(DAYS, 100)
    assert Splits.model_validate_json(splits.model_dump_json()) == splits


def test_shortest_series_is_just_long_enough() -> None:
    count = fewest_prices(500)
    assert split_days(np.arange(count).astype("datetime64[D]"), 500).test.days == 500
    with pytest.raises(SeriesTooShort, match=f"^{count - 1} prices in this period; .* 500 test days needs at least {count}:"):
        split_days(np.arange(count - 1).astype("datetime64[D]"), 500)


def test_chunks_do_not_overlap_and_drop_the_rest() -> None:
    assert chunks(np.arange(10), 3).tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert chunks(np.arange(10), 3, offset=2).tolist() == [[2, 3, 4], [5, 6, 7]]
    assert chunks(np.zeros((10, 2)), 4).shape == (2, 4, 2)


def test_every_window_ends_one_day_later() -> None:
    cut = windows(np.arange(10).reshape(5, 2), 3)
    assert cut.shape == (3, 3, 2)
    assert cut[:, -1, 0].tolist() == [4, 6, 8]
    assert cut[0].tolist() == [[0, 1], [2, 3], [4, 5]]


def test_pieces_longer_than_the_series_are_refused() -> None:
    with pytest.raises(SeriesTooShort, match="series has 8 days, one chunk needs 9"):
        chunks(np.zeros(10), 9, offset=2)
    with pytest.raises(SeriesTooShort, match="series has 10 days, one window needs 11"):
        windows(np.zeros((10, 1)), 11)
