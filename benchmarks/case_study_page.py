"""The page docs/CASE_STUDY.md, from the answers of `python -m core panel --json`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "CASE_STUDY.md"
_HEAD = """# The case study: do recurrent networks beat the statistical models?

Measured on {day} by `python -m benchmarks case_study`, which runs `python -m core panel` on the prices that ship with the lab
and writes this page. Everything is fitted once; the last quarter of each period is the test. Skill over the reference in %: of
volatility 100 × the QLIKE difference, of returns and directions 1 − loss / loss of the reference. The p value is that of the
panel test (the mean over the tickers of each day's loss difference, Newey–West). In the tables it is one comparison's, not
corrected for the number of rows; in the sentences it allows for the models of the panel and for all panels that were trained on
the same days before, since one lab ran them all. The last number says on how many tickers the model is better. Networks are
committees: the mean forecast of their seeds, five in the tables of recipes, a single one in the tables of all models. The
companies are twenty names chosen because they still exist today (survivorship bias); nobody had looked at the factor funds
before.
"""
_TARGETS = {"return": "Returns", "direction": "Directions", "volatility": "Volatility"}


def write_page(answers: list[dict[str, Any]]) -> None:
    """Write docs/CASE_STUDY.md."""
    lines = [_HEAD.format(day=datetime.now(UTC).date())]
    studies = [answer for answer in answers if answer["table"] == "recipes"]
    lines += ["## Volatility, five seeds, all recipes", "", *_sentences(studies), "", *_table(studies)]
    for reference, title in (("har-market", "HAR with the market"), ("trees-market", "the boosted trees")):
        lines += ["", f"### The same against {title}", "", *_table(studies, reference, ("recurrent", "combination"))]
    lines += ["", "### Calm and wild days", "", *_regimes(studies)]
    for target, title in _TARGETS.items():
        studies = [answer for answer in answers if answer["table"] == "models" and answer["target"] == target]
        lines += ["", f"## {title}: all samples, all models", "", *_sentences(studies), "", *_table(studies)]
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _period(answer: dict[str, Any]) -> str:
    return f"{answer['group']} {answer['start'][:4]}–{answer['end'][:4]}"


def _sentences(answers: Iterable[dict[str, Any]]) -> list[str]:
    """The verdict of each panel."""
    return [f"- **{_period(one)}**: {one['verdict']['text']}" for one in answers]


def _rows(answer: dict[str, Any], reference: str = "") -> dict[str, dict[str, Any]]:
    """By model, its comparison with a reference (by default the target's) by the leading loss."""
    verdict = answer["verdict"]
    wanted = (reference or verdict["reference"], verdict["loss"])
    return {row["model"]: row for row in answer["comparisons"] if (row["reference"], row["loss"]) == wanted}


def _table(answers: list[dict[str, Any]], reference: str = "", groups: tuple[str, ...] = ()) -> list[str]:
    """A row a model, a column a panel."""
    models = {one["model"]: one for answer in answers for one in answer["models"]}
    columns = [_rows(answer, reference) for answer in answers]
    lines = [f"| model | {' | '.join(map(_period, answers))} |", "|---" * (len(answers) + 1) + "|"]
    for name, model in models.items():
        if any(name in rows for rows in columns) and (not groups or model["group"] in groups):
            lines.append(f"| {model['title']} | " + " | ".join(_cell(rows.get(name)) for rows in columns) + " |")
    return lines


def _regimes(answers: list[dict[str, Any]]) -> list[str]:
    """The network chosen on the validation days against the reference and the best classical model, on calm and wild days."""
    heads = [f"{_period(answer)}, {regime}" for answer in answers for regime in ("calm", "wild")]
    lines = [f"| the chosen network against | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for title, field in (("the reference", "reference"), ("the best classical model", "best_classical")):
        cells = [_cell(_regime_row(answer, regime, field)) for answer in answers for regime in ("calm", "wild")]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return lines


def _regime_row(answer: dict[str, Any], regime: str, field: str) -> dict[str, Any] | None:
    verdict = answer["verdict"]
    wanted = (regime, verdict["best_network"], verdict[field])
    return next((row for row in answer["regimes"] if (row["regime"], row["model"], row["reference"]) == wanted), None)


def _cell(row: dict[str, Any] | None) -> str:
    if row is None or row["skill"] is None:
        return "–"
    p = row["p"]
    said = "–" if p is None else "< .001" if p < 0.001 else f"{p:.3f}".lstrip("0") if p < 0.1 else f"{p:.2f}".lstrip("0")
    return f"{100 * row['skill']:+.2f} ({said}) {row['better_on']}".replace("-", "−")
