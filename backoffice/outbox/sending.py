"""One signed POST to one checked address. No database, no redirects, no proxies."""

import http.client
import json
import socket
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Timer
from typing import Any

from standardwebhooks.webhooks import Webhook

from backoffice.outbox.addresses import AddressRefused, Destination, resolve

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: the HTTP status, or None and a short technical error."""

    status: int | None
    error: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the receiver took the event (any 2xx)."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """The receiver says that it wants no more (410)."""
        return self.status == http.client.GONE


def message_of(*, topic: str, payload: Mapping[str, Any], created_at: datetime) -> bytes:
    """Return the body of an event as it is signed and sent."""
    body = {"type": topic, "timestamp": created_at.astimezone(UTC).isoformat(), "data": payload}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def signed_headers(*, secrets: str, message_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """
    Return the headers of Standard Webhooks: id, timestamp, and HMAC-SHA256 of "id.timestamp.body".

    `secrets` may hold several, separated by spaces: while a secret is being renewed each signs.
    """
    moment = at.astimezone(UTC)
    text = body.decode()
    return {
        "content-type": "application/json",
        "user-agent": "Doorstep",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Webhook(s).sign(message_id, moment, text) for s in secrets.split()),
    }


def post(
    *,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    private_hosts: Collection[str],
    seconds: float = TIMEOUT_SECONDS,
) -> Answer:
    """
    Send `body` and return the answer, within `seconds` altogether. A redirect is an answer like any other.

    Never raises for what the network does.
    """
    try:
        destination = resolve(url=url, private_hosts=private_hosts)
    except AddressRefused as refusal:
        return Answer(status=None, error=str(refusal))
    connection = _Pinned(destination, seconds)
    # A receiver that drips its answer keeps every single read within the timeout; this ends it all the same.
    end = Timer(seconds, connection.cut)
    end.daemon = True
    end.start()
    try:
        connection.request("POST", destination.path, body, {**headers, "host": destination.host_line})
        return Answer(status=connection.getresponse().status)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(status=None, error=type(error).__name__)
    finally:
        end.cancel()
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was checked, with the certificate of the name."""

    def __init__(self, destination: Destination, seconds: float) -> None:
        super().__init__(destination.host, destination.port, timeout=seconds)
        self.destination = destination

    def connect(self) -> None:
        """Connect to the address that was checked, not to what the name resolves to now."""
        to = (self.destination.address, self.destination.port)
        self.sock = socket.create_connection(to, timeout=self.timeout)
        if self.destination.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.destination.host)

    def cut(self) -> None:
        """End the connection from outside its thread."""
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return
