"""What a page's live view shows: its component's address is asked for the whole, as a browser would without a stream."""

from __future__ import annotations

import json
from typing import Any

from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from pages.parts.routes.table import routes
from tests.pages.asgi import ask


def data_of(app: AppTest) -> dict[str, Any]:
    """What the page gives its one live view."""
    protos = [one.proto for one in app.get("bidi_component")]
    [data] = [json.loads(proto.json) for proto in protos if proto.component_name == "gridcast_live"]
    return dict(data)


def viewed(app: AppTest) -> dict[str, Any]:
    """Everything that a browser draws of it, with the blocks in their order."""
    answer = ask(Starlette(routes=routes()), f"{data_of(app)['events']}&once=1")
    assert answer.status == 200
    whole = json.loads(answer.body)
    names = [name for row in whole["layout"] for column in row for name in column["blocks"]]
    return whole["head"] | {"blocks": [whole["blocks"][name] for name in names]}
