"""Devices of crew members: registered by number, or announced by the phone and bound by its code."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from tests.factories.phones import Phone
from tests.factories.visits import AT, make_agency, make_coordinator
from visits.models import CrewDevice
from visits.services.agencies.devices import (
    announce_device,
    bind_device,
    device_code,
    register_device,
    revoke_device,
)


def announce(member, phone, label="Pixel 8"):
    return announce_device(label=label, public_key=phone.public_key, actor=member.user, at=AT)


def test_a_phone_is_bound_by_the_code_that_it_shows(pair, coordinator):
    device = announce(pair[0], Phone())
    code = device_code(device=device)
    assert (len(code), device.registered_at, device.member) == (9, None, pair[0])

    with pytest.raises(InvalidInput) as refused:
        bind_device(device=device, code="AAAA-AAAA", actor=coordinator, at=AT)
    assert refused.value.field == "code"
    bind_device(device=device, code=f" {code.lower()} ", actor=coordinator, at=AT)

    assert CrewDevice.objects.get().registered_at == AT
    with pytest.raises(StateConflict):
        bind_device(device=device, code=code, actor=coordinator, at=AT)


def test_the_same_phone_announces_itself_once_and_a_new_one_revokes_the_one_that_waits(pair):
    first, second = Phone(), Phone()
    waiting = announce(pair[0], first)
    assert announce(pair[0], first) == waiting

    other = announce(pair[0], second)

    assert list(CrewDevice.objects.filter(revoked_at__isnull=True)) == [other]
    assert CrewDevice.objects.get(revoked_at=AT) == waiting


def test_one_phone_is_of_one_member(pair, coordinator):
    phone = Phone(member=pair[0], coordinator=coordinator, at=AT)

    with pytest.raises(InvalidInput) as refused:
        announce(pair[1], phone)
    assert refused.value.field == "public_key"

    revoke_device(device=phone.device, actor=coordinator, at=AT)
    assert announce(pair[1], phone).member == pair[1]


def test_nobody_binds_their_own_phone_and_no_other_agency_does(pair, shanghai):
    device = announce(pair[0], Phone())
    foreign = make_coordinator(agency=make_agency(territory=shanghai))

    for actor in (pair[0].user, foreign):
        with pytest.raises(NotAllowed):
            bind_device(device=device, code=device_code(device=device), actor=actor, at=AT)
    with pytest.raises(NotAllowed):
        announce_device(label="x", public_key=Phone().public_key, actor=foreign, at=AT)


def test_what_is_no_key_of_a_phone_is_refused(pair):
    other = generate_private_key(SECP384R1()).public_key()
    wrong_curve = b64encode(other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()

    for key in ("", "no base64", b64encode(b"nothing").decode(), wrong_curve):
        with pytest.raises(InvalidInput) as refused:
            announce_device(label="x", public_key=key, actor=pair[0].user, at=AT)
        assert refused.value.field == "public_key"
    with pytest.raises(InvalidInput) as refused:
        announce(pair[0], Phone(), label=" ")
    assert refused.value.field == "label"


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


def test_devices_are_the_agencys_own_matter(pair, coordinator, shanghai):
    device = register_device(member=pair[0], label="x", device_ref="D-1", actor=coordinator, at=AT)
    foreign = make_coordinator(agency=make_agency(territory=shanghai))

    for work in (
        lambda: register_device(member=pair[0], label="x", device_ref="D-2", actor=foreign, at=AT),
        lambda: revoke_device(device=device, actor=foreign, at=AT),
    ):
        with pytest.raises(NotAllowed):
            work()
