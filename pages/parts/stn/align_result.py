"""A finished alignment: the mean and the stack before and after, every image's pose."""

from __future__ import annotations

import streamlit as st

from core.runs.registry import Run
from core.stn.align.figures import recovered_against_turned, variance_while_aligning
from core.stn.align.result import THETA, AlignResult
from core.stn.drawing.sheets import contact_sheet
from pages.parts.layout import chart, mode, picture, plain, side_by_side, table
from pages.parts.runs.conclusion import concluded
from pages.parts.serving.fragments import fragment
from pages.parts.stages import after_seconds, chosen_stage

SHOWN = 100  # images on a contact sheet


def show(run: Run, result: AlignResult) -> None:
    """The mean before and after, the stack before and after."""
    concluded(run, result, shown=means)
    in_words(result)
    stacks(run, result)


def means(run: Run, result: AlignResult) -> None:
    """The mean of the images as they were, and aligned."""
    before, after = side_by_side(1, 1)
    with before:
        picture(
            result.mean_before,
            "The mean of the images as they were",
            "Mean of the images as they were",
            f"align-{run.id}-mean-before",
        )
    with after:
        picture(result.mean_after, "The mean of the aligned images", "Mean of the aligned images", f"align-{run.id}-mean-after")


def learned(run: Run, result: AlignResult) -> None:
    """The film, and every image's pose."""
    film, figure = side_by_side(1, 1)
    with film:
        sharpening(run, result)
    with figure:
        measured(run, result)
    poses(result)


def in_words(result: AlignResult) -> None:
    """What was gained, and how many images are flagged."""
    if result.already_aligned:
        st.markdown("The images lie on top of each other already: nothing was moved.")
        return
    gain = result.sharpness_after / max(result.sharpness_before, 1e-12)
    words = f"The images now differ **{100 * result.gain:.0f} %** less (variance), "
    words += f"and their mean is **{gain:.1f} times** as sharp. "
    if result.gain <= 0:
        words = "No poses were found in which the images differ less than they did. "
    if spread := result.spread:
        words += (
            f"We had turned them ourselves: their angles scattered by {spread['angle_spread_before_deg']:.1f}°, and by "
            f"**{spread['angle_spread_after_deg']:.1f}°** now (median absolute deviation). "
        )
    flagged, count = result.flagged, len(result.images)
    words += f"**{flagged} of {count} do not agree with the others**, framed below." if flagged else "None is flagged."
    st.markdown(words)


def stacks(run: Run, result: AlignResult) -> None:
    """Every image before and after, the flagged ones framed."""
    ok = list(result.images.ok)
    before, after = side_by_side(1, 1)
    for column, images, words in ((before, result.before, "As they were"), (after, result.after, "Aligned")):
        with column:
            st.subheader(words, anchor=False)
            pixels = [images[str(number)] for number in range(len(ok))]
            picture(
                contact_sheet(pixels, ok, mode()),
                f"All images: {words.lower()}",
                name=f"align-{run.id}-{words.lower().replace(' ', '-')}",
            )
    for row in result.images[~result.images.ok].itertuples():
        st.caption(f"{plain(row.name)} is flagged: {row.why}.")


@fragment
def sharpening(run: Run, result: AlignResult) -> None:
    """The mean image at every stage."""
    st.subheader("The mean becoming sharp", anchor=False)
    stage = chosen_stage(after_seconds(result.film_seconds))
    after = f"after {result.film_seconds[stage]:.1f} s" if stage else "before"
    picture(result.film[stage], f"The mean image {after}", after, f"align-{run.id}-film-{stage}")


def measured(run: Run, result: AlignResult) -> None:
    """Recovered angles against known ones, where there are any, and how the variance fell."""
    if result.spread:
        st.subheader("Recovered against applied angle", anchor=False)
        alt = "Scatter of the recovered angle against the angle that each image was turned by"
        chart(recovered_against_turned(result, mode()), alt, f"align-angles-{run.id}", f"angles-{run.id}")
    st.subheader("Variance of the stack", anchor=False)
    drawn = variance_while_aligning(result, mode())
    chart(drawn, "Variance of the stack by stage", f"align-variance-{run.id}", f"variance-{run.id}")


def poses(result: AlignResult) -> None:
    """A row for every image."""
    st.subheader("Every image", anchor=False)
    columns = {
        "name": "image",
        "angle_deg": st.column_config.NumberColumn("angle", format="%.1f°"),
        "turned_deg": st.column_config.NumberColumn("turned by us", format="%.1f°"),
        "scale": st.column_config.NumberColumn("scale", format="%.2f"),
        "shift_x": st.column_config.NumberColumn("shift right", format="%.2f", help="in half short sides"),
        "shift_y": st.column_config.NumberColumn("shift down", format="%.2f", help="in half short sides"),
        "residual": st.column_config.NumberColumn("difference to the others", format="%.2f"),
        "likeness": st.column_config.NumberColumn("likeness", format="%.2f", help="correlation with the mean of the others"),
        "rival": st.column_config.NumberColumn("turned further", format="%.2f", help="the best likeness at another angle"),
        "rival_deg": st.column_config.NumberColumn("… by", format="%.0f°", help="empty where its negative is most alike"),
        "apart_before": st.column_config.NumberColumn("mean square to the others, before", format="%.3f"),
        "apart_after": st.column_config.NumberColumn("… after", format="%.3f"),
        "ok": "agrees",
        "why": "why it is flagged",
    }
    table(result.images.drop(columns=list(THETA)), columns=columns)
    st.caption("The angle is how far an image is turned against the common pose, counter-clockwise; its θ is in the CSV.")
