"""What a visitor sees of a screen: the state of every control by its key, and the headings."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

# Of every element with a key: what its inputs, options and sliders say, or whether it is unfolded. One that holds others is left out.
_READ = """() => {
  const controls = {};
  for (const box of document.querySelectorAll('[class*="st-key-"]')) {
    const key = [...box.classList].find((name) => name.startsWith('st-key-')).slice(7);
    const fold = box.matches('details') ? box : box.querySelector(':scope > details, :scope > div > details');
    if (fold) { controls[key] = fold.open ? 'open' : 'closed'; continue; }
    if (box.querySelector('[class*="st-key-"]')) continue;
    const said = [];
    for (const one of box.querySelectorAll('[role=slider]')) said.push(one.getAttribute('aria-valuetext') ?? one.ariaValueNow);
    for (const one of box.querySelectorAll('[aria-checked=true], [aria-pressed=true]')) said.push(one.innerText);
    for (const one of box.querySelectorAll('input, textarea'))
      said.push(['checkbox', 'radio'].includes(one.type) ? String(one.checked) : one.value);
    for (const one of box.querySelectorAll('[data-baseweb=tag], [data-baseweb=select]')) said.push(one.innerText);
    if (said.length) controls[key] = said.join(' | ');
  }
  const headings = [...document.querySelectorAll('h1, h2, h3, h4')].map((one) => one.innerText);
  return { controls, headings };
}"""


def read(page: Page) -> dict[str, Any]:
    state: dict[str, Any] = page.evaluate(_READ)
    return state
