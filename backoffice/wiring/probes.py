"""`/healthz`, `/readyz` and `/metrics`: doors for the programs that watch an installation."""

import hmac
import ipaddress
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from kombu import Connection
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from backoffice.core.client_address import client_address
from backoffice.wiring.signs import PROCESSES, state_of

# Each check gives up after this long, so that a probe does not wait for a server that hangs.
PATIENCE_SECONDS = 2
OK, FAILED = "ok", "failed"


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the process lives. No server is asked, so that an outage of the database restarts no web server."""
    return JsonResponse({"status": OK})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """
    Answer 200 if this process can serve pages, else 503 with the part that is not ready.

    Pages need the database with every migration. `?full=1` also asks for the broker, the worker and beat, without which
    pages are served but nightly runs and deliveries do not happen. Names no address and no secret.
    """
    checks = {"database": _outcome(database_is_ready), "migrations": FAILED}
    if checks["database"] == OK:
        checks["migrations"] = _outcome(migrations_are_applied)
    if request.GET.get("full") == "1":
        checks["broker"] = _outcome(broker_is_ready)
        checks |= _process_states(is_database_ready=checks["database"] == OK)
    is_ready = all(state == OK for state in checks.values())
    body = {"status": OK if is_ready else "unavailable", "checks": checks}
    return JsonResponse(body, status=200 if is_ready else 503)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Give Prometheus its numbers: on the machine itself, or to a caller that holds the token."""
    if not _may_read_metrics(request):
        return JsonResponse({"status": "refused"}, status=403)
    return ExportToDjangoView(request)  # type: ignore[no-any-return]


class AnswerProbes:
    """
    Middleware, the first of all: answers `/healthz` and `/readyz` over http and under every host name.

    A probe on the machine or in its network asks by address, which ALLOWED_HOSTS does not hold, and takes a redirection to
    https for an answer of the program.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a probe here and pass every other request on."""
        probe = {"/healthz": healthz, "/readyz": readyz}.get(request.path_info)
        return probe(request) if probe else self.get_response(request)


class ProcessSigns(Collector):
    """The ages of the signs of life, for Prometheus."""

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Return nothing: the registry then does not read the database while the program starts."""
        return []

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Yield one gauge, in seconds, with a sample for each process that ever gave a sign."""
        gauge = GaugeMetricFamily(
            "doorstep_process_sign_age_seconds", "Seconds since the last sign of life.", labels=["process"]
        )
        try:
            ages = sign_ages()
        except psycopg.Error:
            ages = {}
        for process, age in sorted(ages.items()):
            gauge.add_metric([process], age)
        yield gauge


class FiguresAges(Collector):
    """The age of the newest figures of each source of accounts, for Prometheus."""

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Return nothing: the registry then does not read the database while the program starts."""
        return []

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Yield one gauge, in days (0 at least), with a sample for each source that has open accounts or was not counted yet."""
        gauge = GaugeMetricFamily(
            "doorstep_figures_age_days", "Days since the newest figures of a source of accounts.", labels=["source"]
        )
        try:
            ages = figures_ages()
        except psycopg.Error:
            ages = {}
        for source, age in sorted(ages.items()):
            gauge.add_metric([source], age)
        yield gauge


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


def sign_ages() -> dict[str, float]:
    """Return the seconds since the last sign of life of each process that ever gave one."""
    with _fresh_connection() as connection:
        rows = connection.execute("SELECT process, extract(epoch FROM now() - seen_at) FROM wiring_processsign")
        return {process: float(age) for process, age in rows.fetchall()}


def figures_ages() -> dict[str, int]:
    """Return the days, in the installation's time zone, since the newest figures of each source that is not empty."""
    with _fresh_connection() as connection:
        rows = connection.execute(
            "SELECT source, GREATEST((now() AT TIME ZONE %s)::date - newest_as_of, 0) FROM cases_sourcefreshness"
            " WHERE COALESCE(open_count, overdue_count, 1) > 0 OR overdue_count > 0",
            [settings.TIME_ZONE],
        )
        return {source: int(age) for source, age in rows.fetchall()}


def _process_states(*, is_database_ready: bool) -> dict[str, str]:
    """Return the state of the worker and of beat; "unknown" where the database cannot be asked."""
    try:
        ages = sign_ages() if is_database_ready else None
    except psycopg.Error:
        ages = None
    return {process: "unknown" if ages is None else state_of(age=ages.get(process)) for process in PROCESSES}


@cache
def _latest_migrations() -> set[tuple[str, str]]:
    return set(MigrationLoader(None).graph.leaf_nodes())


@cache
def _connection_words() -> frozenset[str]:
    """Return the names of connection parameters (host, sslmode, ...); Django adds parameters of its own."""
    return frozenset(option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults())


def _fresh_connection() -> Any:
    # Not Django's own: that one may be broken, or hold the request's transaction.
    given = connections["default"].get_connection_params()
    known = {name: value for name, value in given.items() if name in _connection_words() and value}
    known |= {"connect_timeout": PATIENCE_SECONDS, "options": f"-c statement_timeout={PATIENCE_SECONDS * 1000}"}
    return psycopg.connect(**known, autocommit=True)


def _outcome(check: Callable[[], bool]) -> str:
    try:
        return OK if check() else FAILED
    except Exception:  # whatever is wrong with a part, the answer is that it is not ready
        return FAILED


def _may_read_metrics(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    try:
        local = ipaddress.ip_address(client_address(request)).is_loopback
    except ValueError:
        return False
    # A request that a proxy on this machine passes on comes from elsewhere.
    return local and "X-Forwarded-For" not in request.headers and "Forwarded" not in request.headers
