"""What a panel is asked, and the parts that it is made of."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import InvalidRequest, UnknownTicker
from core.rnn.models import MODELS, quick_for
from core.rnn.panel.models import RECIPES_MEAN, panel_model, recipe_names
from core.rnn.panel.request import PanelRequest, panel_request
from core.rnn.prices.prices import Prices
from core.runs.kinds import parse_request
from core.runs.request import key_of
from tests.rnn.panel.panels import data_of, files


def panel_of(**settings: Any) -> PanelRequest:
    return PanelRequest(data=data_of(files()), **settings)


def keys(request: PanelRequest) -> set[str]:
    return {key_of(part) for part in request.parts.values()}


def test_a_request_is_the_same_after_a_way_through_json() -> None:
    request = panel_of(recipes="nine", unseen=True)
    again = parse_request(request.model_dump_json())
    assert again == request
    assert key_of(again) == key_of(request)


def test_the_order_of_tickers_and_models_makes_no_other_run() -> None:
    swapped = PanelRequest(data=data_of(files()[::-1]), cells=("gru", "lstm"))
    assert key_of(swapped) == key_of(panel_of(cells=("lstm", "gru")))


def test_every_part_is_another_run_and_fits_what_the_panel_compares() -> None:
    request = panel_of(recipes="nine", unseen=True, per_ticker=("gru",), own_series=True)
    assert len(keys(request)) == len(request.parts)
    fitted = {name for part in request.parts.values() for name in part.models}  # type: ignore[attr-defined]
    assert fitted >= {*request.recipe_set, *quick_for(request.target_row), "random-walk", "har", "gru-own", "gru-each"}


def test_more_seeds_and_recipes_keep_the_parts_that_were_done() -> None:
    few = panel_of(seeds=2)
    assert keys(few) < keys(panel_of(seeds=3))
    assert keys(few) < keys(panel_of(seeds=2, recipes="nine", unseen=True, per_ticker=("lstm",)))


def test_nine_recipes_are_nine_networks_and_without_the_market_those_that_need_none() -> None:
    assert len(set(recipe_names(market=True))) == 9
    assert {panel_model(name).source for name in recipe_names(market=True)} == {"gru", "lstm"}
    assert not any(panel_model(name).reads_market for name in recipe_names(market=False))
    assert panel_model(RECIPES_MEAN).group == "recurrent"


def test_the_reference_and_the_random_walk_are_always_in_it() -> None:
    assert set(panel_of(classical=()).classical_models) == {"random-walk", "har"}


def test_a_new_row_of_the_models_is_a_row_of_panels() -> None:
    assert all(panel_model(name).source == name for name in MODELS if not MODELS[name].is_network)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"seeds": 0}, "number of seeds is 0"),
        ({"hidden": 1000}, "number of hidden units"),
        ({"steps": 0}, "number of steps is 0"),
    ],
)
def test_what_cannot_be_done_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        panel_of(**settings)


def test_a_ticker_twice_and_none_at_all_are_refused() -> None:
    one = files()[0]
    with pytest.raises(InvalidRequest, match="AAA is there more than once"):
        PanelRequest(data=data_of([one, one]))
    with pytest.raises(InvalidRequest, match="there is no ticker"):
        PanelRequest(data=data_of([]))


def test_a_ticker_without_prices_is_missing_and_the_test_is_a_quarter_of_the_days() -> None:
    by_symbol = {one.symbol: one for one in files()}

    def fetch(symbol: str) -> Prices:
        if symbol not in by_symbol:
            raise UnknownTicker(f"no {symbol}")
        return by_symbol[symbol]

    request = panel_request(["BBB", "NONE", "AAA"], fetch, lambda prices: prices.digest, {"seeds": 1})
    assert [one.symbol for one in request.data.tickers] == ["AAA", "BBB"]
    assert [(one.symbol, one.reason) for one in request.missing] == [("NONE", "no NONE")]
    assert request.data.test_days == len(by_symbol["AAA"].dates) // 4
