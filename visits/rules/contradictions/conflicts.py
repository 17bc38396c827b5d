"""Contradictions: pairs of claims of two sources that cannot both be true."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import combinations
from types import MappingProxyType
from typing import Final

from cases.enums import SignalKind, Verdict
from visits.contradiction_enums import Origin, Subject
from visits.enums import DocumentKind
from visits.rules.comparison.addresses import compare_addresses, differing_part
from visits.rules.comparison.employers import compare_employers
from visits.rules.comparison.matching import Match
from visits.rules.comparison.names import compare_id_numbers, compare_names, is_near
from visits.rules.contradictions.claims import DEAD, WORKS_NOT, Claim
from visits.rules.contradictions.incomes import IncomeBasis, compare_incomes, times_apart
from visits.rules.contradictions.weights import CONSEQUENCES, decider_of, weight_of
from visits.rules.geography import haversine_m

# What may change: claims of days further apart than this do not contradict each other.
_CHANGING: Final = frozenset(
    {Subject.HOME, Subject.REGISTERED, Subject.EMPLOYER, Subject.INCOME, Subject.WORK, Subject.RENT}
)
STAYS_TRUE: Final = timedelta(days=180)
# Somebody may find work in the month after registering as unemployed.
FOUND_WORK: Final = timedelta(days=31)
# So far, beside the accuracy of the position, may the coordinates of an address lie from its door (house value, in metres).
FAR_M: Final = 1000
_OPPOSITES: Final = frozenset(
    {
        frozenset({str(Verdict.CONFIRMED), str(Verdict.REFUTED)}),
        frozenset({str(Verdict.ABLE), str(Verdict.UNABLE)}),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """
    Two claims that cannot both be true: how heavy that is (a share 0 to 1), and what would decide.

    `detail` is the part of an address that differs, or how many times one income is the other ("2.5"); else empty.
    """

    left: Claim
    right: Claim
    weight: Decimal
    signal: SignalKind
    decider: DocumentKind
    detail: str = ""

    @property
    def subject(self) -> Subject:
        """What the two claims are about."""
        return self.left.subject


def find_conflicts(*, claims: Iterable[Claim], spouse_names: frozenset[str] = frozenset()) -> tuple[Conflict, ...]:
    """
    Return every pair of claims that cannot both be true, the heaviest first.

    A claim that a spouse holds a title or a lease contradicts nothing. Claims of one row are not compared.
    """
    told = _without_spouses(tuple(claims), spouse_names)
    found: dict[tuple[str, str, Subject], Conflict] = {}
    for left, right in combinations(told, 2):
        if left.ref == right.ref or (conflict := _conflict(left, right)) is None:
            continue
        if not _holds_with_another(conflict, told):
            found.setdefault((conflict.left.ref, conflict.right.ref, conflict.subject), conflict)
    return tuple(sorted(found.values(), key=lambda each: (-each.weight, each.left.ref, each.right.ref)))


def compare_claims(*, left: Claim, right: Claim) -> Match:
    """Return whether two claims can both be true; UNKNOWN if they are of subjects or times that are not compared."""
    if (right.subject, left.subject) in _ACROSS:
        left, right = right, left
    compared = (
        _COMPARED.get(left.subject) if left.subject == right.subject else _ACROSS.get((left.subject, right.subject))
    )
    return Match.UNKNOWN if compared is None or not _is_of_one_time(left, right) else compared(left, right)


def _holds_with_another(conflict: Conflict, told: tuple[Claim, ...]) -> bool:
    """Return whether one source names several values, such as two homes, and one of them fits the other source."""

    def fits(claim: Claim, source: Claim) -> bool:
        others = (each for each in told if (each.ref, each.subject) == (source.ref, source.subject))
        return any(compare_claims(left=each, right=claim) == Match.SAME for each in others)

    return fits(conflict.left, conflict.right) or fits(conflict.right, conflict.left)


def _without_spouses(claims: tuple[Claim, ...], names: frozenset[str]) -> tuple[Claim, ...]:
    def is_spouse(claim: Claim) -> bool:
        may_be = claim.subject == Subject.TITLE or (claim.subject, claim.source) == (Subject.NAME, DocumentKind.LEASE)
        return may_be and any(compare_names(left=claim.value, right=name) == Match.SAME for name in names)

    return tuple(claim for claim in claims if not is_spouse(claim))


def _conflict(left: Claim, right: Claim) -> Conflict | None:
    # The side of a pair of unlike subjects that says what the contradiction is about comes first.
    if (right.subject, left.subject) in _ACROSS:
        left, right = right, left
    if compare_claims(left=left, right=right) != Match.DIFFERENT:
        return None
    near = left.subject in (Subject.NAME, Subject.ID_NUMBER) and is_near(left=left.value, right=right.value)
    is_income = left.subject == Subject.INCOME
    times = times_apart(left=left.amount or Decimal(0), right=right.amount or Decimal(0)) if is_income else Decimal(1)
    has_base = IncomeBasis.BASE in (left.basis, right.basis)
    return Conflict(
        left=left,
        right=right,
        weight=weight_of(left=left, right=right, is_near=near, times=times, has_base=has_base),
        signal=CONSEQUENCES[left.subject].signal,
        decider=decider_of(left=left, right=right),
        detail=f"{times:.1f}" if is_income else _differs_in(left, right),
    )


def _is_of_one_time(left: Claim, right: Claim) -> bool:
    if left.subject not in _CHANGING:
        return True
    if left.source == right.source == Origin.APPLICATION:
        # Two customer numbers of one person: the older one may have been true when it was stated.
        return left.on is not None and right.on is not None and abs(left.on - right.on) <= STAYS_TRUE
    if left.on is None or right.on is None or Origin.APPLICATION in (left.source, right.source):
        return True
    return abs(left.on - right.on) <= STAYS_TRUE


def _differs_in(left: Claim, right: Claim) -> str:
    if left.subject in (Subject.HOME, Subject.REGISTERED, Subject.PROPERTY):
        return differing_part(left=left.value, right=right.value)
    return ""


def _same_key(compare: Callable[[Claim, Claim], Match]) -> Callable[[Claim, Claim], Match]:
    def compared(left: Claim, right: Claim) -> Match:
        if not left.key or _folded(left.key) != _folded(right.key):
            return Match.UNKNOWN
        return compare(left, right)

    return compared


def _folded(text: str) -> str:
    return "".join(text.split()).casefold()


def _names(left: Claim, right: Claim) -> Match:
    return compare_names(left=left.value, right=right.value)


def _id_numbers(left: Claim, right: Claim) -> Match:
    return compare_id_numbers(left=left.value, right=right.value)


def _addresses(left: Claim, right: Claim) -> Match:
    return compare_addresses(left=left.value, right=right.value)


def _employers(left: Claim, right: Claim) -> Match:
    return compare_employers(left=left.value, right=right.value)


def _incomes(left: Claim, right: Claim) -> Match:
    if left.amount is None or right.amount is None or left.basis is None or right.basis is None:
        return Match.UNKNOWN
    return compare_incomes(left=left.amount, left_basis=left.basis, right=right.amount, right_basis=right.basis)


def _work(left: Claim, right: Claim) -> Match:
    """Return whether somebody worked well after they were registered as unemployed."""
    if left.value == right.value or left.on is None or right.on is None:
        return Match.UNKNOWN
    out, worked = (left, right) if left.value == WORKS_NOT else (right, left)
    if out.on is None or worked.on is None:
        return Match.UNKNOWN
    return Match.DIFFERENT if worked.on > out.on + FOUND_WORK else Match.SAME


def _verdicts(left: Claim, right: Claim) -> Match:
    return Match.DIFFERENT if frozenset({left.value, right.value}) in _OPPOSITES else Match.SAME


def _positions(left: Claim, right: Claim) -> Match:
    """Return whether two positions, "latitude,longitude", lie close; `amount` is the accuracy of one in metres."""
    (from_latitude, from_longitude), (to_latitude, to_longitude) = (
        tuple(float(part) for part in claim.value.split(",")) for claim in (left, right)
    )
    apart = haversine_m(
        from_latitude=from_latitude, from_longitude=from_longitude, to_latitude=to_latitude, to_longitude=to_longitude
    )
    unsure = float((left.amount or 0) + (right.amount or 0))
    return Match.DIFFERENT if apart > FAR_M + unsure else Match.SAME


def _codes(left: Claim, right: Claim) -> Match:
    return Match.SAME if _folded(left.value) == _folded(right.value) else Match.DIFFERENT


def _rent(rent: Claim, income: Claim) -> Match:
    """Return whether somebody pays more rent than they say, or prove, to earn."""
    if rent.amount is None or income.amount is None or income.basis not in (IncomeBasis.STATED, IncomeBasis.PAID):
        return Match.UNKNOWN
    return Match.DIFFERENT if rent.amount > income.amount > 0 else Match.SAME


def _title(title: Claim, name: Claim) -> Match:
    return _names(title, name) if name.source == Origin.APPLICATION else Match.UNKNOWN


def _life(left: Claim, right: Claim) -> Match:
    """Return whether somebody is dead by a paper in their own name, and was met."""
    if left.value == right.value:
        return Match.SAME
    dead, met = (left, right) if left.value == DEAD else (right, left)
    same = compare_names(left=dead.key, right=met.key) == Match.SAME
    return Match.DIFFERENT if same and (dead.on is None or met.on is None or dead.on <= met.on) else Match.UNKNOWN


_COMPARED: Final[Mapping[Subject, Callable[[Claim, Claim], Match]]] = MappingProxyType(
    {
        Subject.NAME: _names,
        Subject.ID_NUMBER: _id_numbers,
        Subject.HOME: _addresses,
        Subject.REGISTERED: _addresses,
        Subject.PLACE: _positions,
        Subject.EMPLOYER: _employers,
        Subject.WORK: _work,
        Subject.INCOME: _incomes,
        Subject.PROPERTY: _same_key(_addresses),
        Subject.VEHICLE: _same_key(_codes),
        Subject.LIFE: _life,
        Subject.IDENTITY_VERDICT: _verdicts,
        Subject.RESIDENCE_VERDICT: _same_key(_verdicts),
        Subject.CAPACITY_VERDICT: _verdicts,
    }
)
# Claims of two subjects that are compared all the same, the one that names the contradiction first.
_ACROSS: Final[Mapping[tuple[Subject, Subject], Callable[[Claim, Claim], Match]]] = MappingProxyType(
    {(Subject.RENT, Subject.INCOME): _rent, (Subject.TITLE, Subject.NAME): _title}
)
