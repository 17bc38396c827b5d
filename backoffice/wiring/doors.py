"""Doors for machines that watch the house, and the pages of errors."""

import hmac
import ipaddress
from collections.abc import Callable
from functools import cache
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from kombu import Connection

from backoffice.core.client_address import client_address

# Each check of readiness gives up after this long; a probe waits for no hung server.
PATIENCE_SECONDS = 2


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process lives. Asks nothing of anybody, so that a database outage restarts no web server."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 if requests can be served, else 503 with the part that is not ready. Names no address, no secret."""
    checks: dict[str, Callable[[], bool]] = {"database": database_is_ready, "broker": broker_is_ready}
    found = {name: _holds(check) for name, check in checks.items()}
    found["migrations"] = found["database"] and _holds(migrations_are_applied)
    ready = all(found.values())
    parts = {name: "ok" if well else "failed" for name, well in found.items()}
    return JsonResponse({"status": "ok" if ready else "unavailable", "checks": parts}, status=200 if ready else 503)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Give Prometheus its numbers: on the machine itself, or to whoever holds the token."""
    if not _may_read_metrics(request):
        return JsonResponse({"status": "refused"}, status=403)
    return ExportToDjangoView(request)  # type: ignore[no-any-return]


def database_is_ready() -> bool:
    """Return whether a new connection is given and answers, within `PATIENCE_SECONDS`."""
    with _fresh_connection() as connection:
        return bool(connection.execute("SELECT 1").fetchone() == (1,))


def migrations_are_applied() -> bool:
    """Return whether the database has every migration that the program carries."""
    with _fresh_connection() as connection:
        applied = set(connection.execute("SELECT app, name FROM django_migrations").fetchall())
    return _latest_migrations() <= applied


def broker_is_ready() -> bool:
    """Return whether the broker takes a connection within `PATIENCE_SECONDS`."""
    patience = {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
    with Connection(settings.BROKER_URL, connect_timeout=PATIENCE_SECONDS, transport_options=patience) as connection:
        connection.connect()
        return bool(connection.connected)


@cache
def _latest_migrations() -> set[tuple[str, str]]:
    return set(MigrationLoader(None).graph.leaf_nodes())


def _fresh_connection() -> Any:
    # Not Django's own: that one may be broken, or hold the request's transaction.
    given = connections["default"].get_connection_params()
    known = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    options = f"-c statement_timeout={PATIENCE_SECONDS * 1000}"
    return psycopg.connect(**known, connect_timeout=PATIENCE_SECONDS, options=options, autocommit=True)


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # whatever is wrong with a part, the answer is that it is not ready
        return False


def _may_read_metrics(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    try:
        local = ipaddress.ip_address(client_address(request)).is_loopback
    except ValueError:
        return False
    # What a proxy on this machine passes on comes from elsewhere.
    return local and "X-Forwarded-For" not in request.headers and "Forwarded" not in request.headers


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer 400."""
    return _error(request, 400, "bad_request", _("The request cannot be understood."))


def refused(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer 403."""
    return _error(request, 403, "not_allowed", _("Your role does not allow this."))


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer 404, for what is not there and for what the person may not see alike."""
    return _error(request, 404, "not_found", _("There is no such page, or it is not yours to see."))


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500. The error itself stands in the log."""
    return _error(request, 500, "error", _("Something broke. It is in the log; nothing was half saved."))


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form without a valid token."""
    return _error(request, 403, "csrf", _("This form is out of date. Go back, reload the page and send it again."))


def _error(request: HttpRequest, status: int, code: str, text: str) -> HttpResponse:
    if request.path.startswith(("/api/", "/o/")):
        kind = "server_error" if status >= 500 else "client_error"
        body = {"type": kind, "errors": [{"code": code, "detail": text, "attr": None}]}
        return JsonResponse(body, status=status)
    return render(request, "error.html", {"status": status, "text": text}, status=status)
