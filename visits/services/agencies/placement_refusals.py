"""Why a case may go to no outside firm: its person is protected, or nobody has tried to reach them."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from visits.models import Agency, VisitOrder
from visits.models.order import ENDED_VISITS
from visits.rules.allocation import Places, ShareRule
from visits.rules.conduct.last_resort import gaps_text, last_resort_gaps
from visits.rules.conduct.timing import protection_refusals
from visits.selectors.conduct import conduct_history


def placement_problem(*, case: Case, at: datetime) -> str | Promise | None:
    """
    Return why the data of this case may go to no outside firm at `at`, None if they may.

    An agency does nothing but visit: what refuses every visit refuses the placement. The borrower's recorded wish to be
    visited replaces the test of last resort, as it does for the visit.
    """
    facts = conduct_history(borrower_id=case.borrower_id, at=at)
    policy = facts.policy
    protected = next(iter(protection_refusals(policy=policy, starts_at=at, flags=facts.flags)), None)
    if protected is not None:
        return protected.message
    wished = VisitOrder.objects.filter(case=case).exclude(borrower_request_ref="").exclude(state__in=ENDED_VISITS)
    gaps = last_resort_gaps(policy=policy, attempts=facts.attempts, has_reason=bool(facts.reasons))
    if gaps and not wished.exists():
        return gaps_text(gaps=gaps)
    return None


def no_place(*, agency: Agency, places: Sequence[Places], rule: ShareRule) -> str | Promise:
    """Return why an agency may take no further case of the territory."""
    if any(each.agency == agency.pk and each.taken < each.capacity for each in places):
        return format_lazy(
            _("The agency holds {percent} % of the territory's cases already, as much as one may; choose another."),
            percent=rule.most_percent,
        )
    return _("The agency has no room in this territory; choose another.")


def few_agencies(*, places: Sequence[Places], rule: ShareRule) -> str | Promise:
    """Return the warning that too few agencies take cases of the territory to keep shares."""
    return format_lazy(
        _("Only {have} of {want} agencies take cases in this territory, so that no share is kept; admit others."),
        have=sum(1 for each in places if each.capacity > 0),
        want=rule.least_agencies,
    )
