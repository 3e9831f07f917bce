"""A picture as an address that holds it: no second request, and nothing that could be gone before it is asked for."""

from __future__ import annotations

import base64


def data_address(content: bytes, media_type: str) -> str:
    """Of an encoded picture and its media type, such as "image/jpeg" (RFC 2397)."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
