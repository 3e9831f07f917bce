"""Collapse: one small straightener, trained in up to four settings side by side, until some of them break."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.runs.live.blocks import Column, Look, PictureBlock
from core.runs.live.snapshots import Snapshot
from core.runs.registry import Run
from core.stn.collapse.figures import dead_by_step, loss_by_step, plain_by_step
from core.stn.collapse.request import CollapseRequest
from core.stn.collapse.result import CollapseResult
from core.stn.collapse.settings import PANELS, PRESETS, STARTS, Setting
from core.stn.datasets.images import Picture
from core.stn.drawing.pairs import grid_and_seen
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.kernels import KERNELS, PADDINGS
from pages.parts import controls
from pages.parts.layout import chart, mode, picture, side_by_side
from pages.parts.links.kept_uploads import RunFiles
from pages.parts.links.offered import offered_as
from pages.parts.live.figures import HEIGHT, figure_block
from pages.parts.progress import Rows
from pages.parts.runs.conclusion import concluded
from pages.parts.screen import Form, Screen
from pages.parts.serving.fragments import fragment
from pages.parts.stages import chosen_stage
from pages.parts.stn.health_line import health_line
from pages.parts.stn.labelled.refilled import samples_among
from pages.parts.uploads import one_picture, stored

TITLES = {"Four ways": "four", "Learning rate": "rate", "Start": "start", "Padding": "padding", "Kernel": "kernel"}
RATES = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0)
OFFERED: dict[str, list[Any]] = {
    "rate": list(RATES), "start": list(STARTS), "padding": list(PADDINGS), "kernel": list(KERNELS)
}  # fmt: skip
ASPECT = 2.0  # of a panel's picture: two squares side by side
EXPLANATION = (
    "All panels train the same network on the same images; only what their headings say differs. The photo is bent, "
    "$U(u) = P(D u)$; the network sees $U$ and predicts $\\theta$, the sampler reads $V(u) = U(T_\\theta(u))$, and what it is "
    "trained by is $|V - P|$ alone: unlike in *Straighten* nothing keeps it near the image. So the gradient must pass the "
    "sampler, $\\frac{\\partial L}{\\partial \\theta} = \\frac{\\partial L}{\\partial V} \\cdot \\frac{\\partial V}{\\partial "
    "(x_s, y_s)} \\cdot \\frac{\\partial (x_s, y_s)}{\\partial \\theta}$. Where its middle factor is exactly 0, nothing is "
    "learned: outside an image with zero padding, and everywhere with a kernel that is flat between its jumps. The share of "
    "points without a gradient, of images whose $\\partial L / \\partial \\theta$ is 0, and how far the grid looks outside are "
    "measured twenty times on the same sixteen images; the line under each panel says what follows from these numbers."
)


@dataclass(frozen=True)
class CollapseChoice:
    """A photo and the settings of the panels."""

    photo: Picture
    family: FamilyName
    max_angle: float  # degrees
    steps: int
    panels: tuple[Setting, ...]

    @property
    def size(self) -> float:
        """Of its request: hundreds of steps."""
        return self.steps * len(self.panels) / 100

    def request(self) -> CollapseRequest:
        return CollapseRequest(
            image=stored(self.photo.pixels),
            name=self.photo.name,
            family=self.family,
            max_angle=self.max_angle,
            steps=self.steps,
            panels=self.panels,
        )


def _panel(preset: str, letter: str, usual: Setting) -> Setting:
    """The controls of one panel; each preset has its own, which begin with what it says."""
    fields = {}
    for name, offered in OFFERED.items():
        title = {"rate": "Learning rate"}.get(name, name.capitalize())
        key = f"collapse_{preset}_{name}_{letter.lower()}"
        fields[name] = controls.selectbox(title, offered, offered.index(getattr(usual, name)), key=key)
    return Setting(**fields)


def form() -> CollapseChoice:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        photo = one_picture("collapse", 384)
    title = controls.segmented_control(
        "What differs", list(TITLES), default="Four ways", key="collapse_preset", required=True
    )  # fmt: skip
    panels, preset = [], TITLES[title or "Four ways"]
    for letter, usual in zip(PANELS, PRESETS[preset], strict=True):
        with controls.fold(f"Panel {letter}", key=f"collapse_{letter.lower()}"):
            panels.append(_panel(preset, letter, usual))
    steps = controls.slider("Steps of each", 50, 1000, 200, 50, key="collapse_steps")
    reach = controls.slider("Turned by up to", 10, 180, 45, 5, format="±%d°", key="collapse_angle")
    family: FamilyName = controls.selectbox("Family", list(FAMILIES), list(FAMILIES).index("similarity"), key="collapse_family")
    return CollapseChoice(photo, family, float(reach), steps, tuple(panels))


def preview(choice: CollapseChoice) -> None:
    """The panels in words."""
    st.subheader("The same training, four times", anchor=False)
    for letter, setting in zip(PANELS, choice.panels, strict=True):
        st.markdown(f"**{letter}** · {setting.words}")
    st.caption("What differs, and what the numbers then say of it, stands under each panel while it learns.")


def refill(request: CollapseRequest) -> dict[str, Any]:
    """The form's controls as they are for a request, by key."""
    photo = samples_among([request.name], [request.image])
    preset = next((name for name, panels in PRESETS.items() if panels == request.panels), next(iter(PRESETS)))
    panels = {
        f"collapse_{preset}_{name}_{letter.lower()}": getattr(setting, name)
        for letter, setting, usual in zip(PANELS, request.panels, PRESETS[preset], strict=False)
        for name in OFFERED
        if getattr(setting, name) != getattr(usual, name)
    }
    own = {"collapse_upload": RunFiles.of([request.name], [request.image])}
    return {
        **({"image": photo[0]} if photo else own),
        "collapse_preset": offered_as(TITLES, preset), **panels, "collapse_steps": request.steps,
        "collapse_angle": int(request.max_angle), "collapse_family": request.family, "seed": request.seed,
    }  # fmt: skip


