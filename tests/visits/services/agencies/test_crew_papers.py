"""Certificates of crew members."""

from datetime import timedelta

import pytest

from backoffice.core.errors import InvalidInput, NotAllowed
from tests.factories.visits import AT, TODAY, make_agency, make_coordinator
from visits.models import CrewCertificate, CrewMember
from visits.services.agencies.crew_papers import add_certificate


def certify(member, actor, **fields):
    asked = {"kind": "上岗证", "number": "C-9", "valid_until": TODAY, "actor": actor, "at": AT, "business_date": TODAY}
    return add_certificate(member=member, **asked | fields)


def test_a_certificate_is_valid_to_its_last_day_and_asks_for_a_new_confirmation(pair, coordinator):
    certificate = certify(pair[0], coordinator)

    member = CrewMember.objects.get(pk=pair[0].pk)
    assert (certificate.member, certificate.valid_until, member.state, member.entered_by) == (
        member,
        TODAY,
        "ENTERED",
        coordinator,
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"number": "9" * 61}, "number"),
        ({"valid_until": TODAY - timedelta(days=1)}, "valid_until"),
    ],
)
def test_a_wrong_certificate_is_refused_at_its_field(fields, field, pair, coordinator):
    with pytest.raises(InvalidInput) as refused:
        certify(pair[0], coordinator, **fields)

    assert (refused.value.field, CrewMember.objects.get(pk=pair[0].pk).state) == (field, "CONFIRMED")
    assert CrewCertificate.objects.count() == 2


def test_certificates_are_the_agencys_own_matter(pair, shanghai):
    foreign = make_coordinator(agency=make_agency(territory=shanghai))

    with pytest.raises(NotAllowed):
        certify(pair[0], foreign)
