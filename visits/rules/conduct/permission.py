"""The conduct rules of jurisdictions that ask for permission first, and that know shorter hours at a workplace."""

from collections.abc import Iterator

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cases.enums import AddressKind
from visits.rules.conduct.clauses import ConductRule, Refusal
from visits.rules.conduct.contact import VisitProposal
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.conduct.timing import local_time

WORKPLACES = frozenset({AddressKind.EMPLOYER, AddressKind.BUSINESS})


def permission_refusals(*, policy: ConductPolicy, proposal: VisitProposal) -> Iterator[Refusal]:
    """Yield what lacks the borrower's permission, and the hours of a workplace: the whole visit lies inside them."""
    if policy.permission_first and not proposal.permission_ref.strip():
        message = _("Here a visit needs the borrower's permission first; ask for it and record where it is kept.")
        yield Refusal(rule=ConductRule.PERMISSION, message=message)
    if proposal.place in WORKPLACES:
        start, end = (local_time(policy=policy, at=at) for at in (proposal.starts_at, proposal.ends_at))
        inside = policy.workplace_from <= start.time() and end.time() <= policy.workplace_until
        if not inside or start.date() != end.date():
            message = format_lazy(
                _("A workplace is visited between {start} and {end}; choose a slot that ends inside."),
                start=f"{policy.workplace_from:%H:%M}",
                end=f"{policy.workplace_until:%H:%M}",
            )
            yield Refusal(rule=ConductRule.WORKPLACE_HOURS, message=message)