def live(snapshot: Snapshot, look: Look) -> Rows:
    """Every panel's picture with what was measured of it last, then loss and missing gradient so far."""
    request = snapshot.run.request
    assert isinstance(request, CollapseRequest)
    rows = [row for row in snapshot.numbers if "outside A" in row]
    latest = rows[-1] if rows else {}
    panels = []
    for letter, setting in request.named.items():
        alt = f"Panel {letter}: a bent photo with the grid, and what the network sees of it now"
        words = f"{letter} · {setting.words}{_measured(latest, letter)}"
        panels.append(Column([PictureBlock(alt, words, snapshot.pictures.get(letter), aspect=ASPECT)]))
    loss = figure_block(plain_by_step(rows, "loss", look.mode, HEIGHT), "Training loss of every panel so far", look)
    dead = figure_block(plain_by_step(rows, "dead", look.mode, HEIGHT), "Share of points without a gradient so far", look)
    rows = [tuple(panels[first : first + 2]) for first in range(0, len(panels), 2)]
    return (*rows, (Column([loss]), Column([dead])))


def _measured(latest: dict[str, Any], letter: str) -> str:
    if f"dead {letter}" not in latest:
        return ""
    outside, dead = (100 * float(latest[f"{name} {letter}"]) for name in ("outside", "dead"))
    return f" · {outside:.0f} % of the grid outside, no gradient at {dead:.0f} %"


def show(run: Run, result: CollapseResult) -> None:
    """Every panel at any of its measurements, why it broke, and how it came to that."""
    concluded(run, result, shown=_panels)
    loss, dead = side_by_side(1, 1)
    with loss:
        st.subheader("Loss", anchor=False)
        alt = "Loss of every panel on the same images by training step, and that of an empty output"
        chart(loss_by_step(result, mode()), alt, f"loss-{run.id}", f"collapse-{run.id}-loss")
    with dead:
        st.subheader("Points without gradient", anchor=False)
        alt = "Share of the points of the grid at which the derivative of the sampler is exactly zero, by training step"
        chart(dead_by_step(result, mode()), alt, f"dead-{run.id}", f"collapse-{run.id}-gradient")


@fragment
def _panels(run: Run, result: CollapseResult) -> None:
    steps = max((result.of(letter)["step"].tolist() for letter in result.settings), key=len)
    st.caption("The line under each panel is about its end; pictures and numbers are those of the stage.")
    stage = chosen_stage([f"{step} steps" if step != 1 else "1 step" for step in steps])
    with st.grid(2, min_column_width=320):
        for letter, setting in result.settings.items():
            with st.container():
                _one(result, letter, setting, stage)


def _one(result: CollapseResult, letter: str, setting: Setting, stage: int) -> None:
    """One panel, at the last measurement where it ended before."""
    frames, table = result.frames[letter], result.of(letter)
    at = min(stage, len(frames) - 1)
    row = table.iloc[at]
    st.markdown(f"**{letter}** · {setting.words}")
    drawn = grid_and_seen(result.given, result.thetas[letter][at], frames[at], mode())
    picture(drawn, f"Panel {letter}: the bent photo with the grid, and what the network sees of it")
    st.caption(
        f"Loss {row.loss:.3g}, off by {row.error:,.2f} half sides; {100 * row.outside:.0f} % of the grid outside, no "
        f"gradient at {100 * row.dead:.0f} % of its points, ∂L/∂θ = 0 for {100 * row.blind:.0f} % of the images."
    )
    health_line(result.health[letter])


SCREEN = Screen(
    show=show,
    live=live,
    refill=refill,
    form=Form(
        purpose="The same small training in four settings at once: see which of them break, and read why in their gradients.",
        explanation=EXPLANATION,
        draw=form,
        preview=preview,
    ),
)
