"""Limits on attempts by address, counted in the database so that they hold across processes and machines."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection

from backoffice.access.models import AttemptCounter


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `most` attempts of one caller in each window of `seconds`, counted from the start of the epoch."""

    door: str
    most: int
    seconds: int


# Failed sign-ins of one address, whatever the names: an office behind one address has many people who mistype.
SIGN_IN: Final = Limit(door="sign-in", most=50, seconds=900)

# One statement: two processes that count at the same moment both see the other's attempt.
_COUNT = """
    INSERT INTO access_attemptcounter (caller, window_start, attempts) VALUES (%s, %s, 1)
    ON CONFLICT (caller, window_start) DO UPDATE SET attempts = access_attemptcounter.attempts + 1
    RETURNING attempts"""


def count_attempt(*, limit: Limit, caller: str, at: datetime) -> bool:
    """Count one attempt and return whether the caller is still within the limit."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [_key(limit, caller), _window(limit, at)])
        attempts = int(cursor.fetchone()[0])
    return attempts <= limit.most


def is_over_limit(*, limit: Limit, caller: str, at: datetime) -> bool:
    """Return whether the caller has used up the attempts of this window, without counting one."""
    rows = AttemptCounter.objects.filter(caller=_key(limit, caller), window_start=_window(limit, at))
    return rows.filter(attempts__gte=limit.most).exists()  # type: ignore[misc]  # the plugin takes another model


def seconds_to_wait(*, limit: Limit, at: datetime) -> int:
    """Return in how many seconds the window ends and attempts are taken again, at least 1."""
    return max(1, int((_window(limit, at) + timedelta(seconds=limit.seconds) - at).total_seconds()) + 1)


def forget_attempts(*, before: datetime) -> int:
    """Delete the counters of windows that began before an instant; return how many."""
    deleted, _by_model = AttemptCounter.objects.filter(window_start__lt=before).delete()
    return deleted


def _key(limit: Limit, caller: str) -> bytes:
    """Return a keyed hash: the table holds no address."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"{limit.door}\0{caller}".encode(), hashlib.sha256)[:16]


def _window(limit: Limit, at: datetime) -> datetime:
    return at - timedelta(seconds=at.timestamp() % limit.seconds)
