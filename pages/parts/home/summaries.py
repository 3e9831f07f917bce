"""What the first page shows of finished runs, made once for all visitors: it is small, where the results are large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from core.rnn.compare.result import CompareResult
from core.rnn.models import MODELS, TITLES
from core.rnn.prices.samples import tickers
from core.rnn.words import say_p
from core.runs.lab import lab
from core.runs.registry import Run
from core.stn.drawing.grid_lines import grid_lines
from core.stn.straighten.exam.in_words import off_by
from core.stn.straighten.result import StraightenResult
from core.system.dates import say_day
from core.theme import Mode
from pages.parts.home.moving import Film, Lines, address, flat
from pages.parts.rnn.valuation import as_judged
from pages.parts.stages import after_seconds

STAGES = 12  # of a film: more change little that the eye sees
POINTS, FEW = 120, 20  # points of a line, and the days of its first: a skill over fewer says nothing
EARLY = 0.25  # share of a line that the axis need not hold: over few days a skill is anything
DASHES = {"solid": "", "dash": "7 4", "dot": "2 3", "dashdot": "7 3 2 3"}  # as SVG writes them


@dataclass(frozen=True)
class Straightened:
    """A training's film, and how well the network does in the median of all trials."""

    film: Film
    seconds: float  # of learning
    trials: int
    error: float  # degrees
    untouched: float  # degrees, of the same photos as they were given


@dataclass(frozen=True)
class Compared:
    """Who was ahead as the test days passed, and what that comes to."""

    name: str  # of the ticker
    what: str  # is forecast, in a sentence
    lines: Lines
    rival: str
    chosen: str  # the network that was the best on the validation days; "" where none was
    sure: str  # its p value against the rival in words, corrected as on its screen; "" where none was chosen
    days: int


@st.cache_resource(max_entries=8, show_spinner=False)
def straightened(run_id: str, digest: str | None, _run: Run) -> Straightened:
    """Raises RunFailed where the result is not here any more."""
    result = lab().result(_run)
    assert isinstance(result, StraightenResult)
    error, untouched = result.scores["angle_error_deg"], result.scores["angle_error_before_deg"]
    assert isinstance(error, float)
    assert isinstance(untouched, float)
    return Straightened(film_of(result), result.seconds, len(result.trials), error, untouched)


def film_of(result: StraightenResult) -> Film:
    """The recorded photo at stages of the training, spread evenly over those that were recorded."""
    stages = np.unique(np.linspace(0, len(result.film_seconds) - 1, STAGES).astype(int))
    height, width = result.film_distorted.shape[:2]
    grids = [flat(grid_lines(result.film_thetas[stage], width, height, lines=9)) for stage in stages]
    names = after_seconds([result.film_seconds[stage] for stage in stages])
    captions = [f"after {name}: {off_by(error)}" for name, error in zip(names, result.stage_errors[stages], strict=True)]
    return Film(address(result.film_distorted), address(np.concatenate(result.film[stages])), grids, width / height, captions)


@st.cache_resource(max_entries=8, show_spinner=False)
def compared(run_id: str, digest: str | None, mode: Mode, _run: Run) -> Compared:
    """Raises RunFailed where the result is not here any more."""
    result = lab().result(_run)
    assert isinstance(result, CompareResult)
    judged = as_judged(_run, result)
    name = tickers().get(result.symbol, result.symbol)
    rival, chosen = (TITLES.get(model, "") for model in (judged.verdict.best_classical, judged.verdict.best_network))
    what = judged.target_row.about(judged.horizon, judged.bar)
    return Compared(name, what, lines_of(judged, mode), rival, chosen, _sure(judged), judged.losses.origins)


def _sure(judged: CompareResult) -> str:
    verdict = judged.verdict
    pair = verdict.best_network, verdict.best_classical
    return next((say_p(one.p) for one in verdict.comparisons if (one.model, one.reference) == pair and one.p is not None), "")


def lines_of(result: CompareResult, mode: Mode) -> Lines:
    """The skill of every recurrent network over the best classical model as the test days passed, the best at the end first."""
    losses = result.losses
    rival = result.verdict.best_classical or losses.reference
    counts = np.unique(np.linspace(min(FEW, losses.origins), losses.origins, POINTS).astype(int))
    skill = {model: 100 * losses.skill_so_far(model, rival, counts) for model in losses.models if MODELS[model].recurs}
    days = result.forecasts.groupby("cutoff")["date"].max().to_numpy()[counts - 1].astype("datetime64[ms]")
    lines = [_line(model, skill[model], mode) for model in sorted(skill, key=lambda model: -skill[model][-1])]
    return Lines(lines, [say_day(day) for day in days], TITLES[rival], "%", _ticks(*ends_of(np.stack(list(skill.values())))))


def ends_of(skill: np.ndarray) -> tuple[float, float]:
    """Where the axis of skills (models, days) ends: it holds all later ones, and of the early ones as much on either side of
    zero, so that a network that was behind lies below the line at zero, not on it."""
    reach = float(np.abs(skill[:, int(EARLY * skill.shape[1]) :]).max())
    return max(float(skill.min()), -reach), min(float(skill.max()), reach)


def _line(model: str, values: np.ndarray, mode: Mode) -> dict[str, Any]:
    line = MODELS[model].line
    return {
        "name": MODELS[model].capitalised_title,
        "colour": line.colour(mode),
        "dash": DASHES[line.dash],
        "values": np.round(values, 2).tolist(),
    }


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers around both, 0 among them: at most six."""
    low, high = min(0.0, low), max(0.0, high)
    step = next((step for step in (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0) if (high - low) / step <= 4), 100.0)
    return [step * n for n in range(int(np.floor(low / step)), int(np.ceil(high / step)) + 1)]
