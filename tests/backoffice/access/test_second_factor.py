"""Enrolling an authenticator app, its recovery codes, and removing both."""

from base64 import b32decode

import pytest
import time_machine
from django.utils.translation import override
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from backoffice.access.second_factor import (
    RECOVERY_CODES,
    begin_enrolment,
    confirm_enrolment,
    is_enrolled,
    pending_device,
    remove_second_factor,
    renew_recovery_codes,
    secret_text,
)
from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, StateConflict
from tests.factories.access import code_of, enrol


@pytest.fixture(autouse=True)
def _still_clock(at):
    """Hold the clock, so that no code of thirty seconds ends within a test."""
    with time_machine.travel(at, tick=False):
        yield


def test_confirm_enrolment_refuses_a_wrong_code(officer, at):
    begin_enrolment(user=officer, at=at)

    with pytest.raises(InvalidInput):
        confirm_enrolment(user=officer, code="000000", at=at)

    assert not TOTPDevice.objects.filter(confirmed=True).exists()
    assert not StaticToken.objects.exists()


def test_enrolling_gives_ten_recovery_codes_and_two_entries_in_the_trail(officer, at):
    device = begin_enrolment(user=officer, at=at)
    assert (is_enrolled(user=officer), pending_device(user=officer)) == (False, device)

    confirmed, codes = confirm_enrolment(user=officer, code=code_of(device), at=at)

    assert (is_enrolled(user=officer), pending_device(user=officer), confirmed.pk) == (True, None, device.pk)
    assert len(set(codes)) == RECOVERY_CODES == 10
    assert set(StaticToken.objects.values_list("token", flat=True)) == set(codes)
    # No sign that is easily taken for another one: no i, l, o, 0, 1.
    assert set("".join(codes)) <= set("abcdefghjkmnpqrstuvwxyz23456789")
    assert {len(code) for code in codes} == {10}
    assert list(AuditEntry.objects.order_by("sequence").values_list("action", "actor_id", "at", "body")) == [
        ("second_factor.begun", officer.pk, at, {}),
        ("second_factor.enrolled", officer.pk, at, {}),
    ]


def test_beginning_again_drops_the_secret_that_waited(officer, at):
    first = begin_enrolment(user=officer, at=at)

    second = begin_enrolment(user=officer, at=at)

    assert list(TOTPDevice.objects.values_list("pk", "key")) == [(second.pk, second.key)]
    assert second.key != first.key
    with pytest.raises(InvalidInput):
        confirm_enrolment(user=officer, code=code_of(first), at=at)


def test_an_enrolled_person_cannot_begin_again_and_keeps_the_app(officer, at):
    device, _codes = enrol(officer, at)

    with pytest.raises(StateConflict):
        begin_enrolment(user=officer, at=at)

    assert TOTPDevice.objects.get() == device


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-hans", "验证码不正确。请等待下一个验证码，并检查手机时钟。"),
        ("en", "The code does not fit. Wait for the next one and check the telephone's clock."),
    ],
)
def test_a_code_is_refused_in_the_readers_language_where_nothing_waits_for_one(officer, at, language, words):
    with pytest.raises(InvalidInput) as refused:
        confirm_enrolment(user=officer, code="123456", at=at)

    with override(language):
        assert (str(refused.value), refused.value.field) == (words, "code")


def test_after_a_wrong_code_the_right_one_must_wait(officer, at):
    device = begin_enrolment(user=officer, at=at)
    with pytest.raises(InvalidInput):
        confirm_enrolment(user=officer, code=code_of(device, drift=9), at=at)

    # The failure outlives the refusal: without a pause codes could be tried one after the other.
    with pytest.raises(InvalidInput):
        confirm_enrolment(user=officer, code=code_of(device), at=at)

    assert is_enrolled(user=officer) is False


def test_renewed_recovery_codes_end_the_old_ones(officer, at):
    device, old = enrol(officer, at)
    TOTPDevice.objects.update(last_t=-1)

    new = renew_recovery_codes(user=officer, code=code_of(device), at=at)

    assert set(StaticToken.objects.values_list("token", flat=True)) == set(new)
    assert set(new) & set(old) == set()
    assert AuditEntry.objects.order_by("sequence").last().action == "second_factor.codes_renewed"


@pytest.mark.parametrize("drift", [0, 9])
def test_recovery_codes_stay_where_the_code_is_used_up_or_wrong(officer, at, drift):
    device, old = enrol(officer, at)

    # With no drift it is the code that confirmed the enrolment, which was used a moment ago.
    with pytest.raises(InvalidInput):
        renew_recovery_codes(user=officer, code=code_of(device, drift=drift), at=at)

    assert set(StaticToken.objects.values_list("token", flat=True)) == set(old)


def test_whoever_never_enrolled_gets_no_recovery_codes(officer, at):
    begin_enrolment(user=officer, at=at)

    with pytest.raises(InvalidInput):
        renew_recovery_codes(user=officer, code=code_of(pending_device(user=officer)), at=at)

    assert not StaticToken.objects.exists()


def test_removing_the_second_factor_leaves_those_of_other_people(officer, approver, at):
    enrol(officer, at)
    _device, kept = enrol(approver, at)

    remove_second_factor(user=officer)

    assert (is_enrolled(user=officer), is_enrolled(user=approver)) == (False, True)
    assert set(StaticToken.objects.values_list("token", flat=True)) == set(kept)


def test_the_secret_is_shown_in_groups_of_four_that_an_app_takes(officer, at):
    device = begin_enrolment(user=officer, at=at)

    shown = secret_text(device=device)

    assert {len(group) for group in shown.split(" ")} == {4}
    assert b32decode(shown.replace(" ", "")) == device.bin_key
