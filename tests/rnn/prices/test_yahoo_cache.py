from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import StoreError
from core.rnn.prices.yahoo_cache import PriceCache
from core.rnn.prices.yahoo_history import About
from tests.rnn.prices.histories import history


def test_a_history_survives_its_file(tmp_path: Path) -> None:
    cache, kept = PriceCache(tmp_path), history("^GSPC")
    cache.put(kept)
    again = cache.get("^GSPC")
    assert again is not None
    assert again.about == kept.about
    assert again.prices().to_bytes() == kept.prices().to_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["%5EGSPC.parquet"]


def test_a_damaged_file_is_as_good_as_none(tmp_path: Path) -> None:
    cache = PriceCache(tmp_path)
    cache.put(history())
    content = cache.path_of("AAPL").read_bytes()
    for damaged in (b"", b"no parquet", content[:-40], content[40:]):
        cache.path_of("AAPL").write_bytes(damaged)
        assert cache.get("AAPL") is None


def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot keep prices"), PriceCache(tmp_path / "file" / "1d").lock("AAPL"):
        pass


def test_a_file_that_says_interval_for_its_bar_size_is_read() -> None:
    old = history().about.model_dump_json().replace('"bar_size":"1d"', '"interval":"1h"')
    assert About.model_validate_json(old).bar_size == "1h"
