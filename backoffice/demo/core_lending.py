"""A stand-in for the lender's core system: it receives signed events over HTTP and keeps them."""

import json
import secrets
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from backoffice.outbox.models import WebhookEndpoint


class CoreLending:
    """What the core has received, in order of arrival. An event that comes twice counts once."""

    def __init__(self) -> None:
        self.secret = "whsec_" + b64encode(secrets.token_bytes(24)).decode()
        self.events: dict[str, dict[str, Any]] = {}
        self.refused = 0
        self._read = 0

    def receive(self, *, body: bytes, headers: dict[str, str]) -> int:
        """Take one delivery and return the HTTP status: 400 when the signature does not fit."""
        try:
            Webhook(self.secret).verify(body, headers)
        except WebhookVerificationError:
            self.refused += 1
            return 400
        self.events.setdefault(headers["webhook-id"], json.loads(body))
        return 204

    def news(self) -> list[dict[str, Any]]:
        """Return the events that have arrived since the last call."""
        fresh = list(self.events.values())[self._read :]
        self._read += len(fresh)
        return fresh


@contextmanager
def core_lending() -> Iterator[CoreLending]:
    """Serve the stand-in on a free loopback port, registered as a webhook endpoint, while the block runs."""
    core = CoreLending()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(core.receive(body=body, headers={k.lower(): v for k, v in self.headers.items()}))
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = WebhookEndpoint.objects.filter(external_ref="demo-core").first() or WebhookEndpoint(
        external_ref="demo-core"
    )
    endpoint.url = f"http://127.0.0.1:{server.server_address[1]}/events"
    endpoint.secret, endpoint.topics, endpoint.is_active = (
        core.secret,
        ["terms.changed", "waiver.granted", "waiver.withdrawn", "visit.notice", "decision.letter"],
        True,
    )
    endpoint.save()
    try:
        yield core
    finally:
        server.shutdown()
        server.server_close()
        endpoint.is_active = False
        endpoint.save(update_fields=["is_active"])
