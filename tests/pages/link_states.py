"""Screens as a link may show them: each is changed by hand, its link is taken, and opened afresh."""

from __future__ import annotations

from dataclasses import dataclass, field

from pages.parts.navigation import ROWS


@dataclass(frozen=True)
class State:
    """A screen: where it begins, and what is then changed by hand, a key with its new value; "" is another one."""

    address: str
    changed: dict[str, str] = field(default_factory=dict)
    away: tuple[str, ...] | None = None  # where it is opened without its controls too: what `hide` names besides them


SCREENS = {
    "warp": State(
        "/warp?theta=0.8+0.3+0+-0.3+0.8+0.1&kernel=gaussian&image=coins&marks=outside",
        {"show": "Corners", "phi": "", "antialias": "", "bring": "Places", "why": ""},
        ("dials",),
    ),
    "stn": State(
        "/stn?samples=coins",
        {"angle": "", "family": "affine", "example": "3", "learned": "", "stage": "", "part": "shift x"},
        (),
    ),
    "rnn": State(
        "/rnn?symbol=KO&seeds=2&test=300&networks=true",
        {"target": "Return", "hidden": "", "show": "Errors", "model": "", "learned": "", "stage": "", "explanation": ""},
        (),
    ),
    "sweep": State("/sweep?tickers=JPM&groups=Companies", {"seeds": "", "explanation": ""}),
    "panel": State("/panel?recipes=Nine&trees=false", {"show": "Forecasts", "beside": "", "seeds": "", "inputs": ""}),
    "traps": State("/traps?symbol=KO", {"show": "Shuffle", "seeds": ""}),
    "memory": State("/memory?day=2020-03-16", {"network": "LSTM", "seed": "2"}),
    "learn": State("/learn", {"own_list": ""}),
    "runs": State("/runs", {"whose": "All", "bench": "Recurrent", "parts": "", "find": "AAPL", "together": ""}),
    "beside": State("/beside?runs=2-compare,9-compare", {"shown": "", "same": ""}),
    "guide": State("/guide", {"section": "Warp"}),
    "run": State("/run?id=1-straighten&use=true", {"turn": "", "request": ""}),
}
SHIPPED = {  # every kind of run that comes with the lab, and where its screen is in the table
    "classify": State("/stn?experiment=Classify&classify_distortion=scaled&learned=true", {"stronger": "Scale", "stage": ""}),
    "align": State("/stn?experiment=Align&align_digit=4&learned=true", {"align_family": "affine", "stage": ""}),
    "add": State("/stn?experiment=Add&add_family=tps&learned=true", {"add_time": "", "network": ""}),
    "locate": State("/stn?experiment=Locate&locate_digit=3", {"locate_clutter": "", "images": ""}),
    "collapse": State("/stn?experiment=Collapse&collapse_steps=300&learned=true", {"collapse_angle": "", "stage": ""}),
    "parts": State("/stn?experiment=Parts&parts_side=112", {"parts_time": "", "network": "", "parts_by": ""}),
    "register": State("/stn?experiment=Register&register_angle=30", {"register_view": "", "register_by": ""}),
    "straighten": SCREENS["run"], "compare": SCREENS["rnn"], "sweep": SCREENS["sweep"], "panel": SCREENS["panel"],
    "traps": SCREENS["traps"], "memory": State("/run?id=10-memory", {"network": "LSTM", "stage": "beginning"}),
}  # fmt: skip
STATES = (
    {row.file: State(row.address) for row in ROWS}
    | SCREENS
    | {f"finished {kind}": state for kind, state in SHIPPED.items() if state not in SCREENS.values()}
)
IN_A_BROWSER = ("warp", "stn", "rnn", "memory", "learn", "run")
