"""A finished parts run: the verdict, where each transformer looks in every picture, what it sees, how it was learned."""

from __future__ import annotations

import streamlit as st

from core.runs.registry import Run
from core.stn.parts.cues import CUE
from core.stn.parts.figures import cue_heatmap, error_bars, error_curves, places
from core.stn.parts.looks import TITLES, LooksName
from core.stn.parts.pictures import crops_sheet, sheet
from core.stn.parts.result import PartsResult
from core.stn.parts.verdict import verdict
from pages.parts import controls
from pages.parts.layout import chart, mode, picture, plain, side_by_side, table
from pages.parts.runs.conclusion import concluded
from pages.parts.serving.fragments import fragment
from pages.parts.stages import chosen_stage

ON_A_PAGE = 24  # pictures
NAMES = ("green", "orange", "pink", "blue")  # of COLOURS


def show(run: Run, result: PartsResult) -> None:
    concluded(run, result, [plain(verdict(result))], shown=every_picture if result.boxes else None)
    errors, course = side_by_side(2, 3)
    with errors:
        st.subheader("Error", anchor=False)
        chart(error_bars(result, mode()), "Error of every network on the test", f"e-{run.id}", f"parts-{run.id}-errors")
        of = ", ".join(f"{TITLES[row['model']]} {row['parameters']:,}, {row['steps']:,} steps" for row in result.scores)
        st.caption(
            f"{result.what.capitalize()}; ± two standard errors; dotted: always the largest class. Weights and steps: {of}. "
            f"{_learned(result)}"
        )
    with course:
        learning(run, result)


def _learned(result: PartsResult) -> str:
    if result.learned_from is None:
        return "Learned from scenes that were new at every step, on other photos than those of the test."
    return f"Learned from {result.learned_from:,} pictures{', split as they came' if result.own_split else ''}."


@fragment
def learning(run: Run, result: PartsResult) -> None:
    """The error by time, and by steps, since networks are not equally fast."""
    st.subheader("Error while learning", anchor=False)
    ways = {"by seconds": "seconds", "by steps": "step"}
    chosen = controls.segmented_control(
        "Across", list(ways), default="by seconds", key="parts_by", required=True, label_visibility="collapsed"
    )
    drawn = error_curves(result, ways[chosen or "by seconds"], mode())
    chart(drawn, "Error of every network while it learned", f"course-{run.id}", f"parts-{run.id}-learning")
    st.caption("On the first pictures of the test, of which nothing is learned; seconds that each network alone has had.")


def _network(result: PartsResult) -> LooksName:
    """The network whose transformers are shown: the one with most, until another is chosen."""
    titles: dict[str, LooksName] = {TITLES[name]: name for name in result.boxes}
    label = max(titles, key=lambda title: result.boxes[titles[title]].shape[1])
    if len(titles) > 1:
        chosen = controls.segmented_control(
            "Network", list(titles), default=label, key="network", label_visibility="collapsed", required=True
        )
        label = chosen or label
    return titles[label]


@fragment
def every_picture(run: Run, result: PartsResult) -> None:
    """Boxes on every picture, crops, the maps of their places and what they hold; then the same while it learned."""
    st.subheader("Where each transformer looks", anchor=False)
    name = _network(result)
    boxes, half = result.boxes[name], CUE if result.scenes else 0.0
    colours = ", ".join(f"{NAMES[number]}: transformer {number + 1}" for number in range(boxes.shape[1]))
    shown = slice(*_page(len(result.images)))
    cues = result.cues[shown] if result.scenes else None
    drawn = sheet(result.images[shown], boxes[: len(result.images)][shown], cues, half, mode())
    where = "thin white: where the cues are" if result.scenes else f"{result.what}"
    kept = f" The first {len(result.images)} of {len(boxes)}." if len(result.images) < len(boxes) else ""
    alt = f"Pictures of the test with the boxes of {TITLES[name]}"
    picture(drawn, alt, f"{colours}; {where}.{kept}", f"parts-{run.id}-{name}-boxes")
    st.subheader("What they see there", anchor=False)
    alt = f"Crops of {len(result.crops[name])} pictures: a row a transformer"
    picture(crops_sheet(result.crops[name]), alt, "A row a transformer, a column a picture.", f"parts-{run.id}-{name}-crops")
    maps, held = side_by_side(1, 1) if result.scenes else (st.container(), None)
    with maps:
        st.subheader("How often each looks where", anchor=False)
        alt = "Map of the places at which each transformer looks in the pictures of the test"
        chart(places(result, name, mode()), alt, f"places-{run.id}", f"parts-{run.id}-places")
    if held is not None:
        with held:
            st.subheader("Which cue its box holds", anchor=False)
            alt = "Share of the scenes in which each transformer's box holds each cue"
            chart(cue_heatmap(result, name, mode()), alt, f"held-{run.id}", f"parts-{run.id}-cues")
    spread(result, name)
    film(run, result, name)


def _page(count: int) -> tuple[int, int]:
    """Which pictures are shown: from, to."""
    if count <= ON_A_PAGE:
        return 0, count
    starts = list(range(0, count, ON_A_PAGE))
    names = [f"{start + 1} to {min(count, start + ON_A_PAGE)}" for start in starts]
    chosen = controls.select_slider("Pictures", names, names[0], key="parts_page")
    start = starts[names.index(chosen)]
    return start, min(count, start + ON_A_PAGE)


def spread(result: PartsResult, name: LooksName) -> None:
    """Whether each transformer finds the same part in all pictures."""
    pixels = result.side / 2
    if result.scenes:
        shown = result.cue_table[result.cue_table.model == name][["transformer", "cue", "held", "still", "offset_sd"]]
        shown = shown.assign(offset_sd=pixels * shown.offset_sd)
    else:
        shown = result.parts[result.parts.model == name][["transformer", "place_sd", "alike", "alike_still", "sure"]]
        shown = shown.assign(place_sd=pixels * shown.place_sd)
    columns = {
        "held": st.column_config.NumberColumn("held in", format="percent"),
        "still": st.column_config.NumberColumn("by a box that never moves", format="percent"),
        "offset_sd": st.column_config.NumberColumn("spread on the cue (px)", format="%.1f"),
        "place_sd": st.column_config.NumberColumn("box moves by ± (px)", format="%.1f"),
        "alike": st.column_config.NumberColumn("crops alike", format="%.2f"),
        "alike_still": st.column_config.NumberColumn("of a box that stays", format="%.2f"),
        "sure": "more than chance",
    }
    table(shown, columns=columns)


def film(run: Run, result: PartsResult, name: LooksName) -> None:
    """The same pictures at every stage of the training."""
    st.subheader("Where they looked while they learned", anchor=False)
    steps, boxes = result.film_steps[name], result.films[name]
    stage = chosen_stage([f"{count:,} steps" for count in steps])
    drawn = sheet(result.images[: boxes.shape[1]], boxes[stage], mode=mode())
    alt = "Pictures of the test with the boxes at that stage"
    picture(drawn, alt, f"After {steps[stage]:,} steps.", f"parts-{run.id}-{name}-{stage}")
