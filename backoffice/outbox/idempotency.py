"""Keys that make a retried request harmless: one effect and one answer, however often it is sent."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import DoorstepError, StateConflict
from backoffice.outbox.models import IdempotencyKey

MAX_KEY_LENGTH = 255
# Work that commits in parts holds its key by a row; one left by a crash is taken over after this long.
LONGEST_WORK = timedelta(minutes=30)
# A client retries within minutes; two days also cover a day on which its operator mends something.
KEPT = timedelta(hours=48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as the key binds it: who sent it, under which key, to which door, with what (SHA-256)."""

    caller: str
    key: str
    route: str
    body_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered: the status, the JSON body, and the record that the body shows (its label and number)."""

    status: int
    body: Any
    record_type: str = ""
    record_id: int | None = None


class StillRunning(StateConflict):
    """The same key is being worked on at this moment."""

    code = "request_running"
    message = _("A request with this Idempotency-Key is still running. Send it again in a moment.")


class KeyReused(DoorstepError):
    """The key has been used for another request."""

    code = "key_reused"
    # 422, not 400: the request by itself is well formed.
    unprocessable = True
    message = _("This Idempotency-Key belongs to another request. Use a new key for a new request.")


def claim(*, request: Request) -> Answer | None:
    """
    Claim the key for the caller's transaction; return the stored answer if the request was answered before.

    The claim is a lock that ends with the transaction, so a crash leaves no key behind that nobody works on.

    :raises StillRunning: if another transaction holds the key.
    :raises KeyReused: if the key was answered for another door or another body.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A key is claimed in the transaction of the work.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_lock_number(request)])
        if not cursor.fetchone()[0]:
            raise StillRunning
    # Read after the lock: whoever held it before has committed or left nothing.
    kept = _rows(request).first()
    if kept is None:
        return None
    if kept.route != request.route or bytes(kept.body_hash) != request.body_hash:
        raise KeyReused
    if kept.status is None:
        raise StillRunning
    return Answer(
        status=kept.status,
        body=json.loads(kept.answer),
        record_type=kept.record_type,
        record_id=kept.record_id,
    )


@transaction.atomic
def hold(*, request: Request, at: datetime) -> Answer | None:
    """
    Claim the key for work that commits in parts; return the stored answer if there is one.

    End with `keep` or, if the work was refused, with `release`.

    :raises StillRunning: if somebody works on it since less than `LONGEST_WORK`.
    :raises KeyReused: if the key belongs to another door or another body.
    """
    _rows(request).filter(status__isnull=True, created_at__lt=at - LONGEST_WORK).delete()
    answered = claim(request=request)
    if answered is None:
        IdempotencyKey.objects.create(
            caller=request.caller, key=request.key, route=request.route, body_hash=request.body_hash, created_at=at
        )
    return answered


def release(*, request: Request) -> None:
    """Give a held key back: the work was refused and may be asked for again."""
    _rows(request).filter(status__isnull=True).delete()


def keep(*, request: Request, answer: Answer, at: datetime) -> None:
    """Keep the answer, sealed; for a claimed key in the transaction of the work that it answers."""
    IdempotencyKey.objects.update_or_create(
        caller=request.caller,
        key=request.key,
        defaults={
            "route": request.route,
            "body_hash": request.body_hash,
            "status": answer.status,
            "answer": json.dumps(answer.body, ensure_ascii=False),
            "record_type": answer.record_type,
            "record_id": answer.record_id,
            "created_at": at,
        },
    )


def forget(*, before: datetime) -> int:
    """Delete the answers kept before an instant; return how many. A retry after that is a new request."""
    deleted, _by_model = IdempotencyKey.objects.filter(created_at__lt=before).delete()
    return deleted


def _rows(request: Request) -> QuerySet[IdempotencyKey]:
    return IdempotencyKey.objects.filter(caller=request.caller, key=request.key)


def _lock_number(request: Request) -> int:
    digest = hashlib.sha256(f"idempotency\0{request.caller}\0{request.key}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
