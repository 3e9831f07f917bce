"""`from core.rnn import compare, CompareRequest`, as a notebook does, whatever was imported before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import InvalidRequest
from core.rnn import CompareRequest, CompareResult, compare
from tests.forks import errors_of
from tests.rnn.series import garch, prices_of

FACE = "from core.rnn import CompareRequest, compare; assert callable(compare) and CompareRequest.__name__ == 'CompareRequest'"


@pytest.mark.parametrize(
    "before",
    [
        "pass",
        "import core.rnn.compare.request",
        "from core.rnn.compare.run import run",
        "from core.rnn.compare import CompareRequest, valued",
        "import core.rnn",
    ],
)
@pytest.mark.parametrize(
    "after", ["from core.rnn.compare.request import MOST_SEEDS", "from core.rnn.compare import fitted", "pass"]
)
def test_compare_is_the_function_in_every_order_of_imports(before: str, after: str, tmp_path: Path) -> None:
    assert errors_of(f"{before}; {FACE}; {after}; {FACE}", tmp_path) == ""


def test_the_package_alone_loads_neither_torch_nor_pandas() -> None:
    code = "import sys, core.rnn; sys.exit(bool({'torch', 'pandas', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_name_that_the_packages_declare_is_there(tmp_path: Path) -> None:
    code = "from core.rnn import *; from core.rnn.compare import *; from core.rnn import compare; compare.__doc__"
    assert errors_of(code, tmp_path) == ""


def test_a_notebook_compares_in_one_call() -> None:
    prices = prices_of(garch(400))
    request = CompareRequest(
        symbol="SIM", prices=prices.digest, target="volatility", cells=(), classical=("ar",), test_days=100
    )
    result = compare(request, prices)
    assert isinstance(result, CompareResult)
    assert set(result.ranking.model) == {"random-walk", "ar", "har"}  # HAR is what volatility is judged against


def test_other_prices_than_the_request_names_are_refused() -> None:
    request = CompareRequest(symbol="SIM", prices="a" * 64, cells=())
    with pytest.raises(InvalidRequest, match="the request is about other prices, aaaaaaaaaaaa…"):
        compare(request, prices_of(garch(400)))
