"""Which papers an agency must hold, and until which day those that it holds cover all of them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from visits.enums import CredentialKind

# Any one paper of a group fulfils it (domain table b, agency entry).
REQUIRED: Final[tuple[frozenset[CredentialKind], ...]] = (
    frozenset({CredentialKind.BUSINESS_LICENCE}),
    frozenset({CredentialKind.LIABILITY_INSURANCE}),
    frozenset({CredentialKind.ISO_27001, CredentialKind.MLPS_3}),
)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper that counts, with its validity; both days included."""

    kind: CredentialKind
    valid_from: date
    valid_until: date


def missing_groups(*, papers: Iterable[Paper], day: date) -> tuple[frozenset[CredentialKind], ...]:
    """Return the groups of which no paper is valid on `day`, in the order of `REQUIRED`."""
    valid = {paper.kind for paper in papers if paper.valid_from <= day <= paper.valid_until}
    return tuple(group for group in REQUIRED if not group & valid)


def papers_until(*, papers: Collection[Paper], day: date) -> date | None:
    """
    Return the last day up to which all required papers are valid without a gap from `day` on.

    A paper that follows another the day after its end continues it. None if one is missing on `day`.
    """
    ends = [_covered(papers=[p for p in papers if p.kind in group], day=day) for group in REQUIRED]
    return min((end for end in ends if end is not None), default=None) if None not in ends else None


def _covered(*, papers: Collection[Paper], day: date) -> date | None:
    until = day - _DAY
    while True:
        further = [p.valid_until for p in papers if p.valid_from <= until + _DAY <= p.valid_until]
        if not further:
            return until if until >= day else None
        until = max(further)
        if until == date.max:
            return until
