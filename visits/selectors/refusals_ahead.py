"""Of borrowers who would be visited: how many the conduct guard would refuse today, and why."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.core.id_lists import any_of
from cases.enums import AddressKind, ContactVerdict
from cases.models import Address
from visits.enums import Protection
from visits.rules.conduct.guard import earliest_lawful_slot
from visits.rules.conduct.last_resort import is_last_resort
from visits.rules.conduct.timing import protection_refusals
from visits.rules.routing import SERVICE_MINUTES
from visits.selectors.conduct import ConductFacts, conduct_histories

# A share 0..1; no crew is sent to an address that is less certain (domain table b).
ADDRESS_CONFIDENCE_MIN = "0.7"
NO_ADDRESS, COOLING_OFF, LAST_RESORT = "NO_ADDRESS", "COOLING_OFF", "LAST_RESORT"
_WORDS: Mapping[str, str | Promise] = {
    LAST_RESORT: _("Attempts by other channels that come before a visit are missing"),
    NO_ADDRESS: _("No residence that is known well enough"),
    COOLING_OFF: _("Caps, cool-offs or an open promise leave no day within the order's validity"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalsAhead:
    """`refused` of `asked` borrowers; `reasons` by code, a borrower counting under each that applies."""

    asked: int
    refused: int
    reasons: Mapping[str, int] = field(default_factory=dict)


def refusals_ahead(*, borrower_ids: Collection[int], at: datetime) -> RefusalsAhead:
    """
    Return what the guard would say of visiting each of these borrowers from `at` on, with sixteen queries for any number,
    and one more where somebody is visited at their doors.

    Asked are the protections, caps and cool-offs that stand until an order would lapse, a usable residence, and the steps
    before a visit, as for a borrower with a reason: the one that would open the case. Crew, agency, notice and hour depend
    on the plan and are not foreseen.
    """
    facts = conduct_histories(borrower_ids=borrower_ids, at=at)
    at_home = _with_residence(borrower_ids=borrower_ids)
    reasons: Counter[str] = Counter()
    refused = 0
    for borrower_id, known in facts.items():
        found = _objections(facts=known, has_residence=borrower_id in at_home, at=at)
        reasons.update(found)
        refused += bool(found)
    return RefusalsAhead(asked=len(facts), refused=refused, reasons=dict(reasons.most_common()))


def refusal_words(*, code: str) -> str | Promise:
    """Return what a reason of `refusals_ahead` is called."""
    return _WORDS.get(code) or Protection(code).label


def _objections(*, facts: ConductFacts, has_residence: bool, at: datetime) -> set[str]:
    policy = facts.policy
    lapses = at + timedelta(days=policy.order_valid_days)
    # A protection that is over before the order lapses only delays the visit.
    found = {
        str(flag.kind)
        for flag in facts.flags
        if any(protection_refusals(policy=policy, starts_at=lapses, flags=[flag]))
    }
    if not has_residence:
        found.add(NO_ADDRESS)
    if not is_last_resort(policy=policy, attempts=facts.attempts, has_reason=True):
        found.add(LAST_RESORT)
    if not found:
        slot = earliest_lawful_slot(
            policy=policy,
            calendar=facts.calendar,
            not_before=at,
            duration_minutes=SERVICE_MINUTES,
            history=facts.history,
            flags=facts.flags,
        )
        if slot is None or slot > lapses:
            found.add(COOLING_OFF)
    return found


def _with_residence(*, borrower_ids: Collection[int]) -> set[int]:
    usable = Address.objects.filter(
        borrower__in=any_of(borrower_ids), kind=AddressKind.RESIDENCE, confidence__gte=ADDRESS_CONFIDENCE_MIN
    ).exclude(verdict=ContactVerdict.INVALID)
    return set(usable.values_list("borrower", flat=True))
