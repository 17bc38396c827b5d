"""The authorisation letter: who comes, for whom, for what, and what the borrower may refuse. Proven by a QR code."""

import hashlib
import io
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.sealed.kept_files import keep
from backoffice.core.transitions import may, move_all
from backoffice.core.typesetting import typeset
from cases.enums import CaseEventKind
from cases.services.casework.events import write_event
from visits.enums import VisitPurpose, VisitState
from visits.models import LetterDue, VisitOrder
from visits.rules.conduct.letter_words import PURPOSE_WORDS
from visits.rules.conduct.timing import local_time
from visits.rules.dispatch.lifecycle import LETTER_LIFECYCLE
from visits.selectors.least_view import is_reception_only
from visits.selectors.policy import conduct_policy

TEMPLATE = Path(__file__).resolve().parents[2] / "templates" / "letters" / "mandate.typ"
LETTER_STATES = frozenset({VisitState.SCHEDULED, VisitState.ACCEPTED})


@transaction.atomic
def issue_letter(*, order: VisitOrder, actor: Any, at: datetime) -> VisitOrder:
    """
    Issue the letter of a scheduled visit, or issue it anew: the earlier letter's code stops being genuine.

    :raises NotAllowed: if the actor may not dispatch visits.
    :raises InvalidInput: if crew or window is missing.
    :raises StorageFull: if there is no room for the letter.
    :raises StateConflict: if the order is not scheduled or accepted.
    """
    may(actor=actor, permission="visits.dispatch_visitorder")
    order = (
        VisitOrder.objects.select_for_update(no_key=True, of=("self",))
        .select_related("case__borrower", "case__territory", "address", "lead", "second", "placement__agency")
        .get(pk=order.pk)
    )
    if order.state not in LETTER_STATES:
        raise StateConflict
    write_letter(order=order, at=at)
    order.updated_at = at
    order.save(update_fields=[*LETTER_FIELDS, "updated_at"])
    # Else a worker would make one more, and this one's code would stop being genuine.
    rows = LetterDue.objects.filter(order=order)
    move_all(rows=rows, lifecycle=LETTER_LIFECYCLE, action="make", at=at, leased_until=None)
    body = {"action": "letter", "order": str(order), "sha256": order.letter_sha256}
    write_event(case_id=order.case_id, kind=CaseEventKind.VISIT, actor=actor, at=at, body=body)
    record(actor=actor, action="visit.letter_issued", subject=order, at=at, body=body)
    return order


LETTER_FIELDS = (
    "letter_code",
    "letter_file",
    "letter_sha256",
    "letter_issued_at",
    "letter_checked_at",
    "letter_problem",
)


def write_letter(*, order: VisitOrder, at: datetime) -> None:
    """
    Make the letter, keep it sealed, and set the order's fields named in `LETTER_FIELDS`; the caller saves them.

    :raises InvalidInput: if crew or window is missing.
    :raises StorageFull: if there is no room for the letter.
    """
    if order.lead is None or order.second is None or order.window_start is None:
        raise InvalidInput(_("A letter needs a crew and a window."), field="lead")
    order.letter_code = secrets.token_urlsafe(12)
    order.letter_issued_at = at
    content = render_letter(order=order)
    order.letter_sha256 = hashlib.sha256(content).hexdigest()
    order.letter_checked_at, order.letter_problem = None, ""
    # The name identifies neither the borrower nor the order.
    name = f"letters/{order.letter_sha256[:2]}/{order.letter_sha256}.pdf"
    order.letter_file.name = keep(name=name, content=content)


def render_letter(*, order: VisitOrder) -> bytes:
    """
    Return the letter as PDF: Chinese with English beneath. The same order and code give the same bytes.

    Names the lender and the agency, shows the borrower's name masked, and no amount.
    """
    return typeset(template=TEMPLATE, values=_letter_data(order=order), dated=order.letter_issued_at)


def _letter_data(*, order: VisitOrder) -> dict[str, Any]:
    if not (order.window_start and order.window_end and order.letter_issued_at and order.placement):
        raise InvalidInput(_("A letter needs a crew and a window."), field="lead")
    policy = conduct_policy(territory=order.case.territory)
    issued_on = local_time(policy=policy, at=order.letter_issued_at).date()
    until = min(order.placement.term_ends_on, issued_on + timedelta(days=policy.mandate_max_days))
    start, end = (local_time(policy=policy, at=at) for at in (order.window_start, order.window_end))
    return {
        "lender": settings.LENDER_NAME,
        "agency": order.placement.agency.name,
        "mandate": f"{order.placement}-{order}",
        "issued_on": issued_on.isoformat(),
        "valid_until": until.isoformat(),
        "visit_on": start.date().isoformat(),
        "visit_from": f"{start:%H:%M}",
        "visit_to": f"{end:%H:%M}",
        "crew": [
            {"badge": member.external_ref, "name": member.masked_name}
            for member in (order.lead, order.second)
            if member is not None
        ],
        "reception_only": is_reception_only(order=order),
        "addressee": order.case.borrower.masked_name,
        "purposes": [dict(PURPOSE_WORDS[VisitPurpose(purpose)]) for purpose in order.purposes],
        "complaints_phone": settings.COMPLAINTS_PHONE,
        "agency_phone": order.placement.agency.complaints_phone,
        "url": letter_url(code=order.letter_code or ""),
        "qr": _qr(text=letter_url(code=order.letter_code or "")),
    }


def letter_url(*, code: str) -> str:
    """Return the public address at which a letter's code is checked."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/v/{code}"


def _qr(*, text: str) -> str:
    import segno  # noqa: PLC0415 - only letters need it

    buffer = io.BytesIO()
    segno.make(text, error="m", micro=False).save(buffer, kind="svg", xmldecl=False, scale=4)
    return buffer.getvalue().decode()
