"""A provider of OpenID Connect on this machine, for the test of signing in: it knows one person, who always says yes."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "gridcast"


class Provider:
    """Serves from a thread of its own, until `stop`."""

    def __init__(self, person: dict[str, str]) -> None:
        self.key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": "only"})
        self.person = person  # its `sub`, `name`, `email`
        self.nonces: dict[str, str] = {}  # by code
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self.issuer = f"http://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def id_token(self, code: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 600, "nonce": self.nonces.pop(code)}
        return jwt.encode({"alg": "RS256", "kid": "only"}, claims | self.person, self.key)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler_of(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(address.query).items()}
            if address.path == "/authorize":
                code = f"code-{len(provider.nonces)}-{asked['nonce'][:8]}"
                provider.nonces[code] = asked["nonce"]
                self.send_response(302)
                self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")
                self.end_headers()
            elif address.path == "/keys":
                self._answer({"keys": [provider.key.as_dict(private=False)]})
            elif address.path == "/.well-known/openid-configuration":
                self._answer(provider.metadata)
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            token = provider.id_token(form["code"][0])
            self._answer({"access_token": "unused", "token_type": "Bearer", "expires_in": 600, "id_token": token})

        def _answer(self, value: dict[str, Any]) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
