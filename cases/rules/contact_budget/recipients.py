"""Who may be contacted: the borrower, their representative, who owes with them, and contact persons as the last way."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from cases.enums import ContactPurpose, ContactRule, FlagKind, RelatedRole
from cases.rules.contact_budget.local_days import midnight_after
from cases.rules.contact_budget.policy import ContactPolicy
from cases.rules.contact_budget.protection import ends_at, holds
from cases.rules.contact_budget.question import Asked, KnownOfPerson, Related
from cases.rules.contact_budget.refusals import ContactRefusal, refusal

# Who owes the debt by contract, beside the borrower.
OWING: Final = frozenset({RelatedRole.CO_BORROWER, RelatedRole.GUARANTOR})


def recipient_refusals(
    *, policy: ContactPolicy, zone: ZoneInfo, at: datetime, asked: Asked, known: KnownOfPerson
) -> Iterator[ContactRefusal]:
    """
    Yield why this person may not be contacted for this purpose at `at`.

    Contact persons, spouses and others are asked only to restore contact, and only if the borrower is unreachable or has
    died. With a representative on file only they are contacted, beside whoever owes the debt as well.
    """
    if known.number_stopped and asked.number:
        yield refusal(rule=ContactRule.NUMBER_STOPPED, policy=policy)
    related = asked.related
    if related is not None and _has_ended(related, zone, at):
        yield refusal(rule=ContactRule.ROLE_ENDED, policy=policy)
    if _is_represented(policy=policy, zone=zone, at=at, known=known) and _stands_back(related):
        until = _represented_until(policy=policy, zone=zone, at=at, known=known)
        yield refusal(rule=ContactRule.REPRESENTED, policy=policy, until=until)
    restores = asked.purpose == ContactPurpose.RESTORE_CONTACT
    if related is None:
        if restores:
            yield refusal(rule=ContactRule.PURPOSE, policy=policy)
        return
    if related.role == RelatedRole.REPRESENTATIVE:
        return
    if not restores and related.role not in OWING:
        yield refusal(rule=ContactRule.PURPOSE, policy=policy)
    if restores or related.role not in OWING:
        died = any(
            each.kind == FlagKind.DECEASED and holds(policy=policy, zone=zone, at=at, circumstance=each)
            for each in known.circumstances
        )
        if not (died or known.unreachable):
            yield refusal(rule=ContactRule.CONTACT_PERSON, policy=policy)


def _has_ended(related: Related, zone: ZoneInfo, at: datetime) -> bool:
    return related.ends_on is not None and at >= midnight_after(day=related.ends_on, zone=zone)


def _stands_back(related: Related | None) -> bool:
    return related is None or related.role not in OWING | {RelatedRole.REPRESENTATIVE}


def _is_represented(*, policy: ContactPolicy, zone: ZoneInfo, at: datetime, known: KnownOfPerson) -> bool:
    return bool(_represented_ends(policy=policy, zone=zone, at=at, known=known))


def _represented_until(*, policy: ContactPolicy, zone: ZoneInfo, at: datetime, known: KnownOfPerson) -> datetime | None:
    ends = _represented_ends(policy=policy, zone=zone, at=at, known=known)
    last = [end for end in ends if end is not None]
    return max(last) if len(last) == len(ends) else None


def _represented_ends(
    *, policy: ContactPolicy, zone: ZoneInfo, at: datetime, known: KnownOfPerson
) -> list[datetime | None]:
    """Return when each ground ends on which the person counts as represented at `at`; None is one without an end."""
    ends = [
        ends_at(policy=policy, zone=zone, circumstance=each)
        for each in known.circumstances
        if each.kind == FlagKind.REPRESENTED and holds(policy=policy, zone=zone, at=at, circumstance=each)
    ]
    if known.represented:
        until = known.representative_until
        end = None if until is None else midnight_after(day=until, zone=zone)
        if end is None or at < end:
            ends.append(end)
    return ends
