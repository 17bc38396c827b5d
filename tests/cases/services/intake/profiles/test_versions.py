"""A version of a profile is made by one person and approved by another; one is in use."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from cases.models import IntakeProfile, IntakeProfileVersion, ProfileSample
from cases.selectors.intake.profiles import get_profile
from cases.services.intake.profiles.samples import keep_sample
from cases.services.intake.profiles.versions import (
    approve_version,
    discard_version,
    in_use,
    make_version,
    refuse_version,
    retire_version,
)
from tests.cases.services.intake.samples import CONTENT, PROFILE
from tests.conftest import AT


@pytest.fixture
def maker(person: Any) -> Any:
    return person("RISK_MANAGER", name="maker")


@pytest.fixture
def approver(person: Any) -> Any:
    return person("APPROVER", name="approver", all_territories=True)


@pytest.fixture
def version(maker: Any) -> IntakeProfileVersion:
    return make_version(name="own", body=PROFILE, actor=maker, at=AT)


def test_an_approved_version_is_in_use_and_the_one_before_is_retired(maker, approver, version):
    approve_version(version=version, actor=approver, at=AT)
    second = make_version(name="own", body=PROFILE + 'status = "FROZEN"\n', actor=maker, at=AT)
    assert get_profile(name="own").version_id == version.pk

    approve_version(version=second, actor=approver, at=AT + timedelta(hours=1))

    assert get_profile(name="own").version_id == second.pk
    assert in_use(profile=second.profile) == second
    assert list(IntakeProfileVersion.objects.order_by("number").values_list("number", "state", "approved_by")) == [
        (1, "RETIRED", approver.pk),
        (2, "ACTIVE", approver.pk),
    ]
    entries = AuditEntry.objects.filter(action__startswith="profile.").order_by("sequence")
    assert [(entry.action, entry.body["number"]) for entry in entries] == [
        ("profile.made", 1),
        ("profile.approved", 1),
        ("profile.made", 2),
        ("profile.approved", 2),
    ]


def test_nobody_approves_a_version_of_their_own(maker, version):
    with pytest.raises(SelfApproval):
        approve_version(version=version, actor=maker, at=AT)
    with pytest.raises(IntegrityError, match="profile_four_eyes"), transaction.atomic():
        IntakeProfileVersion.objects.filter(pk=version.pk).update(approved_by=maker, approved_at=AT)


def test_only_one_version_of_a_profile_is_in_use(maker, approver, version):
    approve_version(version=version, actor=approver, at=AT)
    second = make_version(name="own", body=PROFILE, actor=maker, at=AT)

    with pytest.raises(IntegrityError, match="one_profile_version_in_use"), transaction.atomic():
        IntakeProfileVersion.objects.filter(pk=second.pk).update(state="ACTIVE")


@pytest.mark.parametrize("change", [{"body": "x"}, {"number": 9}, {"made_by": None}])
def test_a_version_never_changes(version, change):
    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        IntakeProfileVersion.objects.filter(pk=version.pk).update(**change)


def test_people_of_one_territory_and_other_roles_neither_make_nor_approve(person, officer, version):
    limited = person("APPROVER", name="limited")

    for actor in (officer, limited):
        with pytest.raises(NotAllowed):
            make_version(name="other", body=PROFILE, actor=actor, at=AT)
    for actor in (officer, limited, None):
        with pytest.raises(NotAllowed):
            approve_version(version=version, actor=actor, at=AT)
        with pytest.raises(NotAllowed):
            refuse_version(version=version, reason="WRONG_UNIT", actor=actor, at=AT)
    assert IntakeProfile.objects.count() == 1


def test_a_refused_version_keeps_the_reason_and_is_decided_once(approver, version):
    with pytest.raises(InvalidInput):
        refuse_version(version=version, reason="because", actor=approver, at=AT)

    refuse_version(version=version, reason="WRONG_UNIT", actor=approver, at=AT)

    version.refresh_from_db()
    assert (version.state, version.refusal, version.approved_by) == ("RETIRED", "WRONG_UNIT", None)
    assert AuditEntry.objects.latest("sequence").body == {"profile": "own", "number": 1, "reason": "WRONG_UNIT"}
    with pytest.raises(StateConflict):
        approve_version(version=version, actor=approver, at=AT)


def test_a_version_is_discarded_before_and_retired_after_approval(maker, approver, version):
    with pytest.raises(StateConflict):
        retire_version(version=version, actor=approver, at=AT)
    discard_version(version=version, actor=maker, at=AT)
    second = make_version(name="own", body=PROFILE, actor=maker, at=AT)
    approve_version(version=second, actor=approver, at=AT)
    with pytest.raises(StateConflict):
        discard_version(version=second, actor=maker, at=AT)

    retire_version(version=second, actor=approver, at=AT)

    assert in_use(profile=second.profile) is None
    assert sorted(IntakeProfileVersion.objects.values_list("state", flat=True)) == ["RETIRED", "RETIRED"]


@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("with blank", PROFILE, "name"),
        ("own", "kind =", "own"),
        ("own", PROFILE + 'segment = { column = " 性别 " }\n', "account.segment"),
        ("own", PROFILE + 'status = { template = "{Gender}" }\n', "account.status"),
        ("own", "#" * 262_145, "body"),
    ],
)
def test_what_is_no_profile_or_reads_a_trait_is_refused(maker, name, body, field):
    with pytest.raises(InvalidInput) as refused:
        make_version(name=name, body=body, actor=maker, at=AT)

    assert refused.value.field == field
    assert IntakeProfile.objects.count() == 0


def test_a_profile_does_not_change_what_its_rows_describe(maker, version):
    body = (
        'kind = "REPAYMENTS"\n[repayment]\nexternal_ref = { column = "a" }\naccount = { column = "b" }\n'
        'amount = { column = "c" }\npaid_on = { column = "d" }\n'
    )

    with pytest.raises(InvalidInput) as refused:
        make_version(name="own", body=body, actor=maker, at=AT)

    assert (refused.value.field, IntakeProfileVersion.objects.count()) == ("kind", 1)


def test_approval_deletes_the_sample(maker, approver, shanghai):
    sample = keep_sample(name="own", kind="ACCOUNTS", content=CONTENT, file_name="day.csv", actor=maker, at=AT)
    other = keep_sample(name="own", kind="ACCOUNTS", content=CONTENT, file_name="day.csv", actor=maker, at=AT)
    version = make_version(name="own", body=PROFILE, actor=maker, at=AT, sample=sample, tried={"rows": 3})

    approve_version(version=version, actor=approver, at=AT)

    assert list(ProfileSample.objects.values_list("pk", flat=True)) == [other.pk]
    assert version.tried == {"rows": 3}
