from __future__ import annotations

from http.cookies import SimpleCookie

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from core.runs.lab import Lab
from core.runs.visitors.visitor import id_of, is_token
from pages.parts.visitors.cookie import COOKIE, Cookie
from tests.pages.asgi import Answer, ask

PAGE = {"accept": "text/html,*/*"}
TOKEN, OTHER = "the-token-of-one-visitor-in-these-tests", "the-token-of-another-visitor-in-them"


def answer(path: str = "/warp", base: str = "", method: str = "GET", **headers: str) -> Answer:
    async def page(_) -> HTMLResponse:
        return HTMLResponse("<html></html>", headers={"cache-control": "public"})

    async def data(_) -> JSONResponse:
        return JSONResponse({})

    inner = Starlette(routes=[Route(f"{base}/warp", page), Route(f"{base}/data", data)])
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(Cookie(inner, base), path, method, PAGE | sent)


def token_of(given: Answer) -> str:
    """The token in an answer's cookie, "" where it has none."""
    morsel = SimpleCookie(given.headers.get(b"set-cookie", b"").decode()).get(COOKIE)
    return morsel.value if morsel else ""


def test_a_browser_without_a_secret_gets_one_that_no_script_and_no_other_site_can_use() -> None:
    first, second = answer(), answer()
    assert is_token(token_of(first))
    assert token_of(first) != token_of(second)
    attributes = first.headers[b"set-cookie"].decode().split("; ")[1:]
    assert attributes == ["Path=/", "Max-Age=31536000", "HttpOnly", "SameSite=Lax"]
    assert first.headers[b"cache-control"] == b"private, no-store"  # or a proxy would make all one visitor


def test_the_cookie_is_for_https_alone_where_the_page_is_and_for_the_labs_path() -> None:
    given = answer("/lab/warp", "/lab", x_forwarded_proto="https").headers[b"set-cookie"].decode()
    assert "Secure" in given
    assert "Path=/lab;" in given


def test_a_browser_keeps_its_secret() -> None:
    assert token_of(answer(cookie=f"{COOKIE}={TOKEN}; other=1")) == ""


@pytest.mark.parametrize("forged", ["", "short", "x" * 65, id_of(TOKEN), "lab", f"{TOKEN}%00", "<script>" * 5])
def test_what_is_no_token_is_replaced(forged: str) -> None:
    assert is_token(token_of(answer(cookie=f"{COOKIE}={forged}")))


@pytest.mark.parametrize("path", ["/data", "/_stcore/health"])
def test_only_pages_set_it(path: str) -> None:
    assert token_of(answer(path)) == ""


def test_a_link_takes_a_visitor_to_a_new_device_and_on_to_the_first_screen() -> None:
    given = answer(f"/lab/me/{TOKEN}", "/lab")
    assert (given.status, given.headers[b"location"]) == (303, b"/lab/")
    assert token_of(given) == TOKEN
    assert given.headers[b"referrer-policy"] == b"same-origin"


def test_a_browser_that_is_somebody_else_is_asked_first(home: Lab) -> None:
    home.registry.people.rename(id_of(TOKEN), "<i>Ada</i>")
    given = answer(f"/me/{TOKEN}", cookie=f"{COOKIE}={OTHER}")
    assert given.status == 200
    assert token_of(given) == ""
    assert "Become &lt;i&gt;Ada&lt;/i&gt; on this device?" in given.text
    assert TOKEN not in given.text
    yes = answer(f"/me/{TOKEN}", method="POST", cookie=f"{COOKIE}={OTHER}", origin="http://lab.example", host="lab.example")
    assert (yes.status, token_of(yes)) == (303, TOKEN)


@pytest.mark.parametrize(
    "origin",
    [
        {},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://lab.example", "sec_fetch_site": "cross-site"},
    ],
)
def test_no_other_site_can_say_yes_for_a_visitor(origin: dict[str, str]) -> None:
    given = answer(f"/me/{TOKEN}", method="POST", cookie=f"{COOKIE}={OTHER}", host="lab.example", **origin)
    assert (given.status, token_of(given)) == (403, "")


@pytest.mark.parametrize("text", ["", "short", id_of(TOKEN), "../warp"])
def test_a_link_without_a_token_is_no_link(text: str) -> None:
    given = answer(f"/me/{text}")
    assert (given.status, token_of(given)) == (404, "")
