import numpy as np
import pytest

from benchmarks.paper_report import entry, report
from core.stn.networks.classifiers import parameters_of
from core.stn.paper import table as paper
from core.stn.paper.answers import errors_of, kept, network_of
from core.stn.paper.evidence import spread_of
from core.stn.paper.figure import beside_the_paper


def run(**fields: object) -> dict[str, object]:
    measured = {"epochs": 30.0, "seconds": 600.0, "device": "cpu", "commit": "abc1234", "errors": [0.8, 0.6]}
    return entry("R", ("st-cnn", "affine"), 0, measured) | fields


@pytest.mark.parametrize("name", paper.SETS)
def test_all_networks_of_a_set_have_as_many_parameters(name: str) -> None:
    counts = [parameters_of(paper.spec_of(name, *row)) for row in paper.PAPER]
    assert max(counts) < 1.03 * min(counts)  # one unit more of an FCN on 60 pixels is 1.5 %


def answered(entries: list[dict], shares: dict[str, float]) -> dict[str, np.ndarray]:
    """Kept answers of all networks: the first digits are wrong, of each model as large a share of the 10,000 as is given."""
    rows = {e["model"]: np.arange(round(shares[e["model"]] * 10_000)) for e in entries}
    wrong = {name: np.stack([np.zeros_like(digits), digits, digits], axis=1).astype(np.uint16) for name, digits in rows.items()}
    return {network_of(e): wrong[e["model"]] for e in entries}


def test_a_cell_is_the_mean_over_networks_and_draws_with_its_standard_error() -> None:
    entries = [run(), run(seed=1, errors=[1.0, 0.9])]
    table = paper.summary(entries, answered(entries, {"st-cnn": 0.01}))
    cell = table[(table.model == "st-cnn") & (table.family == "affine") & (table.set == "R")].iloc[0]
    assert cell.ours == pytest.approx(np.mean([0.8, 0.6, 1.0, 0.9]))
    errors = np.zeros((2, 2, 10_000))
    errors[:, 0, :100] = 1
    assert cell.se == pytest.approx(100 * spread_of(errors).se)
    assert (cell.paper, cell.networks, cell.draws, cell.minutes) == (0.7, 2, 4, 10)
    assert np.isnan(paper.summary(entries, {}).se).all()


def test_what_was_not_measured_stays_empty() -> None:
    table = paper.summary([run()], {})
    assert table.ours.notna().sum() == 1
    assert table.paper.notna().sum() == 8 * 5 - 4  # the paper gives TC for four networks only


def test_recipes_and_lengths_are_never_mixed_in_a_cell() -> None:
    earlier, short = run(recipe="2026-11-23", epochs=60.0), run(epochs=10.0, seed=1)
    assert paper.cell_of([earlier, short, run()], "R", paper.SPATIAL) == [run()]
    assert paper.cell_of([earlier], "R", paper.SPATIAL) == [earlier]
    assert paper.cell_of([run(), run(minutes=1.0)], "R", paper.SPATIAL) == [run(minutes=1.0)]
    assert paper.cell_of([run()], "R", ("cnn", None)) == []


def test_networks_are_compared_where_they_were_trained_alike_and_answered() -> None:
    entries = [run(), run(model="cnn", family=None)]
    answers = answered(entries, {"st-cnn": 0.01, "cnn": 0.02})
    [contest] = paper.contests(entries, answers)
    assert (contest.name, contest.against, contest.networks, contest.length) == ("R", ("cnn", None), (1, 1), "30 epochs")
    assert contest.paired.difference == pytest.approx(-0.005)  # one of two draws
    assert (contest.paired.only_first, contest.paired.only_second) == ((0,), (100,))
    assert contest.sentence.startswith("The ST-CNN affine misreads 0.50 ± 0.05 points fewer than the CNN (1 and 1 networks, 30")
    assert paper.contests([entries[0], entries[1] | {"epochs": 60.0}], answers) == []
    assert paper.contests(entries, {}) == []


def test_the_report_tells_what_is_filled_how_sure_it_is_and_by_which_recipe() -> None:
    entries = [run(), run(seed=1, errors=[1.0, 0.9]), run(model="cnn", family=None), run(set="P", recipe="2026-11-23")]
    text = report(entries, answered(entries[:3], {"st-cnn": 0.01, "cnn": 0.02}))
    now, earlier = text.split("## By an earlier recipe")
    assert (
        "| ST-CNN affine | **0.82** ± 0.05 (2 networks, paper 0.7) | not filled (paper 0.5) | not filled (paper 0.8) |" in now
    )
    assert "2 of 45 cells are filled" in now
    assert "| R | CNN | 2 and 1 | -0.50 ± 0.05 ± – | < 0.001 | < 0.001 | 0 to 100, < 0.001 |" in now
    assert "| not filled (paper 0.7) | not filled (paper 0.5) | **0.70** (1 network, paper 0.8) |" in earlier
    assert "| R | ST-CNN affine | 1 | 2026-11-29 | 219,672 | 30 epochs | 10 | – | 1.00, 0.90 | cpu | abc1234 |" in earlier


def test_the_table_is_of_the_length_that_fills_most_cells_and_others_stand_apart() -> None:
    entries = [run(), *(run(set=name, epochs=5.0, errors=[2.0, 2.0]) for name in paper.SETS), run(recipe="2026-11-23")]
    answers = answered(entries[:-1], {"st-cnn": 0.01})
    short, long = paper.trained_alike(entries)
    assert ({e["epochs"] for e in short}, {e["epochs"] for e in long}) == ({5.0}, {30.0})
    assert paper.trained_alike([]) == []
    now, longer = report(entries, answers).split("## By an earlier recipe")[0].split("The same recipe, 30 epochs")
    assert "; 5 epochs.\n5 of 45 cells are filled." in now
    assert "**2.00**" in now
    assert "**0.70**" in longer
    assert "**0.70**" not in now


def test_the_kept_answers_are_those_of_the_kept_networks() -> None:
    entries = [e for e in paper.runs() if e["recipe"] == paper.RECIPE]
    answers = kept()
    assert set(answers) == {network_of(e) for e in entries}
    for e in entries:
        errors = errors_of(answers[network_of(e)], len(e["errors"]))
        assert (100 * errors.mean(1)).round(3).tolist() == e["errors"]


def test_the_figure_shows_ours_beside_the_papers() -> None:
    table = paper.summary([run()], {})
    drawn = beside_the_paper(table[table.set == "R"])
    assert [trace.name for trace in drawn.data] == ["the paper, 640 epochs", "ours, 30 epochs"]
    assert np.nansum(drawn.data[1].x) == pytest.approx(0.7)
