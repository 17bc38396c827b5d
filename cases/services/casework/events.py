"""Lines of a case's timeline."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.utils.timezone import localdate

from backoffice.core.batches import insert_copies
from cases.models import CaseEvent


def write_event(
    *, case_id: int, kind: str, actor: Any, at: datetime, body: Mapping[str, Any] | None = None, note: str = ""
) -> CaseEvent:
    """
    Write one line, in the caller's transaction.

    `body` holds codes and values only. What a person wrote goes to `note`, which is sealed.
    """
    return CaseEvent.objects.create(
        case_id=case_id,
        kind=kind,
        actor=actor,
        at=at,
        business_date=localdate(at),
        body=dict(body or {}),
        note_ref=uuid4() if note else None,
        note=note or None,
    )


def write_events(*, kind: str, actor: Any, at: datetime, events: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
    """Write one line for each (case id, body), with one statement, in the caller's transaction."""
    lines = list(events)
    insert_copies(
        template=CaseEvent(kind=kind, actor=actor, at=at, business_date=localdate(at)),
        columns={"case_id": [case_id for case_id, _body in lines], "body": [dict(body) for _case_id, body in lines]},
    )
