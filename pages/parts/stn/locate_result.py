"""A finished locate run: the squares while they were learned, how well they fit, every image."""

from __future__ import annotations

import streamlit as st

from core.runs.registry import Run
from core.stn.drawing.losses import loss_curve
from core.stn.locate.boxes import FOUND
from core.stn.locate.figures import overlap_histogram, success_over_training
from core.stn.locate.pictures import sheet
from core.stn.locate.result import LocateResult
from pages.parts import controls
from pages.parts.layout import chart, mode, picture, plain, side_by_side, table
from pages.parts.runs.conclusion import concluded
from pages.parts.serving.fragments import fragment
from pages.parts.stages import chosen_stage

SHOWN, COLUMNS = 24, 6  # images


def show(run: Run, result: LocateResult) -> None:
    """What was found in words, scenes of the test, the squares while they were learned, how well they fit, every image."""
    concluded(run, result, shown=scenes_of_the_test if len(result.unseen_images) else None)  # older results have none
    in_words(result)
    learning(run, result)
    success, overlaps, losses = side_by_side(1, 1, 1)
    with success:
        st.subheader("Share found by training step", anchor=False)
        alt = "Share of images in which the object is found, and mean overlap, by training step"
        chart(success_over_training(result, mode()), alt, f"success-{run.id}", f"locate-{run.id}-success")
    with overlaps:
        st.subheader("Overlap (IoU) in the test" if result.unseen_baselines else "Overlap (IoU)", anchor=False)
        alt = "Histogram of the overlap of predicted and true squares"
        chart(overlap_histogram(result, mode()), alt, f"overlaps-{run.id}", f"locate-{run.id}-overlaps")
    with losses:
        st.subheader("Loss", anchor=False)
        curve = loss_curve(result.loss_steps, result.loss, "loss, with the vote while it counts", mode())
        chart(curve, "Loss by training step", f"losses-{run.id}", f"locate-{run.id}-loss")
    every_image(result)


def in_words(result: LocateResult) -> None:
    """What was found on the scenes of the test, beside a rule that needs no network, and on those that it learned from."""
    scores = result.scores
    where = "in clutter" if result.clutter else "alone on black"
    words = (
        f"The network found {_what(result)}, {where}, in **{100 * scores['success_unseen']:.0f} %** of "
        f"{scores['images_unseen']} images {_made_of(result)} (overlap above ½; median overlap "
        f"**{scores['iou_median_unseen']:.2f}**). "
    )
    if result.unseen_baselines:
        words += (
            f"{result.baseline.capitalize()} finds it in {100 * scores['baseline']:.0f} % (median overlap "
            f"{scores['baseline_iou_median']:.2f}). "
        )
    words += f"Of the {scores['images']} images that it learned from it is found in {100 * scores['success']:.0f} %. "
    voted = f"The vote of random crops alone had {100 * scores['success_voted']:.0f} % right"
    st.markdown(words + (f"{voted}." if result.voting else f"{voted}; the network did not follow it."))


def _what(result: LocateResult) -> str:
    return plain(f"what {result.what} show" if (result.held_back or 0) > 0 else result.what)


def _made_of(result: LocateResult) -> str:
    """What the scenes of the test show."""
    if result.held_back is None:  # digits, or an older result
        return "that it had never seen"
    if result.held_back:
        return f"made of {result.held_back} {'pictures' if result.held_back > 1 else 'picture'} held back"
    return "of a picture that it learned from, elsewhere"


def scenes_of_the_test(run: Run, result: LocateResult) -> None:
    """Some scenes of the test."""
    st.subheader("On images of the test", anchor=False)
    picture(
        sheet(result.unseen_images, result.unseen_boxes, result.unseen_truth, len(result.unseen_images), COLUMNS, mode()),
        "Images of the test with the predicted squares, green where the object is found and red where not",
        f"The first {len(result.unseen_images)} of {len(result.unseen_overlaps)}. Thin grey: where the object is.",
        f"locate-{run.id}-test",
    )


@fragment
def learning(run: Run, result: LocateResult) -> None:
    """The same images at every stage of the training."""
    st.subheader("Where it looked while it learned", anchor=False)
    stage = chosen_stage([f"{steps:,} steps" for steps in result.film_steps])
    success = (result.film_overlaps[stage] > FOUND).mean()
    drawn = sheet(result.images, result.film[stage], result.truth, SHOWN, COLUMNS, mode())
    words = f"After {result.film_steps[stage]} steps: found in {100 * success:.0f} % of those learned from. "
    words += "Thin grey: where the object is."
    picture(
        drawn,
        "Images with the predicted squares, green where the object is found and red where not",
        words,
        f"locate-{run.id}-{stage}",
    )


def every_image(result: LocateResult) -> None:
    """A row for every image."""
    columns = {
        "x": st.column_config.NumberColumn("x (px)", format="%.1f"),
        "y": st.column_config.NumberColumn("y (px)", format="%.1f"),
        "side": st.column_config.NumberColumn("side (px)", format="%.1f"),
        "true_x": st.column_config.NumberColumn("true x", format="%.1f"),
        "true_y": st.column_config.NumberColumn("true y", format="%.1f"),
        "iou_before": st.column_config.NumberColumn("overlap before", format="%.2f"),
        "iou_voted": st.column_config.NumberColumn("of the vote", format="%.2f"),
        "iou": st.column_config.NumberColumn("overlap", format="%.2f"),
        "found": "found",
    }
    with controls.fold("Every image", key="images") as unfolded:
        if unfolded:
            table(result.table, columns=columns)
            st.caption("Middle and side of the predicted square in pixels of the 84 × 84 image; the object's own side is 28.")
