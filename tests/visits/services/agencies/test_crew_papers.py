"""Certificates and devices of crew members."""

from datetime import timedelta

import pytest

from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from tests.factories.visits import AT, TODAY, make_agency, make_coordinator
from visits.models import CrewCertificate, CrewDevice, CrewMember
from visits.services.agencies.crew_papers import add_certificate, register_device, revoke_device


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


def test_a_device_is_registered_with_one_member_until_it_is_revoked(pair, coordinator):
    asked = {"label": "Android 14", "device_ref": "D-1", "actor": coordinator, "at": AT}
    device = register_device(member=pair[0], **asked)
    with pytest.raises(InvalidInput) as refused:
        register_device(member=pair[1], **asked)
    assert refused.value.field == "device_ref"

    revoke_device(device=device, actor=coordinator, at=AT)

    with pytest.raises(StateConflict):
        revoke_device(device=device, actor=coordinator, at=AT)
    register_device(member=pair[1], **asked)
    assert list(CrewDevice.objects.order_by("pk").values_list("member", "revoked_at")) == [
        (pair[0].pk, AT),
        (pair[1].pk, None),
    ]


def test_papers_and_devices_are_the_agencys_own_matter(pair, coordinator, shanghai):
    device = register_device(member=pair[0], label="x", device_ref="D-1", actor=coordinator, at=AT)
    foreign = make_coordinator(agency=make_agency(territory=shanghai))

    for work in (
        lambda: certify(pair[0], foreign),
        lambda: register_device(member=pair[0], label="x", device_ref="D-2", actor=foreign, at=AT),
        lambda: revoke_device(device=device, actor=foreign, at=AT),
    ):
        with pytest.raises(NotAllowed):
            work()
