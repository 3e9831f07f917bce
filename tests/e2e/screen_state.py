"""What a visitor sees of a screen, the state of every control by its key and the headings; and how one changes a control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect

QUIET, SAME = 120, 3  # ms between looks, and how many of them must be the same
PATIENCE = 60_000  # ms

# Of every element with a key what inputs, options and sliders say, or whether it is unfolded; not of those that hold others.
_READ = """() => {
  const controls = {};
  const words = (one) => one.textContent.trim();
  for (const box of document.querySelectorAll('[class*="st-key-"]')) {
    const key = [...box.classList].find((name) => name.startsWith('st-key-')).slice(7);
    const fold = box.querySelector(':scope > .stExpander > details');
    if (fold) { controls[key] = fold.open ? 'open' : 'closed'; continue; }
    if (box.querySelector('[class*="st-key-"]')) continue;
    const all = (...selectors) => [...box.querySelectorAll(selectors.join())];
    const said = all('[aria-checked=true]', '[aria-pressed=true]', '[data-selected=true]', '[data-baseweb=tag]').map(words);
    for (const one of all('input:not([type=file])', 'textarea'))
      said.push(['checkbox', 'radio'].includes(one.type) ? `${one.checked}` : one.getAttribute('aria-valuetext') ?? one.value);
    if (said.length) controls[key] = said.join(' | ');
  }
  const headings = [...document.querySelectorAll('h1, h2, h3, h4, h5')].map(words);
  const idle = !document.querySelector('[data-testid=stStatusWidget], [data-testid=stSkeleton], [data-stale=true]');
  return { controls, headings, idle: idle && headings.length > 0 };
}"""


@dataclass(frozen=True)
class ScreenState:
    """A screen as a visitor sees it."""

    controls: dict[str, str]
    headings: list[str]


def state_of(page: Page) -> ScreenState:
    """The screen, once nothing on it changes any more."""
    looks: list[Any] = []
    while len(looks) * QUIET < PATIENCE:
        looks.append(page.evaluate(_READ))
        if looks[-1]["idle"] and looks[-1:] * SAME == looks[-SAME:]:
            return ScreenState(looks[-1]["controls"], looks[-1]["headings"])
        page.wait_for_timeout(QUIET)
    raise AssertionError(f"{page.url} does not come to rest")


def change(page: Page, key: str, to: str = "") -> None:
    """Give a control another value, as a visitor would: an option by its words, a number or date by its digits, else a step."""
    box = page.locator(f".st-key-{key}").first
    if (fold := box.locator("summary")).count():
        fold.first.click()
    elif (options := box.get_by_role("radio").or_(box.locator("[data-testid=stButtonGroup] button"))).count():
        (options.filter(has_text=to).first if to else options.last).click()
    elif (switch := box.get_by_role("switch").or_(box.get_by_role("checkbox"))).count():
        switch.first.locator("xpath=ancestor::label").click()
    elif (slider := box.locator("input[type=range]")).count():
        slider.first.press(to or "ArrowLeft")
    elif (choice := box.get_by_role("combobox")).count():
        choice.first.click()
        (page.get_by_role("option", name=to, exact=True) if to else page.get_by_role("option").last).click()
    else:
        field = box.locator("input, textarea").first
        field.fill(to)
        field.press("Enter")


def copied(page: Page) -> str:
    """The address that "Copy link" copies."""
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))
