"""Bending an image by hand: with dials, points and keys, and by links."""

from __future__ import annotations

import math
import re
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests.e2e.looks import too_wide, wide
from tests.e2e.pointer import box_of, drag
from tests.e2e.server import Server


def drawn(page: Page) -> str:
    """What the output on /warp shows, pixel for pixel."""
    output = page.get_by_role("img", name="sampled through the grid")
    expect(output).to_have_attribute("data-turn", re.compile(r"\d+"))
    return output.evaluate("canvas => canvas.toDataURL()")


def hold(page: Page, name: str, share: float) -> None:
    """Take a dial by the mouse and move it, the button still down."""
    box = box_of(page.get_by_role("slider", name=name))
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.55, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * share, middle, steps=5)


def last_answer(page: Page, quiet: float = 1.0) -> None:
    """Wait until no answer has been drawn for so many seconds: the address changes before the last one is drawn."""
    output = page.get_by_role("img", name="sampled through the grid")
    for _ in range(20):
        turn = output.get_attribute("data-turn")
        page.wait_for_timeout(1000 * quiet)
        if output.get_attribute("data-turn") == turn:
            return
    raise AssertionError("the stage is drawn again and again")


def test_the_picture_changes_while_a_slider_is_dragged(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/warp?numbers=true")
    before = drawn(page)
    output = page.get_by_role("img", name="sampled through the grid")
    turn = output.get_attribute("data-turn")
    hold(page, "Rotation", 0.7)
    expect(output).not_to_have_attribute("data-turn", turn or "")
    assert drawn(page) != before  # the button is still down
    assert "theta=" not in page.url
    page.mouse.up()
    expect(page).to_have_url(re.compile("theta="))
    last_answer(page)
    shown = page.get_by_role("slider", name="Rotation").input_value()
    a = 0.8 * math.cos(math.radians(float(shown)))  # the other view of the same theta follows
    expect(page.get_by_role("spinbutton", name="a", exact=True)).to_have_value(f"{a:.3f}")
    theta = page.url
    page.reload()
    expect(page.get_by_role("slider", name="Rotation")).to_have_value(shown)
    assert page.url == theta


def test_a_link_to_a_warp_shows_the_same_cold(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/warp?family=projective&image=coins&kernel=lanczos&padding=zeros&show=Gradients")
    expect(page.get_by_role("slider", name="Perspective x")).to_be_visible()
    hold(page, "Perspective x", 0.7)
    page.mouse.up()
    expect(page).to_have_url(re.compile("theta="))
    last_answer(page)
    expect(page.get_by_text("dead zone (grey)")).to_be_visible()
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    here, address = drawn(page), page.url
    page.goto("about:blank")
    page.goto(address)
    expect(page.get_by_text("dead zone (grey)")).to_be_visible()
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    assert drawn(page) == here
    assert page.url == address


def test_the_identity_gives_the_picture_back_and_a_clicked_pixel_opens_the_panel_on_it(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/warp?theta=0.5+0+0+0+0.5+0&numbers=true")
    expect(page.get_by_role("slider", name="Scale x")).to_have_value("0.5")
    page.get_by_role("button", name="Identity").click()
    expect(page.get_by_role("slider", name="Scale x")).to_have_value("1")
    expect(page.get_by_role("spinbutton", name="a", exact=True)).to_have_value("1.000")
    last_answer(page)
    box = box_of(page.get_by_role("img", name="sampled through the grid"))
    page.mouse.click(box["x"] + box["width"] / 2 + 1, box["y"] + box["height"] / 2 + 1)
    expect(page.get_by_text("Output pixel (128, 128) looks at")).to_be_visible()
    expect(page).to_have_url(re.compile(r"pixel=128(\+|%20)128"))
    page.reload()
    expect(page.get_by_role("spinbutton", name="Column of the output")).to_have_value("128")

    page.set_viewport_size({"width": 1280, "height": 720})
    last_answer(page, quiet=0.5)
    page.get_by_role("img", name="sampled through the grid").evaluate("canvas => canvas.scrollIntoView(true)")
    written = re.compile(r"sum of output pixel \(128, 128\) is 1\.00 · \d+ = \d+\.0\.")
    expect(page.get_by_text(written)).to_be_in_viewport(ratio=1)


def test_equations_of_a_pixel_and_of_a_step_fit_a_phone(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server.url}/warp?show=Pixel&kernel=lanczos&family=projective")
    expect(page.locator(".katex-display")).to_have_count(2)
    assert wide(page) == too_wide(page) == []
    page.goto(f"{server.url}/warp?show=Step&family=projective&walk={quote('∂L/∂T_θ(G)')}")
    for step in ("Back, through the sampler", "Back, through the grid generator"):
        expect(page.get_by_text(step)).to_be_visible()
        expect(page.locator(".katex-display")).to_have_count(1)
        assert wide(page) == too_wide(page) == []
        page.locator(".st-key-walk_right button:visible").click()


def grid_of(page: Page) -> tuple[float, float, float]:
    """Where the middle of the input lies in the window, and how many pixels half of its side has."""
    grid = page.get_by_role("img", name="with the sampling grid")
    drawn(page)
    box = box_of(grid)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] / 2.6  # a margin of 0.15 a side


def test_the_grid_is_dragged_turned_and_pinched_on_the_picture(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/warp?family=similarity&theta=1+0+0+0+1+0")
    left, top, unit = grid_of(page)

    def drawn_to(start: tuple[float, float], end: tuple[float, float], key: str = "") -> None:
        page.mouse.move(left + unit * start[0], top + unit * start[1])
        page.mouse.down()
        if key:
            page.keyboard.down(key)
        page.mouse.move(left + unit * end[0], top + unit * end[1], steps=4)
        page.mouse.up()
        if key:
            page.keyboard.up(key)

    def dial(name: str, value: str) -> None:
        expect(page.get_by_role("slider", name=name)).to_have_value(re.compile(rf"^{value}"))

    drawn_to((0.1, 0.1), (0.5, -0.1))
    dial("Shift x", "0.4")
    dial("Shift y", "-0.2")
    last_answer(page, quiet=0.5)
    drawn_to((0.4, 0), (0.4, 0.2))
    dial("Shift y", "0$")
    last_answer(page, quiet=0.5)
    drawn_to((0.8, 0), (0.4, 0.4), "Shift")  # a quarter of a turn about the grid's middle, clockwise
    dial("Rotation", "90")
    dial("Scale", "1$")

    page.goto(f"{server.url}/warp?family=tps")
    page.get_by_role("button", name="Identity").click()
    point = page.get_by_role("button", name="Source point 6:")
    expect(point).to_have_accessible_name(re.compile("x -0.33, y -0.33"))
    last_answer(page, quiet=0.5)
    left, top, unit = grid_of(page)
    touch = page.context.new_cdp_session(page)
    for kind, apart in (("touchStart", 0.5), ("touchMove", 0.4), ("touchMove", 0.25)):
        ends = [{"x": left + way * unit * apart, "y": top, "id": number} for number, way in enumerate((-1, 1))]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": ends})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(point).to_have_accessible_name(re.compile("x -0.1[67], y -0.1[67]"))


def test_a_point_of_a_spline_is_dragged_and_moved_by_keys(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/warp?family=tps")
    page.get_by_role("button", name="Identity").click()
    point = page.get_by_role("button", name="Source point 6:")
    expect(point).to_have_accessible_name(re.compile("x -0.33, y -0.33"))
    expect(page).to_have_url(re.compile("theta="))
    identity, before = page.url, drawn(page)
    drag(point, right=30)
    expect(page).not_to_have_url(identity)
    last_answer(page, quiet=0.5)
    assert drawn(page) != before
    expect(point).to_have_accessible_name(re.compile("y -0.33"))
    address = page.url
    point.press("ArrowDown")
    expect(point).to_have_accessible_name(re.compile("y -0.31"))
    expect(page).not_to_have_url(address)


def test_a_corner_is_dragged_and_moved_by_keys_and_the_address_keeps_it(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/warp?show=Corners&image=coins&points=20,20+80,20+80,80+20,80")
    corner = page.get_by_role("button", name="Source point 1:")
    expect(corner).to_have_accessible_name(re.compile("x -0.60, y -0.60"))
    before = drawn(page)
    drag(corner, right=-20)
    expect(page).to_have_url(re.compile(r"points=1\d\.\d\d(%2C|,)20\.00"))
    last_answer(page, quiet=0.5)
    assert drawn(page) != before
    address = page.url
    corner.press("Shift+ArrowDown")  # ten pixels of 384, shown as 256
    expect(page).not_to_have_url(address)
    last_answer(page)
    here, moved = drawn(page), corner.get_attribute("aria-label")
    page.reload()
    expect(corner).to_have_accessible_name(moved or "")
    expect(page.get_by_text("Four corners are met")).to_be_visible()
    assert drawn(page) == here


def test_corners_beyond_the_stage_keep_theta_when_pressed_and_change_it_when_dragged(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/warp?theta=2+0+0+0+2+0&show=Corners&image=coins")
    corner, beyond = page.get_by_role("button", name="Source point 1:"), page.get_by_text("The corners of this grid lie beyond")
    expect(beyond).to_be_visible()
    before, address = drawn(page), page.url
    drag(corner)
    last_answer(page, quiet=0.5)
    assert (page.url, drawn(page)) == (address, before)
    drag(corner, right=68, down=68)
    expect(page).to_have_url(re.compile("points="))
    expect(beyond).to_be_hidden()
    last_answer(page, quiet=0.5)
    assert drawn(page) != before
    expect(page.get_by_role("radio", name="projective")).to_be_checked()


def test_a_decimal_comma_is_a_point_in_fields_for_numbers_and_pictures_grow_for_a_projector(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{server.url}/warp?numbers=true&theta=1+0+0+0+1+0")
    fields = page.get_by_role("spinbutton")
    fields.nth(2).click(click_count=3)
    page.keyboard.type("0,25")  # letter by letter
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"theta=1(\+|%20)0(\+|%20)0\.25(\+|%20)0"))
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    fields.nth(5).click(click_count=3)
    page.keyboard.insert_text("-0,5")  # at once, as pasted
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"theta=1(\+|%20)0(\+|%20)0\.25(\+|%20)0(\+|%20)1(\+|%20)-0\.5"))
    picture = page.locator("canvas.source").element_handle()
    before = picture.evaluate("canvas => canvas.getBoundingClientRect().width")
    page.get_by_text("Projector", exact=True).click()
    grown = "([canvas, least]) => canvas.getBoundingClientRect().width > least"
    page.wait_for_function(grown, arg=[picture, 1.3 * before])
