from __future__ import annotations

from core.stn.add import figures as add_figures


def test_the_papers_errors_depend_on_the_family_only_where_there_is_a_transformer() -> None:
    assert add_figures.paper_error("fcn", "tps") == 47.7
    assert add_figures.paper_error("2xst-fcn", "tps") == 5.8
    assert add_figures.paper_error("2xst-fcn", "translation") is None
