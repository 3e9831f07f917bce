import numpy as np
import pytest

from benchmarks.paper_report import entry, report
from core.stn.networks.classifiers import parameters_of
from core.stn.paper import table as paper
from core.stn.paper.figure import beside_the_paper


def run(**fields: object) -> dict[str, object]:
    measured = {"epochs": 30.0, "seconds": 600.0, "device": "cpu", "commit": "abc1234", "errors": [0.8, 0.6]}
    return entry("R", ("st-cnn", "affine"), 0, measured) | fields


@pytest.mark.parametrize("name", paper.SETS)
def test_all_networks_of_a_set_have_as_many_parameters(name: str) -> None:
    counts = [parameters_of(paper.spec_of(name, *row)) for row in paper.PAPER]
    assert max(counts) < 1.03 * min(counts)  # one unit more of an FCN on 60 pixels is 1.5 %


def test_a_cell_is_the_mean_and_spread_over_networks_and_draws() -> None:
    table = paper.summary([run(), run(seed=1, errors=[1.0, 0.9])])
    cell = table[(table.model == "st-cnn") & (table.family == "affine") & (table.set == "R")].iloc[0]
    errors = np.array([0.8, 0.6, 1.0, 0.9])
    assert cell.ours == pytest.approx(errors.mean())
    assert cell.sd == pytest.approx(errors.std(ddof=1))
    assert (cell.paper, cell.networks, cell.draws, cell.minutes) == (0.7, 2, 4, 10)


def test_what_was_not_measured_stays_empty() -> None:
    table = paper.summary([run()])
    assert table.ours.notna().sum() == 1
    assert table.paper.notna().sum() == 8 * 5 - 4  # the paper gives TC for four networks only


def test_the_report_has_every_cell_and_every_network() -> None:
    text = report([run(), run(seed=1, errors=[1.0, 0.9])])
    assert "| ST-CNN affine | **0.82** ± 0.17 (paper 0.7) | paper 0.5 |" in text
    assert "| R | ST-CNN affine | 1 | 219,672 | 30 | 10 | 1.00, 0.90 | cpu | abc1234 |" in text


def test_the_figure_shows_ours_beside_the_papers() -> None:
    table = paper.summary([run()])
    drawn = beside_the_paper(table[table.set == "R"])
    assert [trace.name for trace in drawn.data] == ["the paper, 640 epochs", "ours"]
    assert np.nansum(drawn.data[1].x) == pytest.approx(0.7)
