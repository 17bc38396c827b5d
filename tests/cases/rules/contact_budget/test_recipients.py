"""Who may be contacted for what."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cases.enums import Channel, ContactPurpose, ContactRule, FlagKind, RelatedRole
from cases.rules.contact_budget.jurisdictions import CHINA
from cases.rules.contact_budget.question import Asked, Circumstance, KnownOfPerson, Related
from cases.rules.contact_budget.recipients import recipient_refusals

SECOND = timedelta(seconds=1)
ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 2, 16, tzinfo=UTC)
P, R = ContactPurpose, ContactRule
TODAY = date(2026, 3, 2)


def refused(
    role: RelatedRole | None, purpose: ContactPurpose = P.COLLECTION, at: datetime = AT, **known: Any
) -> list[Any]:
    related = None if role is None else Related(role=role, ends_on=known.pop("ends_on", None))
    asked = Asked(channel=Channel.VOICE, purpose=purpose, number=b"n", related=related)
    found = recipient_refusals(policy=CHINA, zone=ZONE, at=at, asked=asked, known=KnownOfPerson(**known))
    return [(each.rule, each.until) for each in found]


def rules(*args: Any, **known: Any) -> list[ContactRule]:
    return [rule for rule, _until in refused(*args, **known)]


DIED = {"circumstances": (Circumstance(kind=FlagKind.DECEASED),)}
AROUND = [RelatedRole.CONTACT_PERSON, RelatedRole.SPOUSE, RelatedRole.OTHER]


@pytest.mark.parametrize("role", AROUND)
def test_a_contact_person_is_asked_only_to_restore_contact_with_somebody_unreachable_or_dead(role: RelatedRole) -> None:
    assert rules(role, P.RESTORE_CONTACT) == [R.CONTACT_PERSON]
    assert rules(role, P.RESTORE_CONTACT, unreachable=True) == []
    assert rules(role, P.RESTORE_CONTACT, **DIED) == []
    assert rules(role, P.COLLECTION, unreachable=True) == [R.PURPOSE]
    assert rules(role, P.DUE_REMINDER) == [R.PURPOSE, R.CONTACT_PERSON]


@pytest.mark.parametrize("role", [RelatedRole.GUARANTOR, RelatedRole.CO_BORROWER])
def test_who_owes_the_debt_is_asked_for_payment(role: RelatedRole) -> None:
    assert rules(role) == []
    assert rules(role, P.RESTORE_CONTACT) == [R.CONTACT_PERSON]


def test_the_borrower_is_not_asked_to_restore_contact() -> None:
    assert rules(None, P.RESTORE_CONTACT, unreachable=True) == [R.PURPOSE]
    assert rules(None) == []


def test_with_a_representative_only_they_are_contacted() -> None:
    known = {"represented": True, "representative_until": TODAY}

    assert refused(None, **known) == [(R.REPRESENTED, MIDNIGHT)]
    assert refused(None, P.COMPLAINT_ANSWER, MIDNIGHT - SECOND, **known) == [(R.REPRESENTED, MIDNIGHT)]
    assert refused(None, P.COLLECTION, MIDNIGHT, **known) == []
    assert refused(None, represented=True) == [(R.REPRESENTED, None)]
    assert rules(RelatedRole.REPRESENTATIVE, represented=True) == []
    assert rules(RelatedRole.GUARANTOR, represented=True) == []
    assert rules(RelatedRole.CONTACT_PERSON, P.RESTORE_CONTACT, represented=True, unreachable=True) == [R.REPRESENTED]


def test_the_circumstance_says_it_too() -> None:
    flag = Circumstance(kind=FlagKind.REPRESENTED, last_day=TODAY + timedelta(days=1))

    assert refused(None, circumstances=(flag,)) == [(R.REPRESENTED, MIDNIGHT + timedelta(days=1))]
    # Both grounds: until the last of them ends.
    known = {"circumstances": (flag,), "represented": True, "representative_until": TODAY}
    assert refused(None, **known) == [(R.REPRESENTED, MIDNIGHT + timedelta(days=1))]
    assert refused(None, circumstances=(flag,), represented=True) == [(R.REPRESENTED, None)]


def test_a_relation_ends_with_its_last_day() -> None:
    assert rules(RelatedRole.REPRESENTATIVE, P.COLLECTION, MIDNIGHT - SECOND, ends_on=TODAY) == []
    assert rules(RelatedRole.REPRESENTATIVE, P.COLLECTION, MIDNIGHT, ends_on=TODAY) == [R.ROLE_ENDED]


@pytest.mark.parametrize("role", [None, RelatedRole.REPRESENTATIVE, RelatedRole.GUARANTOR])
def test_a_refused_number_is_not_used_for_anybody(role: RelatedRole | None) -> None:
    assert refused(role, number_stopped=True) == [(R.NUMBER_STOPPED, None)]
