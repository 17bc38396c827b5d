"""The visit as one of the channels: it takes a place among the conversations of the person when it is opened."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from cases.enums import Channel, ContactPurpose
from cases.models import Borrower, ContactPermit
from cases.rules.contact_budget.budget import contact_refusals
from cases.rules.contact_budget.question import Asked
from cases.rules.contact_budget.refusals import ContactRefusal
from cases.selectors.contacts.policies import contact_policy
from cases.services.contacts.answering import answer, known_under_lock


def visit_refusals(*, borrower: Borrower, people: Collection[int], at: datetime) -> tuple[ContactRefusal, ...]:
    """
    Return why a visit may not be opened at `at`: the person's conversations are used up. Reads only.

    `people` are the borrowers of the person as `lock_people` returned them: what is read stays true until the end of the
    transaction.
    """
    policy = contact_policy(jurisdiction=borrower.territory.jurisdiction)
    asked = Asked(channel=Channel.VISIT, purpose=ContactPurpose.VERIFICATION)
    known = known_under_lock(borrower=borrower, people=people, asked=asked, policy=policy, at=at)
    return contact_refusals(
        policy=policy,
        calendar=None,
        time_zone=borrower.territory.time_zone,
        asked=asked,
        known=known,
        at=at,
    )


def reserve_visit(
    *, borrower: Borrower, people: Collection[int], visit: str, actor: Any, at: datetime
) -> ContactPermit:
    """
    Take a place for a visit that is opened at `at`; `visit` is its number. Until it is reported it counts as a talk.

    For the caller's transaction, after `visit_refusals` found nothing and under the same lock of the person. The actor is
    recorded in the trail only: a visit asks as the system.
    """
    asked = Asked(channel=Channel.VISIT, purpose=ContactPurpose.VERIFICATION)
    request_id = _request(visit)
    known: ContactPermit | None = ContactPermit.objects.filter(asked_by=None, request_id=request_id).first()
    if known is not None:
        return known
    return answer(
        borrower=borrower,
        people=people,
        asked=asked,
        request_id=request_id,
        phone=None,
        related=None,
        actor=actor,
        at=at,
        asked_by=None,
    )


def permit_of_visit(*, visit: str) -> str:
    """Return the reference of the permit that a visit took; empty for one that was opened before permits were kept."""
    rows = ContactPermit.objects.filter(asked_by=None, request_id=_request(visit))
    return rows.values_list("reference", flat=True).first() or ""


def _request(visit: str) -> str:
    return f"visit:{visit}"
