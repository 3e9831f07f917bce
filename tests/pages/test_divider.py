"""Before and after of a straightened photo, with a divider; how it is framed. It is dragged in tests/e2e/test_uploads.py."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

from PIL import Image
from streamlit.testing.v1 import AppTest

from core.stn.straighten.looking.framing import FRAMINGS
from tests.pages.conftest import OpenPage


def shown(app: AppTest) -> list[dict[str, Any]]:
    """What each divider on the screen is given."""
    data = [json.loads(one.proto.json) for one in app.get("bidi_component") if one.proto.component_name == "gridcast_divider"]
    return [one for one in data if "before" in one]


def picture_in(address: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))


def test_a_result_begins_with_an_example_before_and_after(open_page: OpenPage) -> None:
    app = open_page("run", id="1-straighten")
    assert not app.exception
    [first] = shown(app)
    assert first["alts"][0].endswith("distorted, with the grid that the network predicts")
    assert picture_in(first["before"]).size == picture_in(first["after"]).size
    app.button_group(key="example").set_value(2).run()
    [other] = shown(app)
    assert other["after"] != first["after"]


def one_photo() -> None:
    import numpy as np

    from core.stn.datasets.images import Picture
    from core.stn.geometry.theta import Parts, theta_of
    from core.stn.straighten.looking.straightened import apply_theta
    from core.stn.straighten.predict import Answer
    from pages.parts.stn.straighten_use import straightened

    def answered(photo: np.ndarray) -> tuple[Answer, str]:
        straight = apply_theta(photo, theta_of(Parts(20)).float())
        return Answer(straight.image, straight.theta, straight.angle_deg, belief=1.0), "Turned."

    straightened([Picture("small.png", np.full((60, 80, 3), 90, np.uint8))], answered, "r")


def test_what_is_shown_where_a_photo_ends_is_chosen() -> None:
    app = AppTest.from_function(one_photo).run(timeout=30)
    sizes, clear = {}, {}
    for name, row in FRAMINGS.items():
        app.button_group(key="framing").set_value(row.title).run()
        assert not app.exception
        after = picture_in(shown(app)[0]["after"])
        sizes[name], clear[name] = after.size, after.mode == "RGBA" and after.getchannel("A").getextrema()[0] == 0
    assert clear == {"filled": False, "cropped": False, "blank": True, "turned": True}
    assert sizes["cropped"] < (80, 60) < sizes["turned"]
    assert sizes["filled"] == sizes["blank"]  # on the same margin as the photo
