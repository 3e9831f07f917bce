"""Inside a network, in a real Chromium: keys move the day, a click chooses a unit; numbers are those of the command."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

from playwright.sync_api import Page, expect

from core.runs.registry import Registry
from tests.e2e.pointer import box_of
from tests.e2e.server import ROOT, Server

COLD = 60_000  # ms: the first screen that computes loads torch, on a busy machine


def traced(server: Server, run: str, day: str) -> dict:
    """What `python -m core trace` prints of the LSTM."""
    command = [sys.executable, "-m", "core", "trace", run, "--day", day, "--cells", "lstm", "--steps", "1", "--json"]
    env = {**os.environ, "GRIDCAST_HOME": str(server.home)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["variants"]["lstm"]


def a_comparison(server: Server) -> str:
    registry = Registry(server.home)
    try:
        return next(run.id for run in registry.runs(parts=False) if run.kind == "compare" and "lstm" in run.request.cells)
    finally:
        registry.close()


def test_keys_move_the_day_and_a_click_chooses_a_unit_whose_numbers_are_the_commands(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/memory")
    line = page.get_by_role("slider", name="Day", exact=True)
    line.wait_for(timeout=COLD)
    run = a_comparison(server)
    page.goto(f"{server.url}/memory?run={run}&network=LSTM&day=2020-03-16")
    expect(line).to_have_attribute("aria-valuetext", re.compile("16 Mar 2020.*2,386.13.*11.98"), timeout=COLD)
    page.keyboard.press("ArrowRight")
    expect(line).to_have_attribute("aria-valuetext", re.compile("17 Mar 2020"))
    page.get_by_role("button", name="Unit 7", exact=True).click()
    expect(page).to_have_url(re.compile("unit=7"))
    expect(page).to_have_url(re.compile("day=2020-03-17"))
    state = traced(server, run, "2020-03-17")["parts"][0]["steps"][-1]
    drawn = page.locator(".unrolled svg")
    for letter, name in (("f", "forget"), ("c", "c"), ("h", "h")):
        number = f"{state[name][6]:.3f}".replace("-", "−")
        expect(drawn).to_contain_text(f"{letter} {number}")
    address = page.url
    page.reload()
    expect(line).to_have_attribute("aria-valuetext", re.compile("17 Mar 2020"))
    expect(page.get_by_role("button", name="Unit 7", exact=True)).to_have_attribute("aria-pressed", "true")
    assert page.url == address


def test_the_keys_of_a_control_are_its_own(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/memory?show=Gates&day=2020-03-16")
    line = page.get_by_role("slider", name="Day", exact=True)
    expect(line).to_have_attribute("aria-valuetext", re.compile("16 Mar 2020"), timeout=COLD)
    page.get_by_role("combobox").first.focus()
    page.keyboard.press("ArrowLeft")
    expect(line).to_have_attribute("aria-valuetext", re.compile("16 Mar 2020"))
    box = box_of(line.locator("svg"))
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 230)  # a row of the first heat map
    expect(page).to_have_url(re.compile("trace="))
    expect(page.get_by_text(re.compile("unit [0-9]+, .* 2020:")).first).to_be_visible()
