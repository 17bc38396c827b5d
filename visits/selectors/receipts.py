"""What was tried before a visit, as the people see it who ask for it, approve it and answer for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cases.models import Borrower, ContactAttempt
from visits.rules.conduct.last_resort import Step, last_resort_steps
from visits.selectors.attempts import ATTEMPT_WINDOW_DAYS
from visits.selectors.conduct import conduct_history

NEWEST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """The steps before a visit with what is met, and the newest contacts of the person that they were counted from."""

    steps: tuple[Step, ...]
    contacts: tuple[ContactAttempt, ...]
    contact_count: int


def receipts(*, user: Any, borrower: Borrower, at: datetime) -> Receipts:
    """
    Return what was tried to reach the person of `borrower` in the 90 days up to `at`.

    Contacts of their other borrowers are listed where the user sees them; the steps count all.
    """
    facts = conduct_history(borrower_id=borrower.pk, at=at)
    steps = last_resort_steps(policy=facts.policy, attempts=facts.attempts, has_reason=bool(facts.reasons))
    people = Borrower.objects.of_person_of(borrower)
    contacts = ContactAttempt.objects.visible_to(user).filter(
        borrower__in=people, attempted_at__gt=at - timedelta(days=ATTEMPT_WINDOW_DAYS), attempted_at__lte=at
    )
    newest = tuple(contacts.order_by("-attempted_at", "-pk")[:NEWEST])
    return Receipts(steps=steps, contacts=newest, contact_count=contacts.count())
