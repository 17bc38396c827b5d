"""Samples: sealed, seen by the person who uploaded them, logged, and deleted in time."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils.translation import override

from backoffice.audit.models import AccessEntry
from backoffice.core.errors import InvalidInput, Missing, NotAllowed
from cases.models import ProfileSample
from cases.rules.profile.choices import choices_of
from cases.services.intake.profiles import samples
from cases.services.intake.profiles.sample_rows import cut_sample
from tests.cases.services.intake.samples import CONTENT, PROFILE
from tests.conftest import AT


@pytest.fixture
def maker(person: Any) -> Any:
    return person("RISK_MANAGER", name="maker")


@pytest.fixture
def sample(maker: Any) -> ProfileSample:
    return samples.keep_sample(name="own", kind="ACCOUNTS", content=CONTENT, file_name="day.csv", actor=maker, at=AT)


def test_a_sample_is_sealed_with_a_guess_of_its_mapping(sample, maker):
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM cases_profilesample")
        stored = bytes(cursor.fetchone()[0])

    opened, content = samples.open_sample(sample_id=sample.pk, actor=maker, at=AT + timedelta(minutes=9))

    assert "张三".encode() not in stored
    assert content == cut_sample(content=CONTENT)
    assert choices_of(text=opened.body).singles["account"]["credit_limit"].column == "limit"
    assert opened.expires_at == AT + timedelta(days=14)


def test_the_use_of_a_sample_is_in_the_access_log_once_for_ten_minutes(sample, maker):
    for minutes in (1, 9, 11, 15):
        samples.open_sample(sample_id=sample.pk, actor=maker, at=AT + timedelta(minutes=minutes))

    entries = AccessEntry.objects.filter(subject_type="cases.profilesample").order_by("sequence")
    assert [(entry.at - AT, entry.actor_id, entry.fields, entry.purpose) for entry in entries] == [
        (timedelta(0), maker.pk, ["rows"], "INTAKE"),
        (timedelta(minutes=11), maker.pk, ["rows"], "INTAKE"),
    ]


def test_nobody_else_opens_a_sample_and_nobody_after_its_time(sample, maker, person):
    with pytest.raises(Missing):
        samples.open_sample(sample_id=sample.pk, actor=person("RISK_MANAGER", name="other"), at=AT)
    with pytest.raises(Missing):
        samples.open_sample(sample_id=sample.pk, actor=maker, at=AT + timedelta(days=14))


def test_samples_are_deleted_when_their_time_is_over(sample):
    assert samples.delete_expired_samples(at=AT + timedelta(days=14, microseconds=-1)) == 0
    assert samples.delete_expired_samples(at=AT + timedelta(days=14)) == 1
    assert ProfileSample.objects.count() == 0


def test_a_sample_of_a_known_profile_begins_with_its_mapping(maker):
    kept = samples.keep_sample(
        name="own", kind="ACCOUNTS", content=CONTENT, file_name="d.csv", actor=maker, at=AT, body=PROFILE
    )

    assert choices_of(text=kept.body) == choices_of(text=PROFILE)
    with pytest.raises(InvalidInput):
        samples.keep_sample(
            name="own", kind="SIGNALS", content=CONTENT, file_name="d.csv", actor=maker, at=AT, body=PROFILE
        )
    with pytest.raises(InvalidInput):
        samples.keep_sample(name="own", kind="OTHER", content=CONTENT, file_name="d.csv", actor=maker, at=AT)


def test_who_makes_no_profiles_keeps_no_sample(officer):
    with pytest.raises(NotAllowed):
        samples.keep_sample(name="own", kind="ACCOUNTS", content=CONTENT, file_name="d.csv", actor=officer, at=AT)


def test_the_mapping_is_kept_as_it_stands(sample):
    samples.keep_mapping(sample=sample, choices=choices_of(text=PROFILE))

    sample.refresh_from_db()
    assert choices_of(text=sample.body) == choices_of(text=PROFILE)


def test_nothing_is_guessed_from_a_file_that_cannot_be_read():
    choices = choices_of(text='kind = "ACCOUNTS"\n[file]\nencodings = ["ascii"]\n')

    assert samples.guess_fields(choices=choices, content=cut_sample(content=CONTENT)) == choices


def test_codes_have_words_in_both_languages(shanghai):
    assert samples.code_labels()["CARD"] == ("Credit card", "信用卡")
    assert samples.territory_names() == {"310000": ("上海", "Shanghai")}
    with override("zh-hans"):
        assert samples.reader_labels()["CARD"] == "信用卡"
