"""A comparison that is alive: the ranking, which fills up model by model, beside the forecasts of the best so far."""

from __future__ import annotations

from core.rnn.compare.live.figures import plain_forecasts
from core.rnn.compare.live.so_far import NAME, SoFar
from core.rnn.compare.request import CompareRequest
from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS
from core.rnn.models import TITLES, capitalised_title
from core.rnn.words import true_minus
from core.runs.live.blocks import Column, Look, TableBlock, TableColumn
from core.runs.live.snapshots import Snapshot
from pages.parts.live.figures import figure_block
from pages.parts.progress import Rows, loss_block

HEIGHT = 330  # pixels
ALT = "What came on the last test days, and what the best models so far forecast one step before"


def live(snapshot: Snapshot, look: Look) -> Rows:
    request = snapshot.run.request
    assert isinstance(request, CompareRequest)
    content = snapshot.pictures.get(NAME)
    so_far = SoFar.from_bytes(content) if content else None
    drawn = plain_forecasts(so_far, request.target_row, look.mode, HEIGHT) if so_far else None
    return (Column([_ranking(request, so_far)], 2), Column([figure_block(drawn, ALT, look)], 3)), (
        Column([loss_block(snapshot, look)]),
    )


def _ranking(request: CompareRequest, so_far: SoFar | None) -> TableBlock:
    """The models that are done, best first, then those that are not."""
    planned = dict.fromkeys(request.rivals, 1) | request.planned
    loss = LOSS_FUNCTIONS[request.target_row.scores[0]].title
    columns = (TableColumn("Model"), TableColumn("Done"), TableColumn(f"Skill by {loss} (%)"))
    done = so_far.ranking.to_dict(orient="records") if so_far else []
    rows = [[capitalised_title(one["model"]), _of(one["seeds"], planned[one["model"]]), _skill(one["skill"])] for one in done]
    waiting = planned.keys() - {one["model"] for one in done}
    rows += [[capitalised_title(model), _of(0, seeds), ""] for model, seeds in planned.items() if model in waiting]
    against = TITLES[request.target_row.reference]
    return TableBlock(f"The models so far, by {loss} over the test days, against the {against}", HEIGHT, columns, rows)


def _of(done: int, planned: int) -> str:
    return f"{done} of {planned}"


def _skill(skill: float) -> str:
    return "" if skill != skill else true_minus(f"{100 * skill:.2f}")
